"""Which sentences to label: random samples with known chances, and how many."""

import zlib
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from framing.model import Floats, Ints


def draw_sample(
    units: pd.DataFrame,
    n: int,
    *,
    seed: int,
    need: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Return a random sample of sentences, stratified by source.

    Every source gives the same number, or with `need` as many as it needs; a source
    with fewer gives all it has. Within a source each sentence has the same chance. With
    the same seed and need a larger sample holds the smaller one.

    Parameters
    ----------
    units : DataFrame
        One row per sentence that may be drawn, with `source`.
    n : int
        Sentences wanted in all.
    need : mapping of source to float
        What the numbers are to be in proportion to; 0 for sources not named.

    Returns
    -------
    DataFrame, the drawn rows in random order with a column `probability`, the chance
    with which the row came to be drawn.
    """
    numbers, names = pd.factorize(units["source"], sort=True)
    there = np.bincount(numbers)
    parts = np.ones(len(there))
    if need is not None:
        parts = np.array([max(need.get(str(name), 0.0), 0.0) for name in names])
    wanted = share_out(n, there, parts)
    drawn = [
        _shuffled(np.flatnonzero(numbers == s), str(names[s]), seed)[:k]
        for s, k in enumerate(wanted)
    ]
    at = np.concatenate(drawn) if drawn else np.zeros(0, dtype=int)
    at = np.random.default_rng(seed).permutation(at)
    chance = wanted / np.maximum(there, 1)
    return units.iloc[at].assign(probability=chance[numbers[at]])


def _shuffled(places: Ints, name: str, seed: int) -> Ints:
    """Return places in an order that depends on the source and the seed alone."""
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    return rng.permutation(places)


def share_out(n: int, there: Ints, parts: Floats | None = None) -> Ints:
    """Return whole numbers in proportion to parts, none larger than what there is.

    They sum to n, or to all there is where parts are positive; equal parts by default.
    By the method of Sainte-Laguë: no number falls when n grows. Where equal claims
    cannot all be met, the larger source comes first.
    """
    parts = np.ones(len(there)) if parts is None else parts
    room = np.where(parts > 0, np.minimum(there, n), 0)
    owner = np.repeat(np.arange(len(there)), room)
    turn = np.arange(len(owner)) - np.repeat(np.cumsum(room) - room, room)
    claim = parts[owner] / (turn + 0.5)
    first = np.lexsort((-there[owner], -claim))[:n]
    return np.bincount(owner[first], minlength=len(there))


def labels_needed(
    proba: Floats, half_width: float, *, n_sentences: int, level: float = 0.95
) -> int:
    """Return about how many labels bring a source's shares within a distance.

    By the variance that is left when the scores are known, the mean of p (1 - p), for
    the code with the largest; normal approximation with finite-population correction
    (Cochran 1977, "Sampling Techniques", section 4.4).

    Parameters
    ----------
    proba : ndarray of shape (n_sentences, n_codes)
        Calibrated scores of the source's sentences.
    half_width : float
        Wanted half width of the interval, as a share.
    """
    variance = float((proba * (1 - proba)).mean(axis=0).max())
    return _labels_for(variance, half_width, n_sentences, level)


def _labels_for(
    variance: float, half_width: float, n_sentences: int, level: float
) -> int:
    from scipy.special import ndtri

    first = ndtri(0.5 + level / 2) ** 2 * variance / half_width**2
    return int(np.ceil(first / (1 + first / max(n_sentences, 1))))


def sayable(articles: pd.DataFrame) -> pd.Series:
    """Return how many sentences of each article can be drawn to be labelled."""
    return articles["n_sentences"] - articles["cannot_say"]


def labels_by_counts(
    articles: pd.DataFrame, codes: Sequence[str], half_width: float, *, level: float
) -> pd.Series:
    """Return `labels_needed` of each source, by name, from counts per article.

    Parameters
    ----------
    articles : DataFrame
        Rows with `source`, `n_sentences`, `cannot_say` and `v_<code>`, the sum of
        p (1 - p) over the sentences that the model can say something of.
    """
    names = [f"v_{code}" for code in codes]
    counted = articles[["source", *names]].assign(n=sayable(articles))
    sums = counted.groupby("source", sort=True).sum()
    sums = sums.loc[sums["n"] > 0]
    variance = sums[names].div(sums["n"], axis=0).max(axis=1)
    needed = [
        _labels_for(float(v), half_width, int(n), level)
        for v, n in zip(variance, sums["n"], strict=True)
    ]
    return pd.Series(needed, index=sums.index.astype(str), dtype="int64")
