"""The ways to estimate shares, by name, each with what it assumes."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from framing.intervals import Estimates
from framing.prevalence.adjusted import acc, em, pacc
from framing.prevalence.evidence import Evidence
from framing.prevalence.naive import average_scores, count_decisions
from framing.prevalence.rectified import borrow_residuals, ppi
from framing.prevalence.sums import Members


@dataclass(frozen=True)
class Method:
    """A way to estimate shares; `assumes` is what it asks the reader to believe."""

    name: str
    needs_labels: bool
    corrects: bool
    assumes: str
    run: Callable[[Evidence, Members], Estimates]


def estimate(method: str, evidence: Evidence, groups: Members) -> Estimates:
    """Return the shares of groups of cells by a method of `METHODS`.

    Raises
    ------
    ValueError
        The method needs labels, priors or single sentences, and there are none.
    """
    chosen = METHODS[method]
    if chosen.needs_labels and evidence.sample is None:
        msg = f"{method} needs labels of this corpus"
        raise ValueError(msg)
    found = chosen.run(evidence, groups)
    if evidence.single and chosen.corrects:
        found = _sum_to_one(found)
    return found


def _sum_to_one(found: Estimates) -> Estimates:
    """Return shares divided by their sum in each group, their errors likewise."""
    total = found.share.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        scale = np.where(total > 0, 1 / total, np.nan)
    return replace(
        found,
        share=found.share * scale,
        covariance=found.covariance * np.nan_to_num(scale @ scale.T)[None],
    )


METHODS = {
    method.name: method
    for method in (
        Method(
            "count",
            False,
            False,
            "decisions counted: holds if false and missed codes cancel in every source",
            count_decisions,
        ),
        Method(
            "mean",
            False,
            False,
            "mean calibrated score: holds if scores are calibrated in every source",
            average_scores,
        ),
        Method(
            "ppi",
            True,
            True,
            "mean score plus the mean residual of the source's own labels: holds if "
            "those were drawn at random",
            ppi,
        ),
        Method(
            "acc",
            True,
            True,
            "adjusted count (Rogan-Gladen): holds if the model finds and mistakes a "
            "code equally often in every source",
            acc,
        ),
        Method(
            "pacc",
            True,
            True,
            "probabilistic adjusted count: holds if scores of sentences with the code, "
            "and of those without, are alike in every source",
            pacc,
        ),
        Method(
            "em",
            False,
            True,
            "EM for shifted priors (Saerens et al.): holds if sources differ from the "
            "training articles, and from each other, in nothing but the share",
            em,
        ),
        Method(
            "hierarchical",
            True,
            True,
            "mean score plus the residual of the source's labels, drawn towards that "
            "of all sources: holds if labels were drawn at random",
            borrow_residuals,
        ),
    )
}
"""The methods by name; references in docs/methods.md."""
