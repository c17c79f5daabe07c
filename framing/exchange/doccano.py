"""doccano: text classification as JSONL, JSON or CSV, a file per coder.

Read from its source (backend/data_export, 2026): a project where everybody codes for
himself exports a zip with `<username>.jsonl` each, one where all share their labels
exports `all.jsonl`, which does not say who coded.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from framing.codebook import Codebook
from framing.exchange.decision import Decision, Log, Reading, facts_among, facts_of
from framing.exchange.jsonfile import Row, json_rows
from framing.exchange.members import Member
from framing.exchange.sheet import split_labels
from framing.exchange.table import read_table
from framing.records import Label

TEXT_KEYS = ("text", "data")
LABEL_KEYS = ("label", "labels", "cats", "annotations")
SHARED = "all"
"""Name of the file that holds the labels of everybody together."""


def read(member: Member, how: Reading, log: Log) -> Iterator[Decision]:
    """Yield the decisions of one file."""
    coder = "" if member.path.stem == SHARED else member.path.stem
    if member.suffix in (".csv", ".tsv"):
        rows = read_table(member, log)[1]
    else:
        rows = json_rows(member, log)
    said = f"coder {coder} by its name" if coder else "does not say who coded"
    log.say(f"{member.name}: doccano, {said}")
    for row in rows:
        values = row.values
        if any(key in values for key in ("entities", "relations")):
            log.skip(row.where, "spans, not codes of the whole text")
            continue
        yield Decision(
            row.where,
            row.row,
            _first(values, how.text_column, TEXT_KEYS),
            split_labels(_labels(row, how)),
            coder,
            f"doccano-{values['id']}" if values.get("id") is not None else "",
            {**_comments(values), **facts_among(values, how.id_column)},
        )


def write(labels: Sequence[Label], codebook: Codebook) -> dict[str, str]:
    """Return a file of JSON lines per coder; what a label says besides is meta."""
    files: dict[str, list[str]] = {}
    for label in labels:
        record = {"text": label.text, "label": list(label.codes), **facts_of(label)}
        line = json.dumps(record, ensure_ascii=False)
        files.setdefault(f"{label.coder}.jsonl", []).append(f"{line}\n")
    return {name: "".join(lines) for name, lines in files.items()}


def _labels(row: Row, how: Reading) -> Any:
    value = _first(row.values, how.label_column, LABEL_KEYS)
    if isinstance(value, list):
        # The oldest exports say annotations: [{"label": ..., "user": ...}].
        return [v.get("label", v) if isinstance(v, dict) else v for v in value]
    return value


def _comments(values: dict[str, Any]) -> dict[str, str]:
    """Return comments on a text as a note; our own note goes before it."""
    comments = values.get("Comments")
    texts = comments if isinstance(comments, list) else [comments]
    note = "\n".join(text for text in texts if isinstance(text, str))
    return {"note": note} if note else {}


def _first(values: dict[str, Any], chosen: str, usual: Sequence[str]) -> Any:
    names = [chosen] if chosen else usual
    return next((values[name] for name in names if name in values), None)
