"""Other thresholds than a model's own."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from framing.model import Model


def set_thresholds(model: Model, given: Mapping[str, float]) -> Model:
    """Return a model that decides some codes by other thresholds.

    Parameters
    ----------
    given : mapping of code to threshold
        Codes of the model, thresholds in [0, 1].
    """
    head = model.frames
    named = zip(head.classes, head.thresholds, strict=True)
    cut = np.array([given.get(code, float(own)) for code, own in named])
    return replace(model, frames=replace(head, thresholds=cut))
