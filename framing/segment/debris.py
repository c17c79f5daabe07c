"""Which lines of an article are no sentences: captions, web debris, headings.

The patterns are data (`framing/segment/data/debris.toml`). They may miss some debris
rather than throw away a sentence.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

DebrisKind = Literal["caption", "debris"]

__all__ = ["BULLET", "debris_kind", "looks_like_heading"]

BULLET = re.compile(r"(?:[-\u2013\u2014*•▪●◦‣■►·]+\s+)+")

# Longer lines are prose, however they begin: a scraper may have lost the line ends.
_LONGEST_LINE = 300
_HEADING_WORDS = 15
_HEADING_LENGTH = 120
_COLON_HEADING_WORDS = 6
# With so many long words, all capitalised, a line is no sentence full of names.
_TITLE_CASE_WORDS = 25
_LONG_WORD = 5
_TITLE_CASE_LONG_WORDS = 5
_SENTENCE_END = re.compile(r"""[.?!…;,:]["'”’»)\]]*$""")
_QUESTION = re.compile(
    r"(?:what|who|whose|why|how|where|when|which|can)\b"
    r"[^.?!]{3,60}\?$",
    re.I,
)
# A line that stops short is a broken sentence; one with a full stop inside is prose.
_NOT_HEADING = re.compile(
    r"\b(?:a|an|the|of|to|in|on|at|by|for|from|with|and|or|but|that|as|is|are|was|were"
    r"|said|his|her|its|their)$|[^\W\d_]{3}\.\s+[^\W\d_]"
)


def debris_kind(line: str, *, is_line: bool) -> DebrisKind | None:
    """Return what a line or a sentence is, if it is not part of the article's prose.

    Parameters
    ----------
    line : its text without white space around it.
    is_line : whether it stands on a line of its own, where more is recognised.
    """
    bullet = BULLET.match(line)
    core = line[bullet.end() :] if bullet else line
    if not core:
        return "debris"
    if len(core) > _LONGEST_LINE:
        return None
    for kind, patterns in _patterns().items():
        if patterns.anywhere.match(core):
            return kind
        if is_line and patterns.line.match(core):
            return kind
        if is_line and core[-1] not in ".!?" and patterns.end.search(core):
            return kind
    return None


def looks_like_heading(line: str) -> bool:
    """Return whether a line that stands alone has the look of a heading.

    That is: short, begun by a capital or a digit, without a mark at its end; or a
    short question; or a few capitalised words and a colon; or a line in title case.
    """
    words = line.split()
    if _is_title_case(words):
        return True
    if len(words) > _HEADING_WORDS or len(line) > _HEADING_LENGTH or BULLET.match(line):
        return False
    first = line.lstrip("\"'“‘«([")[:1]
    # A quotation that goes on in the next line is a broken sentence.
    if line.count("“") != line.count("”"):
        return False
    if not (first.isupper() or first.isdigit()) or _NOT_HEADING.search(line):
        return False
    if _QUESTION.match(line):
        return True
    if line.endswith(":"):
        capitals = not any(word[0].islower() for word in words if len(word) > 3)
        return 1 < len(words) <= _COLON_HEADING_WORDS and capitals
    return not _SENTENCE_END.search(line)


def _is_title_case(words: list[str]) -> bool:
    """Return whether a line is a headline with capitals, perhaps a question."""
    long_words = [word for word in words if len(word) >= _LONG_WORD]
    return (
        len(words) <= _TITLE_CASE_WORDS
        and len(long_words) >= _TITLE_CASE_LONG_WORDS
        and not any(word[0].islower() for word in long_words)
        and not _SENTENCE_END.search(words[-1].rstrip("?!"))
    )


@dataclass(frozen=True, slots=True)
class _Patterns:
    """What fits a line or a sentence, all of a line, the end of a line."""

    anywhere: re.Pattern[str]
    line: re.Pattern[str]
    end: re.Pattern[str]


@cache
def _patterns() -> dict[DebrisKind, _Patterns]:
    """Return the patterns of each kind, read once."""
    source = files("framing.segment") / "data" / "debris.toml"
    data = tomllib.loads(source.read_text(encoding="utf-8"))
    kinds: tuple[DebrisKind, ...] = ("caption", "debris")
    return {kind: _compiled(data[kind]) for kind in kinds}


def _compiled(lists: dict[str, list[str]]) -> _Patterns:
    """Return the lists of one kind as one pattern for each place."""

    def either(patterns: list[str]) -> str:
        return "(?:" + "|".join(f"(?:{pattern})" for pattern in patterns) + ")"

    whole, line = (f"{either(lists[name])}[\\s.!:…]*$" for name in ("whole", "line"))
    return _Patterns(
        re.compile(f"{either(lists['start'])}|{whole}", re.IGNORECASE),
        re.compile(line, re.IGNORECASE),
        re.compile(f"{either(lists['end'])}$", re.IGNORECASE),
    )
