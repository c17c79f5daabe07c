"""Reader of csv and tsv files: strict, because a shifted column is a wrong result."""

import csv
import re
from collections.abc import Iterator

from framing.articles.columns import check_columns, map_columns
from framing.articles.decoding import Encoding, why_not_decoded
from framing.articles.exports.mediacloud import NO_TEXT, is_list
from framing.articles.formats import Format
from framing.articles.inputs import InputFile
from framing.articles.options import ReadLog, ReadOptions
from framing.articles.rows import Row, Rows, counted
from framing.articles.stream import (
    LINE_LIMIT,
    ByteReader,
    first_line,
    lines,
    opened,
    text_encoding,
)
from framing.errors import InputError, shown
from framing.records import Article

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
USUAL = {".csv": ",", ".tsv": "\t"}


def read(file: InputFile, options: ReadOptions, log: ReadLog) -> Iterator[Article]:
    """Yield the articles of a table with a header line.

    Columns are separated by commas, semicolons or tabs, whichever the header shows.

    Raises
    ------
    InputError
        A quote is not closed, or the header cannot be used.
    """
    with opened(file, log) as data:
        yield from parse(data, file, options, log)


def parse(
    data: ByteReader, file: InputFile, options: ReadOptions, log: ReadLog
) -> Iterator[Article]:
    """Yield the articles in `data`; raises as `read` does."""
    # The limit is global to the csv module and guards nothing here: _Feed does.
    csv.field_size_limit(LINE_LIMIT)
    encoding = text_encoding(data, file, options, log)
    if encoding is None:
        return
    delimiter = _delimiter(first_line(data, encoding), options)
    feed = _Feed(lines(data, encoding, file.where), file.where)
    found = _rows(feed, delimiter, log)
    header = _header(found, encoding, file, log)
    if not header:
        return
    whole = _whole_rows(found, header, encoding, log)
    if is_list(header) and not options.text_column:
        _wait(whole, file, options, log)
        return
    columns = check_columns(header, options, file.where)
    rows = Rows(file, log)
    yield from rows.articles(Row(*row, columns) for row in whole)
    usual = USUAL.get(file.suffix) == delimiter
    rows.finish(columns, "" if usual else f"separated by {DELIMITERS[delimiter]}; ")


def _wait(
    rows: Iterator[tuple[int, str, dict[str, str]]],
    file: InputFile,
    options: ReadOptions,
    log: ReadLog,
) -> None:
    """Put the rows of a list without texts aside until their texts are read.

    Raises
    ------
    InputError
        The user did not say where the texts are.
    """
    if not options.text_from:
        message = f"{file.where}: {NO_TEXT}"
        raise InputError(message)
    n_before = len(log.waiting)
    log.waiting.extend((where, row) for _, where, row in rows)
    log.current.format += ", Media Cloud"
    log.current.announced = n = len(log.waiting) - n_before
    log.understood.append(
        f"{file.where}: Media Cloud list of {counted(n)}, texts from "
        f"{shown(options.text_from)}"
    )


def looks_like_table(line: str, options: ReadOptions) -> bool:
    """Whether a line is the header of a table of articles, and not a sentence.

    Commas stand in sentences too: two of the usual names must be there, one of them
    that of a text.
    """
    names = next(csv.reader([line], delimiter=_delimiter(line, options)), [])
    columns = map_columns(tuple(name.strip() for name in names), options)
    return bool(columns.text) and len(columns.used) > 1


def _delimiter(line: str, options: ReadOptions) -> str:
    """Return the delimiter under which the first line shows a text column.

    If several do, or none, the one with the most fields; commas in doubt.
    """

    def promise(delimiter: str) -> tuple[bool, int]:
        names = next(csv.reader([line], delimiter=delimiter), [])
        columns = map_columns(tuple(name.strip() for name in names), options)
        return bool(columns.text), len(names)

    return max(DELIMITERS, key=promise)


def _header(
    found: Iterator[tuple[str, list[str]]],
    encoding: Encoding,
    file: InputFile,
    log: ReadLog,
) -> list[str]:
    """Return the column names, or nothing after noting that there is no row."""
    where, names = next(found, (file.where, []))
    if not names:
        log.skip(where, "no text")
    elif reason := why_not_decoded("\n".join(names), encoding):
        message = f"{where}: the header is {reason}."
        raise InputError(message)
    return [name.strip() for name in names]


def _whole_rows(
    found: Iterator[tuple[str, list[str]]],
    header: list[str],
    encoding: Encoding,
    log: ReadLog,
) -> Iterator[tuple[int, str, dict[str, str]]]:
    """Yield number, place and values of each row that fits the header."""
    for number, (where, row) in enumerate(found, 1):
        if len(row) != len(header):
            log.skip(where, f"row has {len(row)} fields, header has {len(header)}")
        elif reason := why_not_decoded("\n".join(row), encoding):
            log.skip(where, reason)
        else:
            yield number, where, dict(zip(header, row, strict=True))


def _rows(
    feed: "_Feed", delimiter: str, log: ReadLog
) -> Iterator[tuple[str, list[str]]]:
    """Yield place and fields of each row that is not blank."""
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    while True:
        feed.start_row()
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # Beyond its first line, or at the end of the file, the quote may have
            # swallowed other rows: nothing after it can be trusted.
            if feed.is_one_line and "end of data" not in str(error):
                log.skip(feed.where, "quote inside a quoted field is not doubled")
                continue
            message = (
                f"{feed.open_quote(delimiter)}: the quote that opens here is not "
                'closed. Close it, and write " inside a field as "".'
            )
            raise InputError(message) from error
        if row:
            yield feed.where, row


class _Feed:
    """Hands lines to the csv module and remembers those of the present row."""

    def __init__(self, source: Iterator[str | None], where: str) -> None:
        self._source = source
        self._where = where
        self._row: list[str] = []
        self._number = 0
        self._size = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._source:
            self._number += 1
            self._size += len(line or "")
            self._row.append(line or "")
            # The csv module would collect the rest of the file behind an
            # unclosed quote; a row over the limit is taken for that.
            if line is None or self._size > LINE_LIMIT:
                message = f"{self.where}: row longer than 16 MB. Is a quote not closed?"
                raise InputError(message)
            yield line

    @property
    def where(self) -> str:
        """Place where the present row begins."""
        return f"{self._where}:{self._first}"

    @property
    def is_one_line(self) -> bool:
        """Whether the present row has not gone beyond its first line."""
        return len(self._row) == 1

    def start_row(self) -> None:
        """Forget the row that is done."""
        self._row.clear()
        self._size = 0

    def open_quote(self, delimiter: str) -> str:
        """Return the place of the quote that the present row does not close."""
        row = "".join(self._row)
        closed = re.compile(
            rf'(?:"[^"]*+(?:""[^"]*+)*+"|(?!")[^{delimiter}\r\n]*+)'
            rf"(?:{delimiter}|\r\n?|\n|\Z)"
        )
        at = 0
        while at < len(row) and (match := closed.match(row, at)):
            at = match.end()
        ends = re.findall(r"\r\n?|\n", row[:at])
        return f"{self._where}:{self._first + len(ends)}"

    @property
    def _first(self) -> int:
        """Number of the present row's first line."""
        return self._number - len(self._row) + 1


FORMAT = Format(
    name="csv",
    suffixes=(".csv", ".tsv"),
    read=read,
    keeps="all columns",
    loses="rows with other than the header's number of fields",
)
