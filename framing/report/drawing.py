"""From a chart to SVG: for print as it is, for the page with its colours as classes."""

import json
import re
from xml.etree import ElementTree as ET

from framing.report.charts import COLOURS, GROUND, INK, LINE, QUIET, Chart

SVG = "http://www.w3.org/2000/svg"

CLASSES = {
    **{colour: f"k{i}" for i, colour in enumerate(COLOURS)},
    INK: "ink",
    QUIET: "quiet",
    LINE: "line",
    GROUND: "ground",
}
"""What the style sheet calls a colour; `f-` before it fills, `s-` strokes."""

KEPT = {
    *("d", "x", "y", "x1", "x2", "y1", "y2", "width", "height", "transform", "opacity"),
    *("stroke-width", "stroke-dasharray", "text-anchor", "font-size", "fill-opacity"),
    "dy",
}
"""Attributes of a drawing that the page needs; it has its own names for readers."""

_UNWANTED = {"background", "role-title"}
"""What the page draws itself: the ground, and the name of a panel."""

_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")


def draw(chart: Chart) -> str:
    """Return the SVG of a chart; the same chart gives the same bytes."""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(json.dumps(chart.to_dict()))
    return svg


def panels(chart: Chart, *, margin: tuple[float, float, float, float]) -> list[str]:
    """Return each cell of a faceted chart as an SVG of its own, fit for the page.

    `margin` (left, top, right, bottom) is what lies about a cell: labels of its axes.
    """
    root = ET.fromstring(draw(chart))
    cells = [g for g in root.iter(f"{{{SVG}}}g") if _is_cell(g)]
    return [drawn for cell in cells for g in cell for drawn in [_panel(g, margin)]]


def _is_cell(group: ET.Element) -> bool:
    classes = group.get("class", "").split()
    return "role-scope" in classes and "cell" in classes


def _panel(group: ET.Element, margin: tuple[float, float, float, float]) -> str:
    left, top, right, bottom = margin
    back = next(e for e in group.iter() if "background" in e.get("class", ""))
    width, height = _size(back.get("d", ""))
    box = (-left, -top, width + left + right, height + top + bottom)
    view = " ".join(f"{side:g}" for side in box)
    svg = ET.Element("svg", {"viewBox": view, "aria-hidden": "true", "class": "panel"})
    for child in group:
        if (clean := _clean(child)) is not None:
            svg.append(clean)
    return ET.tostring(svg, encoding="unicode")


def _size(path: str) -> tuple[float, float]:
    """Return width and height of the rectangle that a path draws from its corner."""
    found = re.search(r"h([\d.]+)v([\d.]+)h", path)
    if not found:
        msg = f"not a rectangle: {path!r}"
        raise ValueError(msg)
    return float(found[1]), float(found[2])


def _clean(element: ET.Element) -> ET.Element | None:
    """Return a copy with what the page needs, or nothing if it draws nothing."""
    tag = element.tag.rpartition("}")[2]
    kinds = element.get("class", "").split()
    if _UNWANTED & set(kinds) or element.get("display") == "none":
        return None
    kept = {
        name: _NUMBER.sub(_rounded, value)
        for name, value in element.attrib.items()
        if name in KEPT and not (name in ("opacity", "fill-opacity") and value == "1")
    }
    if "font-size" in kept:
        kept["font-size"] = kept["font-size"].removesuffix("px")
    classes = [
        f"{side[0]}-{CLASSES[value.lower()]}"
        for side in ("fill", "stroke")
        if (value := element.get(side, "")).lower() in CLASSES
    ]
    if tag == "path" and "f" not in {name[0] for name in classes}:
        classes.append("empty")
    if classes:
        kept["class"] = " ".join(classes)
    copy = ET.Element(tag, kept)
    copy.text = element.text
    children = [clean for child in element if (clean := _clean(child)) is not None]
    if tag == "g" and not children:
        return None
    said = element.get("aria-label")
    if said and element.get("aria-roledescription") == "circle":
        title = ET.SubElement(copy, "title")
        title.text = said
    copy.extend(children)
    return copy


def _rounded(number: re.Match[str]) -> str:
    return f"{round(float(number[0]), 1):g}"
