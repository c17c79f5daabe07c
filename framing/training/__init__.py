"""The side path: labels -> gold -> train -> model, with a card that says how good."""

from framing.training.run import Training, TrainSettings, train

__all__ = ["TrainSettings", "Training", "train"]
