"""What a new model changes: shares that moved, sentences that flipped, and why.

Two models score the same sentences. What of a flip is due to which word is exact: the
log-odds of both models are sums over words, and so is their difference; with the
difference of the thresholds these sums say how the sentence came to lie on the other
side.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from framing.errors import ModelError, shown
from framing.model import Model
from framing.prevalence import Evidence, measure_mix, tally_scores
from framing.records import ID_COLUMNS
from framing.scorer import Scorer

MAX_EXPLAINED = 200
"""Flips of one code in one direction whose words are looked up, the largest first."""

N_WORDS = 5
"""Words that are given for a flip."""

N_KEPT = 30
"""Words that are given for all flips of a code in one direction."""

PART = 5000
"""Sentences scored at once, for memory."""

GAINED, LOST = "gained", "lost"
NEVER = 1e-9
"""A threshold nearer to 0 or 1 than this counts as this."""

THRESHOLD = "threshold"
"""What stands for the difference of the thresholds among words."""

MOVED = {
    "source": "str",
    "code": "str",
    "n_articles": "int64",
    "n_sentences": "int64",
    "old": "float64",
    "old_low": "float64",
    "old_high": "float64",
    "new": "float64",
    "new_low": "float64",
    "new_high": "float64",
    "difference": "float64",
    "moved": "bool",
}
"""Columns of the table of shares."""

FLIP_COLUMNS = (
    *("code", "flip", "doc_id", "sent_no", "source", "date", "start", "end"),
    *("p_old", "p_new", "words", "text"),
)


@dataclass(frozen=True)
class Diff:
    """What differs between two models on the same sentences.

    Attributes
    ----------
    codes : tuple of str
        Codes that both models have.
    only_old, only_new : tuple of str
        Codes of one of them.
    shares : DataFrame, one row per source and code; see `compare_shares`
    flips : DataFrame, one row per flipped sentence and code; see `find_flips`
    words : DataFrame `code flip word n log_odds`
        What the words of those flips moved in sum; `n` sentences with the word.
    n_sentences : int
        Sentences that both models scored.
    """

    codes: tuple[str, ...]
    only_old: tuple[str, ...]
    only_new: tuple[str, ...]
    shares: pd.DataFrame
    flips: pd.DataFrame
    words: pd.DataFrame
    n_sentences: int

    def count_flips(self) -> pd.DataFrame:
        """Return how many sentences flipped each way: `code gained lost`."""
        counted = [
            {"code": code}
            | {
                way: int(
                    ((own := self.flips)["code"].eq(code) & own["flip"].eq(way)).sum()
                )
                for way in (GAINED, LOST)
            }
            for code in self.codes
        ]
        return pd.DataFrame(counted, columns=["code", GAINED, LOST])


def diff_models(
    units: pd.DataFrame, old: Model, new: Model, *, level: float = 0.95
) -> Diff:
    """Return what differs between two models on scored units.

    Parameters
    ----------
    units : DataFrame
        Rows with `framing.records.ID_COLUMNS`, of any scoring; and `cluster`, the text
        of the article, one for all its copies. Only sentences are compared.
    level : float
        Coverage of the intervals of shares.

    Raises
    ------
    ModelError
        The models have no code in common.
    """
    codes = tuple(c for c in old.frames.classes if c in new.frames.classes)
    if not codes:
        msg = (
            f"models of {shown(old.codebook)} and {shown(new.codebook)} have no code "
            "in common. Compare models of one codebook."
        )
        raise ModelError(msg)
    sentences = units.loc[units["kind"] == "sentence"].reset_index(drop=True)
    scorers = Scorer(old), Scorer(new)
    before, after = (rescore(sentences, scorer) for scorer in scorers)
    flips = find_flips(before, after, codes)
    flips, words = explain_flips(flips, *scorers)
    return Diff(
        codes,
        tuple(c for c in old.frames.classes if c not in codes),
        tuple(c for c in new.frames.classes if c not in codes),
        compare_shares(before, after, codes, level=level),
        flips,
        words,
        len(sentences),
    )


def rescore(units: pd.DataFrame, scorer: Scorer) -> pd.DataFrame:
    """Return the units with what a model says of their texts.

    Their columns of `framing.records.ID_COLUMNS` and `cluster`, then `p_<code>`,
    `<code>` and `cannot_say`.
    """
    kept = [*ID_COLUMNS, *(name for name in ("cluster",) if name in units)]
    table = units[kept].copy()
    codes = scorer.model.frames.classes
    parts = [
        scorer.score(scorer.read(list(units["text"][start : start + PART])))
        for start in range(0, max(len(units), 1), PART)
    ]
    proba, decided, cannot_say = map(np.concatenate, zip(*parts, strict=True))
    for k, code in enumerate(codes):
        table[f"p_{code}"], table[code] = proba[:, k], decided[:, k]
    table["cannot_say"] = cannot_say
    return table


def compare_shares(
    before: pd.DataFrame, after: pd.DataFrame, codes: Sequence[str], *, level: float
) -> pd.DataFrame:
    """Return the shares of each source by both models, counted.

    Returns
    -------
    DataFrame with the columns of `MOVED`, the largest differences first. `moved`: the
    new share lies outside the interval of the old one. Without enough articles for an
    interval nothing has moved.
    """
    mixes = [
        measure_mix(Evidence(tally_scores(table, codes)), level=level)
        for table in (before, after)
    ]
    keys = ["source", "code"]
    both = mixes[0].merge(mixes[1], on=keys, suffixes=("_old", "_new"))
    both = both.loc[both["code"].isin(codes)]
    old, new = both["share_old"], both["share_new"]
    low, high = both["low_old"], both["high_old"]
    table = pd.DataFrame(
        {
            "source": both["source"],
            "code": both["code"],
            "n_articles": both["n_articles_old"],
            "n_sentences": both["n_sentences_old"],
            "old": old,
            "old_low": low,
            "old_high": high,
            "new": new,
            "new_low": both["low_new"],
            "new_high": both["high_new"],
            "difference": new - old,
            "moved": (new < low) | (new > high),
        }
    )
    order = np.lexsort((both["code"], both["source"], -table["difference"].abs()))
    return table.iloc[order].reset_index(drop=True).astype(MOVED)


def find_flips(
    before: pd.DataFrame, after: pd.DataFrame, codes: Sequence[str]
) -> pd.DataFrame:
    """Return the sentences that only one of two scorings gives a code.

    Returns
    -------
    DataFrame with `FLIP_COLUMNS`, by code, then those gained and those lost, those
    whose score moved most first; `words` is empty.
    """
    columns = ["doc_id", "sent_no", "source", "date", "start", "end", "text"]
    parts = []
    for code in codes:
        for flip, one, other in ((GAINED, after, before), (LOST, before, after)):
            rows = np.flatnonzero(one[code].to_numpy() & ~other[code].to_numpy())
            own = before.iloc[rows][columns].assign(
                code=code,
                flip=flip,
                p_old=before[f"p_{code}"].to_numpy()[rows],
                p_new=after[f"p_{code}"].to_numpy()[rows],
                words="",
            )
            by = (own["p_new"] - own["p_old"]).abs()
            parts.append(own.iloc[np.argsort(-by.to_numpy(), kind="stable")])
    return pd.concat(parts, ignore_index=True)[list(FLIP_COLUMNS)]


def explain_flips(
    flips: pd.DataFrame, old: Scorer, new: Scorer
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return flips with their words, and what words moved in sum.

    Returns
    -------
    flips : DataFrame
        `words` gives those that moved the sentence most, as "word +0.50"; empty beyond
        the `MAX_EXPLAINED` largest of a code and direction.
    words : DataFrame `code flip word n log_odds`
        By code and direction, those first that moved the flips most in their direction.
    """
    texts: list[str] = []
    rows: list[tuple[str, str, str, int, float]] = []
    for (code, flip), own in flips.groupby(["code", "flip"], sort=False):
        sign = 1.0 if flip == GAINED else -1.0
        sums: dict[str, list[float]] = {}
        for text in own["text"].iloc[:MAX_EXPLAINED]:
            moved = explain_change(text, str(code), old, new)
            texts.append(_strongest(moved, sign))
            for word, x in moved.items():
                sums.setdefault(word, []).append(x)
        texts += [""] * (len(own) - MAX_EXPLAINED)
        total = {word: sum(amounts) for word, amounts in sums.items()}
        rows += [
            (str(code), str(flip), word, len(sums[word]), amount)
            for word, amount in _ordered(total, sign)[:N_KEPT]
        ]
    words = pd.DataFrame(rows, columns=["code", "flip", "word", "n", "log_odds"])
    return flips.assign(words=texts), words


