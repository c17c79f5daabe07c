"""A table as numbers to read: the equivalent of a figure."""

from typing import Any

import pandas as pd

from framing.report.rounding import count, percent, plain, weight
from framing.report.rows import rows_of
from framing.report.sections.names import Named

HEADS = {
    "source": "Outlet",
    "code": "Code",
    "share": "Share, %",
    "low": "from",
    "high": "to",
    "counted": "Counted, %",
    "normalised": "Of all codes, %",
    "n_articles": "Articles",
    "n_sentences": "Sentences",
    "n_labels": "Labels",
    "note": "Note",
    "target": "Target",
    "favourable": "Favourable, %",
    "neutral": "Neutral, %",
    "critical": "Critical, %",
    "word": "Word",
    "weight": "Weight",
    "n": "Times",
    "expected": "Expected",
    "score": "Keyness",
}
"""What the columns of a report's tables are called."""

_SHARES = {"share", "low", "high", "counted", "normalised"}
_STANCES = {"favourable", "neutral", "critical"}


def numbers_of(table: pd.DataFrame, codes: dict[str, Named]) -> dict[str, Any]:
    """Return the heads of a table and its rows as text."""
    columns = [name for name in table.columns if name in HEADS]
    rows = [
        [_cell(name, record[name], codes) for name in columns]
        for record in rows_of(table)
    ]
    return {"heads": [HEADS[name] for name in columns], "rows": rows}


def _cell(column: Any, value: Any, codes: dict[str, Named]) -> str:
    if column == "code":
        return codes[value].title if value in codes else str(value)
    if isinstance(value, str):
        return value
    number = float(value)
    if column in _SHARES | _STANCES:
        return percent(number, 1)
    if column == "weight":
        return weight(number)
    return plain(number, 1) if column in ("expected", "score") else count(number)
