"""What a model says of sentences, laid on their words.

A score is a sum over features; each feature has its places in the sentence: an n-gram
its words, letters the words that hold them, a group of seed words those that were
found. What a feature adds is shared out equally over its places.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from framing.bulk import Readings
from framing.features import char_grams
from framing.model import BlockSettings, Floats
from framing.scorer import Scorer
from framing.seedwords import STANCE
from framing.views import FACTS, MASK

_Places = dict[str, list[int]]
"""The words, by number, that each feature of one sentence stands on."""


@dataclass(frozen=True, slots=True)
class MarkedSentence:
    """What moved the log-odds of every code in one sentence.

    Attributes
    ----------
    spans : list of (start, end)
        The words of the sentence; the name of an actor is one.
    weights : ndarray of shape (n_words, n_codes)
    base : ndarray of shape (n_codes,)
        Log-odds of a sentence without any known feature.
    elsewhere : ndarray of shape (n_codes,)
        What has no place, such as the number of actors. With `base` and the sum of
        `weights` it adds up to the calibrated log-odds.
    targets : tuple of str
        Actors named that a stance can be taken towards.
    """

    spans: list[tuple[int, int]]
    weights: Floats
    base: Floats
    elsewhere: Floats
    targets: tuple[str, ...]

    @property
    def log_odds(self) -> Floats:
        """Calibrated log-odds of each code."""
        return np.asarray(self.base + self.weights.sum(axis=0) + self.elsewhere)


def mark_words(scorer: Scorer, texts: Sequence[str]) -> list[MarkedSentence]:
    """Return for each sentence what its words add to the log-odds of every code."""
    return list(_Marker(scorer, scorer.bulk.read(texts)))


class _Marker:
    """The features of some sentences with their places and what they add."""

    def __init__(self, scorer: Scorer, readings: Readings) -> None:
        head = scorer.model.frames
        self._scorer, self._readings = scorer, readings
        self._blocks = [block.settings for block in head.blocks]
        self._column = {name: i for i, name in enumerate(scorer.frames.names)}
        rows = scorer.frames.transform(scorer.bulk.view(readings))
        scale, shift = head.calibration.T
        self._columns = rows.columns
        self._amounts = (scale[:, None] * head.coef[:, rows.columns] * rows.values).T
        self._bounds = np.searchsorted(rows.rows, np.arange(readings.n + 1))
        self._base = scale * head.intercept + shift
        # Hits of one sentence together: they come by pattern.
        self._order = np.argsort(readings.hits.rows, kind="stable")
        self._kinds = scorer.model.targets.kinds_of_actors
        self._actor_at = dict(
            zip(
                readings.mention_at.tolist(),
                readings.mentions.actors.tolist(),
                strict=True,
            )
        )

    def __iter__(self) -> Iterator[MarkedSentence]:
        for i in range(self._readings.n):
            yield self._mark(i)

    def _mark(self, i: int) -> MarkedSentence:
        tokens = self._readings.tokens
        first, stop = tokens.offsets[i : i + 2].tolist()
        own = slice(*self._bounds[i : i + 2].tolist())
        amounts = self._amounts[own]
        row_of = {c: row for row, c in enumerate(self._columns[own].tolist())}
        placed = [
            (row_of[column], at)
            for name, at in self._places(i, first, stop).items()
            if (column := self._column.get(name, -1)) in row_of
        ]
        rows = [row for row, at in placed for _ in at]
        shares = [1 / len(at) for _, at in placed for _ in at]
        weights = np.zeros((stop - first, len(self._base)))
        words = np.array([word for _, at in placed for word in at], dtype=np.int64)
        np.add.at(weights, words, amounts[rows] * np.array(shares)[:, None])
        elsewhere = np.ones(len(amounts), dtype=np.bool_)
        elsewhere[rows] = False
        starts, ends = (
            (at[first:stop] - tokens.bounds[i]).tolist()
            for at in (tokens.starts, tokens.ends)
        )
        return MarkedSentence(
            list(zip(starts, ends, strict=True)),
            weights,
            self._base,
            amounts[elsewhere].sum(axis=0),
            self._targets(first, stop),
        )

    def _targets(self, first: int, stop: int) -> tuple[str, ...]:
        known = self._scorer.model.targets
        named = {
            known.actors[self._actor_at[j]]
            for j in range(first, stop)
            if j in self._actor_at
        }
        return tuple(sorted(named.intersection(known.names)))

    def _places(self, i: int, first: int, stop: int) -> _Places:
        """Return where the features of a sentence stand, by words counted in it."""
        tokens = self._readings.tokens
        words = [
            MASK.format(self._kinds[self._actor_at[j]])
            if j in self._actor_at
            else tokens.words[number]
            for j, number in enumerate(tokens.numbers[first:stop].tolist(), first)
        ]
        places: _Places = {}
        for block in self._blocks:
            if block.kind == "words":
                _place_words(places, words, block)
            elif block.kind == "chars":
                _place_letters(places, words, block)
        self._place_seeds(places, i, first)
        return places

    def _place_seeds(self, places: _Places, i: int, first: int) -> None:
        """Place groups of seed words, and with them what they say in sum for a code."""
        hits, order = self._readings.hits, self._order
        low, high = np.searchsorted(hits.rows[order], [i, i + 1])
        for hit in order[low:high]:
            group = self._scorer.model.seeds[hits.groups[hit]]
            if group.role == STANCE:
                continue
            at = range(int(hits.first[hit]) - first, int(hits.stop[hit]) - first)
            sums = (f"codes:{group.code} {fact}" for fact in FACTS)
            for name in (f"groups:{group.name}", *sums):
                places.setdefault(name, []).extend(at)


def _place_words(places: _Places, words: Sequence[str], block: BlockSettings) -> None:
    for n in range(block.low, block.high + 1):
        for j in range(len(words) - n + 1):
            name = f"words:{' '.join(words[j : j + n])}"
            places.setdefault(name, []).extend(range(j, j + n))


def _place_letters(places: _Places, words: Sequence[str], block: BlockSettings) -> None:
    for j, word in enumerate(words):
        for gram in char_grams(word, block.low, block.high):
            places.setdefault(f"chars:{gram}", []).append(j)
