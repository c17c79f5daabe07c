"""The charts with axes of their own, by altair: over time, and calibration.

The page and the figures for print share them; `Look` is what differs. Colours are those
that colour-blind readers tell apart (Okabe and Ito 2008); shapes, dashes and words say
the same, so that nothing hangs on colour.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from framing.report.content import Report
from framing.report.rounding import percent
from framing.report.rows import rows_of
from framing.report.scale import Scale
from framing.report.text import visible

COLOURS = (
    *("#0072b2", "#e69f00", "#d55e00", "#cc79a7", "#009e73", "#56b4e9"),
    *("#8c6d1f", "#6e6e6e"),
)
"""One per code, in codebook order, those of the terminal first."""

INK, QUIET, LINE, GROUND = "#1c1f20", "#5b6366", "#d6d5d0", "#fffffe"
"""Text, its lesser form, grids, and what lies below; the page puts its own for them."""

FONT = "Liberation Sans"
"""Comes with vl-convert, so that a figure is the same on every machine."""

Chart = Any  # altair has a type for each composition, and no name for them all


@dataclass(frozen=True)
class Look:
    """Sizes of a chart in points: those of a panel, and of its text.

    `ribbon` is the colour of intervals over time; without it they are drawn in that of
    their line, half transparent (which a PDF writes in a different order each time).
    """

    width: float
    height: float
    text: float = 10
    dot: float = 28
    ribbon: str = ""


def named_by(names: Sequence[str]) -> str:
    """Return the expression that puts names to numbers from nought.

    Vega-Lite writes whatever text a chart is sorted by or filtered with into
    expressions, and a hostile name breaks out of them. So charts are built on numbers,
    and names come in as JSON of plain ASCII.
    """
    return f"{json.dumps([visible(name) for name in names])}[datum.value]"


def no_header() -> Any:
    """Return the header of panels that the page names itself."""
    import altair as alt

    return alt.Header(labels=False, title=None)


def configured(chart: Chart, look: Look) -> Chart:
    """Return a chart with the house's fonts, grids and no box around it."""
    plain = {"labelFont": FONT, "titleFont": FONT, "titleFontWeight": "normal"}
    sizes = {"labelFontSize": look.text, "titleFontSize": look.text}
    inks = {"labelColor": QUIET, "titleColor": QUIET}
    axis = {
        "gridColor": LINE,
        "gridWidth": 0.75,
        "domainColor": LINE,
        "tickColor": LINE,
    }
    heads = {"labelFontSize": look.text, "labelFontWeight": "normal"}
    return chart.configure(
        font=FONT,
        padding=2,
        background=GROUND,
        view={"stroke": None},
        axis=plain | sizes | inks | axis,
        header=plain | heads | {"labelColor": INK},
        legend=plain
        | sizes
        | {"labelColor": INK, "titleColor": QUIET, "orient": "top"},
        title={"font": FONT, "fontWeight": "normal", "color": INK},
    )


def time_rows(report: Report, code: str, sources: Sequence[str]) -> pd.DataFrame:
    """Return a row per source and period of a code, with gaps as missing shares.

    `median` is that of all outlets of the report in the period.
    """
    own = report.periods[report.periods["code"] == code]
    periods = period_names(report)
    median = own.groupby("period")["share"].median()
    grid = pd.MultiIndex.from_product([sources, periods], names=["source", "period"])
    columns = ["share", "low", "high", "partial"]
    table = own.set_index(["source", "period"])[columns].reindex(grid).reset_index()
    return table.assign(
        median=table["period"].map(median),
        at=table["period"].map({name: i for i, name in enumerate(periods)}),
        partial=table["partial"].eq(True),
        said=[
            f"{visible(str(r['source']))}, {r['period']}: {percent(r['share'], 1)} % "
            f"({percent(r['low'], 1)} to {percent(r['high'], 1)})"
            + ", not a whole period"
            * bool(r["partial"] is True)
            for r in rows_of(table)
        ],
    )


def period_names(report: Report) -> list[str]:
    """Return the periods in order."""
    return sorted({str(period) for period in report.periods["period"]})


def event_period(report: Report) -> str:
    """Return the period that holds the event, or "" if none does."""
    periods = period_names(report)
    if not report.event or not periods:
        return ""
    try:
        day = date.fromisoformat(report.event[:10])
    except ValueError:
        return ""
    week = day.isocalendar()
    for name in (
        f"{week.year}-W{week.week:02d}",
        f"{day:%Y-%m}",
        f"{day.year}Q{(day.month + 2) // 3}",
        str(day.year),
    ):
        if name in periods:
            return name
    before = [name for name in periods if name <= report.event[:10]]
    return before[-1] if before and before[-1] != periods[-1] else ""


