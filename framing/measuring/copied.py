"""Shares with and without copies: what is left out, and what that changes."""

import pandas as pd

from framing.copies import CHOICES, OTHER, SAME, keep_articles
from framing.errors import InputError, shown
from framing.measuring.options import Scored

COPY_SHARES = tuple(f"{what}_{choice}" for choice in CHOICES for what in ("share", "n"))
"""Columns of the mix: the share and the number of articles for each choice."""


def has_copies(scored: Scored) -> bool:
    """Tell whether any article is known to be a copy."""
    articles = scored.articles
    return "copy_of" in articles and bool(articles["copy_of"].fillna("").ne("").any())


def find_left_out(scored: Scored, copies: str) -> frozenset[str]:
    """Return the `doc_id` of the articles that do not count.

    Raises
    ------
    InputError
        There is no such choice, or nobody looked for copies in these results.
    """
    if copies not in CHOICES:
        msg = f"copies {shown(copies)} is none of {', '.join(CHOICES)}."
        raise InputError(msg)
    articles = scored.articles
    if copies != "all" and "copy_of" not in articles:
        msg = "these results do not say what is a copy. Score the articles again."
        raise InputError(msg)
    kept = keep_articles(articles, copies)
    return frozenset(articles["doc_id"][~kept])


def keep_counted(table: pd.DataFrame, scored: Scored, copies: str) -> pd.DataFrame:
    """Return the rows of a table of sentences whose articles count."""
    left_out = find_left_out(scored, copies)
    return table.loc[~table["doc_id"].isin(left_out)] if left_out else table


def add_copy_shares(mix: pd.DataFrame, others: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the mix with the shares by each choice; `others` are mixes by choice.

    A group that has no article left by a choice has no share and none of its articles.
    """
    keys = [str(c) for c in mix.columns[: list(mix.columns).index("code") + 1]]
    table = mix
    for choice, other in others.items():
        named = {"share": f"share_{choice}", "n_articles": f"n_{choice}"}
        own = other[[*keys, *named]].rename(columns=named)
        table = table.merge(own, on=keys, how="left", validate="1:1")
        table[f"n_{choice}"] = table[f"n_{choice}"].fillna(0).astype("int64")
    return table


def copies_in_words(scored: Scored, copies: str) -> str:
    """Return how many articles are copies and what of them counts, in a sentence."""
    kind = scored.articles["copy_kind"]
    n_other, n_same = int((kind == OTHER).sum()), int((kind == SAME).sum())
    counts = {
        "all": "all of them count",
        "own": "the former are left out",
        "first": "all of them are left out",
    }[copies]
    return (
        f"{n_other:,} of {len(kind):,} articles copy another outlet's text, {n_same:,} "
        f"one of the same outlet: {counts} (--copies {', '.join(CHOICES)})"
    )
