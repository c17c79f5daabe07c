"""Seed-word patterns found in many sentences at once.

All patterns stand in one tree of their elements, so that what they begin with in
common is looked at once. A step takes all places in all sentences that a pattern has
come to so far one word further: which elements accept a word depends on the word
alone and is remembered, and which of them go on from a place is one look-up in the
table of the tree's edges.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from framing.arrays import Bools, Ints, Lists, Pairs, spread
from framing.tokens import ACTOR

GAP = re.compile(r"<([1-9])>")

_MEMO_LIMIT = 200_000
"""Distinct words remembered; keeps memory flat on any corpus."""


def split_pattern(text: str) -> list[str]:
    """Return the elements of a pattern as the words of a text are cut."""
    return [
        element
        for part in text.casefold().split()
        for element in ([part] if part.startswith("<") else re.split(r"[-'’.]", part))
        if element
    ]


def forms_of(word: str) -> set[str]:
    """Return a word, and with a `~` at its end also its regular forms."""
    if not word.endswith("~"):
        return {word}
    word = word[:-1]
    forms = {word, word + "s", word + "es", word + "ed", word + "ing"}
    if word.endswith("e"):
        forms |= {word + "d", word[:-1] + "ing"}
    if re.search(r"[^aeiou]y$", word):
        forms |= {word[:-1] + "ies", word[:-1] + "ied"}
    if re.search(r"[^aeiou][aeiou][^aeiouwxy]$", word):
        forms |= {word + word[-1] + "ed", word + word[-1] + "ing"}
    return forms


class _Elements:
    """The distinct elements of all patterns, and which of them accept a word."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self.by_word: dict[str, list[int]] = {}
        self.by_beginning: dict[str, list[tuple[str, int]]] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def add(self, text: str) -> int:
        """Return the number of an element, a new one if it is not there yet."""
        known = self._numbers.get(text)
        if known is not None:
            return known
        number = self._numbers[text] = len(self._numbers)
        words: set[str] = set()
        for choice in text.split("|"):
            beginning, star, _ = choice.partition("*")
            if star:
                self.by_beginning.setdefault(beginning, []).append((choice, number))
            else:
                words |= forms_of(choice)
        for word in words:
            self.by_word.setdefault(word, []).append(number)
        return number

    def accepting(self, word: str) -> Iterable[int]:
        """Return the numbers of the elements that accept a word."""
        found = dict.fromkeys(self.by_word.get(word, ()))
        if word != ACTOR:
            for length in range(len(word) + 1):
                for stem, number in self.by_beginning.get(word[:length], ()):
                    if number not in found and _fits(stem, word, length):
                        found[number] = None
        return found


def _fits(stem: str, word: str, begun: int) -> bool:
    """Return whether a word fits a stem, of which it has the first letters."""
    if begun == len(stem) - 1:  # nothing but the star is left, as in nearly all
        return _REST.fullmatch(word, begun) is not None
    return compile_stem(stem).fullmatch(word) is not None


@cache
def compile_stem(stem: str) -> re.Pattern[str]:
    """Return what a word with `*` in it stands for."""
    return re.compile(re.escape(stem).replace(r"\*", r"\w*"))


_REST = re.compile(r"\w*")


@dataclass(frozen=True, slots=True)
class Places:
    """Where patterns were found: from word `first` up to but without word `stop`."""

    patterns: Ints
    first: Ints
    stop: Ints


