"""Labels worth a second look: drift, contradictions, copies, changes of mind.

Nothing here says that a label is wrong. It says where a person should look first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from framing.agreement import compute_gold
from framing.audit.contradictions import find_suspects, index_scores
from framing.audit.doubles import find_changed, find_copies, read_history
from framing.audit.drift import measure_drift
from framing.audit.listed import LIST_COLUMNS
from framing.codebook import Codebook
from framing.records import SEED_CODER, Gold, Label

__all__ = ["Audit", "audit_labels", "read_history", "suspect_units"]


@dataclass(frozen=True)
class Audit:
    """What an audit found.

    Attributes
    ----------
    drift : DataFrame
        One row per coder and code: `coder code n first middle last change expected low
        high p p_adjusted`. `first`, `middle`, `last` are the code's shares in the
        thirds of the coder's labels in order of time, `change` is last minus first,
        `expected` what out-of-fold scores say the texts account for (NaN without
        scores); the interval and p are of `change` less `expected`.
    no_drift : dict of str
        Coders whose labels cannot be put in order or are too few, and why.
    listed : DataFrame
        The labels to look at, columns `LIST_COLUMNS`. `kind` is "suspect" (strongest
        first), "copies" (of a `group`) or "changed".
    n_gold, n_scored : int
        Units with a gold label, and those of them with out-of-fold scores.
    n_copies : int
        Texts that occur in more than one labelled unit.
    n_again : int
        Units that a coder decided more than once.
    """

    drift: pd.DataFrame
    no_drift: dict[str, str]
    listed: pd.DataFrame
    n_gold: int
    n_scored: int
    n_copies: int
    n_again: int


def audit_labels(
    labels: Sequence[Label],
    history: Sequence[Label],
    out_of_fold: pd.DataFrame,
    codebook: Codebook,
    *,
    level: float = 0.95,
) -> Audit:
    """Return what of a study's labels is worth a second look.

    Parameters
    ----------
    labels : sequence of Label
        Each coder's last decision on each unit.
    history : sequence of Label
        All decisions, see `read_history`.
    out_of_fold : DataFrame
        See `framing.modelstore.read_out_of_fold`; may be empty.
    """
    people = [label for label in labels if label.coder != SEED_CODER]
    gold, _ = compute_gold(people, codebook)
    scores = index_scores(out_of_fold, codebook)
    drift, no_drift = measure_drift(people, scores, codebook, level=level)
    suspects, n_scored = find_suspects(gold, people, scores)
    copies, n_copies = find_copies(people, gold)
    changed, n_again = find_changed(history)
    rows = [*suspects, *copies, *changed]
    listed = pd.DataFrame(rows, columns=list(LIST_COLUMNS))
    return Audit(drift, no_drift, listed, len(gold), n_scored, n_copies, n_again)


def suspect_units(
    labels: Sequence[Label], out_of_fold: pd.DataFrame, codebook: Codebook
) -> list[Gold]:
    """Return the units whose gold a model contradicts that had not seen their article.

    Each once, the strongest contradiction first.
    """
    people = [label for label in labels if label.coder != SEED_CODER]
    gold, _ = compute_gold(people, codebook)
    rows, _ = find_suspects(gold, people, index_scores(out_of_fold, codebook))
    units = {(unit.doc_id, unit.start, unit.end): unit for unit in gold}
    order = dict.fromkeys((r["doc_id"], r["start"], r["end"]) for r in rows)
    return [units[place] for place in order if place in units]
