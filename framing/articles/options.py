"""What the user asked of the readers, and what the readers have to report."""

from dataclasses import dataclass, field

from framing.records import Skipped


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read; every empty string means "find out yourself".

    Attributes
    ----------
    text_column, source_column, date_column, title_column, id_column
        Names of the columns of a table, where they are not the usual ones.
    encoding
        Encoding of all text files; by default a byte order mark decides, else
        strict UTF-8.
    """

    text_column: str = ""
    source_column: str = ""
    date_column: str = ""
    title_column: str = ""
    id_column: str = ""
    encoding: str = ""

    @property
    def overrides(self) -> dict[str, str]:
        """The columns the user named, by the article's field."""
        named = {
            "text": self.text_column,
            "source": self.source_column,
            "date": self.date_column,
            "title": self.title_column,
            "doc_id": self.id_column,
        }
        return {name: column for name, column in named.items() if column}


@dataclass(slots=True)
class ReadLog:
    """What was read and what was not; filled while the articles stream by.

    Attributes
    ----------
    skipped
        Everything that was not read, with its place and the reason.
    understood
        One line per table and column mapping: which column was taken for what.
    files
        Path and SHA-256 of each file that was read to its end.
    warnings
        What was read but should be known, once per file.
    n_read
        Number of articles handed out.
    n_plain
        How many of the articles are plain files (txt, md), before copies of the
        same article are dropped.
    """

    skipped: list[Skipped] = field(default_factory=list)
    understood: list[str] = field(default_factory=list)
    files: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    n_read: int = 0
    n_plain: int = 0

    def skip(self, where: str, reason: str) -> None:
        """Note that the item at `where` is not read."""
        self.skipped.append(Skipped(where, reason))
