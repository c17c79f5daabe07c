"""Articles that are copies as far as their labelled sentences tell, for folds."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from framing.copies.candidates import find_candidates, join_pairs
from framing.copies.originals import COPY
from framing.copies.overlap import LEAST_WORDS, measure_overlap, shingle_texts
from framing.copies.shingles import cut_words, hash_shingles
from framing.model import Ints

SAME_SENTENCE = 0.85
"""Part of a sentence that stands in its copy at least: one word of twenty may differ.
In the shipped labels, which hold no copies, reports of one fact reach 0.8."""

LEAST_SENTENCE = 10
"""Words of a sentence that tell it from others; shorter ones are like each other."""


def group_units(
    texts: Sequence[str], articles: Sequence[str], sources: Sequence[str]
) -> list[str]:
    """Return for each sentence the group of articles that it is from.

    Articles are in one group if a sentence of one is nearly one of the other, or if
    all their sentences here together are copies, and so on from article to article.
    What an outlet puts into many of its articles makes no group.

    Parameters
    ----------
    texts, articles, sources : sequences of str
        Sentences, and the `doc_id` and outlet of each.

    Returns
    -------
    list of str
        The first `doc_id` of each group by the alphabet; that of the article itself if
        it is no copy.
    """
    names, rows = np.unique(np.asarray(articles, dtype=object), return_inverse=True)
    outlets = pd.factorize(np.asarray(sources, dtype=object))[0].astype(np.int64)
    same = _find_same(texts, outlets, LEAST_SENTENCE, SAME_SENTENCE)
    whole = pd.Series(texts, dtype=object).groupby(rows).agg("\n".join)
    of_article = np.zeros(len(names), dtype=np.int64)
    of_article[rows] = outlets
    copied = _find_same(whole.tolist(), of_article, LEAST_WORDS, COPY)
    groups = join_pairs(np.concatenate([rows[same], copied]), len(names))
    return [str(names[group]) for group in groups[rows]]


def _find_same(
    texts: Sequence[str], outlets: Ints, least_words: int, part: float
) -> Ints:
    """Return the pairs of texts of which one stands in the other to that part."""
    cut = [cut_words(text) for text in texts]
    samples = [
        np.unique(shingles if len(words) >= least_words else shingles[:0])
        for words, shingles in zip(cut, hash_shingles(cut), strict=True)
    ]
    found = find_candidates(samples, outlets)
    wanted = np.unique(found.pairs).tolist()
    read = shingle_texts([texts[i] for i in wanted], found.boilerplate)
    by_number = dict(zip(wanted, read, strict=True))
    same = [
        max(measure_overlap(by_number[a], by_number[b], least_words)) >= part
        for a, b in found.pairs.tolist()
    ]
    return found.pairs[np.array(same, dtype=np.bool_)]
