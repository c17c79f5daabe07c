"""The figures of a report for a paper: SVG, PDF and PNG at the width of a column.

Drawn on white with the colours of the page; what colour says is also said by place,
shape or number, so that a copy in grey can be read.
"""

import re

from framing.report import charts
from framing.report.charts import Chart, Look
from framing.report.content import Report
from framing.report.drawing import draw
from framing.report.plots import PLOTS, POINTS_PER_MM, TEXT

DOTS_PER_INCH = 300

_UNSEEN = re.compile(r'<text[^>]* opacity="0"[^>]*>[^<]*</text>')
"""Labels without room; what is transparent gives a PDF another order each time."""


def draw_figures(report: Report) -> dict[str, dict[str, bytes]]:
    """Return each figure that the report has content for, as "svg", "pdf" and "png".

    The same report gives the same bytes (a PDF as long as the font has all letters of
    its names). `mix`, `normalised`, `differences`, `time` and `stance` are 190 mm wide,
    `calibration` 90 mm.
    """
    drawn = {name: plot(report) for name, plot in PLOTS.items()}
    return {name: _written(*figure) for name, figure in drawn.items() if figure}


def _written(chart: Chart, millimetres: int) -> dict[str, bytes]:
    import vl_convert

    look = Look(0, 0, text=TEXT)
    svg = _UNSEEN.sub("", draw(charts.configured(chart, look)))
    svg = _sized(svg.replace(charts.GROUND, "#ffffff"), millimetres)
    return {
        "svg": _in_millimetres(svg, millimetres).encode(),
        "pdf": vl_convert.svg_to_pdf(svg),
        "png": vl_convert.svg_to_png(svg, ppi=DOTS_PER_INCH),
    }


def _sized(svg: str, millimetres: int) -> str:
    """Return an SVG as wide as its column, in points, whatever it was drawn at."""
    box = _box(svg)
    width = millimetres * POINTS_PER_MM
    height = width * box[1] / box[0]
    return _with_size(svg, f"{width:.2f}", f"{height:.2f}")


def _in_millimetres(svg: str, millimetres: int) -> str:
    """Return an SVG for programs of layout, with fonts that stand in for ours."""
    width, height = _box(svg)
    tall = millimetres * height / width
    svg = _with_size(svg, f"{millimetres}mm", f"{tall:.2f}mm")
    fonts = f"{charts.FONT}, Arial, Helvetica, sans-serif"
    return svg.replace(f'font-family="{charts.FONT}"', f'font-family="{fonts}"')


def _box(svg: str) -> tuple[float, float]:
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    if not found:
        msg = "an SVG without a view box"
        raise ValueError(msg)
    return float(found[1]), float(found[2])


def _with_size(svg: str, width: str, height: str) -> str:
    head = f'width="{width}" height="{height}" viewBox='
    return re.sub(r'width="[^"]*" height="[^"]*" viewBox=', head, svg, count=1)
