"""Reader of plain files: one article each, its folder is its source."""

from collections.abc import Iterator

from framing.articles.dates import normalise_date
from framing.articles.decoding import choose_encoding, decode, why_binary, why_not_text
from framing.articles.inputs import InputFile
from framing.articles.options import ReadLog, ReadOptions
from framing.articles.rows import NO_SOURCE, TEXT_LIMIT, why_not_article
from framing.articles.stream import ByteReader, opened
from framing.records import Article

BYTE_LIMIT = 4 * TEXT_LIMIT
"""No text within the limit needs more bytes than that, in any usual encoding."""


def read(file: InputFile, options: ReadOptions, log: ReadLog) -> Iterator[Article]:
    """Yield the article of a txt or md file, or nothing if it cannot be read.

    The source is the name of its folder, the date a leading `YYYY-MM-DD` of its
    name, the title a leading `# Title` in an md file; the text is kept whole.
    """
    with opened(file, log) as data:
        article = parse(data, file, options, log)
    if article:
        yield article


def parse(
    data: ByteReader, file: InputFile, options: ReadOptions, log: ReadLog
) -> Article | None:
    """Return the article in `data`, or None after noting why there is none."""
    try:
        text = _text(data, options)
    except ValueError as error:
        log.skip(file.where, str(error))
        return None
    log.n_plain += 1
    return Article(
        doc_id=file.stem,
        source=file.folder or NO_SOURCE,
        date=normalise_date(file.path.stem[:10]),
        title=_title(text) if file.suffix == ".md" else "",
        text=text,
        where=file.where,
    )


def _text(data: ByteReader, options: ReadOptions) -> str:
    """Return the text, or raise ValueError with the reason why it is none."""
    collected = bytearray()
    for block in data.blocks():
        collected += block
        if len(collected) > BYTE_LIMIT:
            message = f"text of more than {TEXT_LIMIT:,} characters"
            raise ValueError(message)
    content = bytes(collected)
    encoding = choose_encoding(content, options.encoding)
    if reason := why_not_text(content, encoding) or why_binary(content, encoding):
        raise ValueError(reason)
    text = decode(content, encoding)
    if reason := why_not_article(text):
        raise ValueError(reason)
    return text


def _title(text: str) -> str:
    """Return the heading that the text begins with, or ""."""
    first, _, _ = text.lstrip().partition("\n")
    return first[2:].strip(" #\t\r") if first.startswith("# ") else ""