def _ordered(moved: Mapping[str, float], sign: float) -> list[tuple[str, float]]:
    """Return what moved in a direction, the most first."""
    forth = [(word, amount) for word, amount in moved.items() if sign * amount > 0]
    return sorted(forth, key=lambda item: (-sign * item[1], item[0]))


def _strongest(moved: Mapping[str, float], sign: float) -> str:
    top = _ordered(moved, sign)[:N_WORDS]
    return ", ".join(f"{word} {amount:+.2f}" for word, amount in top)


def explain_change(text: str, code: str, old: Scorer, new: Scorer) -> dict[str, float]:
    """Return what each word changes in the log-odds of a code, from old to new.

    With "intercept" and, where codes are decided one by one, `THRESHOLD` (what the
    log-odds must reach, old less new), the sum is the change of the margin by which
    the sentence is given the code.
    """
    found: dict[str, float] = {}
    for sign, scorer in ((-1.0, old), (1.0, new)):
        explanation = scorer.explain(text)
        k = explanation.codes.index(code)
        for word, amount in explanation.by_word(k):
            found[word] = found.get(word, 0.0) + sign * amount
        if not scorer.model.frames.single:
            # A person may ask for 0 or 1, which no log-odds reach.
            cut = float(np.clip(explanation.thresholds[k], NEVER, 1 - NEVER))
            needed = float(np.log(cut / (1 - cut)))
            found[THRESHOLD] = found.get(THRESHOLD, 0.0) - sign * needed
    return found


