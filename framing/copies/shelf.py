"""Texts as shingles, out of the way until they are compared: a few at a time."""

from functools import lru_cache
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import Self

import numpy as np

from framing.copies.overlap import Shingled

IN_MEMORY = 16 << 20
"""Bytes that are kept in memory; more of them go to a file."""

AT_HAND = 256
"""Texts that are not read again when they are asked for again."""


class Shelf:
    """Shingled texts by number.

    Where nearly all articles are copies there are too many of them for memory.
    """

    def __init__(self) -> None:
        # Closed by `__exit__`, and by nobody's exit gone from the disk.
        self._file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115
        self._places: dict[int, tuple[int, int]] = {}
        self._take = lru_cache(AT_HAND)(self._read)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        place: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, number: int, text: Shingled) -> None:
        """Put a text on the shelf, before any is taken from it."""
        self._places[number] = self._file.tell(), len(text.shingles)
        self._file.write(text.shingles.tobytes() + text.counted.tobytes())

    def __getitem__(self, number: int) -> Shingled:
        return self._take(number)

    def _read(self, number: int) -> Shingled:
        start, n = self._places[number]
        self._file.seek(start)
        data = self._file.read(5 * n)
        shingles = np.frombuffer(data, dtype=np.uint32, count=n)
        return Shingled(shingles, np.frombuffer(data, dtype=np.bool_, offset=4 * n))
