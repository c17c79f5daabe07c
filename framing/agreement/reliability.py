"""How far coders agree: per code, over the whole set of codes, and on stance."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from framing.agreement.alpha import (
    GAP,
    Estimate,
    Tally,
    alpha_of,
    masi_distances,
    measure_alpha,
    nominal_distance,
    tally,
)
from framing.codebook import Codebook
from framing.errors import InputError, LabelError, shown
from framing.model import Bools, Ints
from framing.records import GOLD_CODER, SEED_CODER, Label

NOT_CODERS = (GOLD_CODER, SEED_CODER)
"""Whose decisions are no independent coding: they count only if named."""

RELIABLE = 0.8
TENTATIVE = 0.667
"""Krippendorff (2004, Human Communication Research 30:411-433, and Content Analysis):
rely on variables from .800, draw tentative conclusions from .667, no others."""

FEW_ARTICLES = 12
"""Articles below which intervals were not tried out."""


@dataclass(frozen=True)
class Reliability:
    """How far coders agree.

    Attributes
    ----------
    coders : tuple of str
    variables : DataFrame
        One row per code, then the set of codes, then stance if there is any: `kind
        name n_units n_articles agreement agreement_low agreement_high alpha low high
        reading`. `kind` is "code", "codes" or "stance". NaN where nothing supports a
        figure; `reading` says why.
    prevalence : DataFrame
        One row per code (or stance value) and coder: `kind name coder n share n_shared
        share_shared`; "shared" are units that two or more coders coded.
    overlap : DataFrame
        One row per pair of coders: `a b n_units alpha`, alpha over the set of codes.
    n_units, n_shared, n_articles : int
        Units coded by anyone, by two or more, and the articles of the latter.
    """

    coders: tuple[str, ...]
    variables: pd.DataFrame
    prevalence: pd.DataFrame
    overlap: pd.DataFrame
    n_units: int
    n_shared: int
    n_articles: int


def choose_coders(labels: Iterable[Label], named: Sequence[str] = ()) -> list[str]:
    """Return the coders whose agreement is asked about, sorted or as named."""
    there = sorted({label.coder for label in labels})
    return list(named) or [coder for coder in there if coder not in NOT_CODERS]


def pick_coders(
    labels: Sequence[Label], named: Sequence[str], where: Path
) -> list[str]:
    """Return the coders asked about, two at least; see `choose_coders`.

    Parameters
    ----------
    where : Path
        Where the labels are from, for messages.

    Raises
    ------
    InputError
        One who is named has no labels.
    LabelError
        There are fewer than two.
    """
    there = sorted({label.coder for label in labels})
    unknown = [name for name in named if name not in there]
    if unknown:
        msg = f"no labels of {shown(unknown[0])} (coders: {shown(', '.join(there))})"
        raise InputError(msg)
    chosen = choose_coders(labels, named)
    if len(chosen) < 2:
        who = f"only {shown(chosen[0])} has" if chosen else "no coder has"
        msg = f"{shown(where)}: {who} labels; agreement takes two coders. Add one."
        raise LabelError(msg)
    return chosen


def check_shared(found: Reliability, where: Path) -> None:
    """Refuse to speak of agreement where no unit was coded twice.

    Raises
    ------
    LabelError
        None was.
    """
    if not found.n_shared:
        names = shown(", ".join(found.coders))
        msg = f"{shown(where)}: no unit is coded by two of {names}. Code some twice."
        raise LabelError(msg)


def measure_reliability(
    labels: Iterable[Label],
    codebook: Codebook,
    *,
    coders: Sequence[str],
    level: float = 0.95,
    seed: int = 0,
) -> Reliability:
    """Return how far coders agree, with intervals over articles.

    A code is a variable of two values, carried or not. A coder's decision on the set of
    codes is that set, told from others by the MASI distance; where a unit takes
    exactly one code that is the nominal alpha. Stance is a variable of the codebook's
    values whose units are a sentence and a target: a target that a coder did not judge
    is a gap.
    """
    sheet = lay_out(labels, codebook, coders)
    held = np.array([[code in s for code in codebook.names] for s in sheet.sets])
    carried = [_look_up(held[:, k], sheet.chosen) for k in range(len(codebook.names))]
    articles, n = sheet.articles, sheet.n_articles
    tallies = [tally(values, articles, n, nominal_distance(2)) for values in carried]
    tallies.append(tally(sheet.chosen, articles, n, masi_distances(sheet.sets)))
    kinds = ["code"] * len(carried) + ["codes"]
    names = [*codebook.names, "all codes"]
    if len(sheet.stances):
        distance = nominal_distance(len(codebook.stances))
        tallies.append(tally(sheet.stances, sheet.stance_articles, n, distance))
        kinds.append("stance")
        names.append("stance")
    measured = measure_alpha(tallies, level=level, seed=seed)
    found = zip(kinds, names, tallies, measured, strict=True)
    shared = _shared(sheet.chosen)
    stances = [
        np.where(sheet.stances == GAP, GAP, sheet.stances == k)
        for k in range(len(codebook.stances))
    ]
    shares = _prevalence("code", codebook.names, carried, coders)
    if len(sheet.stances):
        shares += _prevalence("stance", codebook.stances, stances, coders)
    return Reliability(
        coders=tuple(coders),
        variables=pd.DataFrame([_row(*parts) for parts in found]),
        prevalence=pd.DataFrame(shares),
        overlap=pd.DataFrame(_overlap(sheet, coders)),
        n_units=len(sheet.chosen),
        n_shared=int(shared.sum()),
        n_articles=len(np.unique(articles[shared])),
    )


@dataclass(frozen=True, slots=True)
class Sheet:
    """Who decided what: a row per unit, a column per coder, numbers of values.

    `chosen` holds numbers of `sets`, `stances` those of the codebook's values with a
    row per unit and target; both have `GAP` where a coder did not decide.
    """

    sets: list[frozenset[str]]
    chosen: Ints
    articles: Ints
    stances: Ints
    stance_articles: Ints
    n_articles: int


def lay_out(
    labels: Iterable[Label], codebook: Codebook, coders: Sequence[str]
) -> Sheet:
    """Return the decisions of some coders as a sheet, in order of units."""
    column = {coder: k for k, coder in enumerate(coders)}
    own = sorted(
        (label for label in labels if label.coder in column), key=lambda la: la.unit
    )
    articles = {doc_id: k for k, doc_id in enumerate({la.doc_id: 0 for la in own})}
    sets = {frozenset(la.codes): 0 for la in own}
    sets = {s: k for k, s in enumerate(sorted(sets, key=sorted))}
    value = {name: k for k, name in enumerate(codebook.stances)}
    cells = [(la.unit, la.doc_id, la.coder, sets[frozenset(la.codes)]) for la in own]
    judged = [
        ((*la.unit, target), la.doc_id, la.coder, value[stance])
        for la in own
        for target, stance in sorted(la.stance.items())
    ]
    return Sheet(
        list(sets),
        *_matrix(cells, column, articles),
        *_matrix(judged, column, articles),
        len(articles),
    )


def _matrix(
    cells: Iterable[tuple[tuple[str | int, ...], str, str, int]],
    column: Mapping[str, int],
    articles: Mapping[str, int],
) -> tuple[Ints, Ints]:
    """Return values by unit and coder, and the article of each unit."""
    rows: dict[tuple[str | int, ...], tuple[int, list[int]]] = {}
    for unit, doc_id, coder, value in cells:
        _, row = rows.setdefault(unit, (articles[doc_id], [GAP] * len(column)))
        row[column[coder]] = value
    values = np.array([row for _, row in rows.values()], dtype=np.int64)
    places = np.array([article for article, _ in rows.values()], dtype=np.int64)
    return values.reshape(-1, len(column)), places


def _look_up(held: Bools, chosen: Ints) -> Ints:
    """Return 1 where the chosen set holds a code, 0 where not, `GAP` in gaps."""
    return np.where(chosen == GAP, GAP, held[chosen]).astype(np.int64)


def _shared(values: Ints) -> Bools:
    """Tell which units two or more coders decided on."""
    return np.asarray((values != GAP).sum(axis=1) >= 2)


def _row(
    kind: str, name: str, one: Tally, measured: tuple[Estimate, Estimate]
) -> dict[str, Any]:
    alpha, agreement = measured
    return {
        "kind": kind,
        "name": name,
        "n_units": one.n_units,
        "n_articles": one.n_articles,
        "agreement": agreement.value,
        "agreement_low": agreement.low,
        "agreement_high": agreement.high,
        "alpha": alpha.value,
        "low": alpha.low,
        "high": alpha.high,
        "reading": _read(alpha, one.n_units),
    }


def _read(alpha: Estimate, n_units: int) -> str:
    """Return what an alpha means; "?" where its interval reaches a lower class."""
    if not n_units:
        return "not coded twice"
    if np.isnan(alpha.value):
        return "no variation"
    value = _class(alpha.value)
    return value if np.isnan(alpha.low) or _class(alpha.low) == value else f"{value}?"


def _class(value: float) -> str:
    if value >= RELIABLE:
        return "reliable"
    return "tentative" if value >= TENTATIVE else "not reliable"


def _prevalence(
    kind: str, names: Sequence[str], carried: Sequence[Ints], coders: Sequence[str]
) -> list[dict[str, Any]]:
    """Return each coder's share of units with each code, of all and of shared ones."""
    rows = []
    for name, values in zip(names, carried, strict=True):
        shared = _shared(values)
        for coder, own in zip(coders, values.T, strict=True):
            there, both = own != GAP, (own != GAP) & shared
            rows.append(
                {
                    "kind": kind,
                    "name": name,
                    "coder": coder,
                    "n": int(there.sum()),
                    "share": _mean(own[there]),
                    "n_shared": int(both.sum()),
                    "share_shared": _mean(own[both]),
                }
            )
    return rows


def _mean(values: Ints) -> float:
    return float(values.mean()) if len(values) else np.nan


def _overlap(sheet: Sheet, coders: Sequence[str]) -> list[dict[str, Any]]:
    """Return for each pair of coders their common units and alpha on them."""
    rows = []
    for a, b in combinations(range(len(coders)), 2):
        pair = sheet.chosen[:, [a, b]]
        one = tally(pair, sheet.articles, sheet.n_articles, masi_distances(sheet.sets))
        alpha = alpha_of(one.observed.sum(), one.margins.sum(axis=0), one.distance)
        rows.append(
            {
                "a": coders[a],
                "b": coders[b],
                "n_units": one.n_units,
                "alpha": float(alpha),
            }
        )
    return rows
