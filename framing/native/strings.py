"""Strings as the kernel takes them, without numpy: sentences are split without it."""

from collections.abc import Sequence
from ctypes import Structure, c_char_p, c_int64

__all__ = ["SPARE", "Strings", "UnfitError", "encode", "lines"]

SPARE = b"\0" * 8
"""Behind every text: eight bytes can be read anywhere."""


class UnfitError(ValueError):
    """A model that the kernel is not made for."""


class Strings(Structure):
    """Strings, a line feed between two."""

    _fields_ = (("text", c_char_p), ("size", c_int64), ("n", c_int64))


def encode(text: str) -> bytes:
    """Return the text as UTF-8; half a surrogate pair is kept as it is."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def lines(texts: Sequence[str]) -> tuple[bytes, Strings]:
    """Return texts as the kernel takes them, and the memory that must be kept.

    Raises
    ------
    UnfitError
        One of them holds a line feed.
    """
    data = encode("\n".join(texts))
    if data.count(b"\n") > max(0, len(texts) - 1):
        msg = "a name of more than one line"
        raise UnfitError(msg)
    kept = data + SPARE
    return kept, Strings(kept, len(data), len(texts))
