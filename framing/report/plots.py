"""The plots of the figures for print: what is drawn, column by column and row by row.

Each returns a chart and the width it is for, or nothing where the report has nothing.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from framing.report import charts
from framing.report.charts import (
    COLOURS,
    INK,
    QUIET,
    Chart,
    Look,
    named_by,
    share_axis,
)
from framing.report.content import Report
from framing.report.rounding import percent
from framing.report.rows import rows_of
from framing.report.scale import Scale
from framing.report.text import shortened, visible

SINGLE, DOUBLE = 90, 190
"""Widths of a column and of two, in millimetres."""

POINTS_PER_MM = 72 / 25.4

TEXT = 8
"""Points of the letters."""

ROW = 13
"""Points a row of a figure takes."""

MOST_ROWS = 30
"""Differences that are drawn, the largest; the table has all."""

MOST_PANELS = 12
"""Outlets drawn over time, and twice the actors of stance: those with most text."""

_NAME = 28  # characters of an outlet's name
_LABELS = 118  # points that names at the left may take
_PAIRS = 250  # the same for two outlets and a code
_RIBBON = "#c9e0ee"  # the first colour, paled

Drawn = tuple[Chart, int]


def _titles(report: Report) -> list[str]:
    """Return the names of the codes in codebook order."""
    return [about.title or about.code for about in report.codes]


def _short(names: Sequence[str]) -> list[str]:
    return [shortened(visible(name), _NAME) for name in names]


def _numbered(table: pd.DataFrame, report: Report) -> pd.DataFrame:
    """Return the rows of known codes with their number, `column`."""
    places = {about.code: k for k, about in enumerate(report.codes)}
    table = table[table["code"].isin(list(places))]
    return table.assign(column=table["code"].map(places))


def _in_rows(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return a table with the number of each source among `names`, `row`."""
    places = {name: i for i, name in enumerate(names)}
    return table[table["source"].isin(list(places))].assign(
        row=table["source"].map(places)
    )


def _by_first_code(table: pd.DataFrame) -> list[str]:
    """Return the outlets by their share of the first code, as the page has them."""
    first = table[table["column"] == table["column"].min()]
    ranked = first.sort_values(["share", "source"], ascending=[False, True])["source"]
    return list(dict.fromkeys([*ranked, *table["source"]]))


def _rows(names: Sequence[str], limit: int = _LABELS) -> Any:
    """Return the axis on which row after row has its name."""
    import altair as alt

    axis = alt.Axis(
        title=None,
        labelExpr=named_by(names),
        labelLimit=limit,
        ticks=False,
        domain=False,
        labelColor=INK,
    )
    return alt.Y("row:O", axis=axis)


def _header(names: Sequence[str], **options: Any) -> Any:
    """Return what stands at the head of panels that are known by their number."""
    import altair as alt

    own: dict[str, Any] = {"labelFontSize": TEXT, "labelAnchor": "start"}
    own |= {"title": None, "labelExpr": named_by(names), "labelPadding": 3}
    return alt.Header(**own | options)


def plot_mix(report: Report) -> Drawn | None:
    """Return dots with intervals, a column per code, a row per outlet."""
    import altair as alt

    table = _numbered(report.mix, report)
    table = table[table["note"] == ""]
    if table.empty:
        return None
    titles, order = _titles(report), _by_first_code(table)
    table = _in_rows(table, order)
    scale, axis = share_axis(
        [*table["high"], *table["share"], *table["counted"]], title=None, grid=True
    )
    base = alt.Chart().encode(y=_rows(_short(order)))
    x: dict[str, Any] = {"scale": scale, "axis": axis}
    thin: dict[str, Any] = {"size": 18, "opacity": 1, "strokeWidth": 1}
    said = "share with its interval"
    if report.is_corrected:
        said = f"filled: {said}; hollow: counted"
    layers = (
        base.mark_rule(color=INK, strokeWidth=1).encode(
            x=alt.X("low:Q", **x), x2="high:Q"
        ),
        base.mark_point(fill="#ffffff", stroke=QUIET, **thin).encode(
            x=alt.X("counted:Q", **x)
        ),
        base.mark_point(filled=True, color=INK, size=24, opacity=1).encode(
            x=alt.X("share:Q", **x)
        ),
    )
    width = _panel_width(DOUBLE, len(titles))
    panel = alt.layer(*layers, data=table).properties(
        width=width, height=ROW * len(order)
    )
    return (
        panel.facet(
            column=alt.Column("column:O", header=_header(titles)), spacing=12
        ).properties(title=alt.Title(said, fontSize=TEXT, color=QUIET)),
        DOUBLE,
    )


