"""The words of many sentences at once, as arrays.

Python objects for single words are what scoring would spend its time on. Here a
word is a number into the list of distinct words, and everything that depends on a
word alone is looked up once for each distinct word.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from framing.arrays import Bools, Ints, starts_of

WORD = re.compile(r"[^\W_]+")
"""A run of letters and digits."""

ACTOR = "<actor>"
"""The word that stands for a mention of an actor."""

_PARTS = re.compile(rf"({WORD.pattern})")


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of sentences that stand one after another in `text`.

    Sentence `i` is `text[bounds[i] : bounds[i + 1] - 1]`, its words are those from
    `offsets[i]` to `offsets[i + 1]`. Word `j` is `words[numbers[j]]` and stands at
    `text[starts[j] : ends[j]]`; `rows[j]` is its sentence.
    """

    text: str
    bounds: Ints
    words: list[str]
    numbers: Ints
    starts: Ints
    ends: Ints
    offsets: Ints

    @property
    def rows(self) -> Ints:
        """The sentence of each word."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))


def tokenise(texts: Sequence[str]) -> Tokens:
    """Return the words of texts, as they are written."""
    text = "\n".join([*texts, ""])
    # What lies between words and the words themselves, in turns.
    parts = _PARTS.split(text)
    ends = np.cumsum(np.fromiter(map(len, parts), dtype=np.int64, count=len(parts)))
    found = parts[1::2]
    words = list(dict.fromkeys(found))
    bounds = starts_of(
        np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)) + 1
    )
    starts = ends[:-1:2]
    return Tokens(
        text,
        bounds,
        words,
        number(found, words),
        starts,
        ends[1::2],
        np.searchsorted(starts, bounds),
    )


def number(found: Sequence[str], words: Sequence[str]) -> Ints:
    """Return the number of each word in the list of distinct words."""
    numbers = {word: i for i, word in enumerate(words)}
    return np.fromiter(
        map(numbers.__getitem__, found), dtype=np.int64, count=len(found)
    )


def mask(tokens: Tokens, starts: Ints, ends: Ints) -> Tokens:
    """Return the words in lower case, each mention from `starts` to `ends` as one.

    The word of a mention is number 0, `ACTOR`. Mentions are in order, do not overlap
    and begin with a word.
    """
    lower = [word.casefold() for word in tokens.words]
    words = [ACTOR, *dict.fromkeys(lower)]
    numbers = number(lower, words)[tokens.numbers]
    first = np.searchsorted(tokens.starts, starts)
    stop = np.searchsorted(tokens.starts, ends)
    # A mention without a letter or a figure is no word.
    real = first < stop
    first, stop = first[real], stop[real]
    keep = ~_inside(first, stop, len(numbers))
    keep[first] = True
    numbers[first] = 0
    own_starts, own_ends = tokens.starts.copy(), tokens.ends.copy()
    own_starts[first], own_ends[first] = starts[real], ends[real]
    return Tokens(
        tokens.text,
        tokens.bounds,
        words,
        numbers[keep],
        own_starts[keep],
        own_ends[keep],
        starts_of(keep.astype(np.int64))[tokens.offsets],
    )


def _inside(first: Ints, stop: Ints, n: int) -> Bools:
    """Return which of `n` positions lie in one of the ranges, which do not overlap."""
    steps = np.bincount(first, minlength=n + 1) - np.bincount(stop, minlength=n + 1)
    return np.cumsum(steps[:n]) > 0
