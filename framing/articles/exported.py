"""Exports of news databases: many articles in one text, taken apart by their parsers.

The parsers are in `framing.articles.exports` and know nothing of files and logs.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from framing.articles.exports import PARSERS, ExportItem
from framing.articles.inputs import InputFile
from framing.articles.options import ReadLog
from framing.articles.rows import NO_SOURCE, OddDates, counted, why_not_article
from framing.errors import InputError
from framing.records import Article


def articles(name: str, text: str, file: InputFile, log: ReadLog) -> Iterator[Article]:
    """Yield the articles of an export; every other piece is noted with its place.

    Parameters
    ----------
    name
        The database, as `exports.parser_of` found it.

    Raises
    ------
    InputError
        The export cannot be taken apart.
    """
    parser = PARSERS[name]
    log.current.format += f", {name}"
    log.current.announced = announced = parser.announced(text)
    n_skipped, n_before = len(log.skipped), log.n_read
    try:
        items = (
            replace(item, place=f"{file.where}:{item.place}")
            for item in parser.parse(text)
        )
        yield from taken(items, file.where, file.stem, log)
    except InputError as error:
        message = f"{file.where}: {error}"
        raise InputError(message) from error
    n_skipped = len(log.skipped) - n_skipped
    n_found = log.n_read - n_before + n_skipped
    told = f"{name} export of {counted(n_found)}"
    if n_skipped:
        told += f", {n_found - n_skipped:,} of them read"
    log.understood.append(f"{file.where}: {told}")
    if announced is not None and announced != n_found:
        log.warnings.append(
            f"{file.where}: says it holds {counted(announced)}, found {n_found:,}; "
            f"look at it, and report it if they are there"
        )


def taken(
    items: Iterable[ExportItem], where: str, stem: str, log: ReadLog
) -> Iterator[Article]:
    """Yield the items that are articles; note the others, odd dates and lengths.

    Parameters
    ----------
    where
        The file, for what is said of all of them.
    stem
        What ids are made of where an item has none.
    """
    odd = OddDates()
    n_odd_lengths, odd_length = 0, ""
    for number, item in enumerate(items, 1):
        if reason := item.reason or why_not_article(item.text):
            log.skip(item.place, reason)
            continue
        if note := item.extra.get("length_note", ""):
            n_odd_lengths += 1
            odd_length = odd_length or f"{item.place.removeprefix(where)[1:]}: {note}"
        yield Article(
            doc_id=item.doc_id or f"{stem}:{number}",
            source=item.source or NO_SOURCE,
            date=odd.taken(item.extra.get("date_written", ""), item.date),
            title=item.title,
            text=item.text,
            where=item.place,
            extra={k: v for k, v in item.extra.items() if v},
        )
    if n_odd_lengths:
        log.warnings.append(
            f"{where}: {counted(n_odd_lengths)} much longer or shorter than the export "
            f"says, marked length_note (such as {odd_length})"
        )
    odd.report(where, log)
