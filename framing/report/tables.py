"""The tables behind the page and the figures, by name."""

from collections.abc import Sequence

import pandas as pd

from framing.report.content import Evidence, Report

NORMALISED = ["source", "code", "normalised", "n_articles", "n_sentences"]


def report_tables(report: Report) -> dict[str, pd.DataFrame]:
    """Return every table of the report by name, none left out where empty.

    Shares are in [0, 1] and not rounded. `evidence` has a row per sentence,
    `evidence_words` one per marked word of it, joined by `number`.
    """
    return {
        "mix": report.mix,
        "normalised_mix": report.mix[NORMALISED],
        "differences": report.differences,
        "over_time": report.periods,
        "event": report.changes,
        "actors": report.targets,
        "stance": report.stance,
        "evidence": _evidence(report.evidence),
        "evidence_words": _evidence_words(report.evidence),
        "words": report.words,
        "source_words": report.source_words,
        "checks": pd.DataFrame(list(report.checks), columns=["level", "text"]),
        "calibration": report.calibration,
        "confusion": report.confusion,
        "copies": report.copies,
        "left_out": report.left_out,
    }


_EVIDENCE = [
    *("source", "code", "why", "score", "given", "text", "title", "date", "url"),
    *("base", "other", "log_odds"),
]


def _evidence(pieces: Sequence[Evidence]) -> pd.DataFrame:
    rows = [
        [i, *(getattr(piece, name) for name in _EVIDENCE), "; ".join(piece.targets)]
        for i, piece in enumerate(pieces)
    ]
    return pd.DataFrame(rows, columns=["number", *_EVIDENCE, "targets"])


def _evidence_words(pieces: Sequence[Evidence]) -> pd.DataFrame:
    rows = [
        [i, mark.start, mark.end, piece.text[mark.start : mark.end], mark.weight]
        for i, piece in enumerate(pieces)
        for mark in piece.marks
    ]
    return pd.DataFrame(rows, columns=["number", "start", "end", "words", "weight"])
