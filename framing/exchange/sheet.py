"""Spreadsheets: a text and its codes a row, in one column or in a column per code.

This is our own CSV too, and OpenFraming's `Example, Category`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from framing.codebook import Codebook
from framing.errors import LabelError, shown
from framing.exchange.decision import (
    ARTICLE_NAMES,
    FACTS,
    Decision,
    Log,
    Reading,
    Refused,
    facts_of,
)
from framing.exchange.jsonfile import Row
from framing.exchange.members import Member
from framing.exchange.stances import stance_text
from framing.exchange.table import read_table, write_table
from framing.labelled import LABEL_NAMES, NO, NOTHING, TEXT_NAMES, YES
from framing.records import Label

NONE = "none"
"""What says in a cell that no code applies."""

CODER_NAMES = ("coder", "annotator", "coded_by")
OTHER_NAMES = {
    "doc_id": (*ARTICLE_NAMES, "id"),
    "source": ("source", "outlet"),
    "note": ("note", "notes", "comment"),
}
_PARTS = re.compile(r"[|#;]")
COLUMNS = (
    "sent_id",
    "doc_id",
    "source",
    "text",
    "codes",
    "stance",
    "coder",
    "time",
    "note",
    "order",
    "probability",
    "codebook",
)
"""Columns of our own CSV."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column of a table is what; `codes` are those named like a code."""

    text: str
    label: str
    codes: dict[str, str]
    none: str
    coder: str
    facts: dict[str, str]

    def __str__(self) -> str:
        named = {"text": self.text, "codes": self.label, "coder": self.coder}
        named |= self.facts
        parts = [f"{n} = {shown(c, 30)}" for n, c in named.items() if c]
        if self.codes:
            parts.append("a column each for " + ", ".join(self.codes.values()))
        return "; ".join(parts)


def split_labels(value: Any) -> tuple[Any, ...]:
    """Return the names in a list, or in a cell parted by `|`, `#` or `;`."""
    parts = value if isinstance(value, list) else _PARTS.split(str(value or ""))
    named = [part.strip() if isinstance(part, str) else part for part in parts]
    return tuple(n for n in named if not _is_nothing(n))


def says_none(value: Any) -> bool:
    """Tell whether a value says outright that no code applies."""
    return isinstance(value, str) and value.strip().lower() in (NONE, "-")


def read(member: Member, how: Reading, log: Log) -> Iterator[Decision]:
    """Yield the decisions of a table.

    Raises
    ------
    LabelError
        It has no column of texts or of codes.
    """
    header, rows = read_table(member, log)
    columns = find_columns(header, how, member)
    log.say(f"{member.name}: {columns}")
    for row in rows:
        try:
            decision = _decision(row, columns)
        except Refused as reason:
            log.skip(row.where, str(reason))
            continue
        if decision is None:
            log.dropped["not coded yet"] += 1
        else:
            yield decision


def write(labels: Sequence[Label], codebook: Codebook) -> dict[str, str]:
    """Return one row per decision."""
    return {"": write_table(COLUMNS, map(_cells, labels))}


def _cells(label: Label) -> list[str]:
    cells = {
        **facts_of(label),
        "doc_id": label.doc_id,
        "text": label.text,
        "codes": "|".join(label.codes) or NONE,
        "coder": label.coder,
        "stance": stance_text(label.stance),
    }
    return [str(cells.get(name, "")) for name in COLUMNS]


def find_columns(header: Sequence[str], how: Reading, member: Member) -> Columns:
    """Return which column is what, whatever the case of its name."""
    by_name = {name.lower(): name for name in reversed(header)}
    label = _pick(by_name, how.label_column, LABEL_NAMES)
    text = _pick(by_name, how.text_column, TEXT_NAMES)
    # Our own table has columns that a code may be named like: order, time, note.
    is_own = {"sent_id", "codes"} <= set(by_name)
    others = [n for n in header if n not in (text, label) and not is_own]
    codes = {n: how.find(n) for n in others if how.find(n)}
    if not text or not (label or codes):
        what, there = ("text", "codes")[bool(text)], ", ".join(header[:12])
        option = "--label-column" if text else "--text-column"
        msg = (
            f"{member.where(1)}: no column of {what}{'s' * (not text)} (columns: "
            f"{shown(there)}). Name it by {option}."
        )
        raise LabelError(msg)
    chosen = {"doc_id": how.id_column}
    facts = {
        name: _pick(by_name, chosen.get(name, ""), OTHER_NAMES.get(name, (name,)))
        for name in FACTS
    }
    taken = {text, label, *codes}
    return Columns(
        text,
        "" if codes and not how.label_column else label,
        {} if how.label_column else codes,
        by_name.get(NONE, ""),
        _pick(by_name, "", CODER_NAMES),
        {name: column for name, column in facts.items() if column not in {"", *taken}},
    )


def _pick(by_name: dict[str, str], chosen: str, usual: Sequence[str]) -> str:
    names = [chosen.lower()] if chosen else usual
    return next((by_name[name] for name in names if name in by_name), "")


def _decision(row: Row, columns: Columns) -> Decision | None:
    """Return what a row says; nothing where all columns of codes are empty."""
    values = row.values
    if columns.label:
        labels = split_labels(values[columns.label])
        explicit = says_none(values[columns.label])
    else:
        marks = [*columns.codes, *([columns.none] if columns.none else [])]
        if not any(values[column].strip() for column in marks):
            return None
        labels, explicit = _marked(values, columns), True
    facts = {name: values[column] for name, column in columns.facts.items()}
    return Decision(
        row.where,
        row.row,
        values[columns.text],
        labels,
        values.get(columns.coder, ""),
        facts=facts,
        explicit=explicit,
    )


def _marked(values: dict[str, str], columns: Columns) -> tuple[str, ...]:
    names = tuple(
        code for column, code in columns.codes.items() if _is_set(values, column)
    )
    if names and columns.none and _is_set(values, columns.none):
        msg = f"both {NONE} and {names[0]} are marked"
        raise Refused(msg)
    return names


def _is_set(values: dict[str, str], column: str) -> bool:
    text = values[column].strip().lower()
    if text not in YES + NO:
        msg = f"{shown(column, 30)} is {shown(text, 30)!r}, neither 1 nor 0"
        raise Refused(msg)
    return text in YES


def _is_nothing(name: Any) -> bool:
    return isinstance(name, str) and name.lower() in NOTHING
