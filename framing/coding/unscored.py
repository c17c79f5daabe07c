"""Articles that no model has scored: their sentences as units to label."""

from collections.abc import Sequence

import pandas as pd

from framing.articles import ReadLog, ReadOptions, read_articles
from framing.errors import InputError
from framing.records import ID_COLUMNS
from framing.segment import split_sentences


def split_inputs(
    inputs: Sequence[str], options: ReadOptions
) -> tuple[pd.DataFrame, pd.DataFrame, ReadLog]:
    """Return the units of articles, the articles, and what was read.

    The tables are those of a scoring without scores.

    Raises
    ------
    InputError
        No article could be read.
    """
    log = ReadLog()
    units, articles = [], []
    for article in read_articles(inputs, options, log):
        text = article.text
        articles.append((article.doc_id, article.source, article.date, article.title))
        for number, span in enumerate(split_sentences(text, title=article.title)):
            place = (article.doc_id, number, article.source, article.date)
            units.append((*place, *span, text[span.start : span.end], False))
    if not articles:
        reason = f" ({log.skipped[0]})" if log.skipped else ""
        msg = f"no article to label{reason}. Check the input; try another column."
        raise InputError(msg)
    return (
        pd.DataFrame(units, columns=[*ID_COLUMNS, "cannot_say"]),
        pd.DataFrame(articles, columns=["doc_id", "source", "date", "title"]),
        log,
    )
