"""Shares as estimates: their intervals, differences between them, and p-values.

An estimate of a share comes with its variance, taken over articles. What is made of
it is the same everywhere:

- The interval of a proportion is Wilson's (1927) with the *effective* number of
  sentences in place of the number, as in sample surveys (Korn and Graubard 1998,
  Survey Methodology 24:193-201; Franco, Little, Louis and Slud 2019, J. Survey
  Statistics and Methodology 7:334-364), and with Student's t in place of the normal,
  whose degrees of freedom follow from how unevenly the articles add to the variance.
- The interval of a difference is put together from those of its parts: MOVER (Zou
  and Donner 2008, Statistics in Medicine 27:1693-1702), with their correlation. For
  two independent proportions this is Newcombe's method 10 (1998, Statistics in
  Medicine 17:873-890).
- The p-value is one minus the level at which the interval of the difference would
  just touch nought, so that interval and p-value never contradict each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from framing.model import Bools, Floats, Ints

P_MIN = 1e-12
"""Smallest p-value looked for: after adjustment for a million questions it still says
that a difference is beyond chance."""

_ALPHAS = np.concatenate([np.geomspace(P_MIN, 0.5, 240), np.linspace(0.505, 1.0, 100)])
"""Levels at which intervals are tried for a p-value; between them we interpolate."""

ADJUSTMENTS = ("holm", "bh", "none")


@dataclass(frozen=True)
class Estimates:
    """Shares of cells (sources, or sources by month ...) by one method.

    Attributes
    ----------
    share : ndarray of shape (n_cells, n_codes), in [0, 1]
        NaN where nothing supports an estimate.
    covariance : ndarray of shape (n_codes, n_cells, n_cells)
        Of the shares, over articles and labels.
    df : ndarray of shape (n_cells, n_codes)
        Degrees of freedom of the variances.
    size : ndarray of shape (n_cells, n_codes)
        Effective number of sentences, for Wilson's interval. NaN where the estimate
        is no proportion but a corrected one: its interval is symmetric, cut at 0
        and 1.
    """

    share: Floats
    covariance: Floats
    df: Floats
    size: Floats

    @property
    def variance(self) -> Floats:
        """Variances, shape (n_cells, n_codes)."""
        return np.diagonal(self.covariance, axis1=1, axis2=2).T

    def take(self, codes: Sequence[int]) -> "Estimates":
        """Return the estimates of some codes, by their numbers."""
        at = list(codes)
        return Estimates(
            self.share[:, at], self.covariance[at], self.df[:, at], self.size[:, at]
        )

    def bounds(self, level: float) -> tuple[Floats, Floats]:
        """Return lower and upper bounds at a level, shape (n_cells, n_codes)."""
        low, high = _bounds(self.share, self.variance, self.df, self.size, 1.0 - level)
        return np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)


def _bounds(
    share: Floats, variance: Floats, df: Floats, size: Floats, alpha: float
) -> tuple[Floats, Floats]:
    """Return bounds; those of corrected shares are not yet cut at 0 and 1.

    Put together as they stand they give the interval of a difference by its variance;
    cut before, a share near 0 would lend it a certainty that it does not have.
    """
    t = student(alpha, df)
    half = t * np.sqrt(variance)
    low, high = share - half, share + half
    low_wilson, high_wilson = wilson(share, size, t)
    proportion = ~np.isnan(size)
    return (
        np.where(proportion, low_wilson, low),
        np.where(proportion, high_wilson, high),
    )


def student(alpha: float, df: Floats) -> Floats:
    """Return the two-sided quantile of Student's t: 1.96 for 0.05 and many df."""
    from scipy.special import stdtrit

    # By the lower tail, where small levels keep their digits.
    return np.asarray(-stdtrit(np.maximum(df, 1.0), alpha / 2), dtype=np.float64)


