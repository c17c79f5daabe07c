"""Strings of many sentences as numbers: what features are counted in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import chain

import numpy as np

from framing.arrays import Ints
from framing.tokens import number
from framing.views import View


@dataclass(frozen=True, slots=True)
class Bag:
    """String `names[numbers[j]]` is in sentence `rows[j]`; `rows` are in order."""

    names: Sequence[str]
    numbers: Ints
    rows: Ints


NO_STRINGS = Bag((), np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))


@dataclass(frozen=True, slots=True)
class Bags:
    """Many views at once: for each field of `View` its strings, and how many views."""

    parts: Mapping[str, Bag]
    n: int

    def of(self, kind: str) -> Bag:
        """Return the strings that a kind of feature block counts."""
        return self.parts.get("words" if kind == "chars" else kind, NO_STRINGS)


def pack(views: Sequence[View]) -> Bags:
    """Return single views as bags."""
    parts = {}
    for field in fields(View):
        strings = [getattr(view, field.name) for view in views]
        found = list(chain.from_iterable(strings))
        names = list(dict.fromkeys(found))
        lengths = np.fromiter(map(len, strings), dtype=np.int64, count=len(views))
        rows = np.repeat(np.arange(len(views)), lengths)
        parts[field.name] = Bag(names, number(found, names), rows)
    return Bags(parts, len(views))
