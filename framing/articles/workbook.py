"""Reader of Excel workbooks: every sheet with a text column, row by row."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, time
from itertools import islice
from typing import Any, BinaryIO, NamedTuple

from framing.articles.columns import Columns, check_columns, map_columns
from framing.articles.formats import Format
from framing.articles.inputs import InputFile
from framing.articles.library import fenced, fenced_items
from framing.articles.options import ReadLog, ReadOptions
from framing.articles.rows import Row, Rows
from framing.articles.stream import opened
from framing.articles.unzip import opened_zip, why_not_unpacked
from framing.errors import InputError, shown
from framing.records import Article

PART_LIMIT = 512 << 20
"""Bytes of a sheet, which is read as a stream."""

STRINGS_LIMIT = 128 << 20
"""Bytes of the texts of all cells, which are held in memory."""

STRINGS = "xl/sharedStrings.xml"
MAX_COLUMNS, MAX_ROWS = 1000, 1_048_576
CELL_LIMIT = 32_767
"""Characters that Excel lets into a cell."""

DOCTYPE_IN = 1024


def read(file: InputFile, options: ReadOptions, log: ReadLog) -> Iterator[Article]:
    """Yield the articles of a workbook; of a formula the value that Excel saved.

    Raises
    ------
    InputError
        No sheet has a text column, or the file is damaged.
    """
    with opened(file, log) as data:
        data.drain()
        data.stream.seek(0)
        try:
            _check(data.head, data.stream)
            with fenced("not an Excel workbook, or a damaged one"):
                import openpyxl

                book = openpyxl.load_workbook(
                    data.stream, read_only=True, data_only=True, keep_links=False
                )
        except ValueError as error:
            log.skip(file.where, str(error))
            return
        with closing(book):
            yield from _sheets(book, file, options, log)


def _check(head: bytes, stream: BinaryIO) -> None:
    """Raise ValueError if this is no workbook or one that is not to be opened."""
    if not head:
        message = "empty"
        raise ValueError(message)
    if not head.startswith(b"PK"):
        message = "not an Excel workbook"
        raise ValueError(message)
    with opened_zip(stream) as archive:
        for info in archive.infolist():
            limit = STRINGS_LIMIT if info.filename == STRINGS else PART_LIMIT
            if reason := why_not_unpacked(info, limit):
                raise ValueError(reason)
            with fenced("damaged"), archive.open(info) as part:
                start = part.read(DOCTYPE_IN)
            if info.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in start:
                message = "DOCTYPE not allowed in a workbook"
                raise ValueError(message)
    stream.seek(0)


def _sheets(
    book: Any, file: InputFile, options: ReadOptions, log: ReadLog
) -> Iterator[Article]:
    """Yield the articles of each sheet that has a text column."""
    with_text: list[tuple[Any, _Header]] = []
    others: list[tuple[Any, _Header]] = []
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # programs write wrong ones
        if sheet.sheet_state != "visible":
            log.skip(_place(file, sheet), "hidden sheet")
        elif header := _header(sheet, file):
            columns = map_columns(tuple(header.names), options)
            (with_text if columns.text else others).append((sheet, header))
    if not with_text:
        if not others:
            log.skip(file.where, "no text")
            return
        with_text.append(others.pop(0))  # its columns are told in the error
    for sheet, _ in others:
        log.skip(_place(file, sheet), "sheet without a text column")
    for sheet, header in with_text:
        is_only = len(with_text) == 1
        yield from _articles(sheet, header, file, options, log, is_only=is_only)


class _Header(NamedTuple):
    """The first row of a sheet that is not blank: its number and its names."""

    number: int
    names: list[str]


def _header(sheet: Any, file: InputFile) -> _Header | None:
    for number, row in _numbered(sheet, file, MAX_COLUMNS + 1):
        names = [_as_text(value).strip() for value in row]
        while names and not names[-1]:
            names.pop()
        if len(names) > MAX_COLUMNS:
            place = _place(file, sheet)
            message = f"{place}: more than {MAX_COLUMNS:,} columns. Save fewer."
            raise InputError(message)
        if names:
            return _Header(number, names)
    return None


def _articles(
    sheet: Any,
    header: _Header,
    file: InputFile,
    options: ReadOptions,
    log: ReadLog,
    *,
    is_only: bool,
) -> Iterator[Article]:
    """Yield the articles of a sheet; its name is in the ids if there are several."""
    place = _place(file, sheet)
    columns = check_columns(header.names, options, place)
    stem = file.stem if is_only else f"{file.stem}:{sheet.title}"
    rows = Rows(replace(file, stem=stem), log)
    yield from rows.articles(_rows(sheet, header, columns, file, log))
    rows.finish(columns, "" if is_only else f"sheet {shown(sheet.title, 40)}; ")


def _rows(
    sheet: Any, header: _Header, columns: Columns, file: InputFile, log: ReadLog
) -> Iterator[Row]:
    """Yield the rows below the header; warn of texts that Excel cut."""
    place = _place(file, sheet)
    n_cut = 0
    width = len(header.names)
    for number, cells in _numbered(sheet, file, width + 1):
        values = [_as_text(value) for value in cells]
        if number <= header.number or not any(values):
            continue
        where = f"{place} row {number}"
        if any(values[width:]):
            log.skip(where, f"row has more cells than the header ({width})")
            continue
        values += [""] * (width - len(values))
        row = dict(zip(header.names, values, strict=False))
        n_cut += len(row[columns.text]) >= CELL_LIMIT
        yield Row(number - header.number, where, row, columns)
    if n_cut:
        log.warnings.append(
            f"{place}: {n_cut:,} texts have {CELL_LIMIT:,} characters, where Excel "
            "cuts; take them from another export"
        )


def _numbered(
    sheet: Any, file: InputFile, width: int
) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Yield the rows of a sheet with their numbers, no wider than `width`."""
    found = sheet.iter_rows(max_col=width, values_only=True)
    rows = fenced_items(iter(found), "damaged workbook")
    try:
        yield from enumerate(islice(rows, MAX_ROWS), 1)
    except ValueError as error:
        message = f"{_place(file, sheet)}: {error}. Save it again from Excel."
        raise InputError(message) from error


def _place(file: InputFile, sheet: Any) -> str:
    return f"{file.where}:{shown(sheet.title, 40)}"


def _as_text(value: object) -> str:
    """Return a cell as text: dates as ISO, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


FORMAT = Format(
    name="xlsx",
    suffixes=(".xlsx",),
    read=read,
    keeps="all columns of every sheet with a text column; of formulas their values",
    loses="hidden sheets, formats, notes; whole numbers lose leading zeros in Excel",
)
