"""The tables of shares: the mix, who differs, over time, at an event, by actor."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from framing.comparison import AFTER, BEFORE, REST
from framing.errors import shown
from framing.intervals import adjust
from framing.measuring import (
    NO_DATE,
    SIDE,
    Compared,
    CompareOptions,
    Measured,
    compare_groups,
    measure,
    period_names,
)
from framing.prevalence import MIN_ARTICLES, measure_stance
from framing.reporting.options import PERIODS, Material, ReportOptions

MOST_PAIRED = 20
"""Sources of which all pairs are shown: 190 differences a code."""

MOST_TARGETS = 30
"""Targets shown, those with most sentences."""

FEW_PERIODS = 2
"""Periods with enough articles that a source must have to be shown over time."""

WEEKS_UP_TO = 122
"""Days of a corpus up to which weeks are told apart: four months."""

STANCES = ("favourable", "neutral", "critical")

MIX = (
    *("source", "code", "share", "low", "high", "counted", "normalised"),
    *("n_articles", "n_sentences", "n_labels", "note"),
)
DIFFERENCES = ("a", "b", "code", "difference", "low", "high", "p", "p_adjusted")
TIME = ("source", "period", "code", "share", "low", "high", "n_articles", "partial")
CHANGES = (
    *("source", "code", "before", "after"),
    *("difference", "low", "high", "p", "p_adjusted"),
)
TARGETS = ("target", "code", "share", "low", "high", "n_sentences")
STANCE = ("target", "source", *STANCES, "n_sentences", "n_articles")


def mix_table(material: Material, measured: Measured) -> pd.DataFrame:
    """Return the shares of each source, those with most articles first."""
    mix = measured.mix.loc[measured.mix["code"].isin(material.scored.codes)]
    table = mix.rename(columns={"count": "counted", "mix": "normalised"})
    if "n_labels" not in table:
        table = table.assign(n_labels=0)
    table = table.assign(
        n_labels=table["n_labels"].fillna(0).astype(np.int64),
        note=[_why_grey(row, measured) for row in table.to_dict("records")],
    )
    order = table.assign(code=table["code"].map(_numbered(material.scored.codes)))
    order = order.sort_values(
        ["n_articles", "source", "code"], ascending=[False, True, True], kind="stable"
    )
    return _columns(table.loc[order.index], MIX)


def _why_grey(row: dict[Any, Any], measured: Measured) -> str:
    """Return why a share is not to be leaned on; empty if it may be."""
    n, texts = row["n_articles"], row["n_texts"]
    if texts < MIN_ARTICLES:
        what = _count(n, "article")
        if texts < n:
            what = f"{what} of only {_count(texts, 'different text')}"
        return f"too few: {what}, {MIN_ARTICLES} are needed"
    if pd.isna(row["share"]):
        if measured.basis.method.needs_labels:
            return "no sentence of it is labelled, so its share cannot be corrected"
        return "the model cannot say anything of its sentences"
    return ""


def differences_table(
    material: Material, options: ReportOptions, measured: Measured
) -> tuple[str, pd.DataFrame]:
    """Return the source that all are compared with, and the differences.

    Raises
    ------
    InputError
        The reference is no source, or has too few articles.
    """
    mix = measured.mix
    enough = mix.loc[(mix["n_texts"] >= MIN_ARTICLES) & mix["share"].notna(), "source"]
    n = enough.nunique()
    reference = options.compared_with
    if not reference and n > MOST_PAIRED:
        reference = REST
        material.note(
            "differences",
            f"{n} outlets make too many pairs to show: each is compared with all "
            "others together. --reference compares with one outlet.",
        )
    if n < 2 and not reference:
        material.note(
            "differences",
            f"Fewer than two outlets have {MIN_ARTICLES} articles: nothing to compare.",
        )
        return "", pd.DataFrame(columns=list(DIFFERENCES))
    asked = CompareOptions(mix=options.mix, reference=reference)
    table = _compare(material, asked).table
    table = table.loc[table["difference"].notna()]
    order = table["difference"].abs().sort_values(ascending=False, kind="stable")
    return reference, _columns(table.loc[order.index], DIFFERENCES)


def _compare(material: Material, asked: CompareOptions) -> Compared:
    return compare_groups(
        material.scored, asked, material.coded, labels_from=material.labels_from
    )


def periods_table(
    material: Material, options: ReportOptions
) -> tuple[str, pd.DataFrame]:
    """Return the kind of period, and the shares of each source over time.

    A source is shown in periods with enough articles, if it has two of them. By
    default periods are weeks if the corpus spans less than four months, else months;
    coarser ones where most sources have too few articles for those.
    """
    nothing = pd.DataFrame(columns=list(TIME))
    dates = known_dates(material)
    if dates.empty:
        material.note("time", "No article has a date.")
        return options.period or "month", nothing
    period, table = _choose_period(material, options, dates)
    if table.empty:
        material.note(
            "time",
            f"No outlet has {MIN_ARTICLES} dated articles in each of two {period}s: "
            "nothing can be said over time.",
        )
    else:
        _note_time(material, table, period)
    return period, table


def _choose_period(
    material: Material, options: ReportOptions, dates: pd.Series
) -> tuple[str, pd.DataFrame]:
    """Return the finest period at which most sources can be shown, else the best."""
    if options.period:
        return options.period, _shares_by(material, options, options.period)
    articles = material.scored.articles.loc[dates.index]
    enough = int((articles.groupby("source").size() >= 2 * MIN_ARTICLES).sum())
    short = (dates.max() - dates.min()).days < WEEKS_UP_TO
    found: tuple[str, pd.DataFrame] | None = None
    for period in PERIODS[PERIODS.index("week" if short else "month") :]:
        table = _shares_by(material, options, period)
        n = table["source"].nunique()
        if found is None or n > found[1]["source"].nunique():
            found = period, table
        if 2 * n >= max(enough, 1):
            break
    assert found is not None  # there is always a coarser period than weeks
    return found


def known_dates(material: Material) -> pd.Series:
    """Return the dates of the articles that have one."""
    dates = material.scored.articles["date"].fillna("").astype(str).str[:10]
    return pd.to_datetime(dates, format="%Y-%m-%d", errors="coerce").dropna()


def _shares_by(material: Material, options: ReportOptions, period: str) -> pd.DataFrame:
    mix = replace(options.mix, by=("source", period))
    found = measure(material.scored, mix, material.coded).mix
    found = found.rename(columns={period: "period"})
    coded = found["code"].isin(material.scored.codes)
    found = found.loc[coded & (found["period"] != NO_DATE)]
    found = found.loc[(found["n_texts"] >= MIN_ARTICLES) & found["share"].notna()]
    n = found.groupby("source")["period"].nunique()
    found = found.loc[found["source"].isin(n.index[n >= FEW_PERIODS])]
    broken = _broken_periods(material, period)
    return _columns(found.assign(partial=found["period"].isin(broken)), TIME)


def _broken_periods(material: Material, period: str) -> set[str]:
    """Return the first and last period of the corpus if the articles cut them short."""
    dates = known_dates(material)
    first, last = dates.min(), dates.max()
    day = pd.Timedelta(days=1)
    # A period is whole if the day before it, or after it, is in another one.
    around = pd.Series([first - day, first, last, last + day]).dt.strftime("%Y-%m-%d")
    before, own, end, after = period_names(around, period)
    broken = {own} if before == own else set()
    return broken | ({end} if after == end else set())


def _note_time(material: Material, table: pd.DataFrame, period: str) -> None:
    shown_sources = table["source"].nunique()
    all_sources = material.scored.counts.articles["source"].nunique()
    few = all_sources - shown_sources
    text = (
        f"A {period} with fewer than {MIN_ARTICLES} articles of an outlet is left out."
    )
    if few:
        text += (
            f" {_count(few, 'outlet')} {'is' if few == 1 else 'are'} not shown: fewer "
            f"than two {period}s are left of {'it' if few == 1 else 'them'}."
        )
    undated = len(material.scored.articles) - len(known_dates(material))
    if undated:
        has = "has" if undated == 1 else "have"
        text += f" {_count(undated, 'article')} {has} no date and no place here."
    if material.coded:
        text += (
            " Labels correct an outlet as a whole: changes over time are those of the "
            "scores."
        )
    material.note("time", text)


def changes_table(material: Material, options: ReportOptions) -> pd.DataFrame:
    """Return the shares of each source before and after the event."""
    nothing = pd.DataFrame(columns=list(CHANGES))
    if not options.event:
        return nothing
    asked = CompareOptions(mix=options.mix, event=options.event)
    if not _has_both_sides(material, options.event):
        material.note(
            "time",
            f"No outlet has {MIN_ARTICLES} dated articles both before and after "
            f"{options.event}.",
        )
        return nothing
    compared = _compare(material, asked)
    table = compared.table.loc[compared.table["b"] == BEFORE]
    table = table.rename(columns={"a": "source"}).drop(columns="b")
    shares = compared.measured.mix.set_index(["source", "code", SIDE])["share"]
    sides = {"before": BEFORE, "after": AFTER}
    for column, side in sides.items():
        keys = zip(table["source"], table["code"], strict=True)
        table[column] = [shares[(*key, side)] for key in keys]
    # Only these are asked here, not how the changes differ from each other.
    table["p_adjusted"] = adjust(table["p"].to_numpy(dtype=float), "holm")
    table = table.loc[table["difference"].notna()]
    order = table["difference"].abs().sort_values(ascending=False, kind="stable")
    if compared.too_few:
        names = ", ".join(shown(name, 24) for name in compared.too_few[:5])
        more = len(compared.too_few) - 5
        material.note(
            "time",
            f"Fewer than {MIN_ARTICLES} articles on a side of {options.event}: {names}"
            f"{f' and {more} more' if more > 0 else ''}.",
        )
    return _columns(table.loc[order.index], CHANGES)


def _has_both_sides(material: Material, event: str) -> bool:
    articles = material.scored.articles
    own = articles.loc[known_dates(material).index].drop_duplicates("doc_id")
    after = own["date"].str[:10] >= event
    text = own["text_hash"] if "text_hash" in own else own["doc_id"]
    enough = []
    for side in (after, ~after):
        n = text[side].groupby(own["source"]).nunique()
        enough.append(set(n.index[n >= MIN_ARTICLES]))
    return bool(enough[0] & enough[1])


def targets_table(material: Material, options: ReportOptions) -> pd.DataFrame:
    """Return the share of each code in the sentences that name a target."""
    if material.scored.counts.targets.empty:
        material.note("actors", "No sentence names a target of the codebook.")
        return pd.DataFrame(columns=list(TARGETS))
    asked = replace(options.mix, by=("target",))
    mix = measure(material.scored, asked, material.coded).mix
    mix = mix.loc[mix["code"].isin(material.scored.codes)]
    mix = mix.loc[(mix["n_texts"] >= MIN_ARTICLES) & mix["share"].notna()]
    codes = _numbered(material.scored.codes)
    order = mix.assign(code=mix["code"].map(codes)).sort_values(
        ["n_sentences", "target", "code"], ascending=[False, True, True], kind="stable"
    )
    table = mix.loc[order.index]
    chosen = list(dict.fromkeys(table["target"]))[:MOST_TARGETS]
    n = material.scored.counts.targets["target"].nunique()
    material.note(
        "actors",
        f"{len(chosen)} of {n} actors named: those with most sentences and at least "
        f"{MIN_ARTICLES} articles. A sentence that names several counts for each.",
    )
    return _columns(table.loc[table["target"].isin(chosen)], TARGETS)


def stance_table(material: Material, targets: Sequence[str]) -> pd.DataFrame:
    """Return how each source speaks of each of some targets."""
    counts = material.scored.counts.targets
    values = [c.removeprefix("s_") for c in map(str, counts) if c.startswith("s_")]
    if set(values) != set(STANCES) or not len(targets):
        if values and len(targets):
            what = ", ".join(shown(value, 24) for value in values)
            material.note("actors", f"Stance has other values here ({what}).")
        return pd.DataFrame(columns=list(STANCE))
    table = measure_stance(counts.loc[counts["target"].isin(targets)], values)
    table = table.loc[(table["n_articles"] >= MIN_ARTICLES) & (table["n"] > 0)]
    rank = {target: i for i, target in enumerate(targets)}
    order = table.assign(target=table["target"].map(rank)).sort_values(
        ["target", "source"], kind="stable"
    )
    material.note(
        "actors",
        f"Stance: outlets that name an actor in at least {MIN_ARTICLES} articles. "
        "Decisions of the model are counted, not corrected.",
    )
    return _columns(table.loc[order.index].rename(columns={"n": "n_sentences"}), STANCE)


def _columns(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    return table[list(names)].reset_index(drop=True)


def _numbered(codes: Sequence[str]) -> dict[str, int]:
    return {code: k for k, code in enumerate(codes)}


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
