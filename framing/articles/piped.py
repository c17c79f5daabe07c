"""Reader of standard input: JSON lines if it begins with `{`, else one article."""

from collections.abc import Iterator

from framing.articles import jsonl, plain
from framing.articles.inputs import InputFile
from framing.articles.options import ReadLog, ReadOptions
from framing.articles.stream import opened
from framing.records import Article


def read(file: InputFile, options: ReadOptions, log: ReadLog) -> Iterator[Article]:
    """Yield what is piped in; raises as the reader of JSON lines does."""
    with opened(file, log) as data:
        # Byte order marks, blanks and the zero bytes of UTF-16 may stand before.
        if data.head.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"{"):
            yield from jsonl.parse(data, file, options, log)
        elif article := plain.parse(data, file, options, log):
            yield article
