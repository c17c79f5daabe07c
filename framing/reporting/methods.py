"""The methods section of a paper, with the figures of this run."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from framing import __version__
from framing.agreement import Reliability
from framing.errors import shown
from framing.measuring import Basis
from framing.prevalence import MIN_ARTICLES
from framing.report.content import Report
from framing.reporting.options import Material, ReportOptions
from framing.reporting.wording import FEATURES, METHODS
from framing.trust import expected_error


def write_methods(
    material: Material,
    options: ReportOptions,
    basis: Basis,
    report: Report,
    agreement: Reliability | None,
) -> list[str]:
    """Return the paragraphs of a methods section, each with the figures of this run.

    Parameters
    ----------
    report : Report
        With its tables, still without methods.
    agreement : Reliability or None
        How far the coders of the study agree, if it is known.
    """
    paragraphs = [
        _corpus(material),
        _coding(material),
        _reliability(agreement),
        _validity(material, report),
        _shares(options, basis, report),
        _comparisons(options, report),
        _stance(material, report),
        _words(report),
        _limits(material, basis),
    ]
    return [text for text in paragraphs if text]


def describe_method(basis: Basis, options: ReportOptions) -> str:
    """Return in words what the shares of the report are."""
    how = {
        "count": "the model's decisions counted, not corrected for its errors",
        "mean": "the mean calibrated score, not corrected by labels",
        "em": "estimated by EM for shifted priors, without labels",
    }.get(basis.method.name, "")
    if basis.method.needs_labels:
        how = (
            f"corrected by {basis.n_labels:,} labels of {basis.n_labelled_sources} "
            f"outlets from {basis.labels_from} ({basis.method.name})"
        )
    text = f"Share of an outlet's sentences that carry a code: {how}. "
    over = ["articles"] * (not options.census) + ["labels"] * basis.method.needs_labels
    if not over:
        return f"{text}The articles are taken as all there are: no intervals."
    text += f"Intervals of 95 % are for the sampling of {' and '.join(over)}"
    if not basis.method.corrects:
        text += " and know nothing of the model's errors"
    return f"{text}."


def _corpus(material: Material) -> str:
    counts = material.run["counts"]
    articles = material.scored.counts.articles
    n_sentences = int(articles["n_sentences"].sum())
    others = sum(
        n
        for key, n in counts.items()
        if key.startswith("units_") and key != "units_sentence"
    )
    text = f"We analysed {_count(len(articles), 'article')} of "
    text += f"{_count(articles['source'].nunique(), 'outlet')}"
    if period := published(material):
        text += f", published {period}"
    text += (
        ". They were parted into sentences by the method of Kiss and Strunk (Kiss & "
        "Strunk, 2006)"
    )
    if others:
        text += (
            f"; {others:,} headings, captions, repeated lines and pieces of web debris "
            "were left out"
        )
    text += f". This left {_count(n_sentences, 'sentence')}."
    unsaid = int(articles["cannot_say"].sum())
    if unsaid:
        text += (
            f" In {unsaid:,} of them the classifier knew no word; they were coded as "
            "missing."
        )
    if skipped := len(material.run.get("skipped", ())):
        were = "was" if skipped == 1 else "were"
        text += f" {_count(skipped, 'item')} of the input {were} not readable."
    return text


def published(material: Material) -> str:
    """Return when the articles were published, "" if none has a date."""
    dates = material.scored.counts.articles["date"].fillna("").astype(str).str[:10]
    known = pd.to_datetime(dates, format="%Y-%m-%d", errors="coerce").dropna()
    if known.empty:
        return ""
    first, last = (f"{d.day} {d.strftime('%B %Y')}" for d in (known.min(), known.max()))
    return f"on {first}" if first == last else f"between {first} and {last}"


def _coding(material: Material) -> str:
    codebook, card = material.codebook, material.scored.card
    titles = ", ".join(code.title for code in codebook.codes)
    several = (
        "exactly one code" if codebook.coding == "single" else "several codes or none"
    )
    text = (
        f"Each sentence was coded for {len(codebook.codes)} codes ({titles}) after the "
        f"codebook {codebook.name} {codebook.version} (hash {codebook.hash}); a "
        f"sentence carries {several}. The coding was done by "
    )
    model = str(material.run["model"]["sha256"])[:12]
    used = f"(framing {material.run.get('framing', __version__)}, model {model})"
    frames = card.get("frames")
    if not frames:
        return text + f"a classifier {used} whose training is not documented here."
    kinds = [name.split(" ")[0] for name in frames.get("features", {})]
    features = _listed([FEATURES[k] for k in FEATURES if k in kinds])
    text += f"a regularised logistic regression on {features} {used}, "
    text += f"trained on {_count(frames['n_units'], 'sentence')} of "
    text += f"{_count(card['articles'], 'article')} from "
    text += f"{_count(len(card.get('sources', ())), 'outlet')} that people had coded. "
    if codebook.coding == "single":
        return (
            text + "Its scores were calibrated on unseen sentences (Guo et al., 2017)."
        )
    text += "Its scores were calibrated on unseen sentences (Platt, 1999)"
    given = material.run.get("thresholds")
    chosen = "a threshold for each code chosen on them"
    if given:
        own = ", ".join(f"{code} {value:g}" for code, value in given.items())
        chosen += f" (except, set by us, {own})"
    return f"{text}, and a code was given from {chosen}."


def _reliability(agreement: Reliability | None) -> str:
    if agreement is None:
        return ""
    table = agreement.variables
    own = table.loc[(table["kind"] == "code") & table["alpha"].notna()]
    if own.empty:
        return ""
    each = ", ".join(
        f"{row['name']} {_two(row['alpha'])}{_between(row['low'], row['high'])}"
        for row in own.to_dict("records")
    )
    return (
        f"In the labels of the study {agreement.n_shared:,} sentences of "
        f"{_count(agreement.n_articles, 'article')} are coded by two or more of "
        f"{len(agreement.coders)} coders. Reliability, as Krippendorff's alpha with an "
        f"interval of 95 % over articles (Krippendorff, 2018): {each}."
    )


def _validity(material: Material, report: Report) -> str:
    frames: Mapping[str, Any] = material.scored.card.get("frames", {})
    left_out = "each_source_left_out"
    rows = frames.get(left_out) or frames.get("unseen") or []
    texts = []
    if rows:
        unseen = "outlet" if left_out in frames else frames.get("folded_by", "article")
        unseen = {"source": "outlet"}.get(unseen, unseen)
        each = "; ".join(
            f"{row['code']} {_two(row['precision'])}, {_two(row['recall'])}, "
            f"{_two(row['f1'])}{_between(row['f1_low'], row['f1_high'])}"
            for row in rows
        )
        texts.append(
            "On sentences of its training corpus, each coded by a fit that had not "
            f"seen its {unseen}, precision, recall and F1 (with an interval of 95 % "
            f"over articles) were: {each}."
        )
        if material.run.get("thresholds"):
            texts.append("These figures are for the thresholds of the model.")
    if material.coded and len(report.confusion):
        each = "; ".join(
            f"{row['code']} {_two(row['precision'])}, {_two(row['recall'])}, "
            f"{_two(row['f1'])}"
            for row in report.confusion.to_dict("records")
        )
        n = int(report.confusion.iloc[0, 1:5].sum())
        texts.append(
            f"On {n:,} random sentences of the present corpus, coded by people, they "
            f"were: {each}."
        )
    return " ".join(texts)


def _shares(options: ReportOptions, basis: Basis, report: Report) -> str:
    text = (
        "The share of a code in an outlet is the fraction of its sentences that carry "
        f"it. For the shares reported, {METHODS[basis.method.name]}."
    )
    if basis.method.needs_labels:
        text += (
            f" {basis.n_labels:,} randomly drawn sentences of "
            f"{_count(basis.n_labelled_sources, 'outlet')} were labelled for this."
        )
        if moved := _moved(report):
            text += f" {moved}"
    few = (
        f" Outlets with fewer than {MIN_ARTICLES} articles are given without an "
        "interval and not compared."
    )
    return f"{text} {_intervals(basis, options)}{few}"


def _intervals(basis: Basis, options: ReportOptions) -> str:
    if options.census and not basis.method.needs_labels:
        return "The articles are all there are, so there are no intervals."
    if options.census:
        return (
            "The articles are all there are; intervals of 95 % are for the sampling of "
            "labels."
        )
    text = (
        "Intervals of 95 % take the article as what was sampled, since sentences of "
        "one article go together, and copies of one text as one article; "
    )
    if not basis.method.corrects:
        return text + (
            "they are Wilson's (Wilson, 1927) with the effective number of sentences "
            "(Korn & Graubard, 1998)."
        )
    text += "the variance is that of a ratio over articles (Särndal et al., 1992)"
    return text + (" plus that of the correction." * basis.method.needs_labels or ".")


def _moved(report: Report) -> str:
    """Return how far the correction moved the counted shares."""
    moved = 100 * (report.mix["share"] - report.mix["counted"]).dropna()
    if moved.empty:
        return ""
    return (
        f"Against counted decisions this moved shares by {moved.min():+.0f} to "
        f"{moved.max():+.0f} points, {moved.abs().mean():.0f} on average."
    )


def _comparisons(options: ReportOptions, report: Report) -> str:
    n, n_changes = len(report.differences), len(report.changes)
    if not n and not n_changes:
        return ""
    text = (
        "Differences between shares are in percentage points, with intervals made of "
        "those of both shares (MOVER: Newcombe, 1998; Zou & Donner, 2008)."
    )
    if n:
        each = "each outlet with all others together"
        if not report.reference:
            each = "all pairs of outlets"
        elif report.reference != "the rest":
            each = f"each outlet with {shown(report.reference, 60)}"
        sure = int((report.differences["p_adjusted"] < 0.05).sum())
        text += (
            f" We compared {each}: {_count(n, 'difference')}, their p-values adjusted "
            f"for that number (Holm, 1979); {sure:,} {_are(sure)} significant at the "
            "5 % level then."
        )
    if n_changes:
        sure = int((report.changes["p_adjusted"] < 0.05).sum())
        text += (
            f" Shares before {options.event} were compared with those from then on: "
            f"{_count(n_changes, 'change')}, adjusted likewise; {sure:,} {_are(sure)} "
            "significant."
        )
    return text


def _stance(material: Material, report: Report) -> str:
    if report.stance.empty:
        return ""
    stance: Mapping[str, Any] = material.scored.card.get("stance", {})
    rows = stance.get("each_source_left_out") or stance.get("unseen") or []
    text = (
        "Stance towards the actors a sentence names (favourable, critical or neutral) "
        "was classified by a second logistic regression, on words and seed words by "
        "their place relative to the actor; its decisions are counted and not corrected"
    )
    macro = next((row for row in rows if row["code"] == "macro"), None)
    if macro:
        text += (
            f". On unseen sentences its macro-F1 was {_two(macro['f1'])}"
            f"{_between(macro['f1_low'], macro['f1_high'])}: read differences between "
            "outlets, not levels"
        )
    return f"{text}."


def _words(report: Report) -> str:
    if report.source_words.empty:
        return ""
    return (
        "Words that distinguish an outlet's sentences of a code from those of all "
        "other outlets were found by log-odds ratios with an informative Dirichlet "
        "prior (Monroe et al., 2008)."
    )


def _limits(material: Material, basis: Basis) -> str:
    text = (
        "These figures rest on automated coding. A sentence is coded by itself: what "
        "only its neighbours make clear is lost, and irony and frames without any of "
        "the usual words are mostly missed."
    )
    errors = expected_error(material.scored.card)
    if not basis.method.needs_labels:
        text += " No label of this corpus corrects the shares."
        if errors:
            mean = 100 * float(np.mean(list(errors.values())))
            text += (
                f" On outlets unseen in training uncorrected shares were off by "
                f"{mean:.0f} points on average, which the intervals do not know: "
                "differences of that size are no finding."
            )
    else:
        text += (
            " The correction holds if the labelled sentences were drawn at random and "
            "rightly coded."
        )
    return text


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _are(n: int) -> str:
    return "is" if n == 1 else "are"


def _two(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:.2f}"


def _between(low: float, high: float) -> str:
    return "" if pd.isna(low) or pd.isna(high) else f" [{low:.2f}, {high:.2f}]"


def _listed(words: Sequence[str]) -> str:
    *first, last = words or ["features"]
    return f"{', '.join(first)} and {last}" if first else last
