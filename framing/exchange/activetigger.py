"""ActiveTigger: a table to make a project from, and the table it exports.

Read from its source (api/activetigger: create_project, schemes, project.export_data;
2026): a project is made from any columns for id, text, context and labels; its export
has `id_external, text, labels, user, timestamp, comment`, several labels joined by
`|`, and `nan` or `None` where there is nothing.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from framing.codebook import Codebook
from framing.errors import LabelError, shown
from framing.exchange.decision import Decision, Log, Reading, join_key
from framing.exchange.jsonfile import Row
from framing.exchange.members import Member
from framing.exchange.sheet import NONE, says_none, split_labels
from framing.exchange.table import read_table, write_table
from framing.records import Label

PREFIX = "labels_"
"""Begins the columns of ours that hold the labels of one coder each."""

EMPTY = ("", "nan", "None", "NaT", "<NA>")
"""What its export writes where there is nothing."""

ITEM_NAMES = ("id_external", "id", "index", "id_internal")


def read(member: Member, how: Reading, log: Log) -> Iterator[Decision]:
    """Yield one decision per row, or per row and column of a coder.

    Raises
    ------
    LabelError
        There is no column of texts or of labels.
    """
    header, rows = read_table(member, log)
    text = how.text_column or "text"
    columns = _label_columns(header, how)
    if text not in header or not columns:
        there = shown(", ".join(header[:12]))
        what, option = ("labels", "label") if text in header else ("texts", "text")
        msg = (
            f"{member.where(1)}: no column of {what} (columns: {there}). "
            f"Name it by --{option}-column."
        )
        raise LabelError(msg)
    log.say(f"{member.name}: ActiveTigger, codes in {', '.join(columns)}")
    for row in rows:
        for column, coder in columns.items():
            if _is_empty(row, column):
                log.dropped["not coded yet"] += 1
            else:
                yield _decision(row, text, column, coder, how)


def write(labels: Sequence[Label], codebook: Codebook) -> dict[str, str]:
    """Return a row per unit, with a column for the labels of each coder.

    ActiveTigger wants ids that are there once; each column can become a scheme.
    """
    coders = sorted({label.coder for label in labels})
    units: dict[tuple[str, str], dict[str, str]] = {}
    for label in labels:
        key = join_key(label)
        row = units.setdefault((key, label.text), {"sent_id": key, "text": label.text})
        row["source"] = row.get("source") or label.source
        row[f"{PREFIX}{label.coder}"] = "|".join(label.codes) or NONE
    header = ["sent_id", "text", "source", *(f"{PREFIX}{coder}" for coder in coders)]
    rows = ([row.get(name, "") for name in header] for row in units.values())
    return {"": write_table(header, rows)}


def _label_columns(header: Sequence[str], how: Reading) -> dict[str, str]:
    """Return the columns of labels with their coders; "" where a row names its own."""
    if how.label_column:
        return {how.label_column: ""} if how.label_column in header else {}
    if "labels" in header:
        return {"labels": ""}
    return {n: n.removeprefix(PREFIX) for n in header if n.startswith(PREFIX)}


def _is_empty(row: Row, column: str) -> bool:
    """Tell a text that nobody coded; a label may be called None where a user is."""
    value = row.values[column]
    by_nobody = row.values.get("user", "") in EMPTY
    return value in EMPTY and (value != "None" or by_nobody)


def _decision(row: Row, text: str, column: str, coder: str, how: Reading) -> Decision:
    said = {name: value for name, value in row.values.items() if value not in EMPTY}
    facts: dict[str, Any] = {
        "sent_id": said.get("sent_id") or said.get("id_external"),
        "source": said.get("source") or said.get("dataset_source"),
        "note": said.get("comment"),
        "time": said.get("timestamp"),
    }
    names = [how.id_column] if how.id_column else ITEM_NAMES
    item = next((said[name] for name in names if name in said), "")
    value = row.values[column]
    return Decision(
        row.where,
        row.row,
        row.values[text],
        split_labels(value),
        coder or said.get("user", ""),
        f"activetigger-{item}" if item else "",
        {name: fact for name, fact in facts.items() if fact},
        says_none(value),
    )
