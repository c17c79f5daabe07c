"""A trained model as plain data: what the model file holds, and nothing else.

A model has a *head* for the frames and, where there were stance labels, one for
stance. A head is a row of feature blocks and a logistic regression on them.
"""

from dataclasses import dataclass

from framing.arrays import Bools, Floats, Ints
from framing.seedwords import SeedGroup
from framing.targets import Targets

__all__ = [
    "BLOCK_KINDS",
    "Block",
    "BlockSettings",
    "Bools",
    "Floats",
    "Head",
    "Ints",
    "Model",
    "Rows",
]

BLOCK_KINDS = ("words", "chars", "groups", "codes", "sides", "places")
"""What a feature block can count; see `framing.features`."""


@dataclass(frozen=True, slots=True)
class BlockSettings:
    """How one block of features is made.

    `low` and `high` bound the length of word or character n-grams, `min_df` the
    number of sentences a feature must occur in, `weight` scales the block.
    `scaled` blocks are TF-IDF with rows of length 1; others count presence.
    """

    kind: str
    low: int = 1
    high: int = 1
    min_df: int = 1
    weight: float = 1.0
    scaled: bool = True


@dataclass(frozen=True, slots=True)
class Block:
    """A fitted block: its features in column order and their idf."""

    settings: BlockSettings
    vocabulary: tuple[str, ...]
    idf: Floats


@dataclass(frozen=True, slots=True)
class Rows:
    """Sparse feature rows: `values[i]` stands in `rows[i], columns[i]`.

    Rows are in order; `known` says whether a row holds any known word.
    """

    rows: Ints
    columns: Ints
    values: Floats
    shape: tuple[int, int]
    known: Bools


@dataclass(frozen=True, slots=True)
class Head:
    """A fitted one-vs-rest logistic regression on blocks of features.

    `coef` has shape (n_classes, n_features), `intercept` (n_classes,).
    `calibration`, shape (n_classes, 2), turns a decision value z into the
    log-odds a z + b. With `single` exactly one class holds, and a z + b are the
    logits that a softmax makes probabilities of. `thresholds` are probabilities.
    """

    classes: tuple[str, ...]
    single: bool
    blocks: tuple[Block, ...]
    coef: Floats
    intercept: Floats
    calibration: Floats
    thresholds: Floats


@dataclass(frozen=True, slots=True)
class Model:
    """Everything that scoring needs, so that a model file stands alone."""

    codebook: str
    language: str
    frames: Head
    stance: Head | None
    targets: Targets
    seeds: tuple[SeedGroup, ...]
