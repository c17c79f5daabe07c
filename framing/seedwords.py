"""Seed words: words, phrases, stems and short patterns that speak for a code.

A pattern is a row of words separated by blanks:

========  =====================================================
`treaty`   this word, in any case
`sanction*`  any word that begins so (`*` may stand anywhere)
`ban~`     the word and its regular forms (ban, bans, banned, banning)
`sign|ink`   one of these
`<3>`        up to three words in between, none is fine
`<actor>`    an actor of the codebook's targets file
========  =====================================================

Words are runs of letters and digits: a hyphen, an apostrophe or a full stop
separates words in texts and in patterns alike (`u s`, `anti dumping`).
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import filterfalse
from pathlib import Path
from typing import Any

import numpy as np

from framing.arrays import Bools, Ints, Lists, spread
from framing.codebook import Code, Codebook, read_toml
from framing.errors import CodebookError, shown
from framing.patterns import GAP, PatternTree, forms_of, split_pattern
from framing.records import Hit, Mention
from framing.tokens import ACTOR, WORD

STANCE = "stance"
ROLES = ("tag", "hint", STANCE)
NONE = "none"


@dataclass(frozen=True, slots=True)
class SeedGroup:
    """Patterns that speak for one code.

    Role "tag" gives a sentence the code; "hint" is too weak for that and only
    informs the model; "stance" speaks for a stance value, not for a code. A hit that
    overlaps a hit of `unless` does not count; nor does any hit in a sentence where
    `not_with` is found, or where `only_with` is given and not found.
    """

    name: str
    code: str
    role: str
    words: tuple[str, ...]
    unless: tuple[str, ...] = ()
    not_with: tuple[str, ...] = ()
    only_with: tuple[str, ...] = ()


class _Element:
    """One place of a pattern: the words it accepts, or a gap of up to `gap` words."""

    __slots__ = ("_open", "beginnings", "gap", "words")

    def __init__(self, text: str) -> None:
        gap = GAP.fullmatch(text)
        self.gap = int(gap[1]) if gap else 0
        choices = text.split("|")
        self.words = {w for c in choices if "*" not in c for w in forms_of(c)}
        stems = [c for c in choices if "*" in c]
        self.beginnings = {stem.partition("*")[0] for stem in stems}
        places = [re.escape(stem).replace(r"\*", r"\w*") for stem in stems]
        self._open = re.compile("|".join(places)) if places else None

    def fits(self, word: str) -> bool:
        """Tell whether the element accepts a word."""
        if word in self.words:
            return True
        return (
            self._open is not None
            and word != ACTOR
            and self._open.fullmatch(word) is not None
        )


class _Pattern:
    """A compiled pattern: its text and its elements."""

    __slots__ = ("elements", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.elements = tuple(_Element(part) for part in split_pattern(text))


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a sentence in lower case, with its place; an actor is one word."""

    text: str
    start: int
    end: int


