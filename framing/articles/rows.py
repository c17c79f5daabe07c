"""From the rows of a table to articles: the part all table formats share."""

from collections import Counter

from framing.articles.columns import Columns
from framing.articles.dates import normalise_date
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


class Rows:
    """Makes articles of the rows of one file and counts what was understood."""

    def __init__(self, file: InputFile, log: ReadLog) -> None:
        self.file = file
        self.log = log
        self._mapped: Counter[Columns] = Counter()
        self._odd_dates: list[str] = []
        self._n_odd_dates = 0

    def article(
        self, row: dict[str, str], columns: Columns, number: int, where: str
    ) -> Article | None:
        """Return the article of a row, or None after noting why there is none.

        Parameters
        ----------
        row
            All values of the row as strings, by column.
        columns
            Which column is what.
        number
            Number of the row in the file, from 1; makes the id if there is none.
        where
            The row's place.
        """
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
            date=self._date(row.get(columns.date, "").strip()),
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
        if self._n_odd_dates:
            self.log.warnings.append(
                f"{where}: dates left empty because ambiguous or not understood: "
                f"{self._n_odd_dates:,} (such as {', '.join(self._odd_dates)})"
            )

    def _date(self, written: str) -> str:
        """Return the ISO date; count it where it cannot be told."""
        date = normalise_date(written)
        if written and not date:
            self._n_odd_dates += 1
            if len(self._odd_dates) < N_ODD_DATES:
                self._odd_dates.append(shown(written, 30))
        return date
