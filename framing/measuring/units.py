"""The counts that shares are made of, with the columns of their groups.

Units are rows of counts: of an article, of an article and a target it names, or where
a method wants single sentences of each of them.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from framing.errors import InputError, shown
from framing.measuring.copied import COPY_SHARES
from framing.measuring.options import Basis, MixOptions, Scored
from framing.model import Bools, Floats
from framing.prevalence import count_sentences, name_targets
from framing.prevalence.mix import LABEL_COLUMNS, MIX_COLUMNS
from framing.records import PERIODS

_FREQUENCIES = {"month": "M", "quarter": "Q", "year": "Y", "day": "D"}
"""What pandas calls the periods; weeks are those of ISO 8601 and made by hand."""

ROW, PLACE, UNSEEN = "row number", "place among units", "scored unseen"
"""Columns of our own; no code can have their names."""

OTHER_COLUMNS = (
    *COPY_SHARES,
    "cluster",
    "weight",
    "period",
    "a",
    "b",
    "difference",
    "p",
    "p_adjusted",
)
"""Columns that come later, besides those of the mix."""

NO_DATE = "(no date)"
NO_VALUE = "(none)"


def make_units(
    scored: Scored,
    by: Sequence[str],
    more: Mapping[str, pd.Series],
    *,
    unseen: bool = False,
    single: bool = False,
) -> pd.DataFrame:
    """Return rows of counts with the columns of their groups.

    With `unseen`, sentences that trained the model count by the scores of fits without
    them; decisions stay as they were. With `single` each sentence has its own row.
    """
    units = _count_rows(scored, by, single=single)
    units = units.loc[units["n_sentences"] > 0].reset_index(drop=True)
    if unseen:
        _take_unseen_scores(units, scored)
    articles = scored.articles.drop_duplicates("doc_id").set_index("doc_id")
    if "copy_cluster" in articles:
        units["cluster"] = units["doc_id"].map(articles["copy_cluster"])
    elif "text_hash" in articles:
        units["cluster"] = units["doc_id"].map(articles["text_hash"])
    else:
        units["cluster"] = units["doc_id"]
    for column in by:
        if column not in ("source", "target"):
            values = _article_values(articles, column, scored.columns)
            _check_name(column, scored)
            units[column] = units["doc_id"].map(values)
    for column, values in more.items():
        units[column] = units["doc_id"].map(values).fillna(NO_DATE)
    return units.reset_index(drop=True)


def _count_rows(scored: Scored, by: Sequence[str], *, single: bool) -> pd.DataFrame:
    if single:
        rows = count_sentences(scored.scores, scored.codes)
        return name_targets(rows, scored.stance) if "target" in by else rows
    counts = scored.counts
    return counts.targets.copy() if "target" in by else counts.articles.copy()


def make_sentences(scored: Scored, units: pd.DataFrame) -> pd.DataFrame:
    """Return the sentences that are here, with their unit.

    A sentence that names several targets comes several times. Its number is `ROW`, that
    of its unit `PLACE`; `UNSEEN` says whether its scores are those of a fit without it.
    """
    sentences = scored.scores.loc[scored.scores["kind"] == "sentence"].copy()
    sentences[ROW] = np.arange(len(sentences))
    _score_unseen(sentences, scored)
    if "target" in units:
        sentences = name_targets(sentences, scored.stance)
    keys = [key for key in ("doc_id", "sent_no", "target") if key in units]
    places = units[keys].assign(**{PLACE: np.arange(len(units))})
    return sentences.merge(places, on=keys, how="inner", sort=False)


def _check_name(column: str, scored: Scored) -> None:
    """Refuse a column of the articles that a column of our tables would hide."""
    taken = {*map(str, scored.scores.columns), *scored.counts.articles.columns}
    taken |= {ROW, PLACE, UNSEEN, *MIX_COLUMNS, *LABEL_COLUMNS, *OTHER_COLUMNS}
    if column in taken - {"date"}:
        msg = (
            f"column {shown(column)} has the name of one of ours. Rename it in the "
            "articles."
        )
        raise InputError(msg)


def _take_unseen_scores(units: pd.DataFrame, scored: Scored) -> None:
    """Count units that trained the model by the scores of fits without them.

    Else their residuals would be those of a pupil marking the exam that he sat.
    """
    sentences = make_sentences(scored, units)
    own = sentences.loc[sentences[UNSEEN] & ~sentences["cannot_say"].astype(bool)]
    if own.empty:
        return
    names = [f"p_{code}" for code in scored.codes]
    first = scored.scores.loc[scored.scores["kind"] == "sentence", names]
    seen = first.to_numpy(dtype=np.float64)[own[ROW].to_numpy()]
    moved = own[names].to_numpy(dtype=np.float64) - seen
    sums = units[names].to_numpy(dtype=np.float64, copy=True)
    np.add.at(sums, own[PLACE].to_numpy(), moved)
    units[names] = sums


def _score_unseen(sentences: pd.DataFrame, scored: Scored) -> None:
    """Give sentences that trained the model the scores of fits without them."""
    sentences[UNSEEN] = False
    keys = ["doc_id", "start", "end"]
    names = [f"p_{code}" for code in scored.codes]
    table = scored.out_of_fold
    if table.empty or not set(names) <= set(table.columns):
        return
    unseen = table.drop_duplicates(keys).set_index(keys)[names]
    found = unseen.reindex(pd.MultiIndex.from_frame(sentences[keys]))
    known = found.notna().all(axis=1).to_numpy()
    if known.any():
        sentences.loc[known, names] = found.to_numpy(dtype=np.float64)[known]
        sentences[UNSEEN] = known


def decide(proba: Floats, scored: Scored) -> Bools:
    """Return the decisions on scores by the thresholds of the card."""
    given = scored.card.get("frames", {}).get("thresholds", {})
    cut = np.array([float(given.get(code, 0.5)) for code in scored.codes])
    if not scored.single:
        return np.asarray(proba >= cut)
    best = np.argmax(proba / cut, axis=1)
    return np.asarray(np.arange(len(cut)) == best[:, None])


def _article_values(
    articles: pd.DataFrame, column: str, columns: Sequence[str] = ()
) -> pd.Series:
    """Return the values of a column for each article; `columns` names all there are."""
    if column in PERIODS:
        return period_names(articles["date"], column)
    for name in (f"x_{column}", column):
        if name in articles:
            return articles[name].fillna("").astype(str).replace("", NO_VALUE)
    names = columns or [str(name) for name in articles.columns]
    own = [name.removeprefix("x_") for name in names if name.startswith("x_")]
    there = ", ".join(shown(name, 24) for name in ["source", "target", *PERIODS, *own])
    msg = f"no column {shown(column)} to group by (there: {there}). Name one of these."
    raise InputError(msg)


def period_names(dates: pd.Series, period: str) -> pd.Series:
    """Return the period that each ISO date lies in, as text that sorts by time."""
    known = pd.to_datetime(dates.str[:10], format="%Y-%m-%d", errors="coerce")
    if period == "day":
        names = known.dt.strftime("%Y-%m-%d")
    elif period == "week":
        week = known.dt.isocalendar()
        names = (
            week["year"].astype("string")
            + "-W"
            + (week["week"].astype("string").str.zfill(2))
        )
    else:
        names = known.dt.to_period(_FREQUENCIES[period]).astype("string")
    return names.astype(object).where(known.notna(), NO_DATE)


def period_steps(names: Iterable[str], period: str) -> pd.Series:
    """Return the number of each period on the axis of time, by its name."""
    known = sorted(set(names) - {NO_DATE})
    if period == "week":
        days = pd.to_datetime([f"{name}-1" for name in known], format="%G-W%V-%u")
        numbers = days.to_period("W").asi8
    else:
        numbers = pd.PeriodIndex(known, freq=_FREQUENCIES[period]).asi8
    return pd.Series(numbers, index=known, dtype="int64")


def standardise(
    units: pd.DataFrame, scored: Scored, options: MixOptions, basis: Basis
) -> pd.DataFrame:
    """Return units weighted so that every source has the same mix of a column.

    Direct standardisation to the mix of all these sources together, over the values
    that every one of them has (Fleiss 1981, "Statistical Methods for Rates and
    Proportions", chapter 14). Sources with too few articles are left out: each value
    must occur in all.
    """
    texts = units.groupby("source")["cluster"].transform("nunique")
    enough = texts >= options.min_articles
    if not enough.all():
        few = units.loc[~enough, "source"].nunique()
        basis.dropped.append(
            f"{few} sources with fewer than {options.min_articles} articles"
        )
        units = units.loc[enough]
    articles = scored.articles.drop_duplicates("doc_id").set_index("doc_id")
    values = _article_values(articles, options.control, scored.columns)
    value = units["doc_id"].map(values)
    said = (units["n_sentences"] - units["cannot_say"]).to_numpy()
    some = said > 0
    table = pd.crosstab(
        units["source"][some], value[some], values=said[some], aggfunc="sum"
    ).fillna(0)
    shared = table.columns[(table > 0).all(axis=0)]
    control = shown(options.control)
    if len(shared) == 0:
        msg = (
            f"no value of {control} occurs in every source: nothing is alike. Raise "
            "--min-articles to compare fewer sources, or take another column."
        )
        raise InputError(msg)
    kept = value.isin(shared).to_numpy()
    if not kept.all():
        n = units["n_sentences"].to_numpy()
        basis.dropped.append(
            f"{n[~kept].sum():,} of {n.sum():,} sentences: of "
            f"{table.shape[1] - len(shared)} values of {control} that not every source "
            "has"
        )
    table = table[shared]
    standard = table.sum() / table.to_numpy().sum()
    own = table.div(table.sum(axis=1), axis=0)
    rows = table.index.get_indexer(pd.Index(units["source"].to_numpy()[kept]))
    columns = table.columns.get_indexer(pd.Index(value.to_numpy()[kept]))
    weights = (standard / own).to_numpy()[rows, columns]
    return units.loc[kept].assign(weight=weights).reset_index(drop=True)


def whole_articles(units: pd.DataFrame, codes: Sequence[str]) -> pd.DataFrame:
    """Return counts of one article each: it carries a code if any sentence does."""
    carried = {f"d_{code}": (units[f"d_{code}"] > 0).astype(np.int64) for code in codes}
    said = units["n_sentences"] > units["cannot_say"]
    return units.assign(
        n_sentences=1,
        cannot_say=(~said).astype(np.int64),
        none=(said & ~np.any(list(carried.values()), axis=0)).astype(np.int64),
        **carried,
        **{f"p_{code}": np.nan for code in codes},
    )
