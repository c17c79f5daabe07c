"""Copies among the articles of a run: found over all parts, written beside them."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from framing.copies import Sketches, find_copies, join_sentences, sketch_texts
from framing.model import Ints
from framing.parts import Parts
from framing.results import ARTICLES, SCORES
from framing.tablefile import read_rows, read_tables

SKETCHES = "sketches.parquet"
"""What parts keep of each article to find copies: `doc_id` and `sketch`."""

_KEYS = ["doc_id", "source", "date"]


def sketch_part(articles: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """Return the sketches of the articles of a part."""
    ids = articles["doc_id"]
    texts = join_sentences(scores).reindex(ids).fillna("").tolist()
    kept = [sketch.to_bytes() for sketch in sketch_texts(texts)]
    return pd.DataFrame({"doc_id": ids.to_numpy(), "sketch": kept})


def mark_parts(parts: Parts, names: Sequence[str]) -> list[Path]:
    """Return files with the articles of each part, marked by `find_copies`.

    `names` are those of the parts in their order.
    """
    articles, scores, sketches = (
        parts.files(names, table) for table in (ARTICLES, SCORES, SKETCHES)
    )
    keys = [read_tables([path], _KEYS) for path in articles]
    known = (read_tables([path], ["sketch"])["sketch"] for path in sketches)
    found = find_copies(
        pd.concat(keys, ignore_index=True),
        Sketches(data for column in known for data in column),
        partial(_read_texts, scores, [part["doc_id"] for part in keys]),
    )
    starts = np.cumsum([0, *map(len, keys)])
    marked = []
    for path, start in zip(articles, starts.tolist(), strict=False):
        table = read_tables([path])
        own = found.iloc[start : start + len(table)].reset_index(drop=True)
        both = pd.concat([table, own], axis=1)
        marked.append(parts.keep(f"{path.parent.name}.{ARTICLES}", both))
    return marked


def _read_texts(
    scores: Sequence[Path], ids: Sequence[pd.Series], positions: Ints
) -> Iterator[str]:
    """Yield the texts of articles by their rising positions among all."""
    start = 0
    for path, own in zip(scores, ids, strict=True):
        mine = positions[(positions >= start) & (positions < start + len(own))]
        wanted = own.iloc[mine - start]
        start += len(own)
        if len(wanted):
            texts = join_sentences(read_rows([path], frozenset(wanted)))
            yield from texts.reindex(wanted).fillna("")
