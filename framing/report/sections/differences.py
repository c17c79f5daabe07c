"""Who differs: differences with intervals on one axis, and those at an event."""

import math
from typing import Any

import pandas as pd

from framing.report.content import Report
from framing.report.rounding import count, percent, points, probability
from framing.report.rows import rows_of
from framing.report.scale import Scale
from framing.report.sections.names import Named, name_codes, name_sources

LEVEL = 0.05
"""Adjusted p-value below which a difference is shown as one that stands."""

MOST = 400
"""Rows in the page, the largest; all pairs of twenty outlets would be a megabyte."""

SHOWN = 15
"""Rows that are open before the reader asks for all."""


def differences_section(report: Report) -> dict[str, Any]:
    """Return the differences between sources, in the order given."""
    rows = _rows(report, report.differences.head(MOST))
    return {
        **_about(report.differences, rows),
        "sources": [s for s in name_sources(report).values() if _is_in(s, rows)],
        "shown": SHOWN,
    }


def changes_section(report: Report) -> dict[str, Any]:
    """Return the differences before and after the event."""
    rows = _rows(report, report.changes.head(MOST))
    return {**_about(report.changes, rows), "shown": SHOWN}


def _about(table: pd.DataFrame, rows: list[dict[str, Any]]) -> dict[str, Any]:
    scale = _scale(table.head(MOST))
    return {
        "rows": rows,
        "marks": scale.marks(),
        "zero": scale.at(0.0),
        "n": count(len(table)),
        "n_standing": count(int((table["p_adjusted"] < LEVEL).sum())),
        "cut": len(table) > len(rows),
    }


def _scale(table: pd.DataFrame) -> Scale:
    """Return an axis for the differences and for intervals up to twice as far."""
    ends = pd.concat([table["low"].abs(), table["high"].abs()]).dropna()
    if ends.empty:
        return Scale.of_differences([])
    largest = float(table["difference"].abs().max())
    return Scale.of_differences([min(float(ends.max()), 2 * largest)])


def _rows(report: Report, table: pd.DataFrame) -> list[dict[str, Any]]:
    codes, sources = name_codes(report), name_sources(report)
    scale = _scale(table)
    return [
        {
            "code": codes.get(record["code"])
            or Named(record["code"], record["code"], 0),
            "who": [
                _named(sources, record[k]) for k in ("a", "b", "source") if k in record
            ],
            "sides": [
                percent(record[k], 1) for k in ("before", "after") if k in record
            ],
            **_cell(record, scale),
        }
        for record in rows_of(table)
    ]


def _named(sources: dict[str, Named], name: str) -> Named:
    return sources.get(name) or Named(name, name, -1)


def _is_in(source: Named, rows: list[dict[str, Any]]) -> bool:
    return any(source in row["who"] for row in rows)


def _cell(record: Any, scale: Scale) -> dict[str, Any]:
    value, low, high = (float(record[k]) for k in ("difference", "low", "high"))
    adjusted = float(record["p_adjusted"])
    known = not math.isnan(value)
    has_interval = not (math.isnan(low) or math.isnan(high))
    between = f"{points(low)} to {points(high)}" if has_interval else ""
    return {
        "value": value if known else None,
        "text": points(value),
        "interval": between,
        "at": scale.at(value) if known else None,
        "low": scale.at(low) if has_interval else None,
        "high": scale.at(high) if has_interval else None,
        "p": probability(float(record["p"])),
        "p_adjusted": probability(adjusted),
        "p_value": None if math.isnan(adjusted) else adjusted,
        "stands": adjusted < LEVEL,
    }
