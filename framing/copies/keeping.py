"""Shares with and without copies: which articles count, how much of each is copied."""

import numpy as np
import pandas as pd

from framing.copies.marking import OTHER, SAME
from framing.intervals import wilson
from framing.model import Bools

ALL, OWN, FIRST = "all", "own", "first"
CHOICES = (ALL, OWN, FIRST)
"""Everything counts; without copies of other outlets' texts; each text once."""


COPYING_COLUMNS = (
    "source",
    "n_articles",
    "n_from_others",
    "n_own_again",
    "from_others",
    "low",
    "high",
    "sentences_from_others",
)


def keep_articles(articles: pd.DataFrame, copies: str) -> Bools:
    """Return which articles count, shape (n_articles,).

    Parameters
    ----------
    articles : DataFrame
        With the columns `copy_of` and `copy_kind`; without them all count.
    copies : str
        "all"; "own", all but copies of what another outlet or an agency wrote;
        or "first", each text once, where it is likely to come from.

    Raises
    ------
    ValueError
        `copies` is none of these.
    """
    if copies not in CHOICES:
        msg = f"copies {copies!r} is none of {', '.join(CHOICES)}"
        raise ValueError(msg)
    if copies == ALL or "copy_of" not in articles:
        return np.ones(len(articles), dtype=np.bool_)
    column, marked = ("copy_kind", OTHER) if copies == OWN else ("copy_of", "")
    said = articles[column].fillna("").eq(marked).to_numpy(dtype=np.bool_)
    return np.asarray(~said if copies == OWN else said)


def measure_copying(articles: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """Return how much of each outlet is copied.

    Parameters
    ----------
    articles : DataFrame
        With the columns of `find_copies`; `n_sentences` if sentences are to be counted.
    level : float
        Of the intervals.

    Returns
    -------
    DataFrame, one row per source: `n_articles`, `n_from_others` (copies of what another
    outlet or an agency wrote), `n_own_again` (copies of an own text), `from_others`
    with `low` and `high`, the fraction of the first and its interval by Wilson (1927),
    and `sentences_from_others`, the fraction of sentences that such copies hold. Empty
    where nobody looked for copies.
    """
    from scipy.special import ndtri

    if "copy_kind" not in articles:
        return pd.DataFrame(columns=list(COPYING_COLUMNS))
    kind = articles["copy_kind"].fillna("")
    table = pd.DataFrame(
        {
            "source": articles["source"],
            "n_articles": 1,
            "n_from_others": (kind == OTHER).astype(np.int64),
            "n_own_again": (kind == SAME).astype(np.int64),
        }
    )
    if "n_sentences" in articles:
        table["sentences"] = articles["n_sentences"]
        table["copied"] = articles["n_sentences"].where(kind == OTHER, 0)
    sums = table.groupby("source", sort=True).sum()
    n = sums["n_articles"].to_numpy(dtype=np.float64)
    share = sums["n_from_others"].to_numpy(dtype=np.float64) / n
    low, high = wilson(share, n, float(ndtri((1 + level) / 2)))
    sums = sums.assign(from_others=share, low=low, high=high)
    if "sentences" in sums:
        whole = sums.pop("sentences").astype(np.float64)
        sums["sentences_from_others"] = sums.pop("copied") / whole.where(whole > 0)
    return sums.reset_index()
