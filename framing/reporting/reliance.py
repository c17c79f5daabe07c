"""Can I trust this? Checks, errors per code, calibration, copies, what was left out."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from framing.copies import measure_copying
from framing.errors import shown
from framing.measuring import Measured, MixOptions, advise, judge
from framing.model import Bools, Floats
from framing.prevalence import MIN_ARTICLES
from framing.reporting.options import Material
from framing.reporting.sentences import thresholds

OK, NOTE, WARNING = "ok", "note", "warning"

Checks = list[tuple[str, str]]

MOST_REASONS = 20
"""Reasons for which items were skipped that are named; the others are summed up."""

_NOT_JUDGED = ("error",)
"""Checks that say a figure and not whether it is well."""

CONFUSION = (
    *("code", "coded_given", "coded_missed", "given_wrongly", "neither"),
    *("precision", "recall", "f1"),
)
CALIBRATION = ("code", "score", "observed", "n")
COPIES = ("source", "n_articles", "n_copies", "share")
LEFT_OUT = ("what", "n", "reason")

_KINDS = {
    "units_heading": ("headings", "no sentences of the text"),
    "units_caption": ("captions", "no sentences of the text"),
    "units_repeat": ("repeated lines", "counted where they stand first"),
    "units_debris": ("pieces of web debris", "no text of the article"),
}


def list_checks(material: Material, measured: Measured, options: MixOptions) -> Checks:
    """Return what speaks for and against the figures, each with its level."""
    trust = judge(material.scored, advise(material.scored, measured, options))
    checks = [(_level(check), check.text) for check in trust.checks]
    if trust.advice:
        checks.append((NOTE, f"{trust.advice}."))
    checks += _check_sizes(measured)
    checks += _check_labels(measured)
    if given := material.run.get("thresholds"):
        named = ", ".join(f"{shown(code)} {value:g}" for code, value in given.items())
        checks.append((NOTE, f"Codes were given by other thresholds: {named}."))
    if not material.scored.card:
        checks.append(
            (
                WARNING,
                "The model that scored is not where it was: how good it is cannot be "
                "told here.",
            )
        )
    return checks


def _level(check: Any) -> str:
    if check.warning:
        return WARNING
    unjudged = np.isnan(check.usual) and check.value > 0
    return NOTE if unjudged or check.name in _NOT_JUDGED else OK


def _check_sizes(measured: Measured) -> Checks:
    texts = measured.mix.groupby("source")["n_texts"].max()
    few = int((texts < MIN_ARTICLES).sum())
    if not few:
        return []
    of = f"{few} of {len(texts)} outlets have"
    if len(texts) == 1:
        of = "The outlet has"
    text = f"{of} fewer than {MIN_ARTICLES} articles: no interval, and not compared."
    return [(NOTE, text)]


def _check_labels(measured: Measured) -> Checks:
    checks: Checks = []
    mix = measured.mix
    if "disagrees" in mix:
        odd = mix.loc[mix["disagrees"].fillna(False).astype(bool)]
        for source, own in odd.groupby("source", sort=False):
            text = (
                f"The model errs otherwise on {shown(source, 40)} than on the others, "
                f"the labels say ({', '.join(own['code'])}): label more of it before "
                "you lean on its share."
            )
            checks.append((WARNING, text))
    return checks


def confusion_table(material: Material, measured: Measured) -> pd.DataFrame:
    """Return how often codes were rightly and wrongly given.

    By labels of this corpus where there are any, else by the units that the model was
    trained on, each scored by a fit that had not seen its outlet, or its article.
    """
    sample = measured.evidence.sample
    codes = material.scored.codes
    if sample is not None:
        material.note(
            "trust",
            f"Errors per code: {len(sample.coded):,} random labels of this corpus; "
            "precision and recall weigh each by its chance of being drawn.",
        )
        return _confusion(codes, sample.coded, sample.decided, sample.weight)
    table = material.scored.out_of_fold
    columns = [f"u_{code}" for code in codes]
    if table.empty or not set(columns) <= set(table.columns):
        material.note("trust", "Errors per code: the model came without.")
        return pd.DataFrame(columns=list(CONFUSION))
    unseen = "outlet" if table[columns].notna().all(axis=None) else "article"
    if unseen == "article":
        columns = [f"p_{code}" for code in codes]
    proba = table[columns].to_numpy(dtype=np.float64)
    gold = table[list(codes)].to_numpy(dtype=bool)
    material.note(
        "trust",
        f"Errors per code: {len(table):,} sentences that the model was trained on, "
        f"each scored by a fit that had not seen its {unseen}. None of them is of this "
        "corpus.",
    )
    decided = _decide(material, proba)
    return _confusion(codes, gold, decided, np.ones(len(gold)))


def _decide(material: Material, proba: Floats) -> Bools:
    cut = np.array(list(thresholds(material).values()))
    if not material.scored.single:
        return np.asarray(proba >= cut)
    best = np.argmax(proba / cut, axis=1)
    return np.asarray(np.arange(len(cut)) == best[:, None])


def _confusion(
    codes: tuple[str, ...], gold: Bools, decided: Bools, weight: Floats
) -> pd.DataFrame:
    hit = weight @ (gold & decided)
    taken, wanted = weight @ decided, weight @ gold
    with np.errstate(invalid="ignore", divide="ignore"):
        return pd.DataFrame(
            {
                "code": codes,
                "coded_given": (gold & decided).sum(axis=0),
                "coded_missed": (gold & ~decided).sum(axis=0),
                "given_wrongly": (~gold & decided).sum(axis=0),
                "neither": (~gold & ~decided).sum(axis=0),
                "precision": hit / taken,
                "recall": hit / wanted,
                "f1": 2 * hit / (taken + wanted),
            }
        )


def calibration_table(material: Material) -> pd.DataFrame:
    """Return what became of sentences by their score, from the card of the model."""
    bands: Mapping[str, Any] = material.scored.card.get("frames", {}).get(
        "reliability", {}
    )
    rows = [
        (code, band["mean_score"], band["share_of_gold"], band["n"])
        for code in material.scored.codes
        for band in bands.get(code, ())
    ]
    if rows:
        material.note(
            "trust",
            "Calibration: unseen sentences of the model's training, in ten bands of "
            "the score.",
        )
    return pd.DataFrame(rows, columns=list(CALIBRATION))


def copies_table(material: Material) -> pd.DataFrame:
    """Return how many articles of each source copy another outlet's text.

    Empty if no article is a copy.
    """
    found = measure_copying(material.scored.articles)
    names = {"n_from_others": "n_copies", "from_others": "share"}
    table = found.rename(columns=names)[list(COPIES)]
    table = table.loc[table["n_copies"] > 0]
    if table.empty:
        return table
    material.note(
        "trust",
        "Copies: articles much of which stands in an earlier text of another outlet or "
        "of an agency. With their originals they count as one article in every "
        "interval; --copies own leaves them out.",
    )
    order = ["n_copies", "source"]
    return table.sort_values(order, ascending=[False, True]).reset_index(drop=True)


def left_out_table(material: Material, measured: Measured) -> pd.DataFrame:
    """Return what was not counted and why."""
    counts = material.run["counts"]
    rows: list[tuple[str, int, str]] = []
    skipped = material.run.get("skipped", [])
    reasons = Counter(str(item["reason"]) for item in skipped)
    named = reasons.most_common(MOST_REASONS)
    rows += [("items of the input", n, shown(reason, 200)) for reason, n in named]
    if left := len(skipped) - sum(n for _, n in named):
        rows.append(("items of the input", left, "other reasons, see run.json"))
    empty = int((material.scored.counts.articles["n_sentences"] == 0).sum())
    rows.append(("articles", empty, "not one sentence in them"))
    rows += [
        (what, int(counts.get(key, 0)), reason)
        for key, (what, reason) in _KINDS.items()
    ]
    unsaid = int(material.scored.counts.articles["cannot_say"].sum())
    rows.append(("sentences", unsaid, "the model knows none of their words"))
    table = pd.DataFrame(
        [row for row in rows if row[1]], columns=list(LEFT_OUT)
    ).astype({"n": np.int64})
    for text in measured.basis.dropped:
        material.note("trust", f"Left out: {text}.")
    return table


def list_words(material: Material) -> pd.DataFrame:
    """Return what most raises each code in the model, from its card."""
    top = material.scored.card.get("frames", {}).get("top_features", {})
    rows = [
        (code, str(word), float(weight))
        for code in material.scored.codes
        for word, weight in top.get(code, ())
    ]
    return pd.DataFrame(rows, columns=["code", "word", "weight"])
