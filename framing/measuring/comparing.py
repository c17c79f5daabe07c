"""Which groups differ: pairs, against one or the rest, over time, at an event."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import pandas as pd

from framing.comparison import (
    AFTER,
    BEFORE,
    REST,
    Asked,
    ask_event,
    ask_pairs,
    ask_trend,
    compare,
)
from framing.errors import InputError, shown
from framing.intervals import ADJUSTMENTS
from framing.measuring.options import MixOptions, Scored
from framing.measuring.run import Measured, gather
from framing.measuring.units import period_steps
from framing.prevalence import MIN_ARTICLES, Evidence, Groups, measure_mix, n_texts
from framing.records import PERIODS, CodedUnit

MOST_GROUPS = 300
"""Groups of which all pairs are compared: 44,850 differences a code."""

SIDE = "period"
"""Column that says whether an article is from before the event or not."""


@dataclass(frozen=True, slots=True)
class CompareOptions:
    """What is compared.

    Attributes
    ----------
    mix : MixOptions
        With a period among its columns the answer is a trend for each source.
    reference : str
        What everything is compared with: a source, or "the rest"; by default all pairs.
    event : str
        ISO date; then changes at that date are compared.
    codes : tuple of str
        Codes asked about; by default all.
    adjust : str
        How p-values are adjusted: "holm", "bh" or "none".
    """

    mix: MixOptions = field(default_factory=MixOptions)
    reference: str = ""
    event: str = ""
    codes: tuple[str, ...] = ()
    adjust: str = "holm"


@dataclass(frozen=True)
class Compared:
    """Differences with the shares they are made of.

    `kind` is "pairs", "trend" or "event".
    """

    kind: str
    table: pd.DataFrame
    measured: Measured
    too_few: tuple[str, ...]


def reference_of(text: str) -> str:
    """Return what is compared with, as a person names it: "rest" is all others."""
    return REST if text == "rest" else text


def compare_groups(
    scored: Scored,
    options: CompareOptions,
    coded: Sequence[CodedUnit] = (),
    *,
    labels_from: str = "",
) -> Compared:
    """Return the differences that were asked for; see `framing.comparison.compare`.

    Raises
    ------
    InputError
        The question cannot be asked of these results, or there is too little to answer.
    """
    kind, mix = _understand(options)
    more = {SIDE: _sides(scored, options.event)} if kind == "event" else {}
    evidence, basis = gather(scored, mix, coded, more)
    basis.labels_from = labels_from if coded else ""
    asked = _ask(kind, evidence, replace(options, mix=mix))
    if asked.names.empty:
        raise InputError(_nothing_to_compare(kind, options, asked))
    method = basis.method.name
    codes = _codes(scored, options)
    table = compare(
        evidence,
        asked,
        method=method,
        level=mix.level,
        how=options.adjust,
        codes=codes,
    )
    by = [*mix.by, *more]
    shares = measure_mix(evidence, by, method=method, level=mix.level)
    return Compared(kind, table, Measured(evidence, basis, shares), asked.too_few)


def _understand(options: CompareOptions) -> tuple[str, MixOptions]:
    """Return the kind of question, and what makes its groups."""
    if options.adjust not in ADJUSTMENTS:
        msg = f"adjust {shown(options.adjust)} is none of {', '.join(ADJUSTMENTS)}."
        raise InputError(msg)
    periods = [name for name in options.mix.by if name in PERIODS]
    others = [name for name in options.mix.by if name not in PERIODS] or ["source"]
    if options.event and periods:
        msg = f"--event asks for before and after: leave {periods[0]} out of --by."
        raise InputError(msg)
    if (options.event or periods) and options.reference:
        msg = "--reference compares groups with each other: leave it out over time."
        raise InputError(msg)
    if len(periods) > 1 or ((periods or options.event) and len(others) > 1):
        msg = f"--by {','.join(options.mix.by)}: one column and one period at a time."
        raise InputError(msg)
    if periods:
        return "trend", replace(options.mix, by=(others[0], periods[0]))
    return ("event" if options.event else "pairs"), options.mix


def _sides(scored: Scored, event: str) -> pd.Series:
    """Return for each article whether it is from before the event; NA without date."""
    try:
        known = date.fromisoformat(event).isoformat() == event
    except ValueError:
        known = False
    if not known:
        msg = f"--event {shown(event)}: no date. Write it as 2026-01-31."
        raise InputError(msg)
    articles = scored.articles.drop_duplicates("doc_id").set_index("doc_id")
    dates = articles["date"].str[:10]
    sides = (dates < event).map({True: BEFORE, False: AFTER})
    return sides.where(dates.str.len() == len(event))


def _ask(kind: str, evidence: Evidence, options: CompareOptions) -> Asked:
    by = options.mix.by
    # What `control` leaves of a source with enough articles may be less.
    least = MIN_ARTICLES if options.mix.control else options.mix.min_articles
    if kind == "event":
        return ask_event(evidence, by[0], SIDE, min_articles=least)
    if kind == "trend":
        steps = period_steps(evidence.tally.cells[by[1]], by[1])
        return ask_trend(evidence, by[0], by[1], steps, min_articles=least)
    known = set(evidence.tally.cells[by[0]])
    if options.reference not in ("", REST, *known):
        there = ", ".join(shown(name, 24) for name in sorted(known)[:8])
        asked = shown(options.reference)
        msg = f"no {by[0]} {asked} (there: {there}). Name one of them, or rest."
        raise InputError(msg)
    if not options.reference:
        _check_number(evidence, by, least)
    return ask_pairs(evidence, by, options.reference, min_articles=least)


def _check_number(evidence: Evidence, by: Sequence[str], least: int) -> None:
    """Refuse more pairs than anybody could read."""
    groups = Groups.by(evidence.tally, by)
    n = int((n_texts(evidence.tally, groups.cells) >= least).sum())
    if n > MOST_GROUPS:
        msg = (
            f"{n:,} groups make {n * (n - 1) // 2:,} pairs. Compare with --reference, "
            "or raise --min-articles."
        )
        raise InputError(msg)


def _codes(scored: Scored, options: CompareOptions) -> tuple[str, ...]:
    for code in options.codes:
        if code not in scored.codes:
            msg = f"no code {shown(code)} in these results ({', '.join(scored.codes)})."
            raise InputError(msg)
    return options.codes or scored.codes


def _nothing_to_compare(kind: str, options: CompareOptions, asked: Asked) -> str:
    what = {
        "pairs": "fewer than two groups have",
        "trend": "no source has three periods with",
        "event": "no source has on both sides of the date",
    }[kind]
    few = f" ({', '.join(shown(n, 24) for n in asked.too_few[:5])})"
    least = options.mix.min_articles
    if options.reference in asked.too_few:
        return (
            f"{shown(options.reference)} has fewer than {least} articles. Add articles."
        )
    return f"{what} {least} articles{few if asked.too_few else ''}. Add articles."
