"""Where a sentence may end, found by the kernel."""

import sys
from array import array
from collections.abc import Iterable, Sequence
from ctypes import c_char_p, c_int32, c_int64, c_void_p, string_at
from struct import Struct
from threading import Lock
from weakref import finalize

from framing.native import open_kernel

__all__ = ["Mark", "Marks", "make_marks"]

Mark = tuple[int, int, int, int, int, int]
"""Its range; where its word begins, it stands, what follows it ends, and the next word
begins (-1 if no white space follows); whether it plainly ends a sentence."""

_MARK = Struct("6i")

_CODE_POINTS = f"utf-32-{sys.byteorder[0]}e"
"""In the byte order of this machine, without a mark that says so."""


class Marks:
    """Finds marks, given the words after which a full stop may not be one."""

    def __init__(self, words: Iterable[str]) -> None:
        library = open_kernel()
        if library is None:
            msg = "there is no kernel"
            raise OSError(msg)
        library.framing_marks.argtypes = (c_char_p, c_int64, c_int64)
        library.framing_marks.restype = c_void_p
        library.framing_marks_free.argtypes = (c_void_p,)
        library.framing_mark.argtypes = (c_void_p, c_char_p, c_void_p, c_int32)
        library.framing_mark.restype = c_int64
        library.framing_marked.argtypes = (c_void_p,)
        library.framing_marked.restype = c_void_p
        self._library = library
        # Others do not stand before a full stop that seems plain.
        own = [word.encode() for word in words if word.isascii() and word.isalpha()]
        self._words = b"\n".join(own)
        size = len(self._words)
        self._words += b"\0" * 8
        address = library.framing_marks(self._words, size, len(own))
        if not address:
            raise MemoryError
        self._address = c_void_p(address)
        self._lock = Lock()
        finalize(self, library.framing_marks_free, self._address)

    def find(self, text: str, ranges: Sequence[tuple[int, int]]) -> list[Mark]:
        """Return the marks in ranges of a text, each read as if it stood alone."""
        points = text.encode(_CODE_POINTS, "surrogatepass")
        places = array("i", [place for own in ranges for place in own])
        address, _ = places.buffer_info()
        library = self._library
        with self._lock:
            n = library.framing_mark(self._address, points, address, len(ranges))
            if n < 0:
                raise MemoryError
            if not n:
                return []
            found = string_at(library.framing_marked(self._address), n * _MARK.size)
        return list(_MARK.iter_unpack(found))


def make_marks(words: Iterable[str]) -> Marks | None:
    """Return what finds marks, None without a kernel that can."""
    try:
        return Marks(words)
    except (OSError, AttributeError):  # none, or an old one
        return None
