"""Reader of RTF files."""

import re
from collections.abc import Iterator

from framing.articles.formats import Format
from framing.articles.inputs import InputFile
from framing.articles.library import fenced
from framing.articles.options import ReadLog, ReadOptions
from framing.articles.stream import opened
from framing.articles.whole import FILE_LIMIT, articles_in
from framing.records import Article

MARK = b"{\\rtf"
TEXT_LIMIT = 16 << 20
"""Bytes without pictures: some thousand articles. The library takes a second a MB."""

MAX_GROUPS = 1_000_000
"""Opening braces; each takes 93 bytes of memory."""

PICTURE = re.compile(rb"[0-9a-fA-F\r\n]{1000,}+")
HIGH = re.compile(rb"[\x80-\xff]")


def read(file: InputFile, options: ReadOptions, log: ReadLog) -> Iterator[Article]:
    """Yield the article of an RTF file, or those of the export in it."""
    with opened(file, log) as data:
        try:
            text = rich_text(data.whole(FILE_LIMIT), options.encoding or "cp1252")
        except ValueError as error:
            log.skip(file.where, str(error))
            return
    yield from articles_in(text, file, options, log)


def rich_text(content: bytes, encoding: str) -> str:
    """Return the text of an RTF file.

    Parameters
    ----------
    encoding : str
        Of its bytes, where it names none itself.

    Raises
    ------
    ValueError
        It is none, or damaged.
    """
    if not content:
        message = "empty"
        raise ValueError(message)
    if not content.lstrip().startswith(MARK):
        message = "not an RTF file"
        raise ValueError(message)
    content = PICTURE.sub(b"", content)
    if len(content) > TEXT_LIMIT:
        message = f"RTF of more than {TEXT_LIMIT >> 20} MB without its pictures"
        raise ValueError(message)
    if content.count(b"{") > MAX_GROUPS:
        message = f"RTF of more than {MAX_GROUPS:,} groups"
        raise ValueError(message)
    # RTF is ASCII; some programs leave high bytes in it, which mean their escapes.
    plain = HIGH.sub(lambda byte: b"\\'%02x" % byte[0][0], content).decode("ascii")
    with fenced("damaged RTF file"):
        from striprtf.striprtf import rtf_to_text

        text: str = rtf_to_text(plain, encoding=encoding)  # type: ignore[no-untyped-call]
        # Characters beyond the first 65,536 are written as two halves.
        joined = text.encode("utf-16", "surrogatepass")
        return joined.decode("utf-16", "surrogatepass")


FORMAT = Format(
    name="rtf",
    suffixes=(".rtf",),
    read=read,
    keeps="all words; a paragraph is a line",
    loses="pictures, styles, headers, footnotes",
)
