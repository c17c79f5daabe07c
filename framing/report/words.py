"""What distinguishes the sentences of one source: words it uses more than others do."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from framing.model import Floats, Ints
from framing.tokens import tokenise

MIN_ARTICLES = 3
"""Articles of a source that must use a word: one article is not a habit."""

MIN_SCORE = 3.0
"""Standard deviations by which a word must be more frequent: thousands are tried, and
one in a thousand lies so far out by chance."""

N_WORDS = 10
"""Words given for each source and code."""

COLUMNS = ("source", "code", "word", "n", "expected", "score")


def log_odds(own: Floats, others: Floats, prior: Floats) -> Floats:
    """Return how much more often words are used here than elsewhere, as z-scores.

    The log-odds ratio with an informative Dirichlet prior, divided by its standard
    deviation (Monroe, Colaresi and Quinn 2008). Words that everybody uses have a large
    prior, which takes the place of a list of stop words.

    Parameters
    ----------
    own, others : ndarray of shape (n_words,)
        How often each word is used here and elsewhere.
    prior : ndarray of shape (n_words,)
        How often it would be expected in a text of the prior's weight; above 0.

    References
    ----------
    Monroe, Colaresi and Quinn (2008), "Fightin' words: Lexical feature selection and
    evaluation for identifying the content of political conflict", Political Analysis
    16:372-403.

    Examples
    --------
    >>> log_odds(np.array([8.0, 2.0]), np.array([2.0, 8.0]), np.ones(2)).round(2)
    array([ 3.3, -3.3])
    """
    here, there = own + prior, others + prior
    ratio = np.log(here / (here.sum() - here)) - np.log(there / (there.sum() - there))
    return np.asarray(ratio / np.sqrt(1 / here + 1 / there))


class WordCounter:
    """Counts the words of coded sentences while the scores pass by."""

    def __init__(self, sources: Sequence[str], codes: Sequence[str]) -> None:
        self._sources, self._codes = list(sources), tuple(codes)
        self._numbers: dict[str, int] = {}
        self._counts = {code: _Counts() for code in codes}

    def add(self, block: pd.DataFrame) -> None:
        """Take in some sentences that count, with all columns of the scores."""
        given = block[list(self._codes)].to_numpy(dtype=bool)
        here = pd.Index(self._sources).get_indexer(pd.Index(block["source"]))
        coded = given.any(axis=1) & (here >= 0)
        own, given, here = block.loc[coded], given[coded], here[coded]
        if own.empty:
            return
        tokens = tokenise(own["text"].tolist())
        word = self._number(tokens.words)[tokens.numbers]
        row = tokens.rows
        document = pd.factorize(own["doc_id"])[0]
        for k, code in enumerate(self._codes):
            used = given[row, k] & (word >= 0)
            self._counts[code].add(here[row[used]], word[used], document[row[used]])

    def _number(self, words: Sequence[str]) -> Ints:
        """Return the number of each word, -1 for single letters, in any case."""
        lower = (word.casefold() for word in words)
        numbers = self._numbers
        found = [
            numbers.setdefault(word, len(numbers)) if len(word) > 1 else -1
            for word in lower
        ]
        return np.array(found, dtype=np.int64)

    def distinguish(self) -> pd.DataFrame:
        """Return the words that distinguish each source's sentences of a code.

        Each source against all others together, with the words of all sentences of
        the code as the prior, which weighs as much as an average source. Only words in
        at least `MIN_ARTICLES` articles of the source.

        Returns
        -------
        DataFrame, by source and code, highest score first: `source code word n`,
        `expected` (times, had the source used it as often as the others) and `score`.
        """
        names = list(self._numbers)
        for counts in self._counts.values():
            counts.finish(len(names))
        tables = [
            pd.DataFrame(columns=COLUMNS),
            *(
                self._distinguish(code, source, names)
                for source in range(len(self._sources))
                for code in self._codes
            ),
        ]
        filled = [table for table in tables if len(table)] or tables[:1]
        return pd.concat(filled, ignore_index=True)[list(COLUMNS)]

    def _distinguish(
        self, code: str, source: int, names: Sequence[str]
    ) -> pd.DataFrame:
        counts = self._counts[code]
        word, n, n_articles = counts.of(source)
        own, total = float(n.sum()), float(counts.totals.sum())
        usual = n_articles >= MIN_ARTICLES
        word, n = word[usual], n[usual].astype(np.float64)
        if not len(word) or own == total:
            return pd.DataFrame(columns=COLUMNS)
        everywhere = counts.totals[word]
        # All other words together are one more: the odds need no more of them.
        here = np.append(n, own - n.sum())
        all_uses = np.append(everywhere, total - everywhere.sum())
        prior = all_uses / counts.n_sources
        score = log_odds(here, all_uses - here, np.maximum(prior, _LITTLE))[:-1]
        expected = (everywhere - n) / (total - own) * own
        chosen = np.argsort(-score, kind="stable")[:N_WORDS]
        chosen = chosen[score[chosen] >= MIN_SCORE]
        return pd.DataFrame(
            {
                "source": self._sources[source],
                "code": code,
                "word": [names[i] for i in word[chosen]],
                "n": n[chosen].astype(np.int64),
                "expected": expected[chosen],
                "score": score[chosen],
            }
        )


_LITTLE = 1e-9
"""Keeps the odds of nothing apart from nought."""

_BITS = 32
"""Words have their number in these bits of a key, sources theirs above them."""

_WAITING = 2_000_000
"""Counts that wait to be summed up with the others."""

_Counted = tuple[Ints, Ints, Ints]


class _Counts:
    """How often each source uses each word of a code, and in how many articles."""

    def __init__(self) -> None:
        self._parts: list[_Counted] = []
        self._waiting = 0

    def add(self, source: Ints, word: Ints, document: Ints) -> None:
        """Count words of articles that are not in what was counted before."""
        keys, place, n = np.unique(
            (source << _BITS) + word, return_inverse=True, return_counts=True
        )
        size = int(document.max(initial=0)) + 1
        pairs = np.unique(place * size + document)
        n_articles = np.bincount(pairs // size, minlength=len(keys))
        self._parts.append((keys, n, n_articles))
        self._waiting += len(keys)
        if self._waiting > _WAITING:
            self._parts, self._waiting = [_sum_up(self._parts)], 0

    def finish(self, n_words: int) -> None:
        """Sum everything up."""
        self._keys, self._n, self._n_articles = _sum_up(self._parts)
        words = self._keys & ((1 << _BITS) - 1)
        self.totals = np.bincount(words, self._n, minlength=n_words)
        self.n_sources = len(np.unique(self._keys >> _BITS))

    def of(self, source: int) -> _Counted:
        """Return the words of a source, how often and in how many articles."""
        ends = [source << _BITS, (source + 1) << _BITS]
        own = slice(*np.searchsorted(self._keys, ends).tolist())
        words = self._keys[own] & ((1 << _BITS) - 1)
        return words, self._n[own], self._n_articles[own]


def _sum_up(parts: Sequence[_Counted]) -> _Counted:
    """Return the sums of counts by key."""
    if not parts:
        none = np.empty(0, dtype=np.int64)
        return none, none, none
    keys, place = np.unique(
        np.concatenate([part[0] for part in parts]), return_inverse=True
    )
    sums = np.zeros((2, len(keys)), dtype=np.int64)
    for row, number in enumerate((1, 2)):
        np.add.at(sums[row], place, np.concatenate([part[number] for part in parts]))
    return keys, sums[0], sums[1]
