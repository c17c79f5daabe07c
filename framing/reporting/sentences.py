"""The sentences and words of a report, from one pass over the scores."""

from collections.abc import Mapping, Sequence, Set
from typing import Any

import numpy as np
import pandas as pd

from framing.marks import MarkedSentence, mark_words
from framing.report.content import Evidence, Marked
from framing.report.evidence import LONGEST, EvidenceChooser
from framing.report.words import MIN_ARTICLES, MIN_SCORE, WordCounter
from framing.reporting.options import Material, ReportOptions
from framing.results import SCORES, read_by_blocks
from framing.scorer import Scorer

LEAST = 0.1
"""Log-odds below which a word is not marked. Measured on 600 articles: three of five
words lie below, and twelve a sentence are marked."""

_COLUMNS = ("doc_id", "sent_no", "source", "date", "kind", "text", "cannot_say")


def choose_sentences(
    material: Material, options: ReportOptions, sources: Sequence[str]
) -> tuple[list[Evidence], pd.DataFrame]:
    """Return sentences to show, and the words that distinguish each source.

    The scores are read once, block by block.

    Parameters
    ----------
    sources : sequence of str
        All sources, the most important first.
    """
    codes = material.scored.codes
    chooser = EvidenceChooser(
        sources, thresholds(material), single=material.scored.single, seed=options.seed
    )
    counter = WordCounter(sources, codes)
    columns = [*_COLUMNS, *codes, *(f"p_{code}" for code in codes)]
    for block in read_by_blocks(material.folder, SCORES, columns):
        counts = (block["kind"] == "sentence") & ~block["cannot_say"].astype(bool)
        own = block.loc[counts]
        chooser.add(own)
        counter.add(own)
    return _explain(material, chooser.choose()), counter.distinguish()


def thresholds(material: Material) -> dict[str, float]:
    """Return the threshold that each code was decided by."""
    given = material.scored.card.get("frames", {}).get("thresholds", {})
    return {code: float(given.get(code, 0.5)) for code in material.scored.codes}


def _explain(material: Material, chosen: pd.DataFrame) -> list[Evidence]:
    """Return the sentences with the words that decided them and their articles."""
    about = _article_facts(material, set(chosen["doc_id"]))
    marked = _mark(material, chosen)
    return [
        _piece(row, mark, about.get(str(row["doc_id"]), {}))
        for row, mark in zip(chosen.to_dict("records"), marked, strict=True)
    ]


def _article_facts(
    material: Material, documents: Set[str]
) -> dict[str, dict[str, str]]:
    articles = material.scored.articles
    articles = articles.loc[articles["doc_id"].isin(documents)]
    articles = articles.drop_duplicates("doc_id").set_index("doc_id")
    address = next((c for c in ("x_url", "x_link") if c in articles), "")
    columns = [c for c in ("title", address) if c in articles]
    facts = articles[columns].fillna("").astype(str)
    named = facts.rename(columns={address: "url"} if address else {})
    return {
        str(doc_id): {str(name): value for name, value in row.items()}
        for doc_id, row in named.to_dict("index").items()
    }


def _mark(
    material: Material, chosen: pd.DataFrame
) -> list[tuple[int, MarkedSentence] | None]:
    """Return for each row the number of its code and the marked sentence."""
    model = material.model
    if model is None or not len(chosen):
        return [None] * len(chosen)
    texts = list(dict.fromkeys(chosen["text"]))
    marked = dict(zip(texts, mark_words(Scorer(model), texts), strict=True))
    classes = model.frames.classes
    return [
        (classes.index(code), marked[text])
        for code, text in zip(chosen["code"], chosen["text"], strict=True)
    ]


def _piece(
    row: Mapping[Any, Any],
    mark: tuple[int, MarkedSentence] | None,
    about: Mapping[str, str],
) -> Evidence:
    score = float(row["score"])
    return Evidence(
        source=str(row["source"]),
        code=str(row["code"]),
        why=str(row["why"]),
        score=score,
        given=bool(row["given"]),
        text=str(row["text"]),
        date=str(row["date"] or ""),
        title=about.get("title", ""),
        url=about.get("url", ""),
        **(_weights(*mark) if mark else _unexplained(score)),
    )


def _weights(k: int, mark: MarkedSentence) -> dict[str, Any]:
    """Return what the words of a sentence weigh for one code, small ones in `other`."""
    weights = mark.weights[:, k]
    heavy = np.abs(weights) >= LEAST
    marks = [
        Marked(start, end, float(weight))
        for (start, end), weight, keep in zip(mark.spans, weights, heavy, strict=True)
        if keep
    ]
    return {
        "marks": tuple(marks),
        "base": float(mark.base[k]),
        "other": float(mark.elsewhere[k] + weights[~heavy].sum()),
        "log_odds": float(mark.log_odds[k]),
        "targets": mark.targets,
    }


def _unexplained(score: float) -> dict[str, Any]:
    """Return the sum alone, where the model that could part it is gone."""
    odds = np.clip(score, 1e-9, 1 - 1e-9)
    log_odds = float(np.log(odds / (1 - odds)))
    return {"marks": (), "base": 0.0, "other": log_odds, "log_odds": log_odds}


def describe_evidence(
    material: Material, evidence: Sequence[Evidence], seed: int
) -> str:
    """Return how many of how many sentences are shown, and how they were chosen."""
    n = len({(piece.source, piece.text) for piece in evidence})
    whole = int(material.scored.counts.articles["n_sentences"].sum())
    text = (
        f"{n:,} of {whole:,} sentences. For each outlet and code: up to three with the "
        "highest scores, one an article; up to two drawn at random from all that were "
        f"given the code (seed {seed}); up to two nearest to the threshold, where the "
        "model was unsure. The highest scores show what the model takes a code to be, "
        "the random ones how good it is at that. Texts longer than "
        f"{LONGEST} characters and repeated ones are left out; outlets with many "
        "articles come first where there is too little room."
    )
    if material.model is None:
        return text + " The model that scored is gone, so no words are marked."
    return text + (
        f" Words that move the log-odds by less than {LEAST} are not marked and summed "
        "with what has no place in the sentence."
    )


def describe_words(material: Material) -> None:
    """Add what the tables of words are to the notes."""
    material.note(
        "words",
        "What distinguishes an outlet's sentences of a code from those of all other "
        "outlets: log-odds with a Dirichlet prior (Monroe, Colaresi and Quinn 2008), "
        f"words in at least {MIN_ARTICLES} of its articles and {MIN_SCORE:g} standard "
        "deviations above. Topics and names stand out as well as ways of speaking.",
    )
