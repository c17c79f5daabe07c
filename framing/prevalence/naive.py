"""Shares without correction: decisions, mean scores, labels by themselves."""

from dataclasses import replace

import numpy as np

from framing.intervals import Estimates
from framing.model import Floats
from framing.prevalence.evidence import Evidence, sample_of
from framing.prevalence.sums import Members, Places, Sums
from framing.prevalence.tally import Tally, count_in, ratio, stack, sum_places


def count_decisions(evidence: Evidence, groups: Members) -> Estimates:
    """Return the shares of sentences decided to carry each code."""
    tally = evidence.tally
    found = _ratios(tally, tally.decided.astype(np.float64), groups)
    # Sentences that avoid each other could seem to be more than there are.
    size = np.minimum(found.size, np.maximum(groups @ tally.n_said, 1)[:, None])
    return as_census(replace(found, size=size), evidence)


def average_scores(evidence: Evidence, groups: Members) -> Estimates:
    """Return the mean calibrated scores."""
    found = _ratios(evidence.tally, evidence.tally.proba, groups)
    return as_census(found, evidence)


def _ratios(tally: Tally, values: Floats, groups: Members) -> Estimates:
    base = tally.sums(tally.said)
    return stack([ratio(tally.sums(column), base, groups) for column in values.T])


def as_census(found: Estimates, evidence: Evidence) -> Estimates:
    """Return estimates without sampling error where the articles are all there are."""
    if not evidence.census:
        return found
    nothing = np.zeros_like(found.covariance)
    return replace(found, covariance=nothing, size=np.full_like(found.size, np.nan))


def labelled_alone(evidence: Evidence, groups: Members) -> Estimates:
    """Return the shares that the labels say by themselves, without the model."""
    tally, sample = evidence.tally, sample_of(evidence)
    unit, cell = sample.unit_of_pair, sample.cell_of_pair
    weight = sample.weight[unit]
    places, place = Places.of(sample.article[unit], cell, tally.shape)

    def sums(values: Floats) -> Sums:
        return sum_places(places, place, weight * values)

    base = sums(np.ones(len(unit)))
    found = stack(
        [
            ratio(sums(column[unit].astype(np.float64)), base, groups)
            for column in sample.coded.T
        ]
    )
    n = groups @ np.bincount(cell, minlength=tally.shape[1])
    size = np.minimum(found.size, np.maximum(n, 1)[:, None])
    # Labels lie about one to an article: Wilson's interval knows how unevenly few of
    # them make the variance of a rare code, and degrees that say so again are too few.
    texts = count_in(base.there, groups)
    found = replace(
        found, df=np.maximum(found.df, np.maximum(texts - 1.0, 1.0)[:, None])
    )
    if not evidence.census:
        return replace(found, size=size)
    unseen = np.clip(1 - n / np.maximum(groups @ tally.n_said, 1), 1e-6, 1)
    scale = np.sqrt(np.outer(unseen, unseen))
    return replace(
        found, covariance=found.covariance * scale, size=size / unseen[:, None]
    )
