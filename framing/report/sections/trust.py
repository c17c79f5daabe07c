"""Can I trust this? Checks, confusion, copies, what was left out."""

from typing import Any

from framing.report.content import Report
from framing.report.rounding import count, percent, plain
from framing.report.rows import rows_of
from framing.report.sections.names import Named, name_codes

LEVELS = {"warning": "Warning", "note": "Mind", "ok": "Fine"}
"""How grave a check is, in words, gravest first."""


def trust_section(report: Report) -> dict[str, Any]:
    """Return the answers, the warnings first, and the tables below them."""
    order = list(LEVELS)
    checks = [
        {"level": level if level in LEVELS else "note", "text": text}
        for level, text in report.checks
    ]
    checks.sort(key=lambda check: order.index(check["level"]))
    return {
        "checks": [check | {"word": LEVELS[check["level"]]} for check in checks],
        "n_warnings": sum(check["level"] == "warning" for check in checks),
        "confusion": _confusion(report),
        "copies": _copies(report),
        "left_out": [
            {**record, "n": count(record["n"])} for record in rows_of(report.left_out)
        ],
    }


def _confusion(report: Report) -> list[dict[str, Any]]:
    codes = name_codes(report)
    rows = []
    for record in rows_of(report.confusion):
        named = codes.get(record["code"]) or Named(record["code"], record["code"], 0)
        numbers = ("coded_given", "coded_missed", "given_wrongly", "neither")
        rows.append(
            {
                "code": named,
                "numbers": [count(record[name]) for name in numbers],
                "scores": [plain(record[k]) for k in ("precision", "recall", "f1")],
            }
        )
    return rows


def _copies(report: Report) -> list[dict[str, Any]]:
    return [
        {
            "source": record["source"],
            "n_articles": count(record["n_articles"]),
            "n_copies": count(record["n_copies"]),
            "share": percent(record["share"], 1),
            "width": round(100 * record["share"], 1) if record["share"] > 0 else 0,
        }
        for record in rows_of(report.copies)
    ]