def wilson(share: Floats, size: Floats, z: Floats | float) -> tuple[Floats, Floats]:
    """Return Wilson's interval of proportions of `size` units (1927, JASA 22:209)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        shrink = z**2 / size
        middle = (share + shrink / 2) / (1 + shrink)
        half = np.sqrt(shrink * (share * (1 - share) + shrink / 4)) / (1 + shrink)
    return np.clip(middle - half, 0.0, 1.0), np.clip(middle + half, 0.0, 1.0)


def effective_df(influence: Floats) -> Floats:
    """Return the degrees of freedom of variances that are sums of squares.

    Satterthwaite's (1946) approximation, with the variance of the squares taken from
    the data: where a few articles make most of the variance, few degrees are left.

    Parameters
    ----------
    influence : ndarray of shape (n_articles, ...)
        What each article adds to the error of an estimate, summing to 0.

    Returns
    -------
    ndarray of shape (...), between 1 and n_articles - 1
    """
    squares = np.square(influence)
    return df_of_sums(squares.sum(axis=0), np.square(squares).sum(axis=0), len(squares))


def df_of_sums(second: Floats, fourth: Floats, n: Floats | int) -> Floats:
    """Return `effective_df` from the sums of second and fourth powers."""
    with np.errstate(invalid="ignore", divide="ignore"):
        kurtosis = np.where(second > 0, n * fourth / np.square(second), 3.0)
        free = 2 * n / np.maximum(kurtosis - 1, 1e-9)
    return np.asarray(np.clip(free, 1.0, np.maximum(np.asarray(n) - 1.0, 1.0)))


def combine_df(*parts: tuple[Floats, Floats]) -> Floats:
    """Return Satterthwaite's degrees of freedom of a sum of independent variances.

    Each part is a pair of variance and its degrees of freedom.
    """
    total = sum(variance for variance, _ in parts)
    with np.errstate(invalid="ignore", divide="ignore"):
        free = np.square(total) / sum(np.square(v) / df for v, df in parts)
    return np.where(np.isfinite(free), free, np.inf)


@dataclass(frozen=True)
class Contrasts:
    """Differences between shares; arrays of shape (n_contrasts, n_codes).

    `value, low, high` as differences of shares in [-1, 1] (slopes: per step),
    `p` in [`P_MIN`, 1]; NaN where a part has no estimate.
    """

    value: Floats
    low: Floats
    high: Floats
    p: Floats


def contrast(estimates: Estimates, coefficients: Floats, level: float) -> Contrasts:
    """Return linear contrasts of shares with intervals and p-values.

    Parameters
    ----------
    coefficients : ndarray of shape (n_contrasts, n_cells)
        A difference has 1 and -1 in a row.
    """
    parts = _Parts.of(coefficients)
    columns = [
        _contrast_code(estimates, k, parts, coefficients, level)
        for k in range(estimates.share.shape[1])
    ]
    return Contrasts(*(np.column_stack(part) for part in zip(*columns, strict=True)))


def _contrast_code(
    estimates: Estimates,
    code: int,
    parts: "_Parts",
    coefficients: Floats,
    level: float,
) -> tuple[Floats, Floats, Floats, Floats]:
    share = estimates.share[:, code]
    unknown = np.isnan(share)
    unknown_part = (coefficients[:, unknown] != 0).any(axis=1)
    missing = unknown_part.copy()
    share = np.where(unknown, 0.0, share)
    correlation = parts.pairs_of(_correlation(estimates.covariance[code]))
    value = coefficients @ share
    variance = np.where(unknown, 0.0, estimates.variance[:, code])
    size = np.where(unknown, np.nan, estimates.size[:, code])
    # Downwards positive parts go to their low bounds, negative ones to their high.
    downwards, upwards = (
        parts.places(coefficients.shape[1], up) for up in (value <= 0, value > 0)
    )

    def ends(alpha: float) -> Floats:
        low, high = _bounds(share, variance, estimates.df[:, code], size, alpha)
        return np.concatenate([share - low, high - share])

    toward, away = (
        parts.reach(ends(1.0 - level), at, correlation) for at in (downwards, upwards)
    )
    below, above = (
        np.where(value > 0, *pair) for pair in ((toward, away), (away, toward))
    )
    toward_nought = np.stack(
        [parts.reach(ends(alpha), downwards, correlation) for alpha in _ALPHAS[:-1]]
        + [np.zeros_like(value)]
    )
    # Where parts go together, a bound at 0 or 1 could pull a wider interval in.
    toward_nought = np.maximum.accumulate(toward_nought[::-1], axis=0)[::-1]
    logs = np.log(_ALPHAS)
    p = np.array(
        [
            np.exp(np.interp(-abs(v), -column, logs))
            for v, column in zip(value, toward_nought.T, strict=True)
        ]
    )
    # In a census of decisions nothing was sampled, and nothing can be by chance.
    missing |= (below <= 0) & (above <= 0)
    reach_of = np.abs(coefficients).sum(axis=1) / 2
    low = np.maximum(value - below, -reach_of)
    high = np.minimum(value + above, reach_of)
    value[unknown_part] = np.nan
    for part in (low, high, p):
        part[missing] = np.nan
    return value, low, high, p


def _correlation(covariance: Floats) -> Floats:
    """Return the correlations of a covariance; 0 where there is no variance."""
    covariance = np.nan_to_num(covariance)
    spread = np.sqrt(np.diagonal(covariance))
    scale = np.where(spread > 0, spread, 1.0)
    found = np.asarray(np.clip(covariance / np.outer(scale, scale), -1.0, 1.0))
    np.fill_diagonal(found, 1.0)
    return found


@dataclass(frozen=True)
class _Parts:
    """The few cells that each contrast is made of.

    `cell` and `coefficient` of shape (most_parts, n_contrasts), filled up by cells with
    the coefficient 0.
    """

    cell: Ints
    coefficient: Floats

    @classmethod
    def of(cls, coefficients: Floats) -> "_Parts":
        used = coefficients != 0
        most = int(used.sum(axis=1).max(initial=1))
        cell = np.argsort(~used, axis=1, kind="stable")[:, :most]
        coefficient = np.take_along_axis(coefficients, cell, axis=1)
        return cls(np.ascontiguousarray(cell.T), np.ascontiguousarray(coefficient.T))

    def pairs_of(self, correlation: Floats) -> list[tuple[int, int, Floats]]:
        """Return twice the correlation of each two parts, where there is any."""
        pairs = (
            (i, j, 2 * correlation[self.cell[i], self.cell[j]])
            for i, j in combinations(range(len(self.cell)), 2)
        )
        return [pair for pair in pairs if pair[2].any()]

    def places(self, n: int, up: Bools) -> Ints:
        """Return where the parts find how far they go: up, those that fall behind.

        With `up` what rises goes to its high bound, otherwise to its low one. In the
        table are the ways of `n` cells down, then those up.
        """
        return np.asarray(self.cell + n * ((self.coefficient > 0) == up))

    def reach(
        self, ends: Floats, places: Ints, pairs: Sequence[tuple[int, int, Floats]]
    ) -> Floats:
        """Return how far contrasts reach where their parts do, by MOVER."""
        part = ends[places] * self.coefficient
        squares = (part * part).sum(axis=0)
        for i, j, correlation in pairs:
            squares += correlation * part[i] * part[j]
        return np.asarray(np.sqrt(np.maximum(squares, 0.0)))


def adjust(p: Floats, how: str) -> Floats:
    """Return p-values adjusted for how many were asked; NaN stay and do not count.

    "holm" bounds the chance of any false difference (Holm 1979, Scandinavian J.
    Statistics 6:65-70), "bh" the expected part of false ones among those found
    (Benjamini and Hochberg 1995, J. Royal Statistical Society B 57:289-300).
    """
    if how not in ADJUSTMENTS:
        msg = f"how must be one of {', '.join(ADJUSTMENTS)}"
        raise ValueError(msg)
    adjusted = np.array(p, dtype=np.float64)
    known = ~np.isnan(adjusted)
    asked = adjusted[known]
    if how == "holm":
        adjusted[known] = _holm(asked)
    elif how == "bh" and len(asked):
        from scipy.stats import false_discovery_control

        adjusted[known] = false_discovery_control(asked)
    return adjusted


def _holm(p: Floats) -> Floats:
    order = np.argsort(p, kind="stable")
    steps = p[order] * np.arange(len(p), 0, -1)
    out = np.empty_like(p)
    out[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return out
