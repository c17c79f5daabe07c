"""Which labels train, what is left out, and why."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from framing.agreement import compute_gold
from framing.codebook import Codebook
from framing.errors import LabelError
from framing.records import SEED_CODER, Gold, Label

N_LISTED = 10
"""Units that are listed of those left out for one reason."""

NONE = "none"
"""The column of units without a code."""


@dataclass(frozen=True)
class Taken:
    """The labels that train a model.

    Attributes
    ----------
    labels : list of Label
        What gold and helpers are made of.
    gold : list of Gold
        What is learnt from and measured on.
    helpers : list of Gold
        Units that only the seed words labelled: they help to fit, at a small weight.
    how : Counter
        How gold came about; see `framing.agreement.compute_gold`.
    left_out : list of dict
        What does not train: `what` in words, `n` and some of them in `where`.
    """

    labels: list[Label]
    gold: list[Gold]
    helpers: list[Gold]
    how: Counter[str]
    left_out: list[dict[str, Any]] = field(default_factory=list)


def take_labels(
    labels: Sequence[Label],
    codebook: Codebook,
    *,
    rule: str = "majority",
    seed_weight: float = 0.0,
) -> Taken:
    """Return what of the labels trains.

    Labels of the coder `seed-words` train where no person labelled at all; besides
    people's labels they help only with a `seed_weight`, and only on units that no
    person has labelled.

    Raises
    ------
    LabelError
        Seed words shall help and have no labels.
    """
    people = [label for label in labels if label.coder != SEED_CODER]
    seeded = [label for label in labels if label.coder == SEED_CODER]
    if seed_weight and not seeded:
        msg = (
            f"{codebook.name}: no labels of {SEED_CODER} to weigh. Run `framing label "
            "ARTICLES --write-labels`, or leave out --seed-weight."
        )
        raise LabelError(msg)
    used = people or seeded
    gold, how = compute_gold(used, codebook, rule=rule)
    left_out: list[dict[str, Any]] = []
    settled = {(unit.doc_id, unit.start, unit.end) for unit in gold}
    differ = dict.fromkeys(u.unit for u in used if u.unit not in settled)
    _leave(left_out, f"units whose coders differ (--rule {rule})", differ)
    helping = _find_helping(people, seeded, seed_weight)
    if people:
        taken = {label.unit for label in helping}
        beside = [label.unit for label in seeded if label.unit not in taken]
        _leave(left_out, f"labels of {SEED_CODER}: people labelled too", beside)
    helpers, _ = compute_gold(helping, codebook, rule=rule)
    gold = _drop_weightless(gold, codebook, left_out)
    helpers = _drop_weightless(helpers, codebook, [])
    return Taken([*used, *helping], gold, helpers, how, left_out)


def _find_helping(
    people: Sequence[Label], seeded: Sequence[Label], seed_weight: float
) -> list[Label]:
    if not people or not seed_weight:
        return []
    known = {label.unit for label in people}
    return [label for label in seeded if label.unit not in known]


def _drop_weightless(
    gold: Sequence[Gold], codebook: Codebook, left_out: list[dict[str, Any]]
) -> list[Gold]:
    """Return the units of sources that count at all."""
    weights = dict(codebook.source_weights)
    without = [unit for unit in gold if weights.get(unit.source, 1.0) <= 0]
    units = [(unit.doc_id, unit.start, unit.end) for unit in without]
    _leave(left_out, "units of sources with weight 0 in the codebook", units)
    return [unit for unit in gold if weights.get(unit.source, 1.0) > 0]


def _leave(
    left_out: list[dict[str, Any]], what: str, units: Iterable[tuple[str, int, int]]
) -> None:
    places = [f"{doc_id}:{start}" for doc_id, start, _ in units]
    if places:
        left_out.append({"what": what, "n": len(places), "where": places[:N_LISTED]})


def find_changed(labels: Iterable[Label], texts: Mapping[str, str]) -> list[Label]:
    """Return the labels whose text is no longer that of their article.

    `texts` of articles by `doc_id`; labels of others are not looked at. Such a label
    still says what its coder decided of the text that it brings.
    """
    return [
        label
        for label in labels
        if label.doc_id in texts
        and texts[label.doc_id][label.start : label.end] != label.text
    ]


def count_codes(
    labels: Iterable[Label | Gold], codebook: Codebook
) -> dict[str, dict[str, int]]:
    """Return how many labels of each coder carry each code, and none.

    Returns
    -------
    dict by coder (gold units go as "gold") of counts: `labels`, each code, "none".
    """
    names = ("labels", *codebook.names, NONE)
    found: dict[str, dict[str, int]] = {}
    for label in labels:
        coder = label.coder if isinstance(label, Label) else "gold"
        own = found.setdefault(coder, dict.fromkeys(names, 0))
        for name in ("labels", *(label.codes or (NONE,))):
            own[name] += 1
    return dict(sorted(found.items()))
