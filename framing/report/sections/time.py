"""Over time: a panel a source for each code, and the numbers as a table."""

from typing import Any

from framing.report import charts, drawing
from framing.report.content import Report
from framing.report.rounding import interval, percent
from framing.report.rows import rows_of
from framing.report.sections.names import Named, name_codes, name_sources

MOST = 24
"""Sources that get a panel, those with most articles; the numbers have all."""

LOOK = charts.Look(width=168, height=80)
MARGIN = (31.0, 7.0, 18.0, 18.0)


def time_section(report: Report) -> dict[str, Any]:
    """Return for each code its panels, and a table of all shares."""
    codes = name_codes(report)
    named = name_sources(report)
    there = set(report.periods["source"])
    sources = [source for source in named.values() if source.name in there]
    shown = _largest(report, sources)
    sets = [
        {
            "code": code,
            "panels": list(zip(shown, _panels(report, code, shown), strict=True)),
        }
        for code in codes.values()
        if shown and (report.periods["code"] == code.name).any()
    ]
    return {
        "sets": sets,
        "n_more": len(sources) - len(shown),
        "periods": charts.period_names(report),
        "partial": bool(report.periods["partial"].any()),
        "event": charts.event_period(report),
        "rows": _numbers(report, codes, sources),
    }


def _largest(report: Report, sources: list[Named]) -> list[Named]:
    """Return the sources with most articles, in the order of the report."""
    sizes = report.periods.groupby("source")["n_articles"].sum()
    ranked = sorted(sources, key=lambda s: (-float(sizes[s.name]), s.number))
    return sorted(ranked[:MOST], key=lambda s: s.number)


def _panels(report: Report, code: Named, sources: list[Named]) -> list[str]:
    import altair as alt

    names = [source.name for source in sources]
    rows = charts.time_rows(report, code.name, names)
    rows = rows.assign(place=[names.index(name) for name in rows["source"]])
    top = float(rows[["high", "share"]].max().max())
    colour = charts.COLOURS[code.kind]
    panel = charts.time_panel(rows, report, LOOK, colour, top).facet(
        facet=alt.Facet("place:O", header=charts.no_header()), columns=1
    )
    panel = panel.resolve_axis(x="independent", y="independent")
    return drawing.panels(charts.configured(panel, LOOK), margin=MARGIN)


def _numbers(
    report: Report, codes: dict[str, Named], sources: list[Named]
) -> list[dict[str, Any]]:
    periods = charts.period_names(report)
    cells = {
        (r["source"], r["code"], str(r["period"])): (
            percent(float(r["share"]), 1),
            interval(float(r["low"]), float(r["high"]), 1),
            bool(r["partial"]),
        )
        for r in rows_of(report.periods)
    }
    return [
        {
            "source": source,
            "code": code,
            "cells": [cells.get((source.name, code.name, p)) for p in periods],
        }
        for source in sources
        for code in codes.values()
        if any((source.name, code.name, p) in cells for p in periods)
    ]
