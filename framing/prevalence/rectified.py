"""Mean scores plus what labels say they miss: the rectifier on groups of cells."""

from collections.abc import Callable

import numpy as np

from framing.intervals import Estimates, combine_df
from framing.model import Floats
from framing.prevalence.evidence import Evidence, sample_of
from framing.prevalence.naive import average_scores
from framing.prevalence.sums import Members
from framing.prevalence.tally import Tally, stack
from framing.rectifier import Posterior, Residuals, hierarchical, sum_residuals

SUPPORTED = 0.5
"""Part of a group's sentences that must lie in sources with labels before it gets a
corrected share: a source alone needs labels of its own, a month or "the rest" need
them for most of what they hold."""


def residuals_of(evidence: Evidence, code: int) -> Residuals:
    """Return the mean residuals of a code, by its number, in every source."""
    sample = sample_of(evidence)
    return sum_residuals(
        sample.coded[:, code] - sample.proba[:, code],
        sample.proba[:, code],
        sample.weight,
        sample.source,
        sample.article,
        len(evidence.tally.sources),
    )


def label_variances(
    evidence: Evidence, residuals: Residuals, variance: Floats | float
) -> Floats:
    """Return the variance of each source's mean residual, shape (n_sources,).

    In a census by the finite-population correction: what is labelled is known.
    """
    found = variance / np.maximum(residuals.size, 1.0)
    if evidence.census:
        tally = evidence.tally
        there = np.bincount(tally.source, tally.n_said, len(residuals.n))
        # Never nought: a source all labelled would have no variance to weigh it by.
        found = found * np.clip(1 - residuals.n / np.maximum(there, 1), 1e-6, 1.0)
    return np.asarray(found)


def ppi(evidence: Evidence, groups: Members) -> Estimates:
    """Return mean scores rectified by each source's own labels."""
    return _rectified(evidence, groups, _own_residuals)


def _own_residuals(
    evidence: Evidence, residuals: Residuals
) -> tuple[Posterior, Floats]:
    variance = label_variances(evidence, residuals, residuals.own_variances())
    known = residuals.articles > 1
    mean = np.where(known, residuals.mean, np.nan)
    spread = np.diag(np.where(known, variance, 0.0))
    return Posterior(mean, spread, np.inf), np.maximum(residuals.articles - 1, 1.0)


def borrow_residuals(evidence: Evidence, groups: Members) -> Estimates:
    """Return mean scores rectified by the sources' labels, drawn towards all."""
    return _rectified(evidence, groups, _pooled_residuals)


def _pooled_residuals(
    evidence: Evidence, residuals: Residuals
) -> tuple[Posterior, Floats]:
    variance = label_variances(evidence, residuals, residuals.pooled_variance())
    return (
        hierarchical(residuals.mean, variance),
        np.full(len(residuals.n), residuals.df),
    )


Rectifier = Callable[[Evidence, Residuals], tuple[Posterior, Floats]]


def _rectified(evidence: Evidence, groups: Members, rectifier: Rectifier) -> Estimates:
    """Return mean scores plus what labels say they miss in each source.

    A group takes the residuals of its sources in proportion to its sentences, so that
    the months of a source share what is known of it.
    """
    scored = average_scores(evidence, groups)
    parts = _source_parts(evidence.tally, groups)
    columns = [
        _rectify_code(scored, k, parts, *rectifier(evidence, residuals), residuals.n)
        for k, residuals in enumerate(
            residuals_of(evidence, k) for k in range(len(evidence.tally.codes))
        )
    ]
    return stack(columns)


def _rectify_code(
    scored: Estimates,
    code: int,
    parts: Floats,
    posterior: Posterior,
    label_df: Floats,
    n_labels: Floats,
) -> Estimates:
    moved = parts @ np.nan_to_num(posterior.mean)
    from_labels = parts @ posterior.covariance @ parts.T
    covariance = scored.covariance[code] + from_labels
    df = combine_df(
        (scored.variance[:, code], scored.df[:, code]),
        # Of several sources the one with the fewest labels is the weak link.
        (np.diagonal(from_labels), _least(parts, label_df)),
    )
    share = np.clip(scored.share[:, code] + moved, 0.0, 1.0)
    share[parts @ (n_labels > 0) < SUPPORTED] = np.nan
    share[parts @ np.isnan(posterior.mean) > 0] = np.nan
    unsized = np.full((len(share), 1), np.nan)
    return Estimates(share[:, None], covariance[None], df[:, None], unsized)


def _least(parts: Floats, df: Floats) -> Floats:
    return np.asarray(np.where(parts > 0, df, np.inf).min(axis=1, initial=np.inf))


def _source_parts(tally: Tally, groups: Members) -> Floats:
    """Return what part of each group's sentences each source has."""
    counted = tally.weight * tally.said
    cells = np.bincount(tally.cell, counted, minlength=len(tally.cells))
    owner = np.zeros((len(tally.cells), len(tally.sources)))
    owner[np.arange(len(tally.cells)), tally.source] = cells
    found = np.asarray(groups @ owner)
    total = found.sum(axis=1, keepdims=True)
    return np.asarray(found / np.where(total > 0, total, 1.0))
