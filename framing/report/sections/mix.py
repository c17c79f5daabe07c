"""The mix: a row a source, a dot with its interval per code; bars that add up."""

import math
from typing import Any

from framing.report.content import Report
from framing.report.rounding import count, interval, percent
from framing.report.rows import rows_of
from framing.report.scale import Scale
from framing.report.sections.names import Named, name_codes, name_sources

LABELLED_FROM = 0.07
"""Share of a bar from which there is room for its number."""

MANY_FEW = 6
"""Sources with too little text that would push what can be judged out of sight."""

Cell = dict[str, Any]


def mix_section(report: Report) -> dict[str, Any]:
    """Return rows with a cell per code, sorted by the first code, and their axis."""
    codes = name_codes(report)
    table = report.mix
    values = [*table["high"], *table["counted"], *table["share"]]
    scale = Scale.of_shares(float(v) for v in values)
    corrected = report.is_corrected
    rows = [
        _row(source, rows_of(own), codes, scale, corrected)
        for source, own in (
            (source, table[table["source"] == source.name])
            for source in name_sources(report).values()
        )
        if len(own)
    ]
    rows.sort(key=_largest_first)
    return {
        "rows": rows,
        "marks": scale.marks(),
        "corrected": corrected,
        "ranges": _ranges(rows, codes),
        "few": any(row["note"] for row in rows),
        "folded": _folded(rows),
        "bars": [row for row in rows if row["bar"]],
        "labelled": any(row["n_labels"] not in ("0", "–") for row in rows),
    }


def _folded(rows: list[dict[str, Any]]) -> int:
    """Return how many sources with too little text are shown only if asked for."""
    few = sum(bool(row["note"]) for row in rows)
    return few if MANY_FEW <= few < len(rows) else 0


def _row(
    source: Named,
    records: list[Any],
    codes: dict[str, Named],
    scale: Scale,
    corrected: bool,
) -> dict[str, Any]:
    by_code = {record["code"]: record for record in records}
    first = records[0]
    cells = [
        share_cell(by_code[code], scale, title=f"{source.title}, {named.title}")
        if code in by_code
        else None
        for code, named in codes.items()
    ]
    if not corrected:
        for cell in filter(None, cells):
            cell["counted_at"] = None
    return {
        "source": source,
        "n_articles": count(first["n_articles"]),
        "n_sentences": count(first["n_sentences"]),
        "n_labels": count(first["n_labels"]),
        "size": float(first["n_articles"]),
        "note": first["note"],
        "cells": cells,
        "bar": _bar(by_code, codes),
    }


def share_cell(record: Any, scale: Scale, *, title: str) -> Cell:
    """Return a share with its interval as places on an axis and as text."""
    share, low, high = (float(record[name]) for name in ("share", "low", "high"))
    counted = float(record.get("counted", math.nan))
    given = interval(low, high)
    said = f"{title}: {percent(share, 1)} %"
    if exact := interval(low, high, 1):
        said += f" ({exact})"
    if not math.isnan(counted):
        said += f"; counted {percent(counted, 1)} %"
    return {
        "value": None if math.isnan(share) else share,
        "text": percent(share),
        "interval": given,
        "at": _at(scale, share),
        "low": _at(scale, low),
        "high": _at(scale, high),
        "counted_at": _at(scale, counted),
        "counted": percent(counted),
        "title": said,
    }


def _at(scale: Scale, value: float) -> float | None:
    return None if math.isnan(value) else scale.at(value)


def _bar(by_code: dict[str, Any], codes: dict[str, Named]) -> list[dict[str, Any]]:
    """Return the pieces of a source's bar, [] where there is no mix."""
    parts = [
        (named, float(by_code[code]["normalised"]))
        for code, named in codes.items()
        if code in by_code
    ]
    if not parts or any(math.isnan(part) for _, part in parts):
        return []
    pieces, start = [], 0.0
    for named, part in parts:
        pieces.append(
            {
                "code": named,
                "x": round(100 * start, 2),
                "width": round(100 * part, 2),
                "middle": round(100 * (start + part / 2), 2),
                "text": percent(part),
                "label": part >= LABELLED_FROM,
            }
        )
        start += part
    return pieces


def _largest_first(row: dict[str, Any]) -> tuple[bool, float, str]:
    """Sort by the first code; what is greyed comes last."""
    first = row["cells"][0] if row["cells"] else None
    value = first["value"] if first else None
    return (bool(row["note"]) or value is None, -(value or 0.0), row["source"].name)


def _ranges(
    rows: list[dict[str, Any]], codes: dict[str, Named]
) -> list[dict[str, Any]]:
    """Return for each code which source has least and which most of it."""
    ranges = []
    for named in codes.values():
        held = [
            (row["cells"][named.number], row["source"])
            for row in rows
            if not row["note"]
            and row["cells"][named.number]
            and row["cells"][named.number]["value"] is not None
        ]
        if len(held) < 2:
            continue
        held.sort(key=lambda pair: (pair[0]["value"], pair[1].name))
        (least, low), (most, high) = held[0], held[-1]
        ranges.append(
            {"code": named, "least": least, "low": low, "most": most, "high": high}
        )
    return ranges