def share_axis(values: Sequence[float], **options: Any) -> tuple[Any, Any]:
    """Return the scale and the axis of shares that hold these values."""
    import altair as alt

    scale = Scale.of_shares(float(v) for v in values)
    ticks = list(scale.ticks)
    axis = alt.Axis(values=ticks, format=".0%", domain=False, ticks=False, **options)
    return alt.Scale(domain=[0, scale.high], nice=False, zero=True), axis


def time_panel(
    rows: pd.DataFrame, report: Report, look: Look, colour: str, top: float
) -> Chart:
    """Return line, ribbon and dots of each source, to be set in panels."""
    import altair as alt

    periods = period_names(report)
    last = len(periods) - 1
    middle = [last // 2] if look.width > _ROOM else []
    x_axis = alt.Axis(
        values=sorted({0, *middle, last}),
        labelExpr=named_by(periods),
        labelAngle=0,
        labelAlign=_inwards(last),
        grid=False,
        title=None,
    )
    scale, y_axis = share_axis([top], title=None)
    x = alt.X("at:O", axis=x_axis, scale=alt.Scale(padding=0.35))
    y = alt.Y("share:Q", scale=scale, axis=y_axis)
    base = alt.Chart()
    ribbon: dict[str, Any] = {
        "color": look.ribbon or colour,
        "opacity": 1 if look.ribbon else 0.22,
    }
    layers = [
        base.mark_area(**ribbon).encode(
            x=x, y=alt.Y("low:Q", scale=scale, axis=y_axis), y2="high:Q"
        ),
        base.mark_line(color=QUIET, strokeWidth=1, strokeDash=[2, 2]).encode(
            x=x, y=alt.Y("median:Q", scale=scale, axis=y_axis)
        ),
        base.mark_line(color=colour, strokeWidth=1.8).encode(x=x, y=y),
    ]
    for filled, fill in ((True, colour), (False, GROUND)):
        layers.append(
            base.transform_filter(alt.datum.partial == (not filled))
            .mark_circle(fill=fill, stroke=colour, strokeWidth=1.5, opacity=1)
            .encode(
                x=x,
                y=y,
                size=alt.value(look.dot),
                description=alt.Description("said:N"),
            )
        )
    if at := event_period(report):
        here = base.transform_filter(alt.datum.at == periods.index(at))
        layers.append(here.mark_rule(color=INK, strokeDash=[5, 3]).encode(x=x))
    return alt.layer(*layers, data=rows).properties(
        width=look.width, height=look.height
    )


_ROOM = 200
"""Points from which there is room for a period's name in the middle."""


def _inwards(last: int) -> Any:
    """Return how names of periods are aligned: the outer ones within their panel."""
    conditions = [
        {"test": f"datum.value === {at}", "value": side}
        for at, side in ((0, "left"), (last, "right"))
    ]
    return {"condition": conditions, "value": "center"}


def calibration_panel(rows: pd.DataFrame, look: Look, colour: str = "") -> Chart:
    """Return observed shares by score, with the line on which they should lie."""
    import altair as alt

    axis = alt.Axis(
        values=[0, 0.5, 1], format=".0%", domain=False, ticks=False, labelFlush=False
    )
    scale = alt.Scale(domain=[0, 1], nice=False)
    ends: dict[str, Any] = {"strokeDash": [3, 3], "strokeWidth": 1, "color": QUIET}
    diagonal = (
        alt.Chart()
        .transform_aggregate(n="count()", groupby=["panel"])
        .mark_rule(**ends)
        .encode(
            x=alt.XDatum(0, scale=scale),
            x2=alt.X2Datum(1),
            y=alt.YDatum(0, scale=scale),
            y2=alt.Y2Datum(1),
        )
    )
    base = alt.Chart().encode(
        x=alt.X("score:Q", scale=scale, axis=axis, title="score"),
        y=alt.Y("observed:Q", scale=scale, axis=axis, title="coded so"),
    )
    line = base.mark_line(color=colour or COLOURS[0], strokeWidth=1.5)
    dots = base.mark_circle(color=colour or COLOURS[0], opacity=1).encode(
        size=alt.Size("n:Q", scale=alt.Scale(range=[12, 120]), legend=None),
        description=alt.Description("said:N"),
    )
    return alt.layer(diagonal, line, dots, data=rows).properties(
        width=look.width, height=look.height
    )


def calibration_rows(report: Report, titles: Mapping[str, str]) -> pd.DataFrame:
    """Return the calibration with the number of each panel, in codebook order."""
    table = report.calibration[report.calibration["code"].isin(list(titles))]
    order = {code: k for k, code in enumerate(titles)}
    table = table.sort_values(
        "code", key=lambda codes: codes.map(order), kind="stable"
    ).reset_index(drop=True)
    return table.assign(
        panel=table["code"].map(order),
        said=[
            f"{visible(titles[r['code']])}: scored {percent(r['score'])} %, coded so "
            f"{percent(r['observed'])} % of {r['n']:,} sentences"
            for r in rows_of(table)
        ],
    )
