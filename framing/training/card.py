"""The model card: what a model learned from, how good it is, where it ends."""

import hashlib
import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from framing import __version__
from framing.classifier import Penalty
from framing.codebook import Codebook
from framing.evaluation import f1_score, measure_codes
from framing.features import count_left_out
from framing.labelstore import label_line
from framing.model import Bools, Floats, Head
from framing.records import Gold, Label
from framing.training.curve import in_words
from framing.training.examples import Examples
from framing.training.heads import Unseen

N_TOP = 25
"""Features shown per class."""

N_COMMON = 10
"""Units with a word from which on its weight is no accident; of many units, one in a
thousand."""

DIGITS = 4

PRIOR_DIGITS = 6
"""Priors are divided by: that of a rare code must not lose its digits."""

LIMITS = (
    "A score speaks for one sentence by itself; what only the sentences before it "
    "make clear is lost.",
    "Seed words are features too. Where they were drawn up with a sight of the "
    "labelled texts, as those of the shipped codebook were, the figures flatter both "
    "the seed words and the model.",
    "Probabilities are calibrated on the labelled articles: where codes are much rarer "
    "or more frequent they run high or low, and shares need labels from the corpus at "
    "hand.",
    "Irony, and frames conveyed without any of the usual words, are mostly missed.",
    "The figures hold for outlets like those labelled; see each outlet left out in "
    "turn.",
)


def describe_labels(
    codebook: Codebook,
    labels: Sequence[Label],
    gold: Sequence[Gold],
    how: Mapping[str, int],
) -> dict[str, Any]:
    """Return the part of the card about the labels."""
    import joblib
    import sklearn

    digest = hashlib.sha256()
    for label in sorted(labels, key=lambda label: (label.coder, label.unit)):
        digest.update(label_line(label).encode())
    return {
        "codebook": codebook.signature,
        "language": codebook.language,
        "coding": codebook.coding,
        "labels_sha256": digest.hexdigest(),
        "labels": dict(sorted(Counter(label.coder for label in labels).items())),
        "gold": dict(sorted(how.items())),
        "articles": len({unit.doc_id for unit in gold}),
        "sources": sorted({unit.source for unit in gold if unit.source}),
        "source_weights": dict(codebook.source_weights),
        "versions": {
            "framing": __version__,
            "python": platform.python_version(),
            "scikit-learn": sklearn.__version__,
            "numpy": np.__version__,
            "joblib": joblib.__version__,
        },
    }


def describe_head(
    head: Head, examples: Examples, unseen: Unseen, penalty: Penalty, *, seed: int
) -> dict[str, Any]:
    """Return the part of the card about one head."""
    named = zip(head.classes, head.thresholds, head.calibration, strict=True)
    return {
        "n_units": len(examples.views),
        "priors": _by_class(
            examples.classes,
            np.average(examples.gold, axis=0, weights=examples.weights),
            PRIOR_DIGITS,
        ),
        "c": penalty.c,
        "ratio_power": penalty.ratio_power,
        "features": {
            f"{block.settings.kind} {block.settings.low}-{block.settings.high}": len(
                block.vocabulary
            )
            for block in head.blocks
        },
        "thresholds": {name: round(float(t), DIGITS) for name, t, _ in named},
        "calibration": {
            name: [round(float(x), DIGITS) for x in ab]
            for name, ab in zip(head.classes, head.calibration, strict=True)
        },
        "folded_by": examples.folded_by,
        "unseen": measured(examples, unseen.decided, unseen.proba, seed),
        "reliability": _reliability(examples.gold, unseen.proba, head.classes),
        "top_features": _top_features(head, len(examples.views)),
    }


def describe_left_out(
    examples: Examples, left_out: Unseen, min_df: int, *, seed: int
) -> dict[str, Any]:
    """Return the figures with each source left out in turn.

    `min_df` is that of the words that the head counts.
    """
    sources = np.asarray(examples.sources)
    n_words, n_known = count_left_out(examples.views, examples.sources, min_df)
    each = {}
    for source in sorted(set(examples.sources)):
        own = sources == source
        scores = f1_score(examples.gold[own], left_out.decided[own])
        share = examples.gold[own].mean(axis=0)
        by_decision = left_out.decided[own].mean(axis=0) - share
        by_score = left_out.proba[own].mean(axis=0) - share
        each[source] = {
            "n_units": int(own.sum()),
            "macro_f1": round(float(scores.mean()), DIGITS),
            "share_error": _by_class(examples.classes, by_decision),
            "mean_error": _by_class(examples.classes, by_score),
            "known_words": round(
                float(n_known[own].sum() / max(1, n_words[own].sum())), DIGITS
            ),
            "cannot_say": round(float((n_known[own] == 0).mean()), DIGITS),
        }
    return {
        "each_source_left_out": measured(
            examples, left_out.decided, left_out.proba, seed
        ),
        "sources": each,
    }


def measured(
    examples: Examples, decided: Bools, proba: Floats | None, seed: int
) -> list[dict[str, Any]]:
    """Return scores per class as rows; see `framing.evaluation.measure_codes`."""
    table = measure_codes(
        examples.gold,
        decided,
        proba,
        examples.classes,
        groups=examples.articles,
        seed=seed,
    )
    return [
        {
            str(key): round(value, DIGITS) if isinstance(value, float) else value
            for key, value in row.items()
            if not (isinstance(value, float) and np.isnan(value))
        }
        for row in table.to_dict("records")
    ]


