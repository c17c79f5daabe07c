"""Small tools for whole arrays: what numpy has no name for."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def starts_of(lengths: Ints) -> Ints:
    """Return where each of some runs begins that lie side by side, and the end."""
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def spread(starts: Ints, lengths: Ints) -> Ints:
    """Return the numbers `start, start + 1, ...` of each run, one run after another."""
    before = starts_of(lengths)
    return np.repeat(starts - before[:-1], lengths) + np.arange(before[-1])


@dataclass(frozen=True, slots=True)
class Lists:
    """Lists of numbers, one after another: list `i` begins at `flat[starts[i]]`."""

    flat: Ints
    starts: Ints

    @classmethod
    def by_owner(cls, owners: Ints, values: Ints, n: int) -> "Lists":
        """Return the values of each of `n` owners, in the order they come in."""
        order = np.argsort(owners, kind="stable")
        return cls(values[order], starts_of(np.bincount(owners, minlength=n)))

    @classmethod
    def of_lists(cls, lists: Sequence[Sequence[int]]) -> "Lists":
        """Return lists of Python as arrays."""
        lengths = np.fromiter(map(len, lists), dtype=np.int64, count=len(lists))
        starts = starts_of(lengths)
        flat = chain.from_iterable(lists)
        return cls(np.fromiter(flat, dtype=np.int64, count=int(starts[-1])), starts)

    def of(self, which: Ints) -> tuple[Ints, Ints]:
        """Return the members of some lists, and for each its position in `which`."""
        lengths = self.starts[which + 1] - self.starts[which]
        members = self.flat[spread(self.starts[which], lengths)]
        return np.repeat(np.arange(len(which)), lengths), members


class Pairs:
    """Known pairs of numbers, the left one smaller than `height`.

    Parameters
    ----------
    left, right : the pairs, in order: by the right number, then by the left one.

    Notes
    -----
    Most pairs asked for are not known. A table of bits, addressed by a hash of the
    pair, turns nearly all of them away before the search.
    """

    def __init__(self, left: Ints, right: Ints, height: int) -> None:
        self._height = height
        self._keys = right * height + left
        bits = max(10, 4 + len(self._keys).bit_length())
        self._shift = np.uint64(64 - bits)
        self._seen = np.zeros(1 << bits, dtype=np.bool_)
        self._seen[self._hash(self._keys)] = True

    def find(self, left: Ints, right: Ints) -> tuple[Ints, Ints]:
        """Return which of some pairs are known, and the first place of each."""
        keys = right * self._height + left
        at = np.flatnonzero(self._seen[self._hash(keys)])
        keys = keys[at]
        place = np.searchsorted(self._keys, keys)
        same = place < len(self._keys)
        same[same] = self._keys[place[same]] == keys[same]
        return at[same], place[same]

    def _hash(self, keys: Ints) -> NDArray[np.uint64]:
        # Multiplicative hashing (Knuth, vol. 3, 6.4): the upper bits are well mixed.
        return (keys.view(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> self._shift
