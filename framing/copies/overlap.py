"""How much of a text stands in another: the exact check behind the candidates."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framing.copies.shingles import (
    WORDS,
    Hashes,
    cut_words,
    hash_shingles,
    sample_shingles,
)
from framing.model import Bools

LEAST_WORDS = 20
"""Words of its own that a text needs to be a copy of anything."""


@dataclass(frozen=True)
class Shingled:
    """A text as its shingles in order, 4 bytes each, and which of them count."""

    shingles: NDArray[np.uint32]
    counted: Bools

    @property
    def n_counted(self) -> int:
        """Words that stand in a shingle that counts."""
        return int(_covered(self.counted).sum())


def shingle_texts(texts: Sequence[str], boilerplate: Hashes) -> list[Shingled]:
    """Return texts as shingles; those within boilerplate do not count.

    Boilerplate is known of sampled shingles only; any other goes with the nearest of
    them.
    """
    found = []
    for shingles in hash_shingles([cut_words(text) for text in texts]):
        counted = np.ones(len(shingles), dtype=np.bool_)
        sampled = np.flatnonzero(np.isin(shingles, sample_shingles(shingles)))
        standing = np.isin(shingles[sampled], boilerplate)
        if standing.any():
            middles = (sampled[1:] + sampled[:-1]) / 2
            nearest = np.searchsorted(middles, np.arange(len(shingles)))
            counted = ~standing[nearest]
        found.append(Shingled(shingles.astype(np.uint32), counted))
    return found


def measure_overlap(
    a: Shingled, b: Shingled, least: int = LEAST_WORDS
) -> tuple[float, float]:
    """Return which part of the words of `a` stands in `b`, and of `b` in `a`.

    A word stands in the other text if five words in a row around it do. Where a text
    has fewer than `least` words that count, nothing of it can be said: 0.
    """
    n_a, n_b = a.n_counted, b.n_counted
    if max(n_a, n_b) < least:
        return 0.0, 0.0
    in_b = np.isin(a.shingles, b.shingles)
    in_a = np.isin(b.shingles, a.shingles[in_b])
    return _part(a, in_b, n_a, least), _part(b, in_a, n_b, least)


def _part(text: Shingled, shared: Bools, n_counted: int, least: int) -> float:
    if n_counted < least:
        return 0.0
    return float(_covered(shared & text.counted).sum() / n_counted)


def _covered(shingles: Bools) -> Bools:
    """Return which words stand in one of the shingles that are true."""
    ends = np.concatenate([[0], np.cumsum(shingles, dtype=np.int64)])
    n = len(shingles)
    words = np.arange(n + WORDS - 1 if n else 0)
    last = np.minimum(words + 1, n)
    first = np.maximum(words - WORDS + 1, 0)
    return np.asarray(ends[last] > ends[first])
