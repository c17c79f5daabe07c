"""Which of two texts is the likely original."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from framing.copies.agencies import is_agency
from framing.copies.shingles import Sketch
from framing.model import Bools, Floats, Ints

COPY = 0.4
"""Part of its words that a copy has in common with its original at least: between what
edited copies keep and what reports of one event share (docs/methods.md, "Copies")."""

AT_ONCE = 10_000
"""Pairs that are numbers of Python at once."""

Origin = tuple[int, float]
"""The text of which another is a copy, and the part of the copy that stands there."""


@dataclass(frozen=True)
class Pairs:
    """Texts with much in common, the likelier original as `earlier`.

    `of_later` is the part of the later text that stands in the earlier one. Sorted by
    the later text, then the earlier one.
    """

    earlier: Ints
    later: Ints
    of_earlier: Floats
    of_later: Floats


def rank_articles(articles: pd.DataFrame, sketches: Sequence[Sketch]) -> Ints:
    """Return the positions of articles, the likeliest originals first.

    The earliest first; of the same day, or without a date, an agency's before others,
    then the longest.
    """
    days, agency = date_days(articles), written_by_agency(articles)
    table = pd.DataFrame(
        {
            "known": np.where(days != "", 1, np.where(agency, 0, 2)),
            "day": days,
            "other": ~agency,
            "length": [-sketch.n_words for sketch in sketches],
            "doc_id": articles["doc_id"].to_numpy(),
        }
    )
    return table.sort_values(list(table.columns)).index.to_numpy(dtype=np.int64)


def date_days(articles: pd.DataFrame) -> np.ndarray:
    """Return the days of the articles, empty where they are not known."""
    return articles["date"].fillna("").astype(str).str[:10].to_numpy(dtype=object)


def written_by_agency(articles: pd.DataFrame) -> Bools:
    """Return which articles are of news agencies."""
    names, sources = pd.factorize(articles["source"].fillna(""))
    known = np.array([is_agency(str(source)) for source in sources], dtype=np.bool_)
    return known[names] if len(names) else np.zeros(0, dtype=np.bool_)


def choose_originals(
    pairs: Pairs, days: np.ndarray, agency: Bools
) -> dict[int, Origin]:
    """Return of which text each copy is a copy; no chain of them ever ends in itself.

    A text most of whose words stand in an earlier one is a copy of it, best of one
    that is no copy. A text that a later, much longer one holds whole is no copy of it
    if it was there a day before, nor if an agency wrote it; else it was cut from it.
    """
    origins: dict[int, Origin] = {}
    columns = (pairs.earlier, pairs.later, pairs.of_earlier, pairs.of_later)
    for earlier, later, _, overlap in iterate(*columns):
        if overlap >= COPY:
            _take_better(origins, later, (earlier, overlap))
    copies = set(origins)
    for earlier, later, overlap, other in iterate(*columns):
        same_time = not days[earlier] or not days[later] or days[earlier] == days[later]
        cut = overlap >= COPY > other and same_time
        wire = agency[earlier] and not agency[later]
        if cut and not wire and not {earlier, later} & copies:
            _take_longer(origins, earlier, (later, overlap))
    return origins


def iterate(*columns: NDArray[Any]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of arrays side by side; they may be millions, and few at once."""
    for start in range(0, len(columns[0]), AT_ONCE):
        some = (column[start : start + AT_ONCE].tolist() for column in columns)
        yield from zip(*some, strict=True)


def _take_better(origins: dict[int, Origin], text: int, origin: Origin) -> None:
    """Keep the better of two origins; the first of equal ones stays."""
    known = origins.get(text)
    if known is None or _merit(origins, origin) > _merit(origins, known):
        origins[text] = origin


def _merit(origins: dict[int, Origin], origin: Origin) -> tuple[bool, float]:
    return origin[0] not in origins, round(origin[1], 6)


def _take_longer(origins: dict[int, Origin], text: int, origin: Origin) -> None:
    known = origins.get(text)
    if known is None or round(origin[1], 6) > round(known[1], 6):
        origins[text] = origin
