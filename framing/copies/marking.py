"""Which articles are copies, and of which: the marks that go into the results.

1. Articles are put in the order in which they are likely to be originals.
2. Those of the same words are one text.
3. Texts that share some of their samples are candidates; they are read again.
4. A text much of which stands in an earlier one is a copy of that.
5. What hangs together by common text makes a cluster.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice

import numpy as np
import pandas as pd

from framing.copies.candidates import find_candidates, join_pairs
from framing.copies.originals import (
    COPY,
    Origin,
    Pairs,
    choose_originals,
    date_days,
    iterate,
    rank_articles,
    written_by_agency,
)
from framing.copies.overlap import LEAST_WORDS, measure_overlap, shingle_texts
from framing.copies.shelf import Shelf
from framing.copies.shingles import Hashes, Sketch
from framing.model import Ints

SAME, OTHER = "same outlet", "other outlet"
COPY_COLUMNS = ("copy_cluster", "copy_of", "overlap", "copy_kind")

READ_AT_ONCE = 200
"""Texts that are cut into shingles together."""

ReadTexts = Callable[[Ints], Iterable[str]]
"""Gives the texts of some articles, by rising positions, in that order."""


def find_copies(
    articles: pd.DataFrame, sketches: Sequence[Sketch], read_texts: ReadTexts
) -> pd.DataFrame:
    """Return for each article whether it is a copy, and of which.

    Parameters
    ----------
    articles : DataFrame, one row per article
        Of which `doc_id, source, date` count; each `doc_id` once.
    sketches : sequence of Sketch
        One for each article; see `sketch_texts`.
    read_texts : callable
        Called once, with the positions of the candidates; the texts of the sketches.

    Returns
    -------
    DataFrame with the index of `articles` and the columns `COPY_COLUMNS`:
    `copy_cluster`, the `doc_id` of the likely original of all that hang together, its
    own for an article alone; `copy_of`, the article of which it is a copy, empty for
    none; `overlap`, the part of its words that stands there, 0 for no copy; and
    `copy_kind`, "same outlet" or "other outlet" by whose text it is in the end, empty
    for no copy. In which order the articles come makes no difference.
    """
    ranked = rank_articles(articles, sketches)
    firsts, text_of = _find_twins(sketches[i] for i in ranked)
    texts = ranked[firsts]
    own = articles.iloc[texts]
    outlets = pd.factorize(_plain_names(own))[0].astype(np.int64)
    found = find_candidates([sketches[i].sample for i in texts], outlets)
    pairs = _check(found.pairs, texts, found.boilerplate, read_texts)
    origins = choose_originals(pairs, date_days(own), written_by_agency(own))
    clusters = _join(pairs, origins, len(texts))
    marks = _mark(articles.iloc[ranked], text_of, firsts, origins, clusters)
    marks.index = articles.index[ranked]
    return marks.reindex(articles.index)


def _plain_names(articles: pd.DataFrame) -> np.ndarray:
    names = [" ".join(str(name).casefold().split()) for name in articles["source"]]
    return np.array(names, dtype=object)


def _find_twins(sketches: Iterable[Sketch]) -> tuple[Ints, Ints]:
    """Return the first of each text, and for each article the number of its text.

    Texts of too few words are all different.
    """
    numbers: dict[int, int] = {}
    firsts: list[int] = []
    text_of: list[int] = []
    for i, sketch in enumerate(sketches):
        long = sketch.n_words >= LEAST_WORDS
        number = numbers.get(sketch.digest) if long else None
        if number is None:
            number = len(firsts)
            firsts.append(i)
            if long:
                numbers[sketch.digest] = number
        text_of.append(number)
    return np.array(firsts, dtype=np.int64), np.array(text_of, dtype=np.int64)


def _check(
    pairs: Ints, texts: Ints, boilerplate: Hashes, read_texts: ReadTexts
) -> Pairs:
    """Return the pairs of texts of which one stands in the other for a good part."""
    with Shelf() as shelf:
        _read(shelf, np.unique(pairs), texts, boilerplate, read_texts)
        overlaps = np.empty((len(pairs), 2))
        for i, (a, b) in enumerate(iterate(*pairs.T)):
            overlaps[i] = measure_overlap(shelf[a], shelf[b])
    kept = np.flatnonzero(overlaps.max(axis=1, initial=0.0) >= COPY)
    kept = kept[np.lexsort(pairs[kept].T)]
    return Pairs(*pairs[kept].T, *overlaps[kept].T)


def _read(
    shelf: Shelf, wanted: Ints, texts: Ints, boilerplate: Hashes, read_texts: ReadTexts
) -> None:
    """Put the texts of these numbers on the shelf, a few being words at a time."""
    if not len(wanted):
        return
    wanted = wanted[np.argsort(texts[wanted])]
    read = iter(read_texts(texts[wanted]))
    for start in range(0, len(wanted), READ_AT_ONCE):
        own = wanted[start : start + READ_AT_ONCE].tolist()
        found = shingle_texts(list(islice(read, READ_AT_ONCE)), boilerplate)
        for number, shingled in zip(own, found, strict=True):
            shelf.add(number, shingled)


def _join(pairs: Pairs, origins: dict[int, Origin], n: int) -> Ints:
    """Return for each text the first original of its cluster."""
    firsts = join_pairs(np.column_stack([pairs.earlier, pairs.later]), n)
    copied = np.isin(np.arange(n), list(origins))
    order = np.lexsort((np.arange(n), copied, firsts))
    starts = np.searchsorted(firsts[order], firsts)
    return np.asarray(order[starts], dtype=np.int64)


def _mark(
    articles: pd.DataFrame,
    text_of: Ints,
    firsts: Ints,
    origins: dict[int, Origin],
    clusters: Ints,
) -> pd.DataFrame:
    """Return the marks of articles in the order of their rank."""
    ids = articles["doc_id"].to_numpy()
    names = _plain_names(articles)
    rows = []
    for i, text in enumerate(text_of.tolist()):
        first = int(firsts[text])
        line = _follow(text, origins)
        if len(line) > 1:
            origin, overlap = int(firsts[line[1]]), origins[text][1]
        else:
            origin, overlap = first, 1.0
        cluster = ids[firsts[clusters[text]]]
        if origin == i:
            rows.append((cluster, "", 0.0, ""))
            continue
        foreign = any(names[firsts[other]] != names[i] for other in line)
        rows.append((cluster, ids[origin], overlap, OTHER if foreign else SAME))
    return pd.DataFrame(rows, columns=list(COPY_COLUMNS))


def _follow(text: int, origins: dict[int, Origin]) -> list[int]:
    """Return a text, that of which it is a copy, and so on to the original."""
    line = [text]
    while line[-1] in origins:
        line.append(origins[line[-1]][0])
    return line
