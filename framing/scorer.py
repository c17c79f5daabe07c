"""A model ready to score sentences: views, features and regression in one chain."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from framing.bags import Bag, Bags
from framing.bulk import BulkViewer, Readings
from framing.classifier import calibrate, choose, contributions, decide
from framing.features import FeatureSpace
from framing.fused import Batch, make_fused
from framing.model import Bools, Floats, Head, Ints, Model
from framing.seedwords import SeedWords
from framing.views import Viewer


class Scorer:
    """A model ready to score sentences."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._seeds = SeedWords(model.seeds)
        self._fused = make_fused(model, self._seeds)

    @cached_property
    def viewer(self) -> Viewer:
        """What makes views of single sentences."""
        return Viewer(self.model.targets, self._seeds)

    @cached_property
    def bulk(self) -> BulkViewer:
        """What makes views of many sentences."""
        return BulkViewer(self.model.targets, self._seeds)

    @cached_property
    def frames(self) -> FeatureSpace:
        """The features of the frame model."""
        return FeatureSpace(self.model.frames.blocks)

    @cached_property
    def stance(self) -> FeatureSpace:
        """The features of the stance model, none if there is no such model."""
        head = self.model.stance
        return FeatureSpace(head.blocks if head else ())

    def read(self, texts: Sequence[str]) -> Readings | Batch:
        """Return what sentences hold: what `score` and `score_stance` go by."""
        batch = self._fused.read(texts) if self._fused else None
        return self.bulk.read(texts) if batch is None else batch

    def score(self, readings: Readings | Batch) -> tuple[Floats, Bools, Bools]:
        """Return what the model says of sentences.

        Returns
        -------
        proba : ndarray of shape (n_sentences, n_codes), in [0, 1]
        decided : ndarray of bool, same shape
        cannot_say : ndarray of bool, shape (n_sentences,)
            No word of the sentence is known; nothing is decided there.
        """
        head = self.model.frames
        if isinstance(readings, Batch):
            proba = calibrate(head, readings.decide())
            known = readings.count_words()[1] > 0
            return proba, choose(head, proba) & known[:, None], ~known
        views = self.bulk.view(readings)
        proba, decided = _apply(head, self.frames, views)
        known = self.frames.count_known(views.of("words"), readings.n) > 0
        return proba, decided & known[:, None], ~known

    def count_words(self, readings: Readings | Batch) -> tuple[Ints, Ints]:
        """Return how many words sentences have, and how many of them the model knows.

        Actors do not count: the model sees no more of them than their kind.

        Returns
        -------
        n_words, n_known : ndarray of shape (n_sentences,)
        """
        if isinstance(readings, Batch):
            return readings.count_words()
        tokens = readings.tokens
        words = Bag(tokens.words, tokens.numbers, readings.rows)
        own = readings.rows[tokens.numbers > 0]
        return (
            np.bincount(own, minlength=readings.n),
            self.frames.count_known(words, readings.n),
        )

    def score_stance(
        self, readings: Readings | Batch, at: Sequence[int] | None = None
    ) -> list[tuple[int, str, Floats, str]]:
        """Return the stance towards every target that a sentence names.

        Parameters
        ----------
        at : numbers of the sentences to look at, rising; by default all.

        Returns
        -------
        list of (number of the sentence, target, probabilities, stance value);
        empty for a model without stance.
        """
        head = self.model.stance
        if head is None:
            return []
        if isinstance(readings, Batch):
            rows, targets, z = readings.decide_stance(at)
            proba = calibrate(head, z)
            decided = choose(head, proba)
        else:
            rows, targets, views = self.bulk.view_targets(readings, at)
            proba, decided = _apply(head, self.stance, views)
        values = [head.classes[k] for k in np.argmax(decided, axis=1)]
        return list(zip(rows.tolist(), targets, proba, values, strict=True))

    def explain(self, text: str) -> "Explanation":
        """Return what moved the score of each code in one sentence."""
        head, space = self.model.frames, self.frames
        views = self.bulk.view(self.bulk.read([text]))
        rows = space.transform(views)
        moved = contributions(head, rows, space.names)
        proba, decided = _apply(head, space, views)
        decided &= rows.known[:, None]
        return Explanation(
            text,
            head.classes,
            proba[0],
            decided[0],
            head.thresholds,
            moved,
            bool(rows.known[0]),
        )


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a model says of one sentence, and why.

    `moved` lists features with what each adds to the log-odds of every code; with
    the entry "intercept" they add up to them.
    """

    text: str
    codes: tuple[str, ...]
    proba: Floats
    decided: Bools
    thresholds: Floats
    moved: list[tuple[str, Floats]]
    known: bool

    def by_word(self, k: int) -> list[tuple[str, float]]:
        """Return what moved code number `k`, strongest first, character n-grams in one.

        Names are those of the features without their block; character n-grams are
        too short to read and are summed as "spelling".
        """
        amounts: dict[str, float] = {}
        for feature, amount in self.moved:
            block, _, name = feature.partition(":")
            name = "spelling" if block == "chars" else name or block
            amounts[name] = amounts.get(name, 0.0) + float(amount[k])
        return sorted(amounts.items(), key=lambda item: (-abs(item[1]), item[0]))


def _apply(head: Head, space: FeatureSpace, views: Bags) -> tuple[Floats, Bools]:
    z = np.tile(head.intercept, (views.n, 1))
    for columns, rows in space.parts(views):
        z += decide(rows, head.coef[:, columns], 0.0)
    proba = calibrate(head, z)
    return proba, choose(head, proba)
