"""What an estimate of shares may rest on."""

from collections.abc import Sequence
from dataclasses import dataclass

from framing.prevalence.tally import LabelledSample, Tally


@dataclass(frozen=True)
class Evidence:
    """What an estimate may rest on.

    `priors` are the shares of the codes in training, which EM starts from. With
    `census` the articles are all there are: then only labels are a sample. With
    `single` a sentence has exactly one code, and corrected shares sum to 1.
    """

    tally: Tally
    sample: LabelledSample | None = None
    priors: Sequence[float] = ()
    census: bool = False
    single: bool = False


def sample_of(evidence: Evidence) -> LabelledSample:
    """Return the labels, where a method that needs them was asked for."""
    assert evidence.sample is not None  # `estimate` has seen to it
    return evidence.sample