class PatternTree:
    """Many patterns in one tree; a pattern is known by the node where it ends."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.elements = _Elements()
        edges: dict[tuple[int, int], int] = {}
        gaps: dict[tuple[int, int], int] = {}
        self.nodes: dict[str, int] = {}
        for text in texts:
            node = 0
            for i, part in enumerate(split_pattern(text)):
                gap = GAP.fullmatch(part) if i else None
                step = int(gap[1]) if gap else self.elements.add(part)
                children = gaps if gap else edges
                node = children.setdefault((node, step), 1 + len(edges) + len(gaps))
            self.nodes[text] = node
        self.size = 1 + len(edges) + len(gaps)
        self.ends = np.zeros(self.size, dtype=np.bool_)
        self.ends[list(self.nodes.values())] = True
        # For each element the edges that it stands on: parent and child.
        self.edges: dict[int, list[tuple[int, int]]] = {}
        for (parent, element), child in edges.items():
            self.edges.setdefault(element, []).append((parent, child))
        parents = np.array([parent for parent, _ in gaps], dtype=np.int64)
        self.gap_sizes = np.array([size for _, size in gaps], dtype=np.int64)
        self.gap_children = np.array(list(gaps.values()), dtype=np.int64)
        self.gaps = Lists.by_owner(parents, np.arange(len(gaps)), self.size)
        self._memo: dict[str, Ints] = {}

    def find(self, words: Sequence[str], numbers: Ints, offsets: Ints) -> Places:
        """Return the places of every pattern; one for each word that it begins with.

        Word `j` is `words[numbers[j]]`; sentence `i` has those from `offsets[i]` to
        `offsets[i + 1]`. With gaps the match that skips fewest words counts, those in
        the first gap before those in the next.
        """
        moves = self._moves(words)
        end = np.repeat(offsets[1:], np.diff(offsets))
        # Every word may begin a pattern.
        first = np.arange(len(numbers))
        paths = _Paths(np.zeros_like(first), first, first, np.zeros_like(first))
        found = []
        while len(paths.node):
            paths = moves.follow(paths, numbers)
            paths = self._skip(paths)
            found.append(paths.take(self.ends[paths.node]))
            paths = paths.take(paths.at < end[paths.first])
        return _best(found)

    def _moves(self, words: Sequence[str]) -> "_Moves":
        """Return the edges of the tree that some words may follow."""
        if len(self._memo) > _MEMO_LIMIT:
            self._memo.clear()
        memo = self._memo
        for word in words:
            if word not in memo:
                memo[word] = self.edges_of(word)
        edges = [memo[word] for word in words]
        lengths = np.fromiter(map(len, edges), dtype=np.int64, count=len(edges))
        parents, children = np.concatenate([_NO_EDGE, *edges]).T
        word_of = np.repeat(np.arange(len(words)), lengths)
        new = np.ones(len(parents), dtype=np.bool_)
        new[1:] = (np.diff(parents) != 0) | (np.diff(word_of) != 0)
        starts = np.append(np.flatnonzero(new), len(parents))
        pairs = Pairs(parents[new], word_of[new], self.size)
        return _Moves(pairs, Lists(children, starts))

    def edges_of(self, word: str) -> Ints:
        """Return parent and child of every edge that accepts a word, by parent."""
        found = [
            edge
            for element in self.elements.accepting(word)
            for edge in self.edges[element]
        ]
        return np.array(sorted(found), dtype=np.int64) if found else _NO_EDGE

    def _skip(self, path: "_Paths") -> "_Paths":
        """Return the paths and, where a gap may follow, those behind it."""
        which, gap = self.gaps.of(path.node)
        if not len(which):
            return path
        skips = self.gap_sizes[gap] + 1
        which, gap = np.repeat(which, skips), np.repeat(gap, skips)
        skipped = spread(np.zeros_like(skips), skips)
        behind = path.take(which)
        beyond = _Paths(
            self.gap_children[gap],
            behind.first,
            behind.at + skipped,
            behind.skipped * 10 + skipped,
        )
        # One gap may follow another.
        return path.join(self._skip(beyond))


_NO_EDGE = np.empty((0, 2), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class _Moves:
    """Where the words of some sentences lead from the nodes of the tree.

    `pairs` are the nodes and words that lead somewhere, `children` where.
    """

    pairs: Pairs
    children: Lists

    def follow(self, paths: "_Paths", numbers: Ints) -> "_Paths":
        """Return the paths one word further, those that end there left out."""
        at, pair = self.pairs.find(paths.node, numbers[paths.at])
        which, child = self.children.of(pair)
        further = paths.take(at[which])
        return _Paths(child, further.first, further.at + 1, further.skipped)


@dataclass(frozen=True, slots=True)
class _Paths:
    """Beginnings of patterns: node, first word, next word, and the words skipped."""

    node: Ints
    first: Ints
    at: Ints
    skipped: Ints

    def take(self, which: Ints | Bools) -> "_Paths":
        return _Paths(
            self.node[which], self.first[which], self.at[which], self.skipped[which]
        )

    def join(self, other: "_Paths") -> "_Paths":
        return _Paths(
            np.concatenate([self.node, other.node]),
            np.concatenate([self.first, other.first]),
            np.concatenate([self.at, other.at]),
            np.concatenate([self.skipped, other.skipped]),
        )


def _best(found: Sequence[_Paths]) -> Places:
    """Return one place for each pattern and first word, that which skips least."""
    none = np.empty(0, dtype=np.int64)
    every = _Paths(none, none, none, none)
    for paths in found:
        every = every.join(paths)
    every = every.take(np.lexsort((every.skipped, every.node, every.first)))
    new = np.ones(len(every.node), dtype=np.bool_)
    new[1:] = np.diff(every.first) != 0
    new[1:] |= np.diff(every.node) != 0
    every = every.take(new)
    return Places(every.node, every.first, every.at)
