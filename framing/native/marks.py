"""Where sentences end, found by the kernel."""

import sys
from array import array
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from ctypes import (
    POINTER,
    Structure,
    byref,
    c_char_p,
    c_int32,
    c_int64,
    c_void_p,
    string_at,
)
from itertools import islice
from struct import Struct
from threading import Lock
from typing import Any
from weakref import finalize

from framing.native import open_kernel
from framing.native.strings import Strings, lines

__all__ = ["Decide", "Marks", "Words", "make_marks"]

Decide = Callable[[str, str, str], bool]
"""Tells whether a mark ends a sentence: the word before it, the mark, what follows."""

Words = Mapping[str, Collection[str]]
"""The lists of words of `_LISTS`, all in lower case."""

_LISTS = ("not_plain", "watched", "abbreviations", "collocations", "starters")
_PART = "\x1f"
"""Between the two types of a collocation; no token holds it."""

_ASKED = Struct("4i")
_SPAN = Struct("2i")

_CODE_POINTS = f"utf-32-{sys.byteorder[0]}e"
"""In the byte order of this machine, without a mark that says so."""

_Range = tuple[int, int]


class _Plan(Structure):
    """What the kernel is told, field by field as in `punkt.h`."""

    _fields_ = (
        *((name, Strings) for name in (*_LISTS, "ortho")),
        ("contexts", c_void_p),
        ("has_rule", c_int32),
    )


_SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "framing_punkt": (c_void_p, (POINTER(_Plan),)),
    "framing_punkt_free": (None, (c_void_p,)),
    "framing_punkt_mark": (c_int64, (c_void_p, c_char_p, c_void_p, c_int32)),
    "framing_punkt_asked": (c_void_p, (c_void_p,)),
    "framing_punkt_say": (None, (c_void_p, c_char_p)),
    "framing_punkt_join": (c_int64, (c_void_p, c_char_p, c_void_p, c_int32)),
    "framing_punkt_spans": (c_void_p, (c_void_p,)),
    "framing_punkt_counts": (c_void_p, (c_void_p,)),
}


class Marks:
    """Splits texts at their marks by the statistics of Punkt.

    Parameters
    ----------
    words : the lists of `_LISTS`; collocations are joined by `join_pair`.
    ortho : type -> bits saying where it was met in which case.
    decide : asked about the marks that the kernel leaves to Python.
    has_rule : whether `decide` knows more than the statistics: then it is asked about
        every full stop after a watched word, an initial or a word with a full stop.
    """

    def __init__(
        self, words: Words, ortho: Mapping[str, int], decide: Decide, *, has_rule: bool
    ) -> None:
        self._library = _open()
        self._decide = decide
        self._kept: list[object] = []
        plan = _Plan(has_rule=has_rule)
        for name in _LISTS:
            setattr(plan, name, self._strings(words[name]))
        plan.ortho = self._strings(ortho)
        bits = [own & 0x7F for word, own in ortho.items() if _fits(word)]
        contexts = array("i", [*bits, 0])
        plan.contexts, _ = contexts.buffer_info()
        self._kept += [plan, contexts]
        address = self._library.framing_punkt(byref(plan))
        if not address:
            raise MemoryError
        self._address = c_void_p(address)
        self._lock = Lock()
        # The tables go by the plan to the last.
        finalize(self, _free, self._library, self._address, self._kept)

    def _strings(self, texts: Iterable[str]) -> Strings:
        kept, strings = lines([text for text in texts if _fits(text)])
        self._kept.append(kept)
        return strings

    def split(self, text: str, ranges: Sequence[_Range]) -> list[list[_Range]]:
        """Return the sentences in ranges of a text, each read as if it stood alone.

        Places count from the beginning of the range.
        """
        points = text.encode(_CODE_POINTS, "surrogatepass")
        places = array("i", [place for own in ranges for place in own])
        where, _ = places.buffer_info()
        library, marks = self._library, self._address
        with self._lock:
            n = library.framing_punkt_mark(marks, points, where, len(ranges))
            if n > 0:
                library.framing_punkt_say(marks, self._answers(text, n))
            if n >= 0:
                n = library.framing_punkt_join(marks, points, where, len(ranges))
            if n < 0:
                raise MemoryError
            spans = _read(library.framing_punkt_spans(marks), n * _SPAN.size)
            counts = array("i")
            size = len(ranges) * counts.itemsize
            counts.frombytes(_read(library.framing_punkt_counts(marks), size))
        found = _SPAN.iter_unpack(spans)
        return [list(islice(found, count)) for count in counts]

    def _answers(self, text: str, n: int) -> bytes:
        """Return whether each mark that the kernel asks about ends a sentence."""
        address = self._library.framing_punkt_asked(self._address)
        asked = _read(address, n * _ASKED.size)
        return bytes(
            self._decide(text[word:mark], text[mark], text[mark + 1 : end])
            for word, mark, end, _ in _ASKED.iter_unpack(asked)
        )


def join_pair(first: str, second: str) -> str:
    """Return the types of a collocation as one string."""
    return f"{first}{_PART}{second}"


def make_marks(
    words: Words, ortho: Mapping[str, int], decide: Decide, *, has_rule: bool
) -> Marks | None:
    """Return what splits by marks, None without a kernel that can."""
    try:
        return Marks(words, ortho, decide, has_rule=has_rule)
    except (OSError, AttributeError):  # none, or an old one
        return None


def _open() -> Any:
    """Return the kernel with its functions declared."""
    library = open_kernel()
    if library is None:
        msg = "there is no kernel"
        raise OSError(msg)
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def _free(library: Any, address: c_void_p, kept: list[object]) -> None:
    library.framing_punkt_free(address)
    kept.clear()


def _fits(text: str) -> bool:
    """Return whether a word could be a token at all, which is of one line."""
    return "\n" not in text


def _read(address: int | None, size: int) -> bytes:
    return string_at(address, size) if address and size else b""
