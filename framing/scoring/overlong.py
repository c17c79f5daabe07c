"""Sentences that are too long to be any."""

from collections.abc import Sequence
from pathlib import Path

from framing.articles import ReadLog
from framing.results import ARTICLES, SCORES
from framing.tablefile import read_tables

MANY_WORDS = 2000
"""Words of a sentence beyond which it is a text without full stops."""


def warn_of_long(parts: Sequence[Path], log: ReadLog) -> None:
    """Warn of sentences so long that they are none; `parts` are their folders."""
    n, first = 0, ""
    for part in parts:
        scores = read_tables([part / SCORES], ["doc_id", "n_words"])
        long = scores.loc[scores["n_words"] > MANY_WORDS]
        n += len(long)
        if len(long) and not first:
            about = read_tables([part / ARTICLES], ["doc_id", "where"])
            where = about.set_index("doc_id")["where"][long["doc_id"].iloc[0]]
            first = f"{where}: {long['n_words'].iloc[0]:,} words"
    if n:
        log.warnings.append(
            f"{n:,} sentence{'s' * (n > 1)} of more than {MANY_WORDS:,} words, not "
            f"split: has the text no full stops? ({first})"
        )
