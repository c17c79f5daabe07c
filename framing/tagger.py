"""A first labelling by seed words: which words speak for which codes, and how well."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from framing.model import Bools
from framing.records import Gold, Hit
from framing.seedwords import SeedWords, cut_words
from framing.targets import Targets

if TYPE_CHECKING:
    import pandas as pd


class Tagger:
    """Finds the seed words of a codebook in sentences."""

    def __init__(
        self, seeds: SeedWords, targets: Targets, codes: Sequence[str]
    ) -> None:
        self.codes = tuple(codes)
        self._seeds = seeds
        self._targets = targets
        self._tagging = {g.name for g in seeds.groups if g.role == "tag"}

    def find(self, text: str) -> list[Hit]:
        """Return the hits that give the sentence a code, in order of place."""
        hits = self._seeds.find(cut_words(text, self._targets.find(text)))
        return [h for h in hits if h.group in self._tagging and h.code in self.codes]

    def tag(self, texts: Sequence[str]) -> Bools:
        """Return which codes the seed words give, shape (n_texts, n_codes)."""
        found = [{hit.code for hit in self.find(text)} for text in texts]
        rows = [[code in codes for code in self.codes] for codes in found]
        return np.array(rows, dtype=np.bool_).reshape(len(texts), len(self.codes))


def check_words(tagger: Tagger, gold: Sequence[Gold]) -> "pd.DataFrame":
    """Return how each seed word fares against gold.

    Returns
    -------
    DataFrame, one row per word that was found, by code and number of sentences: `code
    group word n precision coverage wrongly_caught`. `precision` is the fraction of
    its sentences that carry the code, `coverage` the fraction of the code's
    sentences that it finds; `wrongly_caught` shows one of the others.
    """
    import pandas as pd

    carrying = {c: sum(c in unit.codes for unit in gold) for c in tagger.codes}
    right: dict[tuple[str, str, str], int] = {}
    wrong: dict[tuple[str, str, str], list[str]] = {}
    for unit in gold:
        for word in {(h.code, h.group, h.word) for h in tagger.find(unit.text)}:
            if word[0] in unit.codes:
                right[word] = right.get(word, 0) + 1
            else:
                wrong.setdefault(word, []).append(unit.text)
    rows = []
    for word in sorted(right.keys() | wrong.keys()):
        hits, misses = right.get(word, 0), wrong.get(word, [])
        n = hits + len(misses)
        coverage = hits / max(carrying[word[0]], 1)
        example = misses[0] if misses else ""
        rows.append((*word, n, hits / n, coverage, example))
    columns = [
        "code",
        "group",
        "word",
        "n",
        "precision",
        "coverage",
        "wrongly_caught",
    ]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(
        ["code", "n", "word"], ascending=[True, False, True], ignore_index=True
    )
