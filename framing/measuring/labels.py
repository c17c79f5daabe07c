"""Random labels of a corpus: from a file that is said to be one, or from the study."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from framing.agreement import compute_gold
from framing.codebook import Codebook
from framing.errors import LabelError, shown
from framing.labelled import read_coded
from framing.labelstore import read_label_file
from framing.measuring.options import Scored
from framing.records import RANDOM_ORDERS, SEED_CODER, CodedUnit, Label

_DRAWN = re.compile(rf'"order"\s*:\s*"({"|".join(RANDOM_ORDERS)})"'.encode())


def read_sample_file(path: Path, codebook: Codebook) -> tuple[list[CodedUnit], str]:
    """Return the coded units of a label file or coding sheet, and what it is in words.

    The person who names the file declares it a random sample, unless its labels say
    otherwise themselves.

    Raises
    ------
    LabelError
        The file cannot be read, nothing in it is coded, or a unit was not drawn at
        random.
    """
    if path.suffix not in (".jsonl", ".ndjson") or not _has_coders(path):
        coded, blank = read_coded(path, codebook.names)
        of = (
            f", of whose {len(coded) + blank} rows {blank} are not coded"
            if blank
            else ""
        )
        return coded, f"{shown(path)}{of}"
    labels = read_label_file(path, codebook).labels
    picked = [label for label in labels if label.order not in ("", *RANDOM_ORDERS)]
    if picked:
        msg = (
            f"{shown(path)}: {len(picked)} labels were picked by {picked[0].order} and "
            "not at random: they would bend the shares. Leave them out."
        )
        raise LabelError(msg)
    return _settle(labels, codebook, shown(path)), shown(path)


def _has_coders(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return b'"coder"' in file.readline()
    except OSError as error:
        msg = f"{shown(path)}: {error.strerror}. Check the path."
        raise LabelError(msg) from error


def find_sample(folder: Path, codebook: Codebook) -> list[CodedUnit]:
    """Return the units of a study that were drawn at random and labelled.

    Labels of units chosen in any other way, say those the model is least sure of,
    never count: they are not like the rest.
    """
    paths = sorted(folder.glob("*.jsonl"))
    if not any(_DRAWN.search(path.read_bytes()) for path in paths):
        return []
    # Who settled what coders disagreed on need not say how the unit was drawn.
    labels = [
        label
        for path in paths
        for label in read_label_file(path, codebook).labels
        if label.coder != SEED_CODER
    ]
    drawn = {label.unit for label in labels if label.order in RANDOM_ORDERS}
    chosen = [label for label in labels if label.unit in drawn]
    return _settle(chosen, codebook, shown(folder)) if chosen else []


def keep_own(scored: Scored, coded: Sequence[CodedUnit]) -> list[CodedUnit]:
    """Return the labels of a study if any is of a scored sentence, else none.

    A study may have labels of one corpus and score another.
    """
    documents = {unit.doc_id for unit in coded}
    near = scored.scores.loc[scored.scores["doc_id"].isin(documents)]
    texts = (" ".join(text.split()) for text in near["text"])
    there = set(zip(near["doc_id"], texts, strict=True))
    found = any((u.doc_id, " ".join(u.text.split())) in there for u in coded)
    return list(coded) if found else []


def _settle(labels: Iterable[Label], codebook: Codebook, where: str) -> list[CodedUnit]:
    """Return the gold of labelled units, with the chance they were drawn with."""
    labels = list(labels)
    gold, _ = compute_gold(labels, codebook)
    if not gold:
        msg = f"{where}: its coders agree on no unit. Adjudicate them."
        raise LabelError(msg)
    chance = {label.unit: label.probability for label in labels if label.probability}
    return [
        CodedUnit(
            unit.doc_id,
            unit.text,
            unit.codes,
            start=unit.start,
            probability=chance.get((unit.doc_id, unit.start, unit.end), 0.0),
            where=where,
        )
        for unit in gold
    ]
