"""Reader of plain files: one article each, its folder is its source."""

from collections.abc import Iterator

from framing.articles.decoding import choose_encoding, decode, why_binary, why_not_text
from framing.articles.exports import HEAD, parser_of
from framing.articles.formats import Format
from framing.articles.inputs import InputFile
from framing.articles.options import ReadLog, ReadOptions
from framing.articles.rows import TEXT_LIMIT
from framing.articles.stream import ByteReader, opened
from framing.articles.whole import FILE_LIMIT, articles_in
from framing.records import Article

BYTE_LIMIT = 4 * TEXT_LIMIT
"""No text within the limit needs more bytes than that, in any usual encoding."""


def read(file: InputFile, options: ReadOptions, log: ReadLog) -> Iterator[Article]:
    """Yield the article of a txt or md file, or nothing if it cannot be read.

    The source is the name of its folder, the date a leading `YYYY-MM-DD` of its
    name, the title a leading `# Title` in an md file; the text is kept whole. The
    export of a news database gives its articles instead.
    """
    with opened(file, log) as data:
        yield from parse(data, file, options, log)


def parse(
    data: ByteReader, file: InputFile, options: ReadOptions, log: ReadLog
) -> Iterator[Article]:
    """Yield the article in `data`, or note why there is none."""
    try:
        text = _text(data, options)
    except ValueError as error:
        log.skip(file.where, str(error))
        return
    title = _title(text) if file.suffix == ".md" else ""
    yield from articles_in(text, file, options, log, {"title": title})


def _text(data: ByteReader, options: ReadOptions) -> str:
    """Return the text, or raise ValueError with the reason why it is none."""
    encoding = choose_encoding(data.head, options.encoding)
    if reason := why_not_text(data.head, encoding):
        raise ValueError(reason)
    if parser_of(data.head[: 4 * HEAD].decode(encoding.name, "replace")):
        content = data.whole(FILE_LIMIT)
    else:
        content = _one_text(data)
    if reason := why_binary(content, encoding):
        raise ValueError(reason)
    return decode(content, encoding)


def _one_text(data: ByteReader) -> bytes:
    """Return the bytes of a text that is no longer than an article can be."""
    try:
        return data.whole(BYTE_LIMIT)
    except ValueError as error:
        message = f"text of more than {TEXT_LIMIT:,} characters"
        raise ValueError(message) from error


def _title(text: str) -> str:
    """Return the heading that the text begins with, or ""."""
    first, _, _ = text.lstrip().partition("\n")
    return first[2:].strip(" #\t\r") if first.startswith("# ") else ""


FORMAT = Format(
    name="text",
    suffixes=(".txt", ".md"),
    read=read,
    keeps="the whole text; the title of an md file",
    loses="nothing",
)