def _panel_width(millimetres: int, n: int, labels: float = _LABELS) -> float:
    """Return the width of one of n panels beside the names."""
    left = millimetres * POINTS_PER_MM - labels - 12 * n
    return max(left / max(n, 1), 24)


def plot_normalised(report: Report) -> Drawn | None:
    """Return a bar per outlet, cut by code."""
    import altair as alt

    table = _numbered(report.mix, report)
    table = table[table["normalised"].notna() & (table["note"] == "")]
    if table.empty:
        return None
    titles, order = _titles(report), _by_first_code(table)
    parts = _in_rows(table, order).sort_values(["row", "column"], kind="stable")
    ends = parts.groupby("source")["normalised"].cumsum()
    parts = parts.assign(
        start=ends - parts["normalised"],
        end=ends,
        middle=ends - parts["normalised"] / 2,
        text=[percent(v) if v >= 0.05 else "" for v in parts["normalised"]],
        light=[COLOURS[k % len(COLOURS)] in _DARK for k in parts["column"]],
    )
    scale = alt.Scale(domain=[0, 1], nice=False)
    axis = alt.Axis(
        format=".0%", values=[0, 0.25, 0.5, 0.75, 1], title=None, grid=False
    )
    colours = [COLOURS[i % len(COLOURS)] for i in range(len(titles))]
    base = alt.Chart().encode(y=_rows(_short(order)))
    bars = base.mark_bar(stroke="#ffffff", strokeWidth=1, height=ROW - 3).encode(
        x=alt.X("start:Q", scale=scale, axis=axis),
        x2="end:Q",
        color=alt.Color(
            "column:N",
            scale=alt.Scale(domain=list(range(len(titles))), range=colours),
            legend=alt.Legend(
                title=None, symbolType="square", labelExpr=named_by(titles)
            ),
        ),
    )
    numbers = base.mark_text(fontSize=7).encode(
        x=alt.X("middle:Q", scale=scale, axis=axis),
        text="text:N",
        color=alt.condition(
            alt.datum.light, alt.value("#ffffff"), alt.value("#101314")
        ),
    )
    chart = alt.layer(bars, numbers, data=parts).properties(
        width=_panel_width(DOUBLE, 1), height=ROW * len(order)
    )
    return chart, DOUBLE


_DARK = {COLOURS[0], COLOURS[6], COLOURS[7]}
"""Colours on which a number is white."""


def plot_differences(report: Report) -> Drawn | None:
    """Return the largest differences with their intervals."""
    import altair as alt

    table = _numbered(report.differences, report).head(MOST_ROWS)
    table = table[table["difference"].notna()]
    if table.empty:
        return None
    titles = _titles(report)
    names = [
        " − ".join(_short([r["a"], r["b"]])) + f", {titles[r['column']]}"
        for r in rows_of(table)
    ]
    table = table.assign(row=range(len(table)), stands=(table["p_adjusted"] < 0.05))
    reach = Scale.of_differences(
        v for v in [*table["low"], *table["high"]] if not math.isnan(v)
    )
    marks = list(reach.ticks)
    x: dict[str, Any] = {
        "scale": alt.Scale(domain=[marks[0], marks[-1]], nice=False),
        "axis": alt.Axis(
            values=marks,
            title="percentage points; hollow: does not stand after correction",
            labelExpr="datum.value ? format(100 * datum.value, '+.3~r') : '0'",
            domain=False,
        ),
    }
    base = alt.Chart().encode(y=_rows(names, _PAIRS))
    fill = alt.condition(alt.datum.stands, alt.value(INK), alt.value("#ffffff"))
    zero = (
        alt.Chart().mark_rule(color=QUIET, strokeWidth=1).encode(x=alt.XDatum(0, **x))
    )
    chart = alt.layer(
        zero,
        base.mark_rule(color=INK, strokeWidth=1).encode(
            x=alt.X("low:Q", **x), x2="high:Q"
        ),
        base.mark_point(
            filled=True, stroke=INK, strokeWidth=1, size=26, opacity=1
        ).encode(x=alt.X("difference:Q", **x), fill=fill),
        data=table,
    ).properties(width=_panel_width(DOUBLE, 1, _PAIRS), height=ROW * len(names))
    return chart, DOUBLE


