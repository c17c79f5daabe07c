"""Rows of the list of labels to look at, and how a unit stands in them."""

from framing.records import Gold, Label

NONE = "none"

LIST_COLUMNS = (
    *("kind", "group", "strength", "coder", "code", "decision", "against"),
    *("doc_id", "start", "end", "source", "text"),
)

Unit = tuple[str, int, int]
Row = dict[str, object]


def place(unit: Label | Gold) -> Row:
    """Return what says where a unit is."""
    return {
        "doc_id": unit.doc_id,
        "start": unit.start,
        "end": unit.end,
        "source": unit.source,
        "text": unit.text,
    }


def name_codes(unit: Label | Gold) -> str:
    """Return the codes of a decision as one text."""
    return "|".join(unit.codes) or NONE
