"""Giving memory back is a favour to the system, and never an error."""

import ctypes
import sys
from pathlib import Path

import pytest

from framing import heap


def own_memory() -> int:
    """Memory of this process that no file stands for, in KiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("RssAnon")).split()[1])


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_free_memory_goes_back_to_the_system() -> None:
    pieces = [b"x" * 10_000 for _ in range(10_000)]
    last = b"y" * 10_000
    full = own_memory()
    del pieces
    heap.give_back()
    assert own_memory() < full - 80_000
    assert last


def test_elsewhere_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: None) -> None:
        raise TypeError

    heap._trimmer.cache_clear()
    monkeypatch.setattr(ctypes, "CDLL", fail)
    heap.give_back()
    heap._trimmer.cache_clear()
