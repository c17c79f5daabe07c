"""Articles written as they were read: one format out, whatever came in."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, BinaryIO, TypeAlias

from framing.atomic import refuse_address, writing
from framing.errors import InputError, StorageError, shown
from framing.inert import inert
from framing.records import Article, Skipped

FIELDS = ("doc_id", "source", "date", "title", "text")
BATCH = 1000
"""Rows of a Parquet file that are held at once."""

Row: TypeAlias = dict[str, str]


def write_articles(articles: Iterable[Article], path: Path) -> int:
    """Write articles to a jsonl, csv or parquet file and return how many.

    The file appears when all have been read, or not at all. In CSV, cells that a
    spreadsheet would take for formulas get an apostrophe in front.

    Raises
    ------
    InputError
        There is no article, or the suffix is another.
    StorageError
        It cannot be written.
    """
    check_output(path)
    # The columns are known when all articles are, and they can be more than memory.
    with TemporaryFile() as kept:
        columns = dict.fromkeys(FIELDS)
        n_articles = 0
        for row in map(as_row, articles):
            columns.update(dict.fromkeys(row))
            kept.write(_line(row))
            n_articles += 1
        if not n_articles:
            message = "no article to write. Check the input; try --preview."
            raise InputError(message)
        kept.seek(0)
        with writing(path) as stream:
            WRITERS[path.suffix.lower()](kept, stream, list(columns))
    return n_articles


def check_output(path: Path) -> None:
    """Refuse a file that articles cannot be written to, before they are read.

    Raises
    ------
    StorageError
        Its suffix is none that is written, or it is a folder.
    """
    refuse_address(path)
    if path.suffix.lower() not in WRITERS or path.is_dir():
        message = f"{shown(path)}: not written. Give a .jsonl, .csv or .parquet file."
        raise StorageError(message)


def write_lines(articles: Iterable[Article], stream: BinaryIO) -> None:
    """Write articles to a stream as JSON lines, one by one."""
    for article in articles:
        stream.write(_line(as_row(article)))


def write_skipped(skipped: Iterable[Skipped], path: Path) -> None:
    """Write what was left out as CSV: its place and the reason.

    Raises
    ------
    StorageError
        It cannot be written.
    """
    with writing(path) as stream, _text(stream) as text:
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(("place", "reason"))
        rows.writerows((inert(item.where), inert(item.reason)) for item in skipped)


def as_row(article: Article) -> Row:
    """Return an article as a row; a further column keeps its name if it is free."""
    row = {name: getattr(article, name) for name in FIELDS}
    for name, value in article.extra.items():
        free = name
        while free in row:
            free = f"x_{free}"
        row[free] = value
    return row


def _line(row: Row) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode() + b"\n"


def _rows(kept: IO[bytes]) -> Iterator[Row]:
    return map(json.loads, kept)


def _text(stream: BinaryIO) -> io.TextIOWrapper:
    """Return a stream for text that leaves the one below open."""
    return _Text(stream, encoding="utf-8", newline="", write_through=True)


class _Text(io.TextIOWrapper):
    """Text on a stream that somebody else closes."""

    def close(self) -> None:
        if not self.closed:
            self.detach()


def _write_jsonl(kept: IO[bytes], stream: BinaryIO, columns: list[str]) -> None:
    for line in kept:
        stream.write(line)


def _write_csv(kept: IO[bytes], stream: BinaryIO, columns: list[str]) -> None:
    with _text(stream) as text:
        table = csv.writer(text, lineterminator="\n")
        table.writerow(map(inert, columns))
        for row in _rows(kept):
            table.writerow(inert(row.get(name, "")) for name in columns)


def _write_parquet(kept: IO[bytes], stream: BinaryIO, columns: list[str]) -> None:
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    schema = pa.schema([(name, pa.string()) for name in columns])
    rows = _rows(kept)
    with ParquetWriter(
        stream, schema, compression="zstd", write_page_checksum=True
    ) as table:
        while batch := list(islice(rows, BATCH)):
            cells = {name: [row.get(name, "") for row in batch] for name in columns}
            table.write_table(pa.table(cells, schema))


WRITERS: dict[str, Callable[[IO[bytes], BinaryIO, list[str]], None]] = {
    ".jsonl": _write_jsonl,
    ".csv": _write_csv,
    ".parquet": _write_parquet,
}
