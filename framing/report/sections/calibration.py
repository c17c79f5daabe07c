"""Calibration: a panel a code, and the numbers."""

from typing import Any

from framing.report import charts, drawing
from framing.report.content import Report
from framing.report.rounding import count, percent
from framing.report.rows import rows_of
from framing.report.sections.names import name_codes

LOOK = charts.Look(width=150, height=150)
MARGIN = (44.0, 8.0, 16.0, 36.0)


def calibration_section(report: Report) -> dict[str, Any]:
    """Return a panel per code with what it shows as rows."""
    codes = name_codes(report)
    titles = {code: named.title for code, named in codes.items()}
    rows = charts.calibration_rows(report, titles)
    there = [named for named in codes.values() if (rows["code"] == named.name).any()]
    panels = list(zip(there, _panels(rows, there), strict=True)) if there else []
    return {
        "panels": panels,
        "rows": [
            {
                "code": codes[r["code"]],
                "score": percent(float(r["score"])),
                "observed": percent(float(r["observed"])),
                "n": count(float(r["n"])),
            }
            for r in rows_of(rows)
        ],
    }


def _panels(rows: Any, codes: list[Any]) -> list[str]:
    import altair as alt

    place = {named.name: i for i, named in enumerate(codes)}
    rows = rows.assign(panel=rows["code"].map(place))
    panel = charts.calibration_panel(rows, LOOK).facet(
        facet=alt.Facet("panel:O", header=charts.no_header()), columns=1
    )
    panel = panel.resolve_axis(x="independent", y="independent")
    return drawing.panels(charts.configured(panel, LOOK), margin=MARGIN)
