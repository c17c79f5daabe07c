"""Coder drift: codes that a coder gives more often, or less, as time goes on."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from framing.codebook import Codebook
from framing.intervals import adjust, effective_df, student
from framing.model import Bools, Floats, Ints
from framing.records import GOLD_CODER, Label

MIN_UNITS = 30
MIN_ARTICLES = 5
"""Units and articles that a third of a coder's labels needs, to be compared."""

ENOUGH_SCORED = 0.9
"""Share of a third's units that need scores before the texts are taken into account."""


def measure_drift(
    labels: Iterable[Label],
    scores: pd.DataFrame,
    codebook: Codebook,
    *,
    level: float = 0.95,
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return how each coder's shares changed from the first to the last third.

    Other articles are coded early than late, and articles differ. What the scores of a
    model that saw none of the unit's article expect is therefore taken off, and the
    error is that over articles (linearised, as for shares: `framing.intervals`), with
    p-values adjusted by Holm's method over all coders and codes.

    Returns
    -------
    DataFrame as in `Audit.drift`; the coders without a comparison, and why.
    """
    rows: list[dict[str, object]] = []
    none: dict[str, str] = {}
    by_coder: dict[str, list[Label]] = {}
    for label in labels:
        if label.coder != GOLD_CODER:
            by_coder.setdefault(label.coder, []).append(label)
    for coder, own in sorted(by_coder.items()):
        thirds = _thirds(own)
        if isinstance(thirds, str):
            none[coder] = thirds
            continue
        for code in codebook.names:
            row = _drift(own, thirds, code, scores, level)
            rows.append({"coder": coder, "code": code, "n": len(own), **row})
    table = pd.DataFrame(rows, columns=list(_DRIFT_COLUMNS))
    p = table["p"].to_numpy(dtype=np.float64)
    return table.assign(p_adjusted=adjust(p, "holm")), none


_DRIFT_COLUMNS = (
    *("coder", "code", "n", "first", "middle", "last"),
    *("change", "expected", "low", "high", "p"),
)


def _thirds(own: Sequence[Label]) -> tuple[Bools, Bools] | str:
    """Return which labels are of the first and of the last third, or why none is."""
    times = np.array([label.time for label in own])
    ordered = np.sort(times)
    n = len(own) // 3
    if n < MIN_UNITS:
        return f"{len(own):,} labels are too few"
    if ordered[0] == ordered[-1]:
        return f"all {len(own):,} labels carry the same time"
    first, last = times <= ordered[n - 1], times >= ordered[-n]
    if (first & last).any():
        return "too many labels carry the same time"
    articles = np.array([label.doc_id for label in own])
    if min(len(np.unique(articles[part])) for part in (first, last)) < MIN_ARTICLES:
        return f"a third of the labels is of fewer than {MIN_ARTICLES} articles"
    return first, last


def _drift(
    own: Sequence[Label],
    thirds: tuple[Bools, Bools],
    code: str,
    scores: pd.DataFrame,
    level: float,
) -> dict[str, float]:
    first, last = thirds
    carried = np.array([code in label.codes for label in own], dtype=np.float64)
    articles = pd.factorize(np.array([label.doc_id for label in own]))[0]
    proba = _scores_of(own, code, scores)
    known = ~np.isnan(proba)
    expected = np.nan
    surprise, used = carried, np.ones(len(own), dtype=bool)
    if min(known[first].mean(), known[last].mean()) >= ENOUGH_SCORED:
        surprise, used = carried - np.nan_to_num(proba), known
        expected = float(proba[last & known].mean() - proba[first & known].mean())
    value, error, df = _difference(surprise, first & used, last & used, articles)
    low, high, p = _test(value, error, df, level)
    middle = carried[~first & ~last]
    return {
        "first": float(carried[first].mean()),
        "middle": float(middle.mean()) if len(middle) else np.nan,
        "last": float(carried[last].mean()),
        "change": float(carried[last].mean() - carried[first].mean()),
        "expected": expected,
        "low": low,
        "high": high,
        "p": p,
    }


def _scores_of(own: Sequence[Label], code: str, scores: pd.DataFrame) -> Floats:
    """Return the out-of-fold probability of each label's unit, NaN without."""
    if code not in scores:
        return np.full(len(own), np.nan)
    units = pd.MultiIndex.from_tuples([label.unit for label in own])
    return np.asarray(scores[code].reindex(units).to_numpy(dtype=np.float64))


def _difference(
    values: Floats, first: Bools, last: Bools, articles: Ints
) -> tuple[float, float, float]:
    """Return last mean minus first, its standard error over articles, its df."""
    means = values[first].mean(), values[last].mean()
    parts = np.where(last, (values - means[1]) / last.sum(), 0.0)
    parts -= np.where(first, (values - means[0]) / first.sum(), 0.0)
    sums = np.zeros(articles.max() + 1)
    np.add.at(sums, articles, parts)
    sums = sums[np.unique(articles[first | last])]
    n = len(sums)
    error = np.sqrt(n / (n - 1) * np.sum(sums**2))
    return float(means[1] - means[0]), float(error), float(effective_df(sums))


def _test(
    value: float, error: float, df: float, level: float
) -> tuple[float, float, float]:
    """Return the interval of a difference and its p-value, by Student's t."""
    from scipy.special import stdtr

    if not error:
        return np.nan, np.nan, np.nan
    reach = float(student(1 - level, np.array(df))) * error
    return value - reach, value + reach, float(2 * stdtr(df, -abs(value) / error))
