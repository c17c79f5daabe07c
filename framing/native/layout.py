"""What the kernel is told of a model, field by field as in `kernel.h`."""

import ctypes
from collections.abc import Iterable, Sequence
from ctypes import POINTER, Structure, c_double, c_int32, c_int64, c_void_p
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framing.native.strings import Strings, lines


class Lists(Structure):
    """Lists of numbers, one after another."""

    _fields_ = (("starts", c_void_p), ("flat", c_void_p))


class BlockPlan(Structure):
    """A block of features."""

    _fields_ = (
        *((name, c_int32) for name in ("kind", "low", "high", "scaled")),
        ("weight", c_double),
        ("names", Strings),
        ("map", c_void_p),
        ("idf", c_void_p),
        ("coef", c_void_p),
        ("width", c_int64),
    )


class HeadPlan(Structure):
    """Blocks and a regression on them."""

    _fields_ = (
        ("n_classes", c_int32),
        ("n_blocks", c_int32),
        ("intercept", c_void_p),
        ("blocks", POINTER(BlockPlan)),
    )


class Plan(Structure):
    """All of a model."""

    _fields_ = (
        ("frames", HeadPlan),
        ("stance", HeadPlan),
        ("exact", Strings),
        ("exact_of", Lists),
        ("beginnings", Strings),
        ("stems_of", Lists),
        ("stems", Strings),
        ("element_of_stem", c_void_p),
        ("edges", Lists),
        ("gaps", Lists),
        ("ends", c_void_p),
        ("n_nodes", c_int32),
        ("n_groups", c_int32),
        *((name, Lists) for name in ("words", "unless", "not_with", "only_with")),
        *((name, c_void_p) for name in ("waits", "judges", "tags", "code_of")),
        ("n_codes", c_int32),
        ("many", c_int32),
        ("firsts", Strings),
        ("aliases_of", Lists),
        ("aliases", Strings),
        ("actor_of_alias", c_void_p),
        ("kind_of_actor", c_void_p),
        ("is_target", c_void_p),
        ("n_actors", c_int32),
        ("near", c_int32),
        ("masks", Strings),
        ("clause_words", Strings),
    )


LAYOUT = sum(
    ctypes.sizeof(structure) * factor
    for structure, factor in ((Plan, 1_000_000), (BlockPlan, 1000), (HeadPlan, 1))
)
"""What the kernel calls its layout; a library that says otherwise is an old one."""


class Holder:
    """Makes the parts of a plan, and keeps their memory as long as it lives."""

    def __init__(self) -> None:
        self._kept: list[Any] = []

    def strings(self, texts: Sequence[str]) -> Strings:
        """Return texts as the kernel takes them.

        Raises
        ------
        UnfitError
            One of them holds a line feed.
        """
        kept, strings = lines(texts)
        self._kept.append(kept)
        return strings

    def numbers(self, values: Sequence[int] | NDArray[Any]) -> int:
        """Return the address of numbers of 32 bits."""
        return self.keep(np.append(np.asarray(values, dtype=np.int32), np.int32(0)))

    def flags(self, values: Sequence[bool] | NDArray[np.bool_]) -> int:
        """Return the address of flags of 8 bits."""
        return self.keep(np.append(np.asarray(values, dtype=np.uint8), np.uint8(0)))

    def lists(self, lists: Iterable[Sequence[int]]) -> Lists:
        """Return lists of numbers."""
        flat: list[int] = []
        starts = [0]
        for numbers in lists:
            flat += numbers
            starts.append(len(flat))
        return Lists(self.numbers(starts), self.numbers(flat))

    def keep(self, array: NDArray[Any]) -> int:
        """Return the address of an array."""
        array = np.ascontiguousarray(array)
        self._kept.append(array)
        return int(array.ctypes.data)

    def blocks(self, plans: Sequence[BlockPlan]) -> Any:
        """Return plans of blocks as an array."""
        array = (BlockPlan * max(1, len(plans)))(*plans)
        self._kept.append(array)
        return array
