"""Measure a model on gold that it may or may not have seen."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from framing.evaluation import measure_codes
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
