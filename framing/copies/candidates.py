"""Pairs of articles that may be copies, found by what their samples share.

An inverted index from shingle to articles, made and used in slices, so that memory
grows with the samples alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framing.copies.shingles import Hashes
from framing.model import Ints

SLICES = 16
"""Parts of all shingles that are sorted one after the other."""

BLOCK = 2_000
"""Articles that are compared with all others at once."""

HUBS = 100
"""Articles of a shingle that all its others are compared with, the likeliest originals
first: a text that a thousand outlets carry makes 100,000 pairs and not 500,000."""

LEAST_SHARED = 0.1
"""Part of the smaller sample that must be shared; a text with every fifth word changed
shares a third."""

BOILERPLATE = 0.05
LEAST_BOILERPLATE = 5
"""A shingle in more than this part of an outlet's texts, and in so many at least, is no
text of any of them: a footer, a newsletter line, a standing paragraph."""


@dataclass(frozen=True)
class Candidates:
    """Pairs of positions, the first before the second, and what does not count.

    `pairs` has shape (n_pairs, 2); `boilerplate` are shingles in rising order.
    """

    pairs: Ints
    boilerplate: Hashes


def find_candidates(samples: Sequence[Hashes], outlets: Ints) -> Candidates:
    """Return the pairs of texts that share enough of their samples.

    Parameters
    ----------
    samples : sequence of ndarray
        Shingles of different texts, each once and in rising order; the likeliest
        originals first.
    outlets : ndarray of shape (n_texts,)
        The number of each text's outlet.
    """
    n = len(samples)
    sizes = np.array([len(sample) for sample in samples], dtype=np.int64)
    least = np.maximum(
        LEAST_BOILERPLATE, np.floor(BOILERPLATE * np.bincount(outlets)) + 1
    )
    index = _Index(sizes)
    for rows, hashes in _slices(samples):
        index.add(rows, hashes, outlets, least)
    pairs = list(index.pairs(n))
    found = np.concatenate(pairs) if pairs else np.empty((0, 2), dtype=np.int64)
    boilerplate = np.sort(np.concatenate([np.empty(0, np.uint64), *index.boilerplate]))
    return Candidates(found, boilerplate)


def _slices(samples: Sequence[Hashes]) -> Iterator[tuple[NDArray[np.int32], Hashes]]:
    """Yield the postings of one slice of all shingles, sorted by shingle and text."""
    for number in range(SLICES):
        blocks = [
            _postings(samples[start : start + BLOCK], start, number)
            for start in range(0, len(samples), BLOCK)
        ]
        if blocks:
            rows, hashes = map(np.concatenate, zip(*blocks, strict=True))
            order = np.argsort(hashes, kind="stable")
            yield rows[order], hashes[order]


def _postings(
    samples: Sequence[Hashes], first: int, number: int
) -> tuple[NDArray[np.int32], Hashes]:
    """Return the shingles of some texts that are in a slice, and whose they are."""
    hashes = np.concatenate(samples)
    own = np.flatnonzero(hashes % np.uint64(SLICES) == number)
    ends = np.cumsum([len(sample) for sample in samples])
    rows = first + np.searchsorted(ends, own, side="right")
    return rows.astype(np.int32), hashes[own]


class _Index:
    """What texts share: for each shingle of several texts, these texts."""

    def __init__(self, sizes: Ints) -> None:
        self.sizes = sizes.copy()
        self.rows: list[NDArray[np.int32]] = []
        self.columns: list[NDArray[np.int32]] = []
        self.ranks: list[NDArray[np.int32]] = []
        self.boilerplate: list[Hashes] = []
        self.n_columns = 0

    def add(
        self,
        rows: NDArray[np.int32],
        hashes: Hashes,
        outlets: Ints,
        least: NDArray[np.float64],
    ) -> None:
        """Take in a slice; what a single text has is of no use and goes."""
        if not len(hashes):
            return
        starts = np.flatnonzero(np.append(True, hashes[1:] != hashes[:-1]))
        counts = np.diff(np.append(starts, len(hashes)))
        standing = _find_standing(rows, counts, outlets, least)
        self.boilerplate.append(hashes[starts[standing]])
        gone = np.repeat(standing, counts)
        self.sizes -= np.bincount(rows[gone], minlength=len(self.sizes))
        useful = ~standing & (counts > 1)
        kept = np.repeat(useful, counts)
        own = counts[useful]
        numbers = np.arange(len(own), dtype=np.int32) + self.n_columns
        self.rows.append(rows[kept])
        self.columns.append(np.repeat(numbers, own).astype(np.int32))
        first = np.repeat(np.cumsum(own) - own, own)
        self.ranks.append((np.arange(own.sum()) - first).astype(np.int32))
        self.n_columns += len(own)

    def pairs(self, n: int) -> Iterator[Ints]:
        """Yield pairs that share enough, block by block."""
        if not self.n_columns:
            return
        from scipy.sparse import csr_array

        rows, columns = np.concatenate(self.rows), np.concatenate(self.columns)
        hub = np.concatenate(self.ranks) < HUBS
        self.rows, self.columns, self.ranks = [], [], []  # else they are there twice
        ones = np.ones(len(rows), dtype=np.int32)
        texts = csr_array((ones, (rows, columns)), shape=(n, self.n_columns))
        hubs = csr_array(
            (ones[hub], (columns[hub], rows[hub])), shape=(self.n_columns, n)
        )
        del rows, columns, ones, hub
        for start in range(0, n, BLOCK):
            shared = (texts[start : start + BLOCK] @ hubs).tocoo()
            later, earlier = shared.row.astype(np.int64) + start, shared.col
            smaller = np.minimum(self.sizes[later], self.sizes[earlier])
            enough = (earlier < later) & (shared.data >= LEAST_SHARED * smaller)
            yield np.column_stack([earlier[enough], later[enough]]).astype(np.int64)


def _find_standing(
    rows: NDArray[np.int32],
    counts: Ints,
    outlets: Ints,
    least: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Return which shingles of a slice are boilerplate of some outlet."""
    numbers = np.repeat(np.arange(len(counts)), counts)
    often = np.repeat(counts >= LEAST_BOILERPLATE, counts)
    keys = numbers[often] * len(least) + outlets[rows[often]]
    found, times = np.unique(keys, return_counts=True)
    shingle, outlet = np.divmod(found, len(least))
    standing = np.zeros(len(counts), dtype=np.bool_)
    standing[shingle[times >= least[outlet]]] = True
    return standing


def join_pairs(pairs: Ints, n: int) -> Ints:
    """Return for each of n things the first of those that pairs join it with."""
    if not len(pairs):
        return np.arange(n, dtype=np.int64)
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ones = np.ones(len(pairs), dtype=np.int8)
    linked = coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    numbers = connected_components(linked, directed=False)[1]
    _, firsts = np.unique(numbers, return_index=True)
    return np.asarray(firsts[numbers], dtype=np.int64)
