"""Fit one head: penalty, calibration and thresholds from grouped folds.

Every figure about a head comes from units that it did not see: no article is on
both sides of a fold, and no outlet either where there are enough outlets.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from framing.classifier import (
    Penalty,
    calibrate,
    choose,
    decide,
    fit_calibration,
    fit_softmax,
    fit_weights,
    softmax,
    to_matrix,
)
from framing.evaluation import (
    best_f1,
    choose_thresholds,
    f1_error,
    f1_score,
    grouped_folds,
)
from framing.features import FeatureSpace, fit_blocks
from framing.model import BlockSettings, Bools, Floats, Head, Ints
from framing.training.examples import Examples

N_FOLDS = 5

PENALTIES = tuple(
    Penalty(power, c) for power in (0.0, 0.5, 1.0) for c in (0.3, 1.0, 3.0, 10.0)
)

EVENING = (1.0, 0.75, 0.5, 0.25, 0.0)
"""How far thresholds of single-class heads make up for rare classes, to choose from."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class HeadSettings:
    """What a head is made of, and the penalties to choose from."""

    blocks: tuple[BlockSettings, ...]
    penalties: tuple[Penalty, ...] = PENALTIES
    seed: int = 0


@dataclass(frozen=True)
class Unseen:
    """What a head says of units that it did not see in training.

    Arrays of shape (n_units, n_classes): decision values, probabilities, decisions.
    """

    z: Floats
    proba: Floats
    decided: Bools


def fit_head(
    examples: Examples, settings: HeadSettings
) -> tuple[Head, Penalty, Unseen]:
    """Return the head, its penalty, and what folds said of unseen units."""
    folds = list(grouped_folds(examples.groups, N_FOLDS, settings.seed))
    by_penalty = decide_unseen(examples, settings, folds)
    penalty = _choose_penalty(examples, by_penalty)
    known = examples.with_helpers()
    blocks = fit_blocks(known.views, settings.blocks)
    matrix = to_matrix(FeatureSpace(blocks).transform(known.views))
    coef, intercept = fit_weights(
        matrix, known.gold, known.weights, penalty, seed=settings.seed
    )
    k = len(examples.classes)
    head = Head(
        examples.classes,
        examples.single,
        blocks,
        coef,
        intercept,
        np.tile([1.0, 0.0], (k, 1)),
        np.full(k, 0.5),
    )
    head, unseen = settle(head, examples, by_penalty[penalty])
    return head, penalty, unseen


def settle(head: Head, examples: Examples, z: Floats) -> tuple[Head, Unseen]:
    """Return a head calibrated, and its thresholds chosen, on unseen units.

    `z` are the decision values of the examples by fits that did not see them.
    """
    fit = fit_softmax if examples.single else fit_calibration
    head = replace(head, calibration=fit(z, examples.gold, examples.weights))
    proba = calibrate(head, z)
    head = _with_thresholds(head, examples, proba)
    return head, Unseen(z, proba, choose(head, proba))


def leave_out_sources(
    examples: Examples, settings: HeadSettings, head: Head, penalty: Penalty, say: Say
) -> Unseen:
    """Return what heads say of each source that were trained on all others.

    Calibration and thresholds stay those of `head`: what a user of the model
    would have applied to an outlet that the model does not know.
    """
    sources = np.asarray(examples.sources)
    folds = []
    for source in sorted(set(examples.sources)):
        test = np.flatnonzero(sources == source)
        folds.append((np.flatnonzero(sources != source), test))
    return _leave_out(examples, settings, head, penalty, folds, say)


def leave_out_articles(
    examples: Examples, settings: HeadSettings, head: Head, penalty: Penalty, say: Say
) -> Unseen:
    """Return what heads say of folds of articles that were trained on the others.

    Other articles of the same source are known, as they are when a model is used
    on a source that it was trained on. Calibration and thresholds are those of
    `head`.
    """
    folds = list(grouped_folds(examples.articles, N_FOLDS, settings.seed))
    return _leave_out(examples, settings, head, penalty, folds, say)


