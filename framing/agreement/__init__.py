"""What coders agree on, how far they agree, and where they do not."""

from framing.agreement.disagreements import list_disagreements, recal_tables
from framing.agreement.gold import RULES, compute_gold
from framing.agreement.reliability import (
    Reliability,
    check_shared,
    choose_coders,
    measure_reliability,
    pick_coders,
)

__all__ = [
    "RULES",
    "Reliability",
    "check_shared",
    "choose_coders",
    "compute_gold",
    "list_disagreements",
    "measure_reliability",
    "pick_coders",
    "recal_tables",
]
