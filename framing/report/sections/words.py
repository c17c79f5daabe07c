"""The words: what raises each code in the model, what marks a source's sentences."""

from typing import Any

from framing.report.content import Report
from framing.report.rounding import count, plain, weight
from framing.report.rows import rows_of
from framing.report.sections.names import name_codes, name_sources

TOP = 15
"""Words listed for a code; the numbers have all."""

TOP_OF_SOURCE = 5
"""Words listed for a source and code."""


def words_section(report: Report) -> dict[str, Any]:
    """Return a list of words per code and a table of words per source and code."""
    return {"codes": _lists(report), "rows": _source_rows(report)}


def _lists(report: Report) -> list[dict[str, Any]]:
    lists = []
    most = float(report.words["weight"].max()) if len(report.words) else 1.0
    for named in name_codes(report).values():
        own = report.words[report.words["code"] == named.name]
        own = own.sort_values("weight", ascending=False, kind="stable").head(TOP)
        words = [
            {
                "word": str(record["word"]),
                "weight": weight(float(record["weight"])),
                "width": round(max(100 * float(record["weight"]) / most, 0.5), 1),
            }
            for record in rows_of(own)
        ]
        if words:
            lists.append({"code": named, "words": words})
    return lists


def _source_rows(report: Report) -> list[dict[str, Any]]:
    codes = name_codes(report)
    by_pair: dict[tuple[str, str], list[dict[str, str]]] = {}
    for record in rows_of(report.source_words):
        words = by_pair.setdefault((record["source"], record["code"]), [])
        if len(words) < TOP_OF_SOURCE:
            n, expected = count(record["n"]), plain(record["expected"], 1)
            said = f"{n} times, {expected} expected"
            words.append({"word": str(record["word"]), "n": n, "title": said})
    return [
        {"source": source, "cells": cells}
        for source in name_sources(report).values()
        if any(cells := [by_pair.get((source.name, code), []) for code in codes])
    ]
