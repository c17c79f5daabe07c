"""Which lines of an article are no sentences: captions, web debris, headings.

The patterns are data (`framing/segment/data/debris.toml`). They may miss some debris
rather than throw away a sentence. Most lines are prose, so the first word decides
which few patterns are tried at all.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, Literal, TypeAlias

DebrisKind = Literal["caption", "debris"]
_KINDS: tuple[DebrisKind, ...] = ("caption", "debris")

__all__ = ["BULLET", "debris_kind", "is_closing", "looks_like_heading"]

_BULLETS = "-\u2013\u2014*•▪●◦‣■►·"
BULLET = re.compile(rf"(?:[{_BULLETS}]+\s+)+")

# Longer lines are prose, however they begin: a scraper may have lost the line ends.
_LONGEST_LINE = 300
_HEADING_WORDS = 15
_HEADING_LENGTH = 120
_COLON_HEADING_WORDS = 6
# With so many long words, all capitalised, a line is no sentence full of names.
_TITLE_CASE_WORDS = 25
_LONG_WORD = 5
_TITLE_CASE_LONG_WORDS = 5
_CLOSING_QUOTES = "\"'”’»"
_FULL_STOPS = (".", "!", "?", "")
_CLOSING = _CLOSING_QUOTES + ")]"
_SENTENCE_END = re.compile(rf"[.?!…;,:][{re.escape(_CLOSING)}]*$")
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
_LETTER_OR_FIGURE = re.compile(r"[^\W_]")
_LETTERS = re.compile(r"[^\W\d_]+")
_WORD_LIST = re.compile(r"\{([a-z]+)\}")
_MARKS_AT_END = r"[\s.!:…]*$"
_ANY = "*"
# Longer first words are no keys of patterns.
_LONGEST_KEY = 24
# Most of the first words of 50 MB of news.
_MEMO_SIZE = 20_000


def debris_kind(line: str, *, is_line: bool) -> DebrisKind | None:
    """Return what a line or a sentence is, if it is not part of the article's prose.

    Parameters
    ----------
    line : its text without white space around it.
    is_line : whether it stands on a line of its own, where more is recognised.
    """
    core = _without_bullet(line) if line[:1] in _BULLETS else line
    if not core:
        return "debris"
    if len(core) > _LONGEST_LINE:
        return None
    tried = _tried(core[:_LONGEST_KEY].split(" ", 1)[0])
    if is_line:
        return _line_kind(core, tried)
    for found in tried:
        if _fits(found.anywhere, core):
            return found.kind
    return None


def is_closing(line: str) -> bool:
    """Return whether a line below the last sentence tells of the author or the page."""
    core = _without_bullet(line)
    if not core or len(core) > _LONGEST_LINE:
        return False
    first = _first(core)
    return _fits(_closing(first if first in _rules().by_start else _ANY), core)


def looks_like_heading(line: str) -> bool:
    """Return whether a line that stands alone has the look of a heading.

    That is: short, begun by a capital or a digit, without a mark at its end; or a
    short question; or a few capitalised words and a colon; or a line in title case.
    """
    # Four in five lines: prose that ends like prose.
    if line.rstrip(_CLOSING)[-1:] == ".":
        return False
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
    if len(words) > _TITLE_CASE_WORDS:
        return False
    long_words = [word for word in words if len(word) >= _LONG_WORD]
    return (
        len(long_words) >= _TITLE_CASE_LONG_WORDS
        and not any(word[0].islower() for word in long_words)
        and not _SENTENCE_END.search(words[-1].rstrip("?!"))
    )


def _without_bullet(line: str) -> str:
    """Return a line without the bullets at its head."""
    bullet = BULLET.match(line)
    return line[bullet.end() :] if bullet else line


def _first(core: str) -> str:
    """Return the first word of a line, its first mark, or "0" for any figure."""
    if not core:
        return ""
    word = _LETTERS.match(core)
    if word:
        return word[0].casefold()
    return "0" if core[0].isdigit() else core[0]


_Pattern: TypeAlias = re.Pattern[str] | None


def _fits(pattern: _Pattern, core: str) -> bool:
    return pattern is not None and pattern.match(core) is not None


_Places: TypeAlias = Mapping[tuple[DebrisKind, str], Sequence[str]]
_Held: TypeAlias = tuple[DebrisKind, str, str]


class _Tried:
    """What is tried on a line or a sentence, on a line only, on one without an end.

    Each pattern is compiled when a line first asks for it: most never are.
    """

    def __init__(self, kind: DebrisKind, places: _Places) -> None:
        self.kind = kind
        self._places = places

    @cached_property
    def anywhere(self) -> _Pattern:
        return self._in("start", "whole")

    @cached_property
    def line(self) -> _Pattern:
        return self._in("line")

    @cached_property
    def stub(self) -> _Pattern:
        return self._in("stub")

    def _in(self, *places: str) -> _Pattern:
        kept = (self._places.get((self.kind, place), ()) for place in places)
        return _either(*chain.from_iterable(kept))


@dataclass(frozen=True, slots=True)
class _Rules:
    """The expressions by place, kind and first word, others by the text they need."""

    by_start: Mapping[str, _Places]
    holds: Sequence[_Held]
    ends: Sequence[_Held]


def _line_kind(core: str, tried: Sequence[_Tried]) -> DebrisKind | None:
    """Return what a short line without its bullet is."""
    rules = _rules()
    bare = core.rstrip(_CLOSING_QUOTES)
    is_stub = bare[-1:] not in _FULL_STOPS
    for found in tried:
        if _fits(found.anywhere, core) or _fits(found.line, core):
            return found.kind
        if is_stub and _fits(found.stub, core):
            return found.kind
    folded = core.casefold()
    for kind, text, whole in rules.holds:
        if text in folded and _compiled(whole).match(core):
            return kind
    if is_stub:
        for kind, text, whole in rules.ends:
            if text in folded and _compiled(whole).search(core):
                return kind
    if core[0].isalnum() or _LETTER_OR_FIGURE.search(core):
        return None
    return "debris"


@lru_cache(maxsize=_MEMO_SIZE)
def _tried(token: str) -> tuple[_Tried, ...]:
    """Return the patterns for lines that begin with what stands before a blank."""
    first = _first(token)
    return _tried_on(first) if first in _rules().by_start else ()


@cache
def _tried_on(first: str) -> tuple[_Tried, ...]:
    """Return the patterns for lines with that first word, which many may share."""
    places = _rules().by_start.get(first, {})
    return tuple(_Tried(kind, places) for kind in dict.fromkeys(k for k, _ in places))


@cache
def _closing(first: str) -> _Pattern:
    """Return the pattern for closing lines that begin with a word."""
    start = _rules().by_start
    place: tuple[DebrisKind, str] = ("debris", "close")
    firsts = dict.fromkeys((first, _ANY))
    return _either(*chain.from_iterable(start[f].get(place, ()) for f in firsts))


@cache
def _rules() -> _Rules:
    """Return the patterns, read once."""
    source = Path(__file__).with_name("data") / "debris.toml"
    data = tomllib.loads(source.read_text(encoding="utf-8"))
    words = {name: text.split() for name, text in data.pop("words").items()}
    any_of = {name: _any_of(listed) for name, listed in words.items()}
    starts: dict[str, dict[tuple[DebrisKind, str], list[str]]] = {}
    held: dict[str, list[_Held]] = {"holds": [], "end": []}
    for kind, place, key, pattern in _entries(data, words, any_of):
        ending = {"start": "", "end": "$"}.get(place, _MARKS_AT_END)
        whole = f"(?:{pattern}){ending}"
        if place in held:
            held[place].append((kind, key.casefold(), whole))
        else:
            first = key if key == _ANY else _first(key)
            starts.setdefault(first, {}).setdefault((kind, place), []).append(whole)
    return _Rules(starts, held["holds"], held["end"])


def _entries(
    data: Mapping[str, Any],
    words: Mapping[str, Sequence[str]],
    any_of: Mapping[str, str],
) -> Iterator[tuple[DebrisKind, str, str, str]]:
    """Yield kind, place, key and pattern of each, with the lists of words filled in."""
    for kind in _KINDS:
        for place, table in data[kind].items():
            for keys, listed in table.items():
                patterns = [listed] if isinstance(listed, str) else listed
                named = _WORD_LIST.sub(lambda name: " ".join(words[name[1]]), keys)
                for key in named.split():
                    for pattern in patterns:
                        full = _WORD_LIST.sub(lambda name: any_of[name[1]], pattern)
                        yield kind, place, key, full


def _any_of(words: Sequence[str]) -> str:
    """Return an expression for one of some words, the longest that fits."""
    return f"(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})"


@cache
def _either(*patterns: str) -> _Pattern:
    """Return some expressions as one pattern, None for none."""
    return _compiled("|".join(patterns)) if patterns else None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
