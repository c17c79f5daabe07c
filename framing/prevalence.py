"""How often each source carries each code: shares, mixes and their intervals.

The article is the sampled thing, since sentences of one article go together:
intervals come from resampling whole articles (Efron and Tibshirani 1993, "An
Introduction to the Bootstrap", chapter 13: percentile interval), with the ratio
of sums as the estimate. A share of 0 or 1, where resampling shows no variation,
gets Wilson's interval (Wilson 1927) on the number of articles.
"""

import zlib
from collections.abc import Sequence

import numpy as np
import pandas as pd

from framing.model import Floats

NONE = "none"
CANNOT_SAY = "cannot say"
MIN_ARTICLES = 5
"""Articles below which no interval is given: resampling four things or fewer
gives intervals that hold the truth far less often than they say."""

_CHUNK = 4_000_000
"""Resampling weights held at once; keeps memory flat on large sources."""


def measure_mix(
    scores: pd.DataFrame,
    codes: Sequence[str],
    *,
    level: float = 0.95,
    n_resamples: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """Return the share of each code in each source.

    Parameters
    ----------
    scores : DataFrame
        One row per sentence: `source, doc_id, kind, cannot_say` and a bool column
        per code. Only rows of kind "sentence" count.
    codes : sequence of str
    level : float
        Coverage of the intervals.

    Returns
    -------
    DataFrame, one row per source and code, then "none" and "cannot say":
    `source code n_articles n_sentences n share low high mix`. `share` is the
    fraction of the source's sentences that the model can say something about
    (of all its sentences, for "cannot say"); `low, high` bound it, NaN with fewer
    than `MIN_ARTICLES` articles; `mix` is the code's part of all codes given
    in the source, NaN where none was given.
    """
    counted = scores.loc[scores["kind"] == "sentence"]
    rows = [
        row
        for source, own in counted.groupby("source", sort=True)
        for row in _measure_source(
            str(source), own, codes, level=level, n_resamples=n_resamples, seed=seed
        )
    ]
    return pd.DataFrame(rows, columns=MIX_COLUMNS)


MIX_COLUMNS = [
    "source",
    "code",
    "n_articles",
    "n_sentences",
    "n",
    "share",
    "low",
    "high",
    "mix",
]


def _measure_source(
    source: str,
    own: pd.DataFrame,
    codes: Sequence[str],
    *,
    level: float,
    n_resamples: int,
    seed: int,
) -> list[tuple[object, ...]]:
    said = ~own["cannot_say"].to_numpy(dtype=bool)
    carried = own[list(codes)].to_numpy(dtype=bool) & said[:, None]
    nothing = said & ~carried.any(axis=1)
    marks = np.column_stack([carried, nothing, ~said])
    bases = np.column_stack([*[said] * (len(codes) + 1), np.ones_like(said)])
    numerators, denominators = _sum_by_article(own["doc_id"], marks, bases)
    low, high = share_interval(
        numerators,
        denominators,
        level=level,
        n_resamples=n_resamples,
        seed=seed ^ zlib.crc32(source.encode()),
    )
    n, base = numerators.sum(axis=0), denominators.sum(axis=0)
    given = n[: len(codes)].sum()
    mix = [*(n[: len(codes)] / given if given else [np.nan] * len(codes))]
    return [
        (
            source,
            code,
            len(numerators),
            int(base[-1]),
            int(n[k]),
            n[k] / base[k] if base[k] else np.nan,
            low[k],
            high[k],
            mix[k] if k < len(codes) else np.nan,
        )
        for k, code in enumerate([*codes, NONE, CANNOT_SAY])
    ]


def _sum_by_article(
    doc_ids: pd.Series, marks: np.ndarray, bases: np.ndarray
) -> tuple[Floats, Floats]:
    """Return counts per article, shapes (n_articles, n_columns)."""
    numbers, articles = pd.factorize(doc_ids, sort=True)
    sums = np.zeros((2, len(articles), marks.shape[1]))
    for part, table in zip(sums, (marks, bases), strict=True):
        np.add.at(part, numbers, table)
    return sums[0], sums[1]


def share_interval(
    numerators: Floats,
    denominators: Floats,
    *,
    level: float,
    n_resamples: int,
    seed: int,
) -> tuple[Floats, Floats]:
    """Return bounds of the ratios of sums, resampling rows.

    Parameters
    ----------
    numerators, denominators : ndarray of shape (n_articles, n_columns)
        Counts per article.

    Returns
    -------
    low, high : ndarray of shape (n_columns,), NaN below `MIN_ARTICLES` rows
    """
    n_articles, n_columns = numerators.shape
    if n_articles < MIN_ARTICLES:
        nothing = np.full(n_columns, np.nan)
        return nothing, nothing.copy()
    rng = np.random.default_rng(seed)
    parts = []
    step = max(1, _CHUNK // n_articles)
    even = np.full(n_articles, 1 / n_articles)
    for done in range(0, n_resamples, step):
        size = min(step, n_resamples - done)
        weights = rng.multinomial(n_articles, even, size=size).astype(np.float64)
        bases = weights @ denominators
        # A resample without any base has no share: it takes the overall one.
        overall = numerators.sum(axis=0) / np.maximum(denominators.sum(axis=0), 1)
        drawn = np.where(
            bases > 0, (weights @ numerators) / np.maximum(bases, 1), overall
        )
        parts.append(drawn)
    tail = (1 - level) / 2
    low, high = np.quantile(np.vstack(parts), [tail, 1 - tail], axis=0)
    return _with_floor(low, high, numerators, denominators, level=level)


def _with_floor(
    low: Floats, high: Floats, numerators: Floats, denominators: Floats, *, level: float
) -> tuple[Floats, Floats]:
    """Widen intervals of length nothing: no variation seen is not certainty."""
    from scipy.stats import binomtest

    n_articles = len(numerators)
    n, base = numerators.sum(axis=0), denominators.sum(axis=0)
    low[base == 0] = high[base == 0] = np.nan
    for k in np.flatnonzero((base > 0) & ((n == 0) | (n == base))):
        hits = 0 if n[k] == 0 else n_articles
        wilson = binomtest(hits, n_articles).proportion_ci(level, method="wilson")
        low[k], high[k] = wilson.low, wilson.high
    return low, high


def measure_stance(stance: pd.DataFrame, values: Sequence[str]) -> pd.DataFrame:
    """Return how each source speaks of each target.

    Parameters
    ----------
    stance : DataFrame
        One row per sentence and target: `source, doc_id, target, stance`.
    values : sequence of str
        The stance values of the codebook.

    Returns
    -------
    DataFrame, one row per source and target: `source target n_articles n` (sentences
    that name the target) and a share in [0, 1] per value.
    """
    rows = []
    for (source, target), own in stance.groupby(["source", "target"], sort=True):
        counts = own["stance"].value_counts()
        shares = [counts.get(value, 0) / len(own) for value in values]
        rows.append((source, target, own["doc_id"].nunique(), len(own), *shares))
    return pd.DataFrame(rows, columns=["source", "target", "n_articles", "n", *values])
