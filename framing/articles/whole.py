"""From a file that is one text to its article, or to those of an export in it."""

from collections.abc import Iterator, Mapping

from framing.articles.dates import normalise_date
from framing.articles.exported import articles
from framing.articles.exports import parser_of
from framing.articles.inputs import InputFile
from framing.articles.options import ReadLog, ReadOptions
from framing.articles.rows import NO_SOURCE, why_not_article
from framing.records import Article

FILE_LIMIT = 64 << 20
"""Bytes of a file that must be held in memory."""


def articles_in(
    text: str,
    file: InputFile,
    options: ReadOptions,
    log: ReadLog,
    extra: Mapping[str, str] | None = None,
) -> Iterator[Article]:
    """Yield the articles of the export that `text` is, else the one article.

    Parameters
    ----------
    extra
        What else the file says of its article: `title` and `date` go to their places.
    """
    if export := parser_of(text):
        yield from articles(export, text, file, log)
    elif article := one_article(text, file, options, log, extra or {}):
        yield article


def one_article(
    text: str,
    file: InputFile,
    options: ReadOptions,
    log: ReadLog,
    extra: Mapping[str, str],
) -> Article | None:
    """Return the article of a file, or None after noting why there is none.

    Its source is the name of the folder, unless the user named another field of
    `extra`; its date that of the file's name, else the one it gives itself.
    """
    if reason := why_not_article(text):
        log.skip(file.where, reason)
        return None
    log.n_plain += 1
    kept = {name: value for name, value in extra.items() if value}
    source = kept.pop(options.source_column, "") or file.folder or NO_SOURCE
    title, date = kept.pop("title", ""), kept.pop("date", "")
    return Article(
        doc_id=file.stem,
        source=source,
        date=normalise_date(file.path.stem[:10]) or normalise_date(date),
        title=title,
        text=text,
        where=file.where,
        extra=kept,
    )
