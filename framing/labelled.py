"""Labelled tables from elsewhere: a text and its codes on each row.

For measuring a model on sentences that others coded, and for training on any
codebook. A label column holds one code, or several parted by `|`, `#` or `;`; or
each code has a column of its own with 0 and 1.
"""

import csv
import io
import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from framing.errors import LabelError, shown
from framing.records import CodedUnit

TEXT_NAMES = ("text", "sentence", "headline", "body", "example")
LABEL_NAMES = ("codes", "labels", "label", "code", "category", "frame")
GROUP_NAMES = ("doc_id", "article", "article_id", "source", "outlet")
NOTHING = ("", "none", "-")
MAX_CELL = 1 << 17
"""Characters of a cell; a sentence has a thousandth. More is an unclosed quote."""

YES = ("1", "1.0", "true", "yes", "x")
NO = ("0", "0.0", "false", "no", "")
_PARTS = re.compile(r"[|#;]")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text with its codes and the group (article) it belongs to."""

    text: str
    codes: tuple[str, ...]
    group: str


@dataclass(frozen=True, slots=True)
class LabelledColumns:
    """Names of the columns, where they are not the usual ones."""

    text: str = ""
    label: str = ""
    group: str = ""


def read_labelled(
    path: Path, columns: LabelledColumns, codes: Sequence[str] = ()
) -> list[Labelled]:
    """Return the labelled texts of a csv, tsv or jsonl file.

    Parameters
    ----------
    codes : sequence of str
        The codes of the codebook: a column named like one of them says by 0 or 1
        whether a text carries it, and a code not among them is refused.

    Raises
    ------
    LabelError
        The file cannot be read, has no text or label column, or an unknown code.
    """
    found = []
    for number, row in _rows(path):
        where = f"{shown(path)}:{number}"
        text = _cell(row, columns.text, TEXT_NAMES, "text", where)
        if not isinstance(text, str):
            msg = f"{where}: the text is no text. Mend the line."
            raise LabelError(msg)
        given = _codes(row, columns, codes, where)
        unknown = [code for code in given if codes and code not in codes]
        if unknown:
            there = ", ".join(codes)
            msg = f"{where}: code {shown(unknown[0])!r} is none of {there}. Mend it."
            raise LabelError(msg)
        if text.strip():
            found.append(Labelled(text, given, _group(row, columns.group, where)))
    if not found:
        msg = f"{shown(path)}: no labelled text in it. Check the file."
        raise LabelError(msg)
    return found


def read_coded(path: Path, codes: Sequence[str]) -> tuple[list[CodedUnit], int]:
    """Return the coded sentences of a coding sheet: csv, tsv or jsonl.

    Each row has `doc_id`, the sentence, and its codes as in `read_labelled`; `start` or
    `sent_no` and `probability` where they are known. In a sheet with a column per code
    a row without any entry is one that nobody has coded yet, and is left out; an entry
    in the column `none` says that it carries no code.

    Returns
    -------
    list of CodedUnit; number of rows left out because nobody has coded them

    Raises
    ------
    LabelError
        The file cannot be read, a column is missing, a cell is no code or number.
    """
    found, blank = [], 0
    for number, row in _rows(path):
        where = f"{shown(path)}:{number}"
        own = [code for code in codes if code in row]
        if own and len(own) < len(codes):
            lost = ", ".join(code for code in codes if code not in row)
            msg = f"{where}: no column {lost}. Put it back, or name it so."
            raise LabelError(msg)
        none = "none" in row and _is_set(row["none"], "none", where)
        if own and not none and not any(str(row[name]).strip() for name in own):
            blank += 1
            continue
        given = _codes(row, LabelledColumns(), codes, where)
        unknown = [code for code in given if code not in codes]
        if unknown:
            there = ", ".join(codes)
            msg = f"{where}: code {shown(unknown[0])!r} is none of {there}. Mend it."
            raise LabelError(msg)
        if given and none:
            msg = f"{where}: both none and {given[0]} are marked. Clear one of them."
            raise LabelError(msg)
        unit = CodedUnit(
            doc_id=_plain(str(_cell(row, "", ("doc_id",), "doc_id", where))),
            text=_plain(str(_cell(row, "", TEXT_NAMES, "text", where))),
            codes=given,
            start=int(_number(row, "start", -1, where)),
            sent_no=int(_number(row, "sent_no", -1, where)),
            probability=_number(row, "probability", 0.0, where),
            where=where,
        )
        found.append(unit)
    if not found:
        msg = f"{shown(path)}: no sentence in it is coded. Fill in the codes."
        raise LabelError(msg)
    if blank and all(unit.codes for unit in found):
        msg = (
            f"{shown(path)}: {blank} rows are empty and no sentence is without a code. "
            "Write 1 under none where no code holds: empty rows do not count."
        )
        raise LabelError(msg)
    return found, blank


def _plain(cell: str) -> str:
    """Return a cell without the apostrophe that keeps it from being a formula."""
    return cell[1:] if re.match(r"'[=+\-@\t\r＝＋－＠]", cell) else cell


def _number(row: dict[str, Any], name: str, otherwise: float, where: str) -> float:
    value = str(row.get(name, "")).strip()
    if not value:
        return otherwise
    try:
        number = float(value)
    except ValueError as error:
        msg = f"{where}: {name} is {shown(value)!r}, no number. Mend the cell."
        raise LabelError(msg) from error
    if not 0 <= number < math.inf or (name == "probability" and number > 1):
        msg = f"{where}: {name} cannot be {shown(value)}. Mend the cell."
        raise LabelError(msg)
    return number


def _group(row: dict[str, Any], chosen: str, where: str) -> str:
    """Return the article of a row; without any column for it, each row is its own."""
    if chosen:
        return str(_cell(row, chosen, (), "group", where))
    return next((str(row[name]) for name in GROUP_NAMES if row.get(name)), where)


def _codes(
    row: dict[str, Any], columns: LabelledColumns, codes: Sequence[str], where: str
) -> tuple[str, ...]:
    own = [code for code in codes if code in row]
    if own and not columns.label:
        return tuple(code for code in own if _is_set(row[code], code, where))
    value = _cell(row, columns.label, LABEL_NAMES, "label", where)
    parts = value if isinstance(value, list) else _PARTS.split(str(value))
    named = [str(part).strip() for part in parts]
    return tuple(sorted({name for name in named if name.lower() not in NOTHING}))


def _is_set(value: Any, code: str, where: str) -> bool:
    text = str(value).strip().lower()
    if text not in YES + NO:
        msg = f"{where}: {shown(code)} is {shown(text)!r}. Write 1 or 0."
        raise LabelError(msg)
    return text in YES


def _cell(
    row: dict[str, Any], chosen: str, usual: Sequence[str], what: str, where: str
) -> Any:
    for name in [chosen] if chosen else usual:
        if name in row:
            return row[name]
    there = ", ".join(shown(name, 20) for name in list(row)[:12])
    msg = f"{where}: no {what} column (columns: {there}). Name it by --{what}-column."
    raise LabelError(msg)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        msg = f"{shown(path)}: {error.strerror}. Check the path."
        raise LabelError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"{shown(path)}: not UTF-8 at byte {error.start}. Save it as UTF-8."
        raise LabelError(msg) from error
    if path.suffix in (".jsonl", ".ndjson"):
        yield from _json_rows(text.split("\n"), path)
        return
    # The reader must see line ends inside quotes as they are.
    lines = io.StringIO(text, newline="")
    csv.field_size_limit(MAX_CELL)  # the limit is global: other readers set theirs
    delimiter = _delimiter(text.partition("\n")[0], path)
    reader = csv.DictReader(lines, delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if None in row or None in row.values():
                where = f"{shown(path)}:{reader.line_num}"
                msg = f"{where}: other number of cells than columns. Mend the row."
                raise LabelError(msg)
            yield reader.line_num, dict(row)
    except csv.Error as error:
        # The row at fault begins after the last whole one.
        msg = f"{shown(path)}:{reader.line_num + 1}: {error}. Mend the row."
        raise LabelError(msg) from error


def _delimiter(header: str, path: Path) -> str:
    """Return what parts the columns: what the header holds most of."""
    usual = "\t" if path.suffix == ".tsv" else ","
    return max(usual + ",;\t", key=header.count)


def _json_rows(
    lines: Sequence[str], path: Path
) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            msg = f"{shown(path)}:{number}: not valid JSON. Mend the line."
            raise LabelError(msg) from error
        if not isinstance(row, dict):
            msg = f"{shown(path)}:{number}: not one JSON object a line. Mend the line."
            raise LabelError(msg)
        yield number, row
