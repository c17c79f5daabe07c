"""Tables with a header: read row by row, written so that no cell is a formula."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from framing.articles.decoding import SURROGATE
from framing.errors import LabelError, shown
from framing.exchange.decision import Log
from framing.exchange.jsonfile import NOT_UTF8, Row
from framing.exchange.members import Member
from framing.labelled import MAX_CELL

_QUOTED = re.compile(r'"[^"]*"')
_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")


def guard(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; `plain` takes it back."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def plain(cell: str) -> str:
    """Return a cell without the apostrophe that guards it.

    >>> plain(guard("=1")), plain("'tis")
    ('=1', "'tis")
    """
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def write_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table as CSV; all cells are quoted, as any may hold a line end."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    for row in (header, *rows):
        writer.writerow([guard(cell) for cell in row])
    return out.getvalue()


def read_table(member: Member, log: Log) -> tuple[list[str], Iterator[Row]]:
    """Return the names of the columns, and the rows that fit them.

    Raises
    ------
    LabelError
        There is no header, it names a column twice, or a quote is not closed.
    """
    rows = _rows(member)
    _, first = next(rows, (1, []))
    header = [plain(name.strip()) for name in first]
    twice = [name for name in header if name and header.count(name) > 1]
    if not any(header) or twice:
        what = f"two columns are named {shown(twice[0])!r}" if twice else "no header"
        msg = f"{member.where(1)}: {what}. Give every column a name of its own."
        raise LabelError(msg)
    return header, _fitting(member, header, rows, log)


def _fitting(
    member: Member, header: list[str], rows: Iterator[tuple[int, list[str]]], log: Log
) -> Iterator[Row]:
    for line, row in rows:
        where = member.where(line)
        if len(row) != len(header):
            n, columns = len(row), len(header)
            log.skip(where, f"the row has {n} cells, the header {columns}")
        elif any(SURROGATE.search(cell) for cell in row):
            log.skip(where, NOT_UTF8)
        else:
            cells = map(plain, row)
            yield Row(where, member.row(line), dict(zip(header, cells, strict=True)))


def _rows(member: Member) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not blank with the line it begins on."""
    csv.field_size_limit(MAX_CELL)  # the limit is global: other readers set theirs
    # The reader must see line ends inside quotes as they are.
    lines = io.StringIO(member.text, newline="")
    delimiter = _delimiter(member)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    line = 1
    try:
        for row in reader:
            if any(row):
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        # What an unclosed quote swallowed cannot be told from what it should hold.
        msg = f"{member.where(line)}: {error}. Mend the row; nothing was imported."
        raise LabelError(msg) from error


def _delimiter(member: Member) -> str:
    """Return what parts the columns: what the header holds most of."""
    head = next(islice(io.StringIO(member.text), 1), "")
    head = _QUOTED.sub("", head)
    usual = "\t" if member.suffix == ".tsv" else ","
    return max(usual + ",;\t", key=head.count)
