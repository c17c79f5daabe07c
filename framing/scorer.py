"""A model ready to score sentences: views, features and regression in one chain."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from framing.classifier import calibrate, choose, contributions, decide
from framing.features import FeatureSpace
from framing.model import Bools, Floats, Head, Ints, Model
from framing.seedwords import ACTOR, SeedWords
from framing.views import Reading, View, Viewer


class Scorer:
    """A model ready to score sentences."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.viewer = Viewer(model.targets, SeedWords(model.seeds))
        self.frames = FeatureSpace(model.frames.blocks)
        self.stance = FeatureSpace(model.stance.blocks) if model.stance else None

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """Return what sentences hold: what `score` and `score_stance` go by."""
        return [self.viewer.read(text) for text in texts]

    def score(self, readings: Sequence[Reading]) -> tuple[Floats, Bools, Bools]:
        """Return what the model says of sentences.

        Returns
        -------
        proba : ndarray of shape (n_sentences, n_codes), in [0, 1]
        decided : ndarray of bool, same shape
        cannot_say : ndarray of bool, shape (n_sentences,)
            No word of the sentence is known; nothing is decided there.
        """
        views = [self.viewer.view(reading) for reading in readings]
        proba, decided, known = _apply(self.model.frames, self.frames, views)
        return proba, decided & known[:, None], ~known

    def count_words(self, readings: Sequence[Reading]) -> tuple[Ints, Ints]:
        """Return how many words sentences have, and how many of them the model knows.

        Actors do not count: the model sees no more of them than their kind.

        Returns
        -------
        n_words, n_known : ndarray of shape (n_sentences,)
        """
        knows = self.frames.knows
        words = [
            [token.text for token in reading.tokens if token.text != ACTOR]
            for reading in readings
        ]
        return (
            np.array([len(own) for own in words], dtype=np.int64),
            np.array([sum(map(knows, own)) for own in words], dtype=np.int64),
        )

    def score_stance(
        self, readings: Sequence[Reading]
    ) -> list[tuple[int, str, Floats, str]]:
        """Return the stance towards every target that a sentence names.

        Returns
        -------
        list of (position of the sentence, target, probabilities, stance value);
        empty for a model without stance.
        """
        head, space = self.model.stance, self.stance
        named = [
            (i, target)
            for i, reading in enumerate(readings)
            for target in self.viewer.name_targets(reading)
        ]
        if head is None or space is None or not named:
            return []
        views = [self.viewer.view_target(readings[i], target) for i, target in named]
        proba, decided, _ = _apply(head, space, views)
        values = [head.classes[k] for k in np.argmax(decided, axis=1)]
        return [
            (i, target, p, value)
            for (i, target), p, value in zip(named, proba, values, strict=True)
        ]

    def explain(self, text: str) -> "Explanation":
        """Return what moved the score of each code in one sentence."""
        head, space = self.model.frames, self.frames
        rows = space.transform([self.viewer.view(self.viewer.read(text))])
        z = decide(rows, head.coef, head.intercept)
        moved = contributions(head, rows, space.names)
        proba = calibrate(head, z)
        decided = choose(head, proba) & rows.known[:, None]
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


def _apply(
    head: Head, space: FeatureSpace, views: Sequence[View]
) -> tuple[Floats, Bools, Bools]:
    rows = space.transform(views)
    proba = calibrate(head, decide(rows, head.coef, head.intercept))
    return proba, choose(head, proba), rows.known
