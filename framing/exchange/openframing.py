"""OpenFraming: a table `Example, Category` with one category a text."""

from collections.abc import Sequence

from framing.codebook import Codebook
from framing.exchange.sheet import NONE, read
from framing.exchange.table import write_table
from framing.records import Label

__all__ = ["fits", "read", "write"]


def fits(label: Label) -> bool:
    """Tell whether a decision can be one category."""
    return len(label.codes) < 2


def write(labels: Sequence[Label], codebook: Codebook) -> dict[str, str]:
    """Return a row per decision."""
    rows = ([label.text, *(label.codes or (NONE,))] for label in labels)
    return {"": write_table(["Example", "Category"], rows)}
