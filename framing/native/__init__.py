"""The compiled kernel: there if a C compiler was when framing was installed.

Nothing needs it. What it does is also done with arrays (`framing.bulk`,
`framing.features`), with the same numbers and more time. The environment variable
`FRAMING_NO_KERNEL` turns it off, when installing as when running.
"""

import os
from ctypes import CDLL
from functools import cache
from pathlib import Path

__all__ = ["LIBRARY", "open_kernel"]

OFF = "FRAMING_NO_KERNEL"
LIBRARY = Path(__file__).with_name("_kernel.so")


def open_kernel() -> CDLL | None:
    """Return the compiled kernel, or None where there is none or none is wanted."""
    return None if os.environ.get(OFF) else _open()


@cache
def _open() -> CDLL | None:
    try:
        return CDLL(str(LIBRARY))
    except OSError:  # not built, or built for another machine
        return None
