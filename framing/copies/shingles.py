"""Five words in a row: what texts are compared by, and a small sample of them.

A shingle is a run of `WORDS` words as a number (Broder 1997, "On the resemblance and
containment of documents"). The sample keeps every shingle whose number is small, and
so the same ones in every text: two samples tell how much of one text stands in the
other, be that one much longer, which MinHash cannot tell (FracMinHash: Irber et al.
2022, bioRxiv 2022.01.11.475838). Where there is none for a while, it keeps the
smallest, so that no passage goes unseen (winnowing: Schleimer, Wilkerson and Aiken
2003, SIGMOD).
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import overload

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

WORDS = 5
"""Words in a shingle: enough to be no chance, and few enough for an edited text to keep
many, 59 % where every tenth word is changed (0.9 to the fifth)."""

RATE = 8
"""One shingle of so many is in the sample: 8 bytes for eight words of text."""

LIMIT = np.uint64(2**64 // RATE)
"""Shingles below it are in the sample."""

GAP = 16
"""Of so many in a row at least one is in the sample: every 20 words are known."""

_WORD = re.compile(r"\w+")
_ODD = (np.arange(1, WORDS + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)) | (
    np.uint64(1)
)
"""A factor for each place in a shingle, so that the order of words counts."""


_HEAD = 16
"""Bytes of a kept sketch before its sample."""


@dataclass(frozen=True)
class Sketch:
    """What must be kept of a text to find its copies.

    Attributes
    ----------
    digest : int
        The same for texts of the same words, whatever case and punctuation.
    n_words : int
    sample : ndarray of uint64
        Shingles of the text, each once, in rising order; see `sample_shingles`.
    """

    digest: int
    n_words: int
    sample: Hashes

    def to_bytes(self) -> bytes:
        """Return the sketch as it is kept in a table."""
        head = np.array([self.digest, self.n_words], dtype="<u8")
        return head.tobytes() + self.sample.astype("<u8").tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Sketch":
        """Return the sketch that `to_bytes` kept."""
        numbers = np.frombuffer(data, dtype="<u8").astype(np.uint64)
        return cls(int(numbers[0]), int(numbers[1]), numbers[2:])


class Sketches(Sequence[Sketch]):
    """The sketches of many texts: their samples one after another, and no more."""

    def __init__(self, kept: Iterable[bytes]) -> None:
        """Take in what `Sketch.to_bytes` made, one by one."""
        heads, samples, ends = bytearray(), bytearray(), [0]
        for data in kept:
            heads += data[:_HEAD]
            samples += memoryview(data)[_HEAD:]
            ends.append(len(samples) // 8)
        self._heads = np.frombuffer(heads, dtype="<u8").reshape(-1, 2)
        self._samples = np.frombuffer(samples, dtype="<u8")
        self._ends = np.array(ends, dtype=np.int64)

    def __len__(self) -> int:
        return len(self._heads)

    @overload
    def __getitem__(self, at: int) -> Sketch: ...
    @overload
    def __getitem__(self, at: slice) -> list[Sketch]: ...
    def __getitem__(self, at: int | slice) -> Sketch | list[Sketch]:
        if isinstance(at, slice):
            return [self[i] for i in range(*at.indices(len(self)))]
        digest, n_words = self._heads[at].tolist()
        at %= len(self)
        return Sketch(
            digest, n_words, self._samples[self._ends[at] : self._ends[at + 1]]
        )


def sketch_texts(texts: Sequence[str]) -> list[Sketch]:
    """Return what must be kept of each text to find its copies.

    A few hundred texts at once are fastest; a sketch does not depend on the others.
    """
    cut = [cut_words(text) for text in texts]
    sketches = []
    for words, shingles in zip(cut, hash_shingles(cut), strict=True):
        sketches.append(Sketch(_digest(words), len(words), sample_shingles(shingles)))
    return sketches


def sample_shingles(shingles: Hashes) -> Hashes:
    """Return those below `LIMIT`, and the smallest of each `GAP` in a row without."""
    small = shingles[shingles < LIMIT]
    if len(shingles) < GAP:
        return np.unique(small)
    lowest = np.lib.stride_tricks.sliding_window_view(shingles, GAP).min(axis=1)
    return np.unique(np.concatenate([small, lowest[lowest >= LIMIT]]))


def cut_words(text: str) -> list[str]:
    """Return the words of a text in lower case, without punctuation."""
    return _WORD.findall(text.casefold())


def _digest(words: Iterable[str]) -> int:
    text = " ".join(words).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")


def hash_shingles(texts: Sequence[Sequence[str]]) -> list[Hashes]:
    """Return the shingles of texts cut into words, in the order they stand there.

    A text of n words has n - `WORDS` + 1 shingles, one shorter than `WORDS` none.
    """
    from pandas.util import hash_array

    lengths = [len(words) for words in texts]
    flat = np.empty(sum(lengths), dtype=object)
    flat[:] = [word for words in texts for word in words]
    numbers = hash_array(flat, categorize=False)
    n = max(len(flat) - WORDS + 1, 0)
    shingles = np.zeros(n, dtype=np.uint64)
    for place, factor in enumerate(_ODD):
        shingles += numbers[place : place + n] * factor
    shingles = _mix(shingles)
    ends = np.cumsum([0, *lengths]).tolist()
    return [
        shingles[start : max(start, end - WORDS + 1)] for start, end in pairwise(ends)
    ]


def _mix(numbers: Hashes) -> Hashes:
    """Return numbers with all bits stirred, so that the small ones are any of them.

    The finaliser of SplitMix64 (Steele, Lea and Flood 2014, OOPSLA, figure 16).
    """
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