def plot_time(report: Report) -> Drawn | None:
    """Return shares over time, a column per code, a row per outlet."""
    import altair as alt

    own = _numbered(report.periods, report)
    if own.empty:
        return None
    sizes = own.groupby("source", sort=False)["n_articles"].sum()
    ranked = sizes.sort_values(ascending=False, kind="stable")
    sources = list(ranked.index[:MOST_PANELS])
    tables = [charts.time_rows(report, about.code, sources) for about in report.codes]
    rows = pd.concat([table.assign(column=k) for k, table in enumerate(tables)])
    rows = _in_rows(rows, sources)
    titles = _titles(report)
    top = float(rows[["high", "share"]].max().max())
    width = _panel_width(DOUBLE, len(titles), 100)
    look = Look(width, 34, TEXT, dot=9, ribbon=_RIBBON)
    panel = charts.time_panel(rows, report, look, COLOURS[0], top)
    at_left: dict[str, Any] = {
        "labelAngle": 0,
        "labelAnchor": "middle",
        "labelAlign": "left",
        "labelLimit": 90,
    }
    heads = _header(_short(sources), **at_left, labelFontSize=TEXT - 1)
    return (
        panel.facet(
            row=alt.Row("row:O", header=heads),
            column=alt.Column("column:O", header=_header(titles)),
            spacing=9,
        ),
        DOUBLE,
    )


def plot_stance(report: Report) -> Drawn | None:
    """Return diverging bars, a column per actor, a row per outlet."""
    import altair as alt

    table = report.stance[report.stance["favourable"].notna()]
    if table.empty:
        return None
    sizes = table.groupby("target", sort=False)["n_sentences"].sum()
    ranked = sizes.sort_values(ascending=False, kind="stable")
    actors = {target: k for k, target in enumerate(ranked.index[: MOST_PANELS // 2])}
    sources = list(dict.fromkeys(table["source"]))
    table = _in_rows(table[table["target"].isin(list(actors))], sources)
    table = table.assign(column=table["target"].map(actors), against=-table["critical"])
    far = Scale.of_differences([*table["favourable"], *table["critical"]]).high
    x: dict[str, Any] = {
        "scale": alt.Scale(domain=[-far, far], nice=False),
        "axis": alt.Axis(
            values=[-far, 0, far],
            labelExpr="format(abs(datum.value), '.0%')",
            title=None,
            domain=False,
            ticks=False,
        ),
    }
    base = alt.Chart().encode(y=_rows(_short(sources)))
    bars = [
        base.mark_bar(height=ROW - 5, color=colour).encode(
            x=alt.X(f"{name}:Q", **x), x2=alt.X2Datum(0)
        )
        for name, colour in (("against", COLOURS[2]), ("favourable", COLOURS[0]))
    ]
    zero = alt.Chart().mark_rule(color=INK).encode(x=alt.XDatum(0, **x))
    panel = alt.layer(*bars, zero, data=table).properties(
        width=_panel_width(DOUBLE, len(actors)), height=ROW * len(sources)
    )
    column = alt.Column("column:O", header=_header(_short(list(actors))))
    return (
        panel.facet(column=column, spacing=12).properties(
            title=alt.Title(
                "critical (left) and favourable (right)", fontSize=TEXT, color=QUIET
            )
        ),
        DOUBLE,
    )


def plot_calibration(report: Report) -> Drawn | None:
    """Return what coders gave by what the model scored, a panel per code."""
    import altair as alt

    titles = {about.code: about.title or about.code for about in report.codes}
    rows = charts.calibration_rows(report, titles)
    if rows.empty:
        return None
    panel = charts.calibration_panel(rows, Look(96, 96, TEXT), INK)
    facet = alt.Facet("panel:O", header=_header(_titles(report)))
    return panel.facet(facet=facet, columns=2, spacing=24), SINGLE


PLOTS: dict[str, Callable[[Report], Drawn | None]] = {
    "mix": plot_mix,
    "normalised": plot_normalised,
    "differences": plot_differences,
    "time": plot_time,
    "stance": plot_stance,
    "calibration": plot_calibration,
}
"""The figures by name."""