def _by_class(
    classes: Sequence[str], values: Floats, digits: int = DIGITS
) -> dict[str, float]:
    return {
        name: round(float(v), digits) for name, v in zip(classes, values, strict=True)
    }


def _reliability(
    gold: Bools, proba: Floats, classes: Sequence[str]
) -> dict[str, list[dict[str, float]]]:
    """Return mean score and share of gold in ten bands of the score, per class."""
    bands = np.clip((proba * 10).astype(int), 0, 9)
    return {
        name: [
            {
                "from": band / 10,
                "n": int((bands[:, k] == band).sum()),
                "mean_score": round(float(proba[bands[:, k] == band, k].mean()), 3),
                "share_of_gold": round(float(gold[bands[:, k] == band, k].mean()), 3),
            }
            for band in range(10)
            if (bands[:, k] == band).any()
        ]
        for k, name in enumerate(classes)
    }


def _top_features(head: Head, n_units: int) -> dict[str, list[list[Any]]]:
    """Return the words that most raise each class where they occur.

    Weight times idf: what one occurrence adds to the log-odds, before it is divided by
    the length of the unit's features. Words in few units come last, as their weights
    are accidents. Blocks without words are left out: they are too short or too odd to
    read.
    """
    words = head.blocks[0]
    strength = head.coef[:, : len(words.vocabulary)] * words.idf
    rare = (1 + n_units) * np.exp(1 - words.idf) - 1 < max(N_COMMON, n_units / 1000)
    top = {}
    for name, row in zip(head.classes, strength, strict=True):
        order = np.lexsort((-row, rare))[:N_TOP]
        top[name] = [[words.vocabulary[i], round(float(row[i]), 2)] for i in order]
    return top


def macro_figures(card: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the macro-F1 rows of a card's frames, by what they were measured on."""
    frames = card.get("frames", {})
    return {
        key: row
        for key in ("unseen", "each_source_left_out")
        for row in frames.get(key, [])
        if row["code"] == "macro"
    }


def card_text(card: Mapping[str, Any]) -> str:
    """Return a card as Markdown for reading."""
    lines = [
        f"# Model card: {card['codebook']}",
        "",
        f"Trained on {card['frames']['n_units']} units of "
        f"{card['articles']} articles from {len(card['sources'])} outlets; labels "
        f"{card['labels_sha256'][:12]}. Every figure below is of units that the model "
        f"did not see: no {card['frames']['folded_by']} is on both sides of a fold.",
    ]
    for name in ("frames", "stance"):
        if name in card:
            lines += ["", f"## {name.capitalize()}", "", *_head_lines(card[name])]
    lines += ["", "## Known limits", "", *(f"- {limit}" for limit in LIMITS), ""]
    return "\n".join(lines)


def _head_lines(part: Mapping[str, Any]) -> list[str]:
    lines = [
        f"{part['n_units']} units, C = {part['c']:g}, features: "
        + ", ".join(f"{name} ({n})" for name, n in sorted(part["features"].items()))
        + "."
    ]
    titles = {
        "unseen": "Unseen units",
        "each_source_left_out": "Each outlet left out in turn",
        "seed_words": "The seed words alone, on the same units",
        "word_list": "Evaluative words near the target alone, on the same units",
        "always_neutral": "Always neutral, on the same units",
    }
    for key, title in titles.items():
        if key in part:
            lines += ["", f"### {title}", "", *_table_lines(part[key])]
    if "curve" in part:
        lines += ["", "### Learning curve", "", *_curve_lines(part["curve"])]
    thresholds = ", ".join(f"{k} {v:.2f}" for k, v in part["thresholds"].items())
    lines += [
        "",
        f"Thresholds: {thresholds}.",
        "",
        "### Words that most raise each",
        "",
    ]
    for name, top in part["top_features"].items():
        words = ", ".join(f"`{word}`" for word, _ in top)
        lines.append(f"- **{name}**: {words}")
    return lines


def _table_lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = [
        "| code | n | precision | recall | F1 (95 %) | average precision | "
        "calibration error |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        more = [
            f"{row[key]:.3f}" if key in row else ""
            for key in ("average_precision", "calibration_error")
        ]
        interval = f"{row['f1']:.3f} ({row['f1_low']:.3f} to {row['f1_high']:.3f})"
        lines.append(
            f"| {row['code']} | {row['n']} | {row['precision']:.3f} | "
            f"{row['recall']:.3f} | {interval} | {more[0]} | {more[1]} |"
        )
    return lines


def _curve_lines(curve: Mapping[str, Any]) -> list[str]:
    """Return F1 with fewer articles as a table, and what it says of more of them."""
    codes = [row["code"] for row in curve["worth"]]
    lines = [
        f"| articles | {' | '.join(codes)} |",
        "|" + "---|" * (len(codes) + 1),
    ]
    points = curve["points"]
    for start in range(0, len(points), len(codes)):
        own = points[start : start + len(codes)]
        cells = [
            f"{p['f1']:.3f} ({p['f1_low']:.3f} to {p['f1_high']:.3f})" for p in own
        ]
        head = f"{own[0]['part']:.0%} ({own[0]['articles']})"
        lines.append(f"| {head} | {' | '.join(cells)} |")
    return [*lines, "", *(f"- {in_words(row)}" for row in curve["worth"])]
