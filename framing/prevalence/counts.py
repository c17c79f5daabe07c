"""Counts per article: all of a scoring that shares, trust and advice rest on.

A sentence is a count of one, an article the sum of its sentences, a corpus the rows
of all its articles: so parts of a corpus can be counted anywhere and put together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
import pandas as pd

from framing.records import Kind

STEPS = 1000
"""Highest scores are kept to this part of one: finer than any check is read."""

ARTICLE = ["doc_id", "source", "date"]
OTHER_KINDS = tuple(f"n_{kind}" for kind in get_args(Kind) if kind != "sentence")
"""Columns with the numbers of units that are no sentences."""


@dataclass(frozen=True)
class Counts:
    """What is counted of a corpus.

    Attributes
    ----------
    articles : DataFrame, one row per article
        `doc_id source date`, `n_sentences` and of these `cannot_say` and `none` (no
        code given), `n_words n_known`, `highest` (its highest score), the columns of
        `OTHER_KINDS`, and per code `d_<code>` (decisions), `p_<code>` (sum of scores)
        and `v_<code>` (sum of p (1 - p)), all three over sentences that the model can
        say something of.
    targets : DataFrame, one row per article and target named in it
        `doc_id source date target`, the sums over the sentences that name it, and
        `s_<value>`, the sentences that speak so of it.
    highest : DataFrame
        `n_sentences` by their `highest` score, rounded to 1 / `STEPS`.
    """

    articles: pd.DataFrame
    targets: pd.DataFrame
    highest: pd.DataFrame

    @property
    def kinds(self) -> dict[str, int]:
        """Number of units of each kind that there is."""
        columns = {f"n_{k}": k for k in get_args(Kind) if k != "sentence"}
        columns["n_sentences"] = "sentence"
        sums = {
            kind: int(self.articles[column].sum())
            for column, kind in columns.items()
            if column in self.articles
        }
        return {kind: n for kind, n in sorted(sums.items()) if n}


def count_scores(
    scores: pd.DataFrame, stance: pd.DataFrame, codes: Sequence[str]
) -> Counts:
    """Return the counts of some scored articles.

    Parameters
    ----------
    scores : DataFrame
        One row per unit, as in `scores.parquet`.
    stance : DataFrame
        One row per sentence and target, as in `stance.parquet`.
    """
    rows = count_sentences(scores, codes)
    others = _other_kinds(scores)
    articles = add_up(rows, ARTICLE)
    if others is not None:
        articles = articles.merge(others, how="outer", on=ARTICLE, sort=False)
        numbers = [str(n) for n in articles if n not in (*ARTICLE, "highest")]
        articles[numbers] = articles[numbers].fillna(0)
        whole = [n for n in numbers if not n.startswith(("p_", "v_"))]
        articles = articles.astype(dict.fromkeys(whole, np.int64))
    return Counts(articles, _count_targets(rows, stance), count_highest(rows))


def count_sentences(scores: pd.DataFrame, codes: Sequence[str]) -> pd.DataFrame:
    """Return a row per sentence: counts of one, with its `sent_no`."""
    own = scores.loc[scores["kind"] == "sentence"].reset_index(drop=True)
    proba = own[[f"p_{code}" for code in codes]].to_numpy(dtype=np.float64)
    cannot_say = own["cannot_say"].to_numpy(dtype=bool)
    decided = own[list(codes)].to_numpy(dtype=bool) & ~cannot_say[:, None]
    said = np.where(cannot_say[:, None], 0.0, proba)
    uncertain = said * (1 - said)
    names = [*ARTICLE, "sent_no"]
    words = [name for name in ("n_words", "n_known") if name in own]
    columns = {
        "n_sentences": np.ones(len(own), dtype=np.int64),
        "cannot_say": cannot_say.astype(np.int64),
        "none": (~cannot_say & ~decided.any(axis=1)).astype(np.int64),
        **{name: own[name].to_numpy() for name in words},
        "highest": proba.max(axis=1, initial=-np.inf),
        **{f"d_{c}": decided[:, k].astype(np.int64) for k, c in enumerate(codes)},
        **{f"p_{c}": said[:, k] for k, c in enumerate(codes)},
        **{f"v_{c}": uncertain[:, k] for k, c in enumerate(codes)},
    }
    return pd.concat([own[names], pd.DataFrame(columns)], axis=1)


def add_up(rows: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Return the sums of rows that agree in some columns, in order of appearance."""
    left = [c for c in rows if c not in (*keys, "sent_no", "highest")]
    grouped = rows.groupby(list(keys), sort=False, observed=True, dropna=False)
    sums = grouped[left].sum()
    if "highest" in rows:
        # A NaN among scores is no score: `max` leaves it out.
        sums.insert(left.index("none") + 1, "highest", grouped["highest"].max())
    return sums.reset_index()


def name_targets(rows: pd.DataFrame, stance: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each sentence and target that it names."""
    named = stance[["doc_id", "sent_no", "target"]].drop_duplicates()
    return rows.merge(named, on=["doc_id", "sent_no"], how="inner")


def _count_targets(rows: pd.DataFrame, stance: pd.DataFrame) -> pd.DataFrame:
    """Return the counts of each article and target."""
    values = [str(c)[2:] for c in stance.columns if str(c).startswith("p_")]
    keys = ["doc_id", "target"]
    spoken = stance[keys].assign(
        **{f"s_{v}": (stance["stance"] == v).astype(np.int64) for v in values}
    )
    sums = spoken.groupby(keys, sort=False)[[f"s_{v}" for v in values]].sum()
    named = add_up(name_targets(rows, stance), [*ARTICLE, "target"])
    kept = [c for c in map(str, named) if not c.startswith("v_") and c != "highest"]
    return named[kept].merge(sums.reset_index(), on=keys, how="left", sort=False)


def _other_kinds(scores: pd.DataFrame) -> pd.DataFrame | None:
    """Return how many units of each other kind articles have; None if all are."""
    if (scores["kind"] == "sentence").all():
        return None
    marks = {name: scores["kind"] == name.removeprefix("n_") for name in OTHER_KINDS}
    table = scores[ARTICLE].assign(**marks)
    return table.groupby(ARTICLE, sort=False, dropna=False).sum().reset_index()


def count_highest(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers of sentences by their highest score."""
    scores = rows["highest"].to_numpy(dtype=np.float64)
    steps = np.rint(scores[np.isfinite(scores)] * STEPS).astype(np.int64)
    number = np.bincount(steps, minlength=STEPS + 1)
    at = np.flatnonzero(number)
    return pd.DataFrame({"highest": at / STEPS, "n_sentences": number[at]})


def join_counts(parts: Iterable[Counts]) -> Counts:
    """Return the counts of a corpus whose articles were counted in parts."""
    articles, targets, highest = zip(
        *((part.articles, part.targets, part.highest) for part in parts), strict=True
    )
    return Counts(
        _join(articles),
        _join(targets),
        _join(highest).groupby("highest", sort=True).sum().reset_index(),
    )


def _join(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return tables as one; an empty one may not know the types of its columns."""
    filled = [table for table in tables if len(table)] or tables[:1]
    return pd.concat(filled, ignore_index=True)
