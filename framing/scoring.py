"""The main path: articles -> sentences -> scores; `framing.measuring` goes on."""

import hashlib
import platform
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd

from framing import __version__
from framing.articles import ReadLog, ReadOptions, read_articles
from framing.errors import InputError
from framing.model import Model
from framing.prevalence import measure_stance
from framing.records import ID_COLUMNS, Article, Span
from framing.scorer import Scorer
from framing.segment import split_sentences
from framing.views import Reading

PART = 200
"""Articles scored at once: enough for arrays to pay, little enough for memory."""


@dataclass
class Scoring:
    """What one run made: its tables, what was read and what was left out."""

    scores: pd.DataFrame
    articles: pd.DataFrame
    stance: pd.DataFrame
    log: ReadLog
    counts: dict[str, int] = field(default_factory=dict)


def score_inputs(
    inputs: Sequence[str],
    options: ReadOptions,
    model: Model,
    *,
    advance: Callable[[int], None] = lambda n: None,
) -> Scoring:
    """Return the scores of the articles in `inputs`.

    `advance` is told how many articles were just done.

    Raises
    ------
    InputError
        No article could be read.
    """
    log = ReadLog()
    scorer = Scorer(model)
    parts = []
    for part in _in_parts(read_articles(inputs, options, log)):
        parts.append(score_articles(part, scorer))
        advance(len(part))
    if not parts:
        reason = f" ({log.skipped[0]})" if log.skipped else ""
        msg = f"no article to score{reason}. Check the input; try another column."
        raise InputError(msg)
    scores, articles, stance = (
        pd.concat(tables, ignore_index=True) for tables in zip(*parts, strict=True)
    )
    return Scoring(scores, articles, stance, log, _count(scores, articles, log))


def set_thresholds(model: Model, given: Mapping[str, float]) -> Model:
    """Return a model that decides some codes by other thresholds.

    Parameters
    ----------
    given : mapping of code to threshold
        Codes of the model, thresholds in [0, 1].
    """
    head = model.frames
    named = zip(head.classes, head.thresholds, strict=True)
    cut = np.array([given.get(code, float(own)) for code, own in named])
    return replace(model, frames=replace(head, thresholds=cut))


def _in_parts(articles: Iterable[Article]) -> Iterator[list[Article]]:
    stream = iter(articles)
    while part := list(islice(stream, PART)):
        yield part


def score_articles(
    articles: Sequence[Article], scorer: Scorer
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the tables of scores, articles and stance for some articles."""
    units = [
        (article, number, span)
        for article in articles
        for number, span in enumerate(
            split_sentences(article.text, title=article.title)
        )
    ]
    texts = [article.text[span.start : span.end] for article, _, span in units]
    readings = scorer.read(texts)
    proba, decided, cannot_say = scorer.score(readings)
    scores = pd.DataFrame(
        [_unit_row(*unit, text) for unit, text in zip(units, texts, strict=True)],
        columns=ID_COLUMNS,
    )
    for k, code in enumerate(scorer.model.frames.classes):
        scores[f"p_{code}"] = proba[:, k]
    for k, code in enumerate(scorer.model.frames.classes):
        scores[code] = decided[:, k]
    scores["cannot_say"] = cannot_say
    scores["n_words"], scores["n_known"] = scorer.count_words(readings)
    stance = _stance_table(units, readings, scorer)
    return scores, _article_table(articles, units), stance


def _unit_row(article: Article, number: int, span: Span, text: str) -> tuple[Any, ...]:
    return (
        article.doc_id,
        number,
        article.source,
        article.date,
        span.start,
        span.end,
        span.kind,
        text,
    )


def _stance_table(
    units: Sequence[tuple[Article, int, Span]],
    readings: Sequence[Reading],
    scorer: Scorer,
) -> pd.DataFrame:
    """Return a row per sentence and target; headings and debris have no stance."""
    head = scorer.model.stance
    values = head.classes if head else ()
    at = [i for i, (_, _, span) in enumerate(units) if span.kind == "sentence"]
    rows = []
    for position, target, proba, value in scorer.score_stance(
        [readings[i] for i in at]
    ):
        article, number, _ = units[at[position]]
        rows.append(
            (
                article.doc_id,
                number,
                article.source,
                article.date,
                target,
                value,
                *proba,
            )
        )
    columns = ["doc_id", "sent_no", "source", "date", "target", "stance"]
    return pd.DataFrame(rows, columns=[*columns, *(f"p_{v}" for v in values)])


def _article_table(
    articles: Sequence[Article], units: Sequence[tuple[Article, int, Span]]
) -> pd.DataFrame:
    sentences = dict.fromkeys((article.doc_id for article in articles), 0)
    for article, _, span in units:
        sentences[article.doc_id] += span.kind == "sentence"
    rows = [
        {
            "doc_id": a.doc_id,
            "source": a.source,
            "date": a.date,
            "title": a.title,
            "where": a.where,
            "n_sentences": sentences[a.doc_id],
            "n_characters": len(a.text),
            "text_hash": text_hash(a.text),
            **{f"x_{k}": v for k, v in a.extra.items()},
        }
        for a in articles
    ]
    return pd.DataFrame(rows)


def text_hash(text: str) -> str:
    """Return what is the same for copies of one text, whatever their white space."""
    words = " ".join(text.split()).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(words, digest_size=8).hexdigest()


def _count(
    scores: pd.DataFrame, articles: pd.DataFrame, log: ReadLog
) -> dict[str, int]:
    kinds = scores["kind"].value_counts()
    counts = {f"units_{kind}": int(n) for kind, n in sorted(kinds.items())}
    return {
        "articles_read": len(articles),
        "items_skipped": len(log.skipped),
        "cannot_say": int(scores.loc[scores["kind"] == "sentence", "cannot_say"].sum()),
        **counts,
    }


def stance_mix(stance: pd.DataFrame, target: str) -> pd.DataFrame:
    """Return how each source speaks of one target; see `measure_stance`."""
    own = stance.loc[stance["target"] == target]
    values = [c.removeprefix("p_") for c in own.columns if c.startswith("p_")]
    return measure_stance(own, values)


def describe_run(
    scoring: Scoring, *, command: Sequence[str], model: Mapping[str, str], seed: int
) -> dict[str, Any]:
    """Return what `run.json` says of a scoring."""
    return {
        "command": list(command),
        "framing": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "pandas": pd.__version__,
        "model": dict(model),
        "inputs": [{"path": p, "sha256": digest} for p, digest in scoring.log.files],
        "understood": scoring.log.understood,
        "counts": scoring.counts,
        "skipped": [
            {"where": s.where, "reason": s.reason} for s in scoring.log.skipped
        ],
        "warnings": scoring.log.warnings,
        "seed": seed,
    }
