"""How often each source carries each code: shares, mixes and their intervals."""

from framing.prevalence.counts import (
    STEPS,
    Counts,
    count_scores,
    count_sentences,
    join_counts,
    name_targets,
)
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
from framing.prevalence.sums import Members
from framing.prevalence.tally import (
    Groups,
    LabelledSample,
    Tally,
    tally_counts,
    tally_scores,
)

__all__ = [
    "CANNOT_SAY",
    "METHODS",
    "MIN_ARTICLES",
    "NONE",
    "STEPS",
    "Counts",
    "Evidence",
    "Groups",
    "LabelledSample",
    "Members",
    "Method",
    "Tally",
    "bounds",
    "count_scores",
    "count_sentences",
    "estimate",
    "join_counts",
    "measure_mix",
    "measure_stance",
    "n_texts",
    "name_targets",
    "tally_counts",
    "tally_scores",
]
