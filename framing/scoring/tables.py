"""Articles -> sentences -> scores: the tables of some articles."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from framing.bulk import Readings
from framing.fused import Batch
from framing.records import ID_COLUMNS, Article, Span
from framing.scorer import Scorer
from framing.segment import split_sentences


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


def unit_texts(articles: Sequence[Article]) -> Iterator[str]:
    """Yield the text of every unit of some articles."""
    for article in articles:
        for span in split_sentences(article.text, title=article.title):
            yield article.text[span.start : span.end]


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
    readings: Readings | Batch,
    scorer: Scorer,
) -> pd.DataFrame:
    """Return a row per sentence and target; headings and debris have no stance."""
    head = scorer.model.stance
    values = head.classes if head else ()
    at = [i for i, (_, _, span) in enumerate(units) if span.kind == "sentence"]
    rows = []
    for position, target, proba, value in scorer.score_stance(readings, at):
        article, number, _ = units[position]
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
