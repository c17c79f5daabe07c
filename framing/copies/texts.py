"""The text of an article that counts for being a copy: its sentences."""

import pandas as pd


def join_sentences(scores: pd.DataFrame) -> pd.Series:
    """Return the sentences of each article as one text, by `doc_id`.

    Headings, captions, repeats and debris are left out: they are added and taken away
    when a text is republished.
    """
    units = scores.loc[scores["kind"] == "sentence", ["doc_id", "text"]]
    return units.groupby("doc_id", sort=False)["text"].agg("\n".join)
