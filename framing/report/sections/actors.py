"""Actors: how often each code comes with a target, and stance by target and source."""

import math
from typing import Any

from framing.report.content import Report
from framing.report.rounding import count, percent, points
from framing.report.rows import rows_of
from framing.report.scale import Scale
from framing.report.sections.mix import share_cell
from framing.report.sections.names import name_codes, name_sources

COLUMNS = 6
"""Targets with a column of their own in the picture of stance; the numbers have all."""

FEW = 10
"""Sentences below which a stance is drawn pale."""


def targets_section(report: Report) -> dict[str, Any]:
    """Return a row a target, a cell per code."""
    codes = name_codes(report)
    table = report.targets
    scale = Scale.of_shares(float(v) for v in [*table["high"], *table["share"]])
    rows: list[dict[str, Any]] = []
    for target, own in table.groupby("target", sort=False):
        by_code = {record["code"]: record for record in rows_of(own)}
        rows.append(
            {
                "target": str(target),
                "size": float(own["n_sentences"].max()),
                "n_sentences": count(float(own["n_sentences"].max())),
                "cells": [
                    share_cell(by_code[code], scale, title=f"{target}, {named.title}")
                    if code in by_code
                    else None
                    for code, named in codes.items()
                ],
            }
        )
    rows.sort(key=lambda row: (-row["size"], row["target"]))
    return {"rows": rows, "marks": scale.marks()}


def stance_section(report: Report) -> dict[str, Any]:
    """Return a row a source, a diverging bar per target."""
    table = report.stance
    sizes = table.groupby("target", sort=False)["n_sentences"].sum()
    targets = [str(t) for t in sizes.sort_values(ascending=False, kind="stable").index]
    drawn = targets[:COLUMNS]
    far = max([*table["favourable"].dropna(), *table["critical"].dropna(), 0.05])
    scale = Scale.of_differences([float(far)])
    by_pair = {(r["target"], r["source"]): r for r in rows_of(table)}
    rows = []
    for source in name_sources(report).values():
        cells = [
            _bars(by_pair[target, source.name], scale)
            if (target, source.name) in by_pair
            else None
            for target in drawn
        ]
        if any(cells):
            rows.append({"source": source, "cells": cells})
    return {
        "targets": drawn,
        "n_more": len(targets) - len(drawn),
        "rows": rows,
        "marks": [
            (at, text.lstrip("+−")) for at, text in scale.marks() if text[0] != "0"
        ],
        "zero": scale.at(0.0),
    }


def _bars(record: Any, scale: Scale) -> dict[str, Any] | None:
    fair, neutral, bad = (
        float(record[name]) for name in ("favourable", "neutral", "critical")
    )
    if math.isnan(fair) or math.isnan(bad):
        return None
    zero, left, right = scale.at(0.0), scale.at(-bad), scale.at(fair)
    n = float(record["n_sentences"])
    return {
        "value": fair - bad,
        "net": points(fair - bad, 0),
        "left": left,
        "left_width": round(zero - left, 2),
        "right_width": round(right - zero, 2),
        "few": n < FEW,
        "n": count(n),
        "title": (
            f"{record['source']} on {record['target']}: favourable {percent(fair)} %, "
            f"neutral {percent(neutral)} %, critical {percent(bad)} % of {count(n)} "
            "sentences"
        ),
    }
