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
    text_from
        File or folder with the texts of a list of articles that has none.
    """

    text_column: str = ""
    source_column: str = ""
    date_column: str = ""
    title_column: str = ""
    id_column: str = ""
    encoding: str = ""
    text_from: str = ""

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


N_FILES = 1000
"""Files that are listed one by one in a log; of more there are only totals."""


@dataclass(slots=True)
class FileRead:
    """How much of one file, or of all files of a format, was read.

    Attributes
    ----------
    where
        The file, or "" for totals.
    format
        Its format, with the export that was recognised in it.
    n_articles, n_skipped
        Articles handed out and items left out.
    announced
        How many articles the file itself says it holds; None if it does not.
    n_files
        How many files this is about.
    """

    where: str
    format: str
    n_articles: int = 0
    n_skipped: int = 0
    announced: int | None = None
    n_files: int = 1

    @property
    def n_found(self) -> int:
        """Items that were met, read or not."""
        return self.n_articles + self.n_skipped


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
    marks
        What the store of each fetched file had as the mark of its content.
    warnings
        What was read but should be known, once per file.
    n_read
        Number of articles handed out.
    n_plain
        How many of the articles are plain files (txt, md), before copies of the
        same article are dropped.
    n_bytes
        How much of the files was read, to tell how far a run is.
    n_undated
        How many of the articles handed out have no date.
    reads
        The files one by one, the first `N_FILES` of them.
    totals
        The same per format, of all files.
    waiting
        Rows of lists of articles without texts, with their places: they are joined
        with their texts when all files have been read.
    """

    skipped: list[Skipped] = field(default_factory=list)
    understood: list[str] = field(default_factory=list)
    files: list[tuple[str, str]] = field(default_factory=list)
    marks: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    n_read: int = 0
    n_plain: int = 0
    n_bytes: int = 0
    n_undated: int = 0
    reads: list[FileRead] = field(default_factory=list)
    totals: dict[str, FileRead] = field(default_factory=dict)
    current: FileRead = field(default_factory=lambda: FileRead("", ""))
    waiting: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def begin(self, where: str, name: str) -> None:
        """Note that a file of the format `name` is being read."""
        self.current = FileRead(where, name, -self.n_read, -len(self.skipped))

    def finish(self) -> None:
        """Note that the file was read to its end."""
        read = self.current
        read.n_articles += self.n_read
        read.n_skipped += len(self.skipped)
        if len(self.reads) < N_FILES:
            self.reads.append(read)
        total = self.totals.setdefault(
            read.format, FileRead("", read.format, n_files=0)
        )
        total.n_files += 1
        total.n_articles += read.n_articles
        total.n_skipped += read.n_skipped
        if read.announced is not None:
            total.announced = (total.announced or 0) + read.announced

    def skip(self, where: str, reason: str) -> None:
        """Note that the item at `where` is not read."""
        self.skipped.append(Skipped(where, reason))