class Patterns:
    """Many patterns, looked up by the first word of each.

    Which patterns can begin with a word depends on the word alone, so that is
    remembered: most words of a text begin none, and cost one look-up.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self._by_word: dict[str, list[_Pattern]] = {}
        self._by_beginning: dict[str, list[_Pattern]] = {}
        self._memo: dict[str, tuple[_Pattern, ...]] = {}
        for text in dict.fromkeys(patterns):
            pattern = _Pattern(text)
            for word in pattern.elements[0].words:
                self._by_word.setdefault(word, []).append(pattern)
            for beginning in pattern.elements[0].beginnings:
                self._by_beginning.setdefault(beginning, []).append(pattern)

    def find(self, tokens: Sequence[Token]) -> dict[str, list[tuple[int, int]]]:
        """Return the places `start, end` of every pattern that is found."""
        found: dict[str, list[tuple[int, int]]] = {}
        for i, token in enumerate(tokens):
            for pattern in self._beginning_with(token.text):
                last = _match(pattern.elements, 1, tokens, i + 1)
                if last:
                    place = (token.start, tokens[last - 1].end)
                    found.setdefault(pattern.text, []).append(place)
        return found

    def _beginning_with(self, word: str) -> tuple[_Pattern, ...]:
        known = self._memo.get(word)
        if known is None:
            found = list(self._by_word.get(word, ()))
            for length in range(len(word) + 1):
                stems = self._by_beginning.get(word[:length], ())
                found += [p for p in stems if p.elements[0].fits(word)]
            known = tuple(dict.fromkeys(found))
            if len(self._memo) >= _MEMO_LIMIT:
                self._memo.clear()
            self._memo[word] = known
        return known


_MEMO_LIMIT = 200_000
"""Distinct words remembered; keeps memory flat on any corpus."""


def _match(
    elements: tuple[_Element, ...], element: int, tokens: Sequence[Token], at: int
) -> int:
    """Return the position after the match of `elements[element:]`, or 0."""
    while element < len(elements):
        if elements[element].gap:
            for skipped in range(elements[element].gap + 1):
                end = _match(elements, element + 1, tokens, at + skipped)
                if end:
                    return end
            return 0
        if at >= len(tokens) or not elements[element].fits(tokens[at].text):
            return 0
        element, at = element + 1, at + 1
    return at


def cut_words(text: str, mentions: Sequence[Mention]) -> list[Token]:
    """Return the words of a sentence in lower case, each mention as one actor."""
    tokens = []
    mentions = [*mentions, Mention(len(text) + 1, len(text) + 1, "", "")]
    upcoming = 0
    for word in WORD.finditer(text):
        while word.start() >= mentions[upcoming].end:
            upcoming += 1
        mention = mentions[upcoming]
        if word.start() < mention.start:
            tokens.append(Token(word.group().casefold(), word.start(), word.end()))
        elif not tokens or tokens[-1].end <= mention.start:
            tokens.append(Token(ACTOR, mention.start, mention.end))
    return tokens


class SeedWords:
    """The seed words of a codebook, ready to be found in sentences."""

    def __init__(self, groups: Sequence[SeedGroup]) -> None:
        self.groups = tuple(groups)
        self._speaking: dict[str, list[int]] = {}
        for number, group in enumerate(self.groups):
            for word in dict.fromkeys(group.words):
                self._speaking.setdefault(word, []).append(number)
        self._not_with = [frozenset(group.not_with) for group in groups]
        self._only_with = [frozenset(group.only_with) for group in groups]

    @cached_property
    def _patterns(self) -> Patterns:
        """All patterns, for single sentences."""
        lists = ((g.words, g.unless, g.not_with, g.only_with) for g in self.groups)
        return Patterns(word for own in lists for words in own for word in words)

    def find(self, tokens: Sequence[Token]) -> list[Hit]:
        """Return the hits of all groups in a sentence, guards applied, by place.

        `tokens` are its words as `cut_words` gives them.
        """
        found = self._patterns.find(tokens)
        allowed: dict[int, bool] = {}
        hits = []
        for word, places in found.items():
            for number in self._speaking.get(word, ()):
                if number not in allowed:
                    allowed[number] = self._is_allowed(number, found.keys())
                if allowed[number]:
                    group = self.groups[number]
                    hits += [
                        Hit(start, end, group.code, group.name, word)
                        for start, end in places
                        if not _overlaps(start, end, group.unless, found)
                    ]
        return sorted(hits)

    def find_all(self, words: Sequence[str], numbers: Ints, offsets: Ints) -> "Hits":
        """Return the hits of all groups in many sentences, guards applied.

        Word `j` is `words[numbers[j]]`; sentence `i` has those from `offsets[i]` to
        `offsets[i + 1]`. These are the hits of `find` for each by itself.
        """
        tree = self.tree
        found = tree.patterns.find(words, numbers, offsets)
        rows = np.searchsorted(offsets, found.first, "right") - 1
        at, groups = tree.words.of(found.patterns)
        hits = Hits(rows[at], groups, found.first[at], found.stop[at])
        table = np.zeros((2, len(offsets) - 1, len(self.groups)), dtype=np.bool_)
        for met, guards in zip(table, (tree.not_with, tree.only_with), strict=True):
            at, groups = guards.of(found.patterns)
            met[rows[at], groups] = True
        silenced, called = table[:, hits.rows, hits.groups]
        allowed = ~silenced & (called | ~tree.waits[hits.groups])
        hits = hits.take(allowed)
        at, groups = tree.unless.of(found.patterns)
        unless = Hits(rows[at], groups, found.first[at], found.stop[at])
        return hits.take(~hits.overlap(unless, len(self.groups)))

    @cached_property
    def tree(self) -> "_Tree":
        """All patterns and what they are to the groups, made when first needed."""
        lists = ("words", "unless", "not_with", "only_with")
        groups = [[getattr(group, name) for name in lists] for group in self.groups]
        patterns = PatternTree(w for group in groups for words in group for w in words)

        def groups_of(column: int) -> Lists:
            owned = {
                (patterns.nodes[word], number)
                for number, group in enumerate(groups)
                for word in group[column]
            }
            table = np.array(sorted(owned), dtype=np.int64).reshape(-1, 2)
            return Lists.by_owner(table[:, 0], table[:, 1], patterns.size)

        words, unless, not_with, only_with = map(groups_of, range(len(lists)))
        waits = np.array([bool(g.only_with) for g in self.groups], dtype=np.bool_)
        return _Tree(patterns, words, unless, not_with, only_with, waits)

    def _is_allowed(self, number: int, found: Set[str]) -> bool:
        """Tell whether the guards of a group let it speak in this sentence."""
        wanted = self._only_with[number]
        return self._not_with[number].isdisjoint(found) and not (
            wanted and wanted.isdisjoint(found)
        )


@dataclass(frozen=True, slots=True)
class Hits:
    """Where the seed words of groups were found in many sentences.

    From word `first` up to but without word `stop` of all sentences, in sentence
    `rows`; `groups` are numbers.
    """

    rows: Ints
    groups: Ints
    first: Ints
    stop: Ints

    def take(self, which: Bools) -> "Hits":
        """Return some of the hits."""
        return Hits(
            self.rows[which], self.groups[which], self.first[which], self.stop[which]
        )

    def overlap(self, guards: "Hits", n_groups: int) -> Bools:
        """Return which hits share a word with a guard of their group."""
        which, words = _covered(self, n_groups)
        _, guarded = _covered(guards, n_groups)
        touched = which[np.isin(words, guarded)]
        return np.bincount(touched, minlength=len(self.rows)) > 0


def _covered(hits: Hits, n_groups: int) -> tuple[Ints, Ints]:
    """Return the words of hits, each with its group in one number; and whose."""
    lengths = hits.stop - hits.first
    which = np.repeat(np.arange(len(lengths)), lengths)
    return which, spread(hits.first, lengths) * n_groups + hits.groups[which]


@dataclass(frozen=True, slots=True)
class _Tree:
    """All patterns, and for each the groups that it speaks for or guards."""

    patterns: PatternTree
    words: Lists
    unless: Lists
    not_with: Lists
    only_with: Lists
    waits: Bools


def _overlaps(
    start: int,
    end: int,
    guards: Sequence[str],
    found: Mapping[str, list[tuple[int, int]]],
) -> bool:
    return any(
        start < e and s < end for guard in guards for s, e in found.get(guard, ())
    )


def read_seed_words(codebook: Codebook, path: Path | None) -> SeedWords:
    """Return the seed words of a codebook and, if `path` is given, of that file.

    Raises
    ------
    CodebookError
        The file cannot be read, a group is malformed or names an unknown code.
    """
    groups = [_codebook_group(code) for code in codebook.codes if code.seed_words]
    if path is not None:
        table = read_toml(path).get("group", [])
        if not isinstance(table, list):
            msg = f"{shown(path)}: group must be a list of tables. Write [[group]]."
            raise CodebookError(msg)
        groups += [_read_group(group, codebook, path) for group in table]
    names = [group.name for group in groups]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        msg = f"{shown(path)}: group {sorted(twice)[0]} is there twice. Rename one."
        raise CodebookError(msg)
    return SeedWords(groups)


def _codebook_group(code: Code) -> SeedGroup:
    wrong = [word for word in code.seed_words if not is_pattern(word)]
    if wrong:
        msg = f"seed word {shown(wrong[0])!r} of code {code.name} is no pattern. "
        raise CodebookError(msg + "Begin and end with a word: docs/formats.md.")
    return SeedGroup(f"{code.name}_words", code.name, "tag", code.seed_words)


def _read_group(table: Any, codebook: Codebook, path: Path) -> SeedGroup:
    lists = ("words", "unless", "not_with", "only_with")
    name = table.get("name") if isinstance(table, dict) else None
    name = name if isinstance(name, str) and name else "?"
    where = f"{shown(path)}: group {shown(name)}"
    unknown = set(table) - {"name", "code", "role", *lists} if name != "?" else {"?"}
    if unknown:
        msg = f"{where}: {sorted(unknown)[0]} is not known. Keys: name, code, role, "
        raise CodebookError(msg + ", ".join(lists) + ".")
    role = table.get("role", "tag")
    if role not in ROLES:
        msg = f"{where}: role must be one of {', '.join(ROLES)}."
        raise CodebookError(msg)
    allowed = codebook.stances if role == STANCE else (*codebook.names, NONE)
    if table.get("code") not in allowed:
        msg = f"{where}: code {shown(table.get('code'))} is not in {codebook.name} "
        raise CodebookError(msg + f"(known: {', '.join(allowed)}). Mend the code.")
    for key in lists:
        words = table.get(key, [])
        if not isinstance(words, list) or not all(is_pattern(w) for w in words):
            msg = f"{where}: {key} must be a list of patterns that begin with a word."
            raise CodebookError(msg)
    return SeedGroup(
        name,
        table["code"],
        role,
        *(tuple(table.get(key, ())) for key in lists),
    )


def is_pattern(text: Any) -> bool:
    """Tell whether a text is a pattern that can be found."""
    if not isinstance(text, str) or len(text) > MAX_PATTERN:
        return False
    if _PLAIN.fullmatch(text):
        return True
    words = split_pattern(text)
    gaps = [GAP.fullmatch(word) is not None for word in words]
    if not words or gaps[0] or gaps[-1] or sum(gaps) > MAX_GAPS:
        return False
    return all(
        is_gap or word == ACTOR or _CHOICES.fullmatch(word)
        for word, is_gap in zip(words, gaps, strict=True)
    )


def are_patterns(texts: Collection[str]) -> bool:
    """Tell whether texts are patterns that can be found; many at once are quicker."""
    if max(map(len, texts), default=0) > MAX_PATTERN:
        return False
    return all(map(is_pattern, filterfalse(_PLAIN.fullmatch, texts)))


MAX_PATTERN, MAX_GAPS = 300, 4
"""Characters and gaps of a pattern: what no meaning needs and would only be slow."""

_CHOICE = r"(?:[^\W_]+~|\*?[^\W_]+(?:\*[^\W_]+)?\*?)"
_CHOICES = re.compile(rf"{_CHOICE}(?:\|{_CHOICE})*")
_EASY = "[a-z0-9]+[*~]?"
_ELEMENT = rf"(?:<actor>|{_EASY}(?:\|{_EASY})*)"
_ELEMENTS = f"{_ELEMENT}(?: {_ELEMENT})*"
_PLAIN = re.compile(f"{_ELEMENTS}(?: <[1-9]> {_ELEMENTS}){{0,{MAX_GAPS}}}")
"""Nearly all of the ten thousand patterns of a model: told as such at once."""
