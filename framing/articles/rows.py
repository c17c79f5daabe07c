"""From the rows of a table to articles: the part all table formats share."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from framing.articles.columns import Columns
from framing.articles.dates import Order, day_order, normalise_date, told_order
from framing.articles.decoding import LONE_SURROGATE, SURROGATE
from framing.articles.inputs import InputFile
from framing.articles.options import ReadLog
from framing.errors import shown
from framing.records import Article

TEXT_LIMIT = 2_000_000
"""Characters of an article; beyond, it is a book or a whole file in one field."""

NO_SOURCE = "(none)"
N_ODD_DATES = 3
"""Dates that a warning quotes."""

HEAD_ROWS = 1000
"""Rows at the head of a table whose dates tell what comes first in 03/04/2019."""

HEAD_SIZE = 4 << 20
"""Characters of text at which the head ends, however few rows it has."""

MIN_TOLD = 5
"""Dates of one reading (25/04/2019) that it takes to settle the others."""


def why_not_article(text: str) -> str:
    """Return why a text cannot be an article, or ""."""
    if len(text) > TEXT_LIMIT:
        return f"text of {len(text):,} characters, at most {TEXT_LIMIT:,} are read"
    if not text or text.isspace():
        return "no text"
    if "\0" in text:
        return f"binary data at character {text.index(chr(0))}"
    return LONE_SURROGATE if SURROGATE.search(text) else ""


def counted(n: int) -> str:
    """Return a number of articles in words."""
    return "1 article" if n == 1 else f"{n:,} articles"


class OddDates:
    """The dates of one file that were left empty."""

    def __init__(self) -> None:
        self._n = 0
        self._some: list[str] = []

    def taken(self, written: str, date: str) -> str:
        """Return the date that was made of what is written; count it if none was."""
        if written and not date:
            self._n += 1
            if len(self._some) < N_ODD_DATES:
                self._some.append(shown(written, 30))
        return date

    def report(self, where: str, log: ReadLog) -> None:
        """Warn about them, if there are any."""
        if self._n:
            log.warnings.append(
                f"{where}: dates left empty because ambiguous or not understood: "
                f"{self._n:,} (such as {', '.join(self._some)})"
            )


class Row(NamedTuple):
    """A row of a table.

    Attributes
    ----------
    number
        From 1 in its file; makes the id if there is none.
    where
        Its place.
    values
        All its values as strings, by column.
    columns
        Which column is what.
    """

    number: int
    where: str
    values: dict[str, str]
    columns: Columns


class Rows:
    """Makes articles of the rows of one file and counts what was understood."""

    def __init__(self, file: InputFile, log: ReadLog) -> None:
        self.file = file
        self.log = log
        self._mapped: Counter[Columns] = Counter()
        self._odd_dates = OddDates()
        self._orders: dict[str, Order] = {}
        self._n_settled = self._n_against = 0

    def articles(self, rows: Iterable[Row]) -> Iterator[Article]:
        """Yield the articles of rows; note each row that is none.

        The head of the table is looked at first: where its dates tell whether the
        day or the month comes first, the ambiguous ones follow.
        """
        rest = iter(rows)
        head = _head(rest)
        for column in {row.columns.date for row in head} - {""}:
            dates = [row.values.get(column, "") for row in head]
            told = [written for written in dates if told_order(written)]
            if len(told) >= MIN_TOLD:
                self._orders[column] = day_order(told)
        for row in chain(head, rest):
            if article := self._article(row):
                yield article

    def _article(self, found: Row) -> Article | None:
        """Return the article of a row, or None after noting why there is none."""
        number, where, row, columns = found
        text = row[columns.text]
        reason = why_not_article(text)
        if not reason and any(map(SURROGATE.search, (*row, *row.values()))):
            reason = LONE_SURROGATE
        if reason:
            self.log.skip(where, reason)
            return None
        self._mapped[columns] += 1
        taken = set(columns.used.values())
        return Article(
            doc_id=row.get(columns.doc_id, "").strip() or f"{self.file.stem}:{number}",
            source=row.get(columns.source, "").strip() or NO_SOURCE,
            date=self._date(row.get(columns.date, "").strip(), columns.date),
            title=row.get(columns.title, "").strip(),
            text=text,
            where=where,
            extra={k: v for k, v in row.items() if k and k not in taken},
        )

    def finish(self, columns: Columns | None = None, note: str = "") -> None:
        """Say how the file was understood; `columns` are those of its header."""
        if columns and not self._mapped:
            self._mapped[columns] = 0
        where = self.file.where
        for found, n in self._mapped.items():
            self.log.understood.append(f"{where}: {found}; {note}{counted(n)}")
        if nameless := sum(n for c, n in self._mapped.items() if not c.source):
            self.log.warnings.append(
                f"{where}: no source column for {counted(nameless)}, put under "
                f"{NO_SOURCE}; name it with --source-column"
            )
        self._odd_dates.report(where, self.log)
        self._report_order(where)

    def _date(self, written: str, column: str) -> str:
        """Return the ISO date; count it where it cannot be told."""
        if not written:
            return ""
        order = self._orders.get(column, "")
        date = normalise_date(written)
        if order and not date and (date := normalise_date(written, order)):
            self._n_settled += 1
        if order and told_order(written) not in ("", order):
            self._n_against += 1
        return self._odd_dates.taken(written, date)

    def _report_order(self, where: str) -> None:
        """Say which order the ambiguous dates were read in, and what speaks against."""
        if not self._n_settled:
            return
        orders = sorted({order for order in self._orders.values() if order})
        self.log.understood.append(
            f"{where}: dates such as 03/04/2019 read {' and '.join(orders)} first, as "
            f"the first {HEAD_ROWS:,} rows have them ({self._n_settled:,} dates)"
        )
        if self._n_against:
            self.log.warnings.append(
                f"{where}: {self._n_against:,} later dates have it the other way round "
                "than the first rows: write them as YYYY-MM-DD to be sure"
            )


def _head(rows: Iterator[Row]) -> list[Row]:
    """Return the first rows, taken from `rows`."""
    head: list[Row] = []
    size = 0
    for row in rows:
        head.append(row)
        size += sum(map(len, row.values.values()))
        if len(head) == HEAD_ROWS or size > HEAD_SIZE:
            break
    return head
