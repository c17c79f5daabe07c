"""Differences between groups: pairs, against one or the rest, over time, at an event.

Every question becomes contrasts of shares (see `framing.intervals`); what is asked
together is adjusted together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from framing.intervals import Estimates, adjust, contrast
from framing.model import Bools, Floats
from framing.prevalence import (
    MIN_ARTICLES,
    Evidence,
    Groups,
    Members,
    estimate,
    n_texts,
)

REST = "the rest"
BEFORE, AFTER = "before", "after"
MIN_POINTS = 3
"""Periods with enough articles below which no trend is given."""


@dataclass(frozen=True)
class Asked:
    """What is compared: a row of names per contrast and its coefficients.

    `coefficients` of shape (n_contrasts, n_groups); `groups` are the cells each
    column stands for. `too_few` names what was left out for want of articles.
    """

    names: pd.DataFrame
    coefficients: Floats
    groups: Groups
    too_few: tuple[str, ...] = ()


def compare(
    evidence: Evidence,
    asked: Asked,
    *,
    method: str,
    level: float,
    how: str = "holm",
    codes: Sequence[str] = (),
) -> pd.DataFrame:
    """Return the differences that were asked for, one row per contrast and code.

    Parameters
    ----------
    method : str
        How shares are estimated, one of `framing.prevalence.METHODS`.
    how : str
        How p-values are adjusted over all rows: "holm", "bh" or "none".
    codes : sequence of str
        Codes asked about; by default all.

    Returns
    -------
    DataFrame with the columns of `asked.names` and `code, share_a, share_b` (for plain
    differences), `difference, low, high` as shares (per step for trends), `p,
    p_adjusted`; NaN where nothing supports an estimate.
    """
    used = np.flatnonzero((asked.coefficients != 0).any(axis=0))
    found = estimate(method, evidence, asked.groups.take(used).cells)
    coefficients = asked.coefficients[:, used]
    every = evidence.tally.codes
    chosen = [k for k, code in enumerate(every) if not codes or code in codes]
    found = found.take(chosen)
    held = contrast(found, coefficients, level)
    tables = [
        asked.names.assign(
            code=code,
            **_sides(found, coefficients, k),
            difference=held.value[:, k],
            low=held.low[:, k],
            high=held.high[:, k],
            p=held.p[:, k],
        )
        for k, code in enumerate(every[at] for at in chosen)
    ]
    table = pd.concat(tables).sort_index(kind="stable").reset_index(drop=True)
    return table.assign(p_adjusted=adjust(table["p"].to_numpy(dtype=float), how))


def _sides(found: Estimates, coefficients: Floats, code: int) -> dict[str, Floats]:
    """Return both shares of each difference, where it is one of two groups."""
    plain = len(coefficients) > 0 and bool(
        ((coefficients == 1).sum(axis=1) == 1).all()
        and ((coefficients == -1).sum(axis=1) == 1).all()
        and ((coefficients != 0).sum(axis=1) == 2).all()
    )
    if not plain:
        return {}
    share = found.share[:, code]
    return {
        "share_a": share[np.argmax(coefficients == 1, axis=1)],
        "share_b": share[np.argmax(coefficients == -1, axis=1)],
    }


def ask_pairs(
    evidence: Evidence,
    by: Sequence[str],
    reference: str = "",
    *,
    min_articles: int = MIN_ARTICLES,
) -> Asked:
    """Return the differences of all pairs, or of each with one, or with the rest.

    Groups are compared that differ in the first column of `by` and agree in the
    others. `reference` is a value of the first column, or `REST`. Groups with fewer
    than `min_articles` articles, copies counted once, are not compared.
    """
    groups = Groups.by(evidence.tally, by)
    enough = n_texts(evidence.tally, groups.cells) >= min_articles
    few = _name_groups(groups.names[~enough])
    if reference == REST:
        return _ask_rest(evidence, groups, by, few, enough)
    rows, names = [], []
    values = groups.names[list(by)].to_numpy().tolist()
    for first, second in combinations(np.flatnonzero(enough).tolist(), 2):
        if values[first][1:] != values[second][1:]:
            continue
        if reference and reference not in (values[first][0], values[second][0]):
            continue
        a, b = (second, first) if values[first][0] == reference else (first, second)
        rows.append(_row(len(enough), {a: 1.0, b: -1.0}))
        names.append([values[a][0], values[b][0], *values[a][1:]])
    return Asked(_table(names, ["a", "b", *by[1:]]), _matrix(rows, groups), groups, few)


def _ask_rest(
    evidence: Evidence,
    groups: Groups,
    by: Sequence[str],
    few: tuple[str, ...],
    enough: Bools,
) -> Asked:
    """Return the difference of each group to all others together."""
    # Groups that agree in the other columns, as one; less each of them.
    within = [groups.names[column].to_numpy() for column in by[1:]]
    n = len(groups.names)
    alike = np.zeros(n, dtype=np.int64)
    if within:
        numbers = groups.names.groupby(within).ngroup().to_numpy()
        alike = np.asarray(numbers, dtype=np.int64)
    own = groups.cells.group_of_cell
    assert own is not None  # every cell has its values
    others = (alike[:, None] == alike[own]) & (np.arange(n)[:, None] != own)
    both = Groups(
        pd.concat([groups.names, groups.names.assign(**{by[0]: REST})]),
        groups.cells.followed_by(Members.of_table(others)),
    )
    there = n_texts(evidence.tally, both.cells)[n:] >= MIN_ARTICLES
    chosen = np.flatnonzero(enough & there).tolist()
    rows = [_row(2 * n, {g: 1.0, n + g: -1.0}) for g in chosen]
    names = groups.names.loc[chosen, list(by)].rename(columns={by[0]: "a"})
    names.insert(1, "b", REST)
    return Asked(names.reset_index(drop=True), _matrix(rows, both), both, few)


def ask_event(
    evidence: Evidence, by: str, period: str, *, min_articles: int = MIN_ARTICLES
) -> Asked:
    """Return each source's change at an event, and how the changes differ.

    `period` is the column that says `BEFORE` or `AFTER`. Rows name `a` and
    as `b` `BEFORE`, or for a difference between two changes the other source.
    """
    groups = Groups.by(evidence.tally, [by, period])
    enough = n_texts(evidence.tally, groups.cells) >= min_articles
    place = {
        (row[by], row[period]): at
        for at, row in zip(
            groups.names.index, groups.names.to_dict("records"), strict=True
        )
        if enough[at]
    }
    everyone = sorted(set(groups.names[by]))
    both = [s for s in everyone if (s, BEFORE) in place and (s, AFTER) in place]
    changes = {
        s: _row(len(enough), {place[s, AFTER]: 1.0, place[s, BEFORE]: -1.0})
        for s in both
    }
    rows, names = list(changes.values()), [[s, BEFORE] for s in both]
    for a, b in combinations(both, 2):
        rows.append(changes[a] - changes[b])
        names.append([a, b])
    few = tuple(str(s) for s in everyone if s not in both)
    return Asked(_table(names, ["a", "b"]), _matrix(rows, groups), groups, few)


def ask_trend(
    evidence: Evidence,
    by: str,
    period: str,
    steps: pd.Series,
    *,
    min_articles: int = MIN_ARTICLES,
) -> Asked:
    """Return each source's change per step of time, by least squares over periods.

    Periods with fewer than `min_articles` articles are left out; the others count by
    their numbers of articles.

    Parameters
    ----------
    steps : Series
        The number of each period on the axis of time, by the period's name.
    """
    groups = Groups.by(evidence.tally, [by, period])
    texts = n_texts(evidence.tally, groups.cells)
    enough = (texts >= min_articles) & groups.names[period].isin(steps.index).to_numpy()
    rows, names, few = [], [], []
    for source, own in groups.names.groupby(by, sort=True):
        at = own.index[enough[own.index]].to_numpy()
        if len(at) < MIN_POINTS:
            few.append(str(source))
            continue
        time = steps[groups.names.loc[at, period]].to_numpy(dtype=float)
        rows.append(
            _row(len(enough), dict(zip(at, slope(time, texts[at]), strict=True)))
        )
        names.append([source, len(at)])
    return Asked(
        _table(names, ["a", "periods"]), _matrix(rows, groups), groups, tuple(few)
    )


def slope(time: Floats, weight: Floats) -> Floats:
    """Return the coefficients that make a weighted least-squares slope of values."""
    apart = time - np.average(time, weights=weight)
    return np.asarray(weight * apart / (weight * apart**2).sum())


def _row(n: int, values: dict[int, float]) -> Floats:
    row = np.zeros(n)
    row[list(values)] = list(values.values())
    return row


def _matrix(rows: Sequence[Floats], groups: Groups) -> Floats:
    return np.array(rows).reshape(len(rows), groups.cells.shape[0])


def _table(names: Sequence[Sequence[object]], columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(list(names), columns=list(columns))


def _name_groups(names: pd.DataFrame) -> tuple[str, ...]:
    return tuple(", ".join(map(str, row)) for row in names.itertuples(index=False))