SETTINGS = ("codebook", "language", "coding", "labels_sha256", "articles")
"""What of a card is compared as it stands."""

TABLES = ("labels", "gold", "source_weights", "versions")
"""What is compared entry by entry."""

HEAD_SETTINGS = ("n_units", "c", "ratio_power", "folded_by")


def compare_cards(
    old: Mapping[str, Any], new: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return what differs between two cards: rows `what old new`; None is missing."""
    before, after = dict(_facts(old)), dict(_facts(new))
    return [
        {"what": what, "old": before.get(what), "new": after.get(what)}
        for what in dict.fromkeys([*before, *after])
        if before.get(what) != after.get(what)
    ]


def _facts(card: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield what a card says of codebook, labels and settings, by name."""
    for key in (*SETTINGS, "seed_weight", "helpers"):
        if key in card:
            yield key, card[key]
    for key in TABLES:
        for name, value in sorted(card.get(key, {}).items()):
            yield f"{key}: {name}", value
    for source in sorted(card.get("sources", [])):
        yield f"source: {source}", True
    for part in ("frames", "stance"):
        head = card.get(part, {})
        for key in HEAD_SETTINGS:
            if key in head:
                yield f"{part}: {key}", head[key]
        for name, value in head.get("thresholds", {}).items():
            yield f"{part}, threshold: {name}", value
        for key in ("unseen", "each_source_left_out"):
            for row in head.get(key, []):
                yield f"{part}, F1, {key}: {row['code']}", row["f1"]
