"""How often each source carries each code: shares, mixes and their intervals."""

from framing.prevalence.evidence import Evidence
from framing.prevalence.methods import METHODS, Method, estimate
from framing.prevalence.mix import (
    CANNOT_SAY,
    MIN_ARTICLES,
    NONE,
    bounds,
    measure_mix,
    measure_stance,
    n_texts,
)
from framing.prevalence.tally import Groups, LabelledSample, Tally, tally_scores

__all__ = [
    "CANNOT_SAY",
    "METHODS",
    "MIN_ARTICLES",
    "NONE",
    "Evidence",
    "Groups",
    "LabelledSample",
    "Method",
    "Tally",
    "bounds",
    "estimate",
    "measure_mix",
    "measure_stance",
    "n_texts",
    "tally_scores",
]
