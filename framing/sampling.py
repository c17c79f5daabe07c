"""Which sentences to label: random samples with known chances, and how many."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtri

from framing.model import Floats, Ints


def draw_sample(units: pd.DataFrame, n: int, *, seed: int) -> pd.DataFrame:
    """Return a random sample of sentences, stratified by source.

    Every source gives the same number, a source with fewer all it has; within a source
    each sentence has the same chance.

    Parameters
    ----------
    units : DataFrame
        One row per sentence that may be drawn, with `source`.
    n : int
        Sentences wanted in all.

    Returns
    -------
    DataFrame, the drawn rows in random order with a column `probability`, the chance
    with which the row came to be drawn.
    """
    rng = np.random.default_rng(seed)
    numbers, _ = pd.factorize(units["source"], sort=True)
    there = np.bincount(numbers)
    wanted = share_out(n, there)
    drawn = [
        rng.choice(np.flatnonzero(numbers == s), size=k, replace=False)
        for s, k in enumerate(wanted)
    ]
    at = rng.permutation(np.concatenate(drawn)) if drawn else np.zeros(0, dtype=int)
    chance = wanted / np.maximum(there, 1)
    return units.iloc[at].assign(probability=chance[numbers[at]])


def share_out(n: int, there: Ints) -> Ints:
    """Return equal numbers that sum to n, no source giving more than it has."""
    given = np.zeros_like(there)
    left = min(n, int(there.sum()))
    while left:
        room = np.flatnonzero(given < there)
        each = max(left // len(room), 1)
        more = np.minimum(each, there[room] - given[room])
        # A rest smaller than the number of sources goes to the first ones.
        more[np.cumsum(more) > left] = 0
        given[room] += more
        left -= int(more.sum())
    return given


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
    first = ndtri(0.5 + level / 2) ** 2 * variance / half_width**2
    return int(np.ceil(first / (1 + first / max(n_sentences, 1))))


def labels_per_source(
    units: pd.DataFrame, codes: Sequence[str], half_width: float, *, level: float
) -> pd.Series:
    """Return `labels_needed` of each source, by name."""
    found = {}
    for source, own in units.groupby("source", sort=True):
        proba = own[[f"p_{code}" for code in codes]].to_numpy(dtype=np.float64)
        found[str(source)] = labels_needed(
            proba, half_width, n_sentences=len(own), level=level
        )
    return pd.Series(found, dtype="int64")
