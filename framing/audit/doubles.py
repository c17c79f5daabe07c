"""What was coded twice and came out differently: copies of a text, and units."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from framing.audit.listed import Row, Unit, name_codes, place
from framing.records import GOLD_CODER, SEED_CODER, Gold, Label


def find_copies(labels: Iterable[Label], gold: Sequence[Gold]) -> tuple[list[Row], int]:
    """Return units of the same text that are labelled differently.

    First those that one coder labelled differently, then those whose gold differs
    although no single coder contradicts himself: decisions that several coders took on
    different copies. Codes count, not stance. Texts are the same up to case and space.
    What stands before a sentence can be a good reason for the difference.

    Returns
    -------
    list of rows (`LIST_COLUMNS`), number of texts with more than one labelled unit.
    """
    by_text: dict[str, dict[str, list[Label | Gold]]] = {}
    for label in labels:
        if label.coder != GOLD_CODER:
            own = by_text.setdefault(_plain(label.text), {})
            own.setdefault(label.coder, []).append(label)
    settled: dict[str, list[Label | Gold]] = {}
    for unit in gold:
        settled.setdefault(_plain(unit.text), []).append(unit)
    n_copies = sum(len(units) > 1 for units in settled.values())
    rows: list[Row] = []
    group = 0
    for text in sorted(settled):
        found = {
            coder: copies
            for coder, copies in sorted(by_text.get(text, {}).items())
            if _differ(copies)
        }
        if not found and _differ(settled[text]):
            found = {"": settled[text]}
        for coder, copies in found.items():
            group += 1
            rows += [_copy_row(copy, coder, copies, group) for copy in copies]
    return rows, n_copies


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _differ(copies: Sequence[Label | Gold]) -> bool:
    return len({copy.codes for copy in copies}) > 1


def _copy_row(
    copy: Label | Gold, coder: str, copies: Sequence[Label | Gold], group: int
) -> Row:
    others = sorted({name_codes(other) for other in copies} - {name_codes(copy)})
    return {
        "kind": "copies",
        "group": group,
        "strength": np.nan,
        "coder": coder or "gold",
        "code": "",
        "decision": name_codes(copy),
        "against": ", ".join(others),
        **place(copy),
    }


def find_changed(history: Iterable[Label]) -> tuple[list[Row], int]:
    """Return units whose coder decided again, and otherwise than before.

    The list goes by coder and unit; `against` tells the earlier decisions in order.

    Returns
    -------
    list of rows (`LIST_COLUMNS`), number of units that a coder decided again.
    """
    decisions: dict[tuple[str, Unit], list[Label]] = {}
    for label in history:
        if label.coder != SEED_CODER:
            decisions.setdefault((label.coder, label.unit), []).append(label)
    again = {key: own for key, own in sorted(decisions.items()) if len(own) > 1}
    rows: list[Row] = []
    for (coder, _), own in again.items():
        said = [_decision(label) for label in own]
        if len(set(said)) > 1:
            row: Row = {
                "kind": "changed",
                "group": 0,
                "strength": np.nan,
                "coder": coder,
                "code": "",
                "decision": said[-1],
                "against": ", then ".join(said[:-1]),
            }
            rows.append(row | place(own[-1]))
    return rows, len(again)


def _decision(label: Label) -> str:
    stance = [f"{target}={value}" for target, value in sorted(label.stance.items())]
    return " ".join([name_codes(label), *stance])


def read_history(folder: Path) -> list[Label]:
    """Return all decisions in a folder of label files, also those replaced since.

    For files that `framing.labelstore.read_labels` has read: it says what is wrong with
    a line, this leaves out a torn last one.
    """
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_bytes().split(b"\n"):
            try:
                record = json.loads(line)
            except ValueError:
                continue
            codes = tuple(sorted(set(record.pop("codes"))))
            found.append(Label(codes=codes, **record))
    return found
