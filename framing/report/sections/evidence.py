"""The evidence: sentences cut at the words that moved their score."""

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from framing.report.content import Evidence, Marked, Report
from framing.report.rounding import plain, weight
from framing.report.sections.names import name_codes, name_sources
from framing.report.text import visible, web_address

WHY = {
    "telling": "most telling",
    "random": "drawn at random",
    "unsure": "model unsure",
}
"""Why a sentence is shown, in words."""

STEPS = (0.25, 0.75, 1.5)
"""Weights, on the log-odds scale, from which a mark is drawn stronger."""


def evidence_section(report: Report) -> dict[str, Any]:
    """Return what can be filtered by, and the cards as JSON for the script."""
    codes, sources = name_codes(report), name_sources(report)
    targets = sorted({t for piece in report.evidence for t in piece.targets})
    whys = list(dict.fromkeys([*WHY, *(piece.why for piece in report.evidence)]))
    pieces = [piece for piece in report.evidence if piece.code in codes]
    used_sources = {piece.source for piece in pieces}
    used_codes = {piece.code for piece in pieces}
    cards = [
        [
            sources[piece.source].number,
            codes[piece.code].number,
            whys.index(piece.why),
            [targets.index(target) for target in piece.targets],
            *_card(piece),
        ]
        for piece in pieces
    ]
    content = {
        "sources": list(sources),
        "codes": [named.title for named in codes.values()],
        "whys": [WHY.get(why, why) for why in whys],
        "targets": targets,
        "cards": cards,
    }
    return {
        "n": len(cards),
        "sources": [s for s in sources.values() if s.name in used_sources],
        "codes": [c for c in codes.values() if c.name in used_codes],
        "whys": [(i, WHY.get(why, why)) for i, why in enumerate(whys)],
        "targets": list(enumerate(targets)),
        "json": as_json(content),
    }


def as_json(content: object) -> str:
    """Return JSON that can stand in a script element: no `<`, no line separators."""
    text = json.dumps(_visible(content), ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _visible(content: Any) -> Any:
    if isinstance(content, str):
        return visible(content)
    if isinstance(content, dict):
        return {_visible(key): _visible(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_visible(value) for value in content]
    return content


def _card(piece: Evidence) -> list[Any]:
    """Return what a card shows: head, text in pieces, words, sum."""
    return [
        piece.title,
        piece.date,
        web_address(piece.url),
        cut(piece.text, piece.marks),
        _words(piece.text, piece.marks),
        [
            weight(piece.base),
            weight(sum(mark.weight for mark in piece.marks)),
            weight(piece.other),
            weight(piece.log_odds),
            plain(piece.score),
        ],
        int(piece.given),
    ]


def _words(text: str, marks: Sequence[Marked]) -> list[list[str]]:
    """Return the marked words with their weights, heaviest first."""
    ordered = sorted(marks, key=lambda mark: (-abs(mark.weight), mark.start))
    return [[text[m.start : m.end], weight(m.weight)] for m in ordered]


def cut(text: str, marks: Sequence[Marked]) -> list[Any]:
    """Return a text in pieces: what is not marked as it is, the rest with its step.

    Where marks overlap their weights add up. A step is 1 to 4, negative where the words
    speak against the code.
    """
    ends = {0, len(text)}
    for mark in marks:
        ends |= {min(max(mark.start, 0), len(text)), min(max(mark.end, 0), len(text))}
    places = sorted(ends)
    pieces: list[Any] = []
    for start, end in pairwise(places):
        over = [m for m in marks if m.start <= start and end <= m.end]
        amount = sum(mark.weight for mark in over)
        step = _step(amount) if over else 0
        if step:
            pieces.append([text[start:end], step, weight(amount)])
        elif pieces and isinstance(pieces[-1], str):
            pieces[-1] += text[start:end]
        else:
            pieces.append(text[start:end])
    return pieces


def _step(amount: float) -> int:
    if amount == 0:
        return 0
    strength = 1 + sum(abs(amount) >= step for step in STEPS)
    return strength if amount > 0 else -strength
