"""How good decisions are against gold: folds, scores per code, thresholds.

Precision, recall, F1 and average precision are those of scikit-learn; their
intervals come from resampling articles (see `framing.prevalence`), since
sentences of one article go together.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from framing.model import Bools, Floats, Ints

N_BINS = 10
"""Bins of the calibration error, of equal numbers of sentences."""

N_RESAMPLES = 1000

THRESHOLDS = tuple(round(0.1 * step, 1) for step in range(1, 10))
"""Thresholds that are shown beside that of a model."""


def grouped_folds(
    groups: Sequence[str], n_folds: int, seed: int
) -> Iterator[tuple[Ints, Ints]]:
    """Yield train and test positions; a group is never on both sides.

    With fewer groups than folds there are as many folds as groups.

    Raises
    ------
    ValueError
        There are fewer than two groups.
    """
    from sklearn.model_selection import GroupKFold

    names, numbers = np.unique(np.asarray(groups), return_inverse=True)
    folds = GroupKFold(min(n_folds, len(names)), shuffle=True, random_state=seed)
    yield from folds.split(np.zeros(len(numbers)), groups=numbers)


def f1_score(gold: Bools, decided: Bools, weights: Floats | None = None) -> Floats:
    """Return F1 per code for arrays of shape (n_units, n_codes).

    `weights` count units, shape (n_units,). A code that is neither in gold nor
    decided has F1 0, as in scikit-learn.
    """
    hit, taken, wanted = _counts(gold, decided, weights).sum(axis=1)
    return np.asarray(2 * hit / np.maximum(taken + wanted, _LITTLE))


_LITTLE = 1e-12
"""Keeps a division by nothing at 0."""


def _counts(gold: Bools, decided: Bools, weights: Floats | None = None) -> Floats:
    """Return right, decided and gold as numbers, shape (3, n_units, n_codes)."""
    counts = np.stack([gold & decided, decided, gold]).astype(np.float64)
    return counts if weights is None else counts * weights[:, None]


def best_f1(gold: Bools, proba: Floats, weights: Floats | None = None) -> Floats:
    """Return for each code the highest F1 that any threshold gives."""
    weights = np.ones(len(gold)) if weights is None else weights
    found = [_best_threshold(g, p, weights)[1] for g, p in _columns(gold, proba)]
    return np.array(found)


def choose_thresholds(gold: Bools, scores: Floats, weights: Floats) -> Floats:
    """Return for each code the threshold with the best F1.

    `weights` count units, shape (n_units,). The threshold lies half-way between the
    two neighbouring scores.
    """
    found = [_best_threshold(g, s, weights)[0] for g, s in _columns(gold, scores)]
    return np.array(found)


def _columns(gold: Bools, scores: Floats) -> Iterator[tuple[Bools, Floats]]:
    yield from zip(gold.T, scores.T, strict=True)


def _best_threshold(
    labels: Bools, scores: Floats, weights: Floats
) -> tuple[float, float]:
    """Return the threshold with the best F1, and that F1."""
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    hit = np.cumsum(weights[order] * labels[order])
    taken = np.cumsum(weights[order])
    f1 = 2 * hit / np.maximum(taken + hit[-1], _LITTLE)
    last_of_tie = np.append(ordered[:-1] > ordered[1:], True)
    best = int(np.argmax(np.where(last_of_tie, f1, -1.0)))
    lower = ordered[best + 1] if best + 1 < len(ordered) else ordered[best] - 1.0
    middle = (ordered[best] + lower) / 2
    # Between neighbouring floats there is no middle.
    threshold = middle if middle > lower else ordered[best]
    return float(threshold), float(f1[best])


def f1_error(
    gold: Bools,
    decided: Bools,
    groups: Sequence[str],
    weights: Floats | None = None,
) -> float:
    """Return the standard error of macro-F1 over resampled groups."""
    f1 = _resample_f1(_counts(gold, decided, weights), groups, 0)
    return float(f1.mean(axis=1).std(ddof=1))


def f1_gain(
    gold: Bools, before: Bools, after: Bools, groups: Sequence[str], seed: int = 0
) -> tuple[Floats, Floats]:
    """Return how much F1 rises from some decisions to others on the same units.

    Returns
    -------
    gain, error : ndarray of shape (n_codes + 1,)
        The rise and its standard error over resampled groups, both decided on the
        same ones; the last of each is that of macro-F1.
    """
    drawn = [
        _with_mean(_resample_f1(_counts(gold, decided), groups, seed))
        for decided in (before, after)
    ]
    one, other = (_with_mean(f1_score(gold, decided)) for decided in (before, after))
    return other - one, (drawn[1] - drawn[0]).std(axis=0, ddof=1)


def _with_mean(f1: Floats) -> Floats:
    """Return F1 of codes, the last axis, followed by their mean."""
    return np.concatenate([f1, f1.mean(axis=-1, keepdims=True)], axis=-1)


def measure_thresholds(
    gold: Bools, proba: Floats, codes: Sequence[str], own: Sequence[float]
) -> pd.DataFrame:
    """Return precision, recall and F1 per code at `THRESHOLDS` and at a model's own.

    Parameters
    ----------
    gold, proba : ndarray of shape (n_units, n_codes)
    own : sequence of float
        The model's threshold of each code.

    Returns
    -------
    DataFrame, in order of codes and thresholds: `code threshold own n n_decided
    precision recall f1`; `own` marks the model's threshold, `n` counts gold.
    """
    rows = []
    for code, labels, p, chosen in zip(codes, gold.T, proba.T, own, strict=True):
        for threshold in sorted({*THRESHOLDS, float(chosen)}):
            decided = p >= threshold
            hit, taken = int((labels & decided).sum()), int(decided.sum())
            wanted = int(labels.sum())
            rows.append(
                {
                    "code": code,
                    "threshold": threshold,
                    "own": threshold == chosen,
                    "n": wanted,
                    "n_decided": taken,
                    "precision": hit / max(taken, 1),
                    "recall": hit / max(wanted, 1),
                    "f1": 2 * hit / max(taken + wanted, 1),
                }
            )
    return pd.DataFrame(rows)


def measure_codes(
    gold: Bools,
    decided: Bools,
    proba: Floats | None,
    codes: Sequence[str],
    *,
    groups: Sequence[str],
    seed: int = 0,
) -> pd.DataFrame:
    """Return precision, recall, F1, average precision and calibration per code.

    Parameters
    ----------
    gold, decided : ndarray of bool, shape (n_units, n_codes)
    proba : ndarray of shape (n_units, n_codes), or None for a tagger
    groups : sequence of str
        Article of each unit.

    Returns
    -------
    DataFrame, one row per code and a last row "macro" with their mean: `code n
    precision recall f1 f1_low f1_high average_precision calibration_error`.
    Bounds are a 95 % interval over resampled articles; without `proba` the
    last two are NaN.
    """
    counts = _counts(gold, decided)
    low, high = _f1_interval(counts, groups, seed)
    n_hit, n_taken, n_wanted = counts.sum(axis=1)
    table = pd.DataFrame(
        {
            "code": list(codes),
            "n": n_wanted.astype(int),
            "precision": n_hit / np.maximum(n_taken, 1),
            "recall": n_hit / np.maximum(n_wanted, 1),
            "f1": f1_score(gold, decided),
            "f1_low": low[:-1],
            "f1_high": high[:-1],
            "average_precision": _average_precision(gold, proba),
            "calibration_error": _calibration_error(gold, proba),
        }
    )
    macro = table.drop(columns=["code", "n", "f1_low", "f1_high"]).mean()
    row = {"code": "macro", "n": len(gold), **macro, "f1_low": low[-1]}
    return pd.concat(
        [table, pd.DataFrame([{**row, "f1_high": high[-1]}])], ignore_index=True
    )


def _f1_interval(
    counts: Floats, groups: Sequence[str], seed: int
) -> tuple[Floats, Floats]:
    """Return 95 % bounds of F1 per code, and of their mean as the last one."""
    f1 = _resample_f1(counts, groups, seed)
    low, high = np.quantile(_with_mean(f1), [0.025, 0.975], axis=0)
    return low, high


def _resample_f1(counts: Floats, groups: Sequence[str], seed: int) -> Floats:
    """Return F1 over resampled articles, shape (N_RESAMPLES, n_codes).

    `counts` of shape (3, n_units, n_codes): right, decided, gold.
    """
    numbers, names = pd.factorize(np.asarray(groups), sort=True)
    n = len(names)
    by_group = np.zeros((3, n, counts.shape[2]))
    for part, column in zip(by_group, counts, strict=True):
        np.add.at(part, numbers, column)
    weights = np.random.default_rng(seed).multinomial(n, [1 / n] * n, size=N_RESAMPLES)
    hit, taken, wanted = (weights @ part for part in by_group)
    return np.asarray(2 * hit / np.maximum(taken + wanted, _LITTLE))


def _average_precision(gold: Bools, proba: Floats | None) -> Floats:
    from sklearn.metrics import average_precision_score

    if proba is None:
        return np.full(gold.shape[1], np.nan)
    return np.array(
        [
            average_precision_score(labels, p) if labels.any() else np.nan
            for labels, p in zip(gold.T, proba.T, strict=True)
        ]
    )


def _calibration_error(gold: Bools, proba: Floats | None) -> Floats:
    """Return the expected calibration error (Naeini, Cooper, Hauskrecht 2015)."""
    if proba is None:
        return np.full(gold.shape[1], np.nan)
    errors = []
    for labels, p in zip(gold.T, proba.T, strict=True):
        bins = np.array_split(np.argsort(p, kind="stable"), N_BINS)
        gaps = [abs(labels[b].mean() - p[b].mean()) * len(b) for b in bins if len(b)]
        errors.append(sum(gaps) / len(p))
    return np.array(errors)