def _leave_out(
    examples: Examples,
    settings: HeadSettings,
    head: Head,
    penalty: Penalty,
    folds: Sequence[tuple[Ints, Ints]],
    say: Say,
) -> Unseen:
    one = HeadSettings(settings.blocks, (penalty,), settings.seed)
    z = decide_unseen(examples, one, folds, say)[penalty]
    proba = calibrate(head, z)
    return Unseen(z, proba, choose(head, proba))


def decide_unseen(
    examples: Examples,
    settings: HeadSettings,
    folds: Sequence[tuple[Ints, Ints]],
    say: Say = lambda text: None,
) -> dict[Penalty, Floats]:
    """Return decision values of each unit by a fit without its fold, per penalty."""
    found = {p: np.zeros(examples.gold.shape) for p in settings.penalties}
    for number, (train, test) in enumerate(folds, 1):
        say(f"{number} of {len(folds)}")
        known = examples.take_for(train, test)
        blocks = fit_blocks(known.views, settings.blocks)
        space = FeatureSpace(blocks)
        matrix = to_matrix(space.transform(known.views))
        unseen = space.transform([examples.views[i] for i in test])
        for penalty in settings.penalties:
            coef, intercept = fit_weights(
                matrix, known.gold, known.weights, penalty, seed=settings.seed
            )
            found[penalty][test] = decide(unseen, coef, intercept)
    return found


def _choose_penalty(examples: Examples, by_penalty: dict[Penalty, Floats]) -> Penalty:
    """Return the best penalty, or where outlets are known the most prudent one.

    Across outlets it is the simplest that is as good as the best but for noise, the
    one-standard-error rule (Breiman, Friedman, Olshen and Stone 1984, section 3.4.3):
    what fits the labelled outlets hardest is seldom what serves others best.
    """
    judged = {p: _judge(examples, z) for p, z in by_penalty.items()}
    best = max(judged, key=lambda p: judged[p])
    if examples.folded_by != "source":
        return best
    spread = f1_error(
        examples.gold,
        _decided(examples, by_penalty[best]),
        examples.groups,
        examples.weights,
    )
    return min(p for p in judged if judged[p] >= judged[best] - spread)


def _judge(examples: Examples, z: Floats) -> float:
    """Return the macro-F1 that decision values allow, units weighed as in training."""
    decided = _decided(examples, z)
    return float(f1_score(examples.gold, decided, examples.weights).mean())


def _decided(examples: Examples, z: Floats) -> Bools:
    if examples.single:
        best = np.argmax(z, axis=1)
        return np.asarray(np.arange(z.shape[1]) == best[:, None])
    return np.asarray(z >= choose_thresholds(examples.gold, z, examples.weights))


def _with_thresholds(head: Head, examples: Examples, proba: Floats) -> Head:
    """Return the head with thresholds chosen on unseen units.

    With exactly one class a unit, they lie where macro-F1 is best between equal
    thresholds and those at which the balanced regression stands at even odds, so
    that rare classes get a chance.
    Otherwise the threshold is half the best F1 that unseen units allow, which is where
    F1 is highest for calibrated probabilities (Lipton, Elkan and Naryanaswamy 2014,
    "Optimal thresholding of classifiers to maximize F1 measure", section 4). Unlike
    the best threshold itself it does not follow the accidents of the training mix:
    on outlets of another mix it did better (docs/model.md).
    """
    if examples.single:
        shift = head.calibration[:, 1]
        choices = [replace(head, thresholds=softmax(a * shift)) for a in EVENING]
        return max(
            choices,
            key=lambda h: f1_score(
                examples.gold, choose(h, proba), examples.weights
            ).mean(),
        )
    best = best_f1(examples.gold, proba, examples.weights)
    return replace(head, thresholds=np.where(best > 0, best / 2, 0.5))
