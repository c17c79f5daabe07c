"""Scores -> mix: the shares of every group, corrected where labels allow it.

Joins the tables of a scoring with random labels of the corpus and with what the
model's training says of its errors.
"""

from framing.measuring.advice import advise, count_needed
from framing.measuring.comparing import Compared, CompareOptions, compare_groups
from framing.measuring.labels import find_sample, keep_own, read_sample_file
from framing.measuring.opening import (
    ARTICLES,
    SCORES,
    STANCE,
    open_results,
    scored_by,
    with_thresholds,
)
from framing.measuring.options import UNITS, Basis, MixOptions, Scored
from framing.measuring.run import Measured, gather, measure

__all__ = [
    "ARTICLES",
    "SCORES",
    "STANCE",
    "UNITS",
    "Basis",
    "CompareOptions",
    "Compared",
    "Measured",
    "MixOptions",
    "Scored",
    "advise",
    "compare_groups",
    "count_needed",
    "find_sample",
    "gather",
    "keep_own",
    "measure",
    "open_results",
    "read_sample_file",
    "scored_by",
    "with_thresholds",
]
