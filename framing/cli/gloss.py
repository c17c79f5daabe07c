"""A sentence with what its words add to a code's score written beneath them."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from framing.cli import common
from framing.errors import shown

if TYPE_CHECKING:
    from framing.marks import MarkedSentence

LEAST = 0.1
"""Log-odds from which a word is marked; what the others add is told in sum."""

INDENT = "    "
LONGEST = 40
"""Columns of a piece of text that holds no space; longer ones are cut in pieces."""

RAISES, LOWERS = "bold #0072b2", "bold #d55e00"
"""Colours that colour-blind readers tell apart; the sign says it without them."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Text up to a space, and what its words add to the log-odds."""

    text: str
    amount: float

    @property
    def mark(self) -> str:
        """What stands beneath the piece."""
        return f"{self.amount:+.2f}" if abs(self.amount) >= LEAST else ""

    @property
    def style(self) -> str:
        """How the piece is coloured on a terminal."""
        if not self.mark:
            return ""
        return RAISES if self.amount > 0 else LOWERS


def print_gloss(text: str, marked: "MarkedSentence", code: int) -> None:
    """Print a sentence with its marks beneath, then what they add up to."""
    pieces = cut_pieces(text, marked.spans, marked.weights[:, code].tolist())
    for row in _wrap(pieces, common.WIDTH - len(INDENT)):
        _print_line([(p.text, p.style, _width(p)) for p in row])
        if any(piece.mark for piece in row):
            _print_line([(p.mark, p.style, _width(p)) for p in row])
    marks_add = sum(piece.amount for piece in pieces if piece.mark)
    others = sum(piece.amount for piece in pieces if not piece.mark)
    sums = (
        f"marked words {marks_add:+.2f}, other words {others:+.2f}, without a place "
        f"{marked.elsewhere[code]:+.2f}, with no word known {marked.base[code]:+.2f}: "
        f"log-odds {marked.log_odds[code]:+.2f}"
    )
    typer.echo(common.fill(f"  = {sums}", hanging=INDENT))


def cut_pieces(
    text: str, spans: Sequence[tuple[int, int]], weights: Sequence[float]
) -> list[Piece]:
    """Return a text in pieces between spaces; the name of an actor is one.

    Their amounts add up to the weights.
    """
    inner = [range(start, end) for start, end in spans]
    breaks = [
        found.span()
        for found in re.finditer(r"\s+", text)
        if not any(found.start() in span for span in inner)
    ]
    starts = [0, *(end for _, end in breaks)]
    ends = [*(start for start, _ in breaks), len(text)]
    pieces = []
    for start, end in zip(starts, ends, strict=True):
        amount = sum(
            weight
            for (at, _), weight in zip(spans, weights, strict=True)
            if start <= at < end
        )
        first, *others = _short(shown(text[start:end], 10 * len(text)))
        pieces += [Piece(first, amount), *(Piece(other, 0.0) for other in others)]
    return pieces


def _short(text: str) -> list[str]:
    """Return a text in pieces that a line has room for."""
    pieces, width = [""], 0
    for letter in text:
        width += common.cells(letter)
        if width > LONGEST:
            pieces.append("")
            width = common.cells(letter)
        pieces[-1] += letter
    return pieces


def _wrap(pieces: Sequence[Piece], room: int) -> list[list[Piece]]:
    rows: list[list[Piece]] = [[]]
    left = room
    for piece in pieces:
        width = _width(piece)
        if rows[-1] and width > left:
            rows.append([])
            left = room
        rows[-1].append(piece)
        left -= width + 1
    return rows


def _width(piece: Piece) -> int:
    return max(common.cells(piece.text), len(piece.mark))


def _print_line(parts: Sequence[tuple[str, str, int]]) -> None:
    """Print texts with their styles, each in its columns."""
    padded = [
        (text + " " * (width - common.cells(text) + 1), style)
        for text, style, width in parts
    ]
    if not sys.stdout.isatty():  # rich takes longer to load than the rest
        typer.echo((INDENT + "".join(text for text, _ in padded)).rstrip())
        return
    from rich.text import Text

    line = Text.assemble(INDENT, *padded)
    line.rstrip()
    common.console().print(line, no_wrap=True, overflow="ignore", crop=False)
