"""The side path: labels -> gold -> train -> model, with a card that says how good."""

from framing.training.run import Training, TrainSettings, train
from framing.training.taking import Taken, count_codes, find_changed, take_labels

__all__ = [
    "Taken",
    "TrainSettings",
    "Training",
    "count_codes",
    "find_changed",
    "take_labels",
    "train",
]
