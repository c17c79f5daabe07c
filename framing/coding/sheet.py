"""Coding sheets: drawn sentences as a table, for people to code in a spreadsheet."""

from collections.abc import Sequence

import pandas as pd

KEYS = ("doc_id", "sent_no", "start", "source", "date", "title")


def make_sheet(drawn: pd.DataFrame, codes: Sequence[str]) -> pd.DataFrame:
    """Return a sheet with drawn sentences and empty columns to code in.

    Parameters
    ----------
    drawn : DataFrame
        Sentences drawn at random, as `framing.coding.draw_queue` gives.

    Returns
    -------
    DataFrame, one row per sentence: what it is (`KEYS`), the sentence before, the
    `sentence`, the one after, a column per code and `none`, all empty, and the
    `probability` with which it was drawn.
    """
    empty = dict.fromkeys([*codes, "none"], "")
    columns = [*KEYS, "before", "sentence", "after", *empty, "probability"]
    sheet = drawn.assign(sentence=drawn["text"], **empty)[columns]
    return sheet.reset_index(drop=True)
