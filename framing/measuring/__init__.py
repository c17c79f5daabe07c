"""Scores -> mix: the shares of every group, corrected where labels allow it.

Joins the tables of a scoring with random labels of the corpus and with what the
model's training says of its errors.
"""

from framing.measuring.advice import advise, count_needed
from framing.measuring.comparing import (
    SIDE,
    Compared,
    CompareOptions,
    compare_groups,
    reference_of,
)
from framing.measuring.copied import keep_counted
from framing.measuring.joining import open_joined
from framing.measuring.judging import judge
from framing.measuring.labels import find_sample, keep_own, read_sample_file
from framing.measuring.opening import (
    article_columns,
    check_codebook,
    named_documents,
    open_results,
    read_model,
    scored_by,
    with_thresholds,
)
from framing.measuring.options import UNITS, Basis, MixOptions, Scored, describe_basis
from framing.measuring.run import Measured, gather, measure
from framing.measuring.units import NO_DATE, period_names

__all__ = [
    "NO_DATE",
    "SIDE",
    "UNITS",
    "Basis",
    "CompareOptions",
    "Compared",
    "Measured",
    "MixOptions",
    "Scored",
    "advise",
    "article_columns",
    "check_codebook",
    "compare_groups",
    "count_needed",
    "describe_basis",
    "find_sample",
    "gather",
    "judge",
    "keep_counted",
    "keep_own",
    "measure",
    "named_documents",
    "open_joined",
    "open_results",
    "period_names",
    "read_model",
    "read_sample_file",
    "reference_of",
    "scored_by",
    "with_thresholds",
]
