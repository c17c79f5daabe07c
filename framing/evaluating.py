"""Measure a model on gold that it may or may not have seen."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from framing.evaluation import measure_codes, measure_thresholds
from framing.labelled import Labelled
from framing.model import Model
from framing.scorer import Scorer
from framing.seedwords import SeedWords
from framing.tagger import Tagger


def evaluate_model(
    model: Model, units: Sequence[Labelled], *, seed: int = 0
) -> dict[str, pd.DataFrame]:
    """Return the scores of a model and of the seed words on the same texts.

    Returns
    -------
    Tables "model" and "seed words", as `framing.evaluation.measure_codes` gives.
    """
    codes = model.frames.classes
    tagger = Tagger(SeedWords(model.seeds), model.targets, codes)
    gold = np.array([[code in unit.codes for code in codes] for unit in units])
    texts = [unit.text for unit in units]
    scorer = Scorer(model)
    proba, decided, _ = scorer.score(scorer.read(texts))
    groups = [unit.group for unit in units]
    return {
        "model": measure_codes(gold, decided, proba, codes, groups=groups, seed=seed),
        "seed words": measure_codes(
            gold, tagger.tag(texts), None, codes, groups=groups, seed=seed
        ),
    }


def evaluate_thresholds(model: Model, units: Sequence[Labelled]) -> pd.DataFrame:
    """Return what each threshold would give on gold.

    See `framing.evaluation.measure_thresholds`; a unit of which the model cannot say
    anything is never given a code.
    """
    head = model.frames
    gold = np.array([[code in unit.codes for code in head.classes] for unit in units])
    scorer = Scorer(model)
    proba, _, cannot_say = scorer.score(scorer.read([unit.text for unit in units]))
    proba = np.where(cannot_say[:, None], 0.0, proba)
    return measure_thresholds(gold, proba, head.classes, list(head.thresholds))


def unseen_thresholds(model: Model, out_of_fold: pd.DataFrame) -> pd.DataFrame:
    """Return what each threshold would give on the units that the model learned from.

    By the scores of fits that did not see the unit's outlet, where every unit has one,
    else its article; empty for a model without such scores.
    """
    head = model.frames
    if any(code not in out_of_fold for code in head.classes) or out_of_fold.empty:
        return pd.DataFrame()
    prefix = scored_without(model, out_of_fold)[0]
    proba = out_of_fold[[f"{prefix}_{code}" for code in head.classes]].to_numpy()
    gold = out_of_fold[list(head.classes)].to_numpy(dtype=bool)
    return measure_thresholds(gold, proba, head.classes, list(head.thresholds))


def scored_without(model: Model, out_of_fold: pd.DataFrame) -> tuple[str, str]:
    """Return the prefix of the scores to judge by, and what they did not see."""
    columns = [f"u_{code}" for code in model.frames.classes]
    known = not out_of_fold[columns].isna().any(axis=None)
    return ("u", "outlet") if known else ("p", "article")
