"""Questions that take no scoring: a sentence explained, coders compared."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from framing.agreement import (
    Reliability,
    check_shared,
    measure_reliability,
    pick_coders,
)
from framing.api.given import (
    Place,
    check_level,
    check_seed,
    names_of,
    path_of,
    the_study,
)
from framing.errors import InputError
from framing.excerpt import excerpt
from framing.labelstore import read_labels
from framing.scorer import Scorer
from framing.study.opening import open_model


@dataclass(frozen=True, eq=False)
class Explained:
    """Why a sentence got its scores.

    Attributes
    ----------
    text : str
    cannot_say : bool
        The model knows no word of it.
    codes : DataFrame
        One row per code: `code score threshold decided`.
    words : DataFrame
        One row per word, strongest first, and one column per code: what the word adds
        to the log-odds, to which the columns add up. `framing explain` says what the
        names mean that are no words.
    stance : dict
        The stance towards each target that is named.
    """

    text: str
    cannot_say: bool
    codes: pd.DataFrame
    words: pd.DataFrame
    stance: dict[str, str]


def explain(
    sentence: str,
    *,
    model: Place | None = None,
    project: Place | None = None,
    codebook: str = "",
) -> Explained:
    """Return the words that moved each code's score, as `framing explain` does.

    Raises
    ------
    FramingError
        The sentence is empty, or the model cannot be used.
    """
    text = " ".join(sentence.split())
    if not text:
        msg = "the sentence is empty. Give one."
        raise InputError(msg)
    opened = open_model(the_study(project, codebook), path_of(model))
    scorer = Scorer(excerpt(opened.model, [text]))
    found = scorer.explain(text)
    stances = scorer.score_stance(scorer.read([text]))
    codes = {
        "code": found.codes,
        "score": found.proba,
        "threshold": found.thresholds,
        "decided": found.decided,
    }
    moved = {code: dict(found.by_word(k)) for k, code in enumerate(found.codes)}
    words = pd.DataFrame(moved).rename_axis("word").fillna(0.0)
    strongest = words.abs().max(axis=1).sort_values(ascending=False, kind="stable")
    words = words.loc[strongest.index]
    stance = {target: value for _, target, _, value in stances}
    return Explained(text, not found.known, pd.DataFrame(codes), words, stance)


def agree(
    *,
    coders: Sequence[str] = (),
    level: float = 0.95,
    project: Place | None = None,
    codebook: str = "",
    seed: int = 0,
) -> Reliability:
    """Return how far the coders of a study agree, as `framing agree` does.

    Parameters
    ----------
    coders : sequence of str
        Only these; by default all but adjudicated and seed-words.
    level : float
        Of the intervals.

    Returns
    -------
    Reliability
        Its tables are `variables` (agreement and Krippendorff's alpha per code),
        `prevalence` and `overlap`.

    Raises
    ------
    FramingError
        There are no labels of two coders, or no unit that two of them coded.
    """
    check_level(level)
    check_seed(seed)
    study = the_study(project, codebook)
    folder = study.project.labels
    labels = read_labels(folder, study.codebook).labels
    chosen = pick_coders(labels, names_of(coders), folder)
    found = measure_reliability(
        labels, study.codebook, coders=chosen, level=level, seed=seed
    )
    check_shared(found, folder)
    return found
