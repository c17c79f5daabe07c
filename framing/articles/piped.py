"""Reader of standard input: a table, JSON, a page, or else one article."""

import re
from collections.abc import Iterator

from framing.articles import delimited, jsonfile, jsonl, plain, webpage
from framing.articles.decoding import choose_encoding
from framing.articles.formats import Format
from framing.articles.inputs import InputFile
from framing.articles.options import ReadLog, ReadOptions
from framing.articles.stream import ByteReader, first_line, opened
from framing.records import Article

PAGE = re.compile(rb"<!doctype html|<html[\s>]", re.I)


def read(file: InputFile, options: ReadOptions, log: ReadLog) -> Iterator[Article]:
    """Yield what is piped in; raises as the reader of its format does."""
    with opened(file, log) as data:
        # Byte order marks, blanks and the zero bytes of UTF-16 may stand before.
        start = data.head[:1000].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")
        if start.startswith(b"{"):
            yield from jsonl.parse(data, file, options, log)
        elif re.match(rb"\[[\s\0]*\{", start):
            yield from jsonfile.parse(data, file, options, log)
        elif PAGE.match(start):
            yield from webpage.parse(data, file, options, log)
        elif _is_table(data, options):
            yield from delimited.parse(data, file, options, log)
        else:
            yield from plain.parse(data, file, options, log)


def _is_table(data: ByteReader, options: ReadOptions) -> bool:
    """Whether the first line is the header of a table."""
    line = first_line(data, choose_encoding(data.head, options.encoding))
    return delimited.looks_like_table(line, options)


FORMAT = Format(name="stdin", suffixes=(), read=read)
