"""Memory that is free is given back to the system, where it does not go by itself."""

import ctypes
from functools import cache
from typing import Any


def give_back() -> None:
    """Give free memory back: between two stages, each of which needs much of it.

    The C library of Linux keeps it where anything younger lies behind it; elsewhere
    nothing is done.
    """
    trim = _trimmer()
    if trim:
        trim(0)


@cache
def _trimmer() -> Any:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (OSError, TypeError, AttributeError):  # another system, another C library
        return None
