"""Coding sheets: sentences drawn from a scoring, for people to code."""

from collections.abc import Sequence

import pandas as pd

from framing.errors import InputError
from framing.sampling import draw_sample

KEYS = ("doc_id", "sent_no", "start", "source", "date", "title")


def make_sheet(
    scores: pd.DataFrame,
    articles: pd.DataFrame,
    codes: Sequence[str],
    n: int,
    *,
    seed: int = 0,
) -> pd.DataFrame:
    """Return a sheet with a random sample of sentences and empty columns to code in.

    Returns
    -------
    DataFrame, one row per sentence in random order: what it is (`KEYS`), the sentence
    before, the `sentence`, the one after, a column per code and `none`, all empty, and
    the `probability` with which it was drawn.

    Raises
    ------
    InputError
        There is no sentence to draw.
    """
    around = scores.groupby("doc_id", sort=False)["text"]
    units = scores.assign(before=around.shift(1), after=around.shift(-1))
    units = units.loc[(units["kind"] == "sentence") & ~units["cannot_say"]]
    if units.empty:
        msg = "no sentence to draw from. Score articles with running text."
        raise InputError(msg)
    titles = articles.drop_duplicates("doc_id").set_index("doc_id")["title"]
    drawn = draw_sample(units, n, seed=seed)
    sheet = drawn.assign(title=drawn["doc_id"].map(titles), sentence=drawn["text"])
    empty = dict.fromkeys([*codes, "none"], "")
    columns = [*KEYS, "before", "sentence", "after", *empty, "probability"]
    return sheet.assign(**empty)[columns].fillna("").reset_index(drop=True)
