"""Corpora with planted copies, to see which of them are found.

Made-up articles of made-up words, as frequent as words are (Zipf), with standing
phrases in them; a quarter of the outlets put a footer under everything. Then

- copies of the `KINDS`, mostly in other outlets, on the same day or a little later;
- reports of one event by different outlets, each in its own words around the same long
  quotations: these are no copies.

Where words are changed they are changed one by one, anywhere, the hardest case: editors
rather change passages and leave others whole. An article is made anew whenever it is
asked for, so that a corpus of any size takes no memory.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

Text = list[list[str]]
"""Paragraphs of words."""

N_OUTLETS = 40
N_WORDS = 30_000
N_PHRASES = 2_000
SIGN_OFF = ["reporting", "by", "the", "desk", "edited", "in", "the", "capital"]

COPIES, REPORTS = 0.2, 0.06
"""Parts of a corpus that are copies, and reports that share quotations."""


def _change(share: float) -> Callable[["Planted", Text, np.random.Generator], Text]:
    def change(corpus: "Planted", text: Text, rng: np.random.Generator) -> Text:
        words = corpus.words(rng, sum(map(len, text)))
        return [
            [words.pop() if rng.random() < share else word for word in paragraph]
            for paragraph in text
        ]

    return change


def _keep(corpus: "Planted", text: Text, rng: np.random.Generator) -> Text:
    return text


def _halve(corpus: "Planted", text: Text, rng: np.random.Generator) -> Text:
    left = sum(map(len, text)) // 2
    kept = []
    for paragraph in text:
        kept.append(paragraph[:left])
        left -= len(kept[-1])
    return [paragraph for paragraph in kept if paragraph]


def _head(corpus: "Planted", text: Text, rng: np.random.Generator) -> Text:
    """Return the text under another headline, with another first sentence."""
    lead = corpus.words(rng, 25)
    return [corpus.words(rng, 9), lead + text[0][25:], *text[1:]]


def _move(corpus: "Planted", text: Text, rng: np.random.Generator) -> Text:
    return [text[i] for i in rng.permutation(len(text))]


def _sign(corpus: "Planted", text: Text, rng: np.random.Generator) -> Text:
    return [[*corpus.words(rng, 1), "agency", *text[0]], *text[1:], SIGN_OFF]


def _extend(corpus: "Planted", text: Text, rng: np.random.Generator) -> Text:
    return [*text, *corpus.paragraphs(rng, sum(map(len, text)) // 2)]


KINDS = {
    "the same words": _keep,
    "5 % of words changed": _change(0.05),
    "10 % of words changed": _change(0.1),
    "20 % of words changed": _change(0.2),
    "shortened by half": _halve,
    "shortened, 10 % changed": lambda c, t, r: _change(0.1)(c, _halve(c, t, r), r),
    "other headline and lead": _head,
    "paragraphs moved": _move,
    "dateline and sign-off": _sign,
    "half as much added": _extend,
}


@dataclass(frozen=True)
class Planted:
    """A corpus of `n` articles, some of them copies of others.

    `texts` are the originals; without any they are made up.
    """

    n: int
    seed: int = 0
    texts: Sequence[str] = ()

    @cached_property
    def articles(self) -> pd.DataFrame:
        """One row per article: `doc_id source date`, then what it is in truth.

        `kind` of copy, empty for others; `original`, the row copied, its own for
        others; `event` reported, -1 for none.
        """
        rng = np.random.default_rng([self.seed, 1])
        n_copies = int(self.n * COPIES)
        n_reports = 0 if len(self.texts) else int(self.n * REPORTS)
        n_own = self.n - n_copies
        original = np.arange(self.n)
        # A tenth of the originals have all the copies: some have many.
        pool = np.arange(n_reports, min(n_reports + max(self.n // 10, 1), n_own))
        original[n_own:] = rng.choice(pool, n_copies)
        outlet = rng.integers(N_OUTLETS, size=self.n)
        again = (np.arange(self.n) >= n_own) & (rng.random(self.n) < 0.2)
        outlet[again] = outlet[original[again]]
        day = rng.integers(90, size=self.n)
        day[n_own:] = day[original[n_own:]] + rng.choice([0, 0, 1, 2, 3], n_copies)
        dates = pd.Timestamp("2026-01-01") + pd.to_timedelta(day, unit="D")
        known = rng.random(self.n) > 0.1
        kinds = np.array([*KINDS, ""], dtype=object)
        kind = np.full(self.n, len(KINDS))
        kind[n_own:] = rng.integers(len(KINDS), size=n_copies)
        event = np.full(self.n, -1)
        event[:n_reports] = np.arange(n_reports) // 2
        return pd.DataFrame(
            {
                "doc_id": [f"a{i:07}" for i in range(self.n)],
                "source": [f"Outlet {k}" for k in outlet],
                "date": np.where(known, dates.strftime("%Y-%m-%d"), ""),
                "kind": kinds[kind],
                "original": original,
                "event": event,
                "outlet": outlet,
            }
        )

    @cached_property
    def _columns(self) -> dict[str, list[object]]:
        return {str(c): self.articles[c].tolist() for c in self.articles}

    def text(self, row: int) -> str:
        """Return the text of an article."""
        columns = self._columns
        kind, outlet = str(columns["kind"][row]), int(str(columns["outlet"][row]))
        text = self._own(int(str(columns["original"][row])))
        if kind:
            text = KINDS[kind](self, text, np.random.default_rng([self.seed, 2, row]))
        if not len(self.texts):
            text = [*text, self._footer(outlet)]
        return "\n\n".join(" ".join(paragraph) for paragraph in text if paragraph)

    def _own(self, row: int) -> Text:
        if len(self.texts):
            words = self.texts[row % len(self.texts)].split()
            return [words[i : i + 60] for i in range(0, len(words), 60)]
        rng = np.random.default_rng([self.seed, 3, row])
        event = int(str(self._columns["event"][row]))
        if event < 0:
            brief = rng.random() < 0.05
            return self.paragraphs(
                rng, int(rng.integers(50, 80) if brief else rng.integers(200, 700))
            )
        said = np.random.default_rng([self.seed, 4, event])
        quotes = [self.words(said, int(said.integers(15, 35))) for _ in range(3)]
        own = self.paragraphs(rng, int(rng.integers(220, 500)))
        for quote in quotes:
            own.insert(int(rng.integers(1, len(own) + 1)), quote)
        return own

    def _footer(self, outlet: int) -> list[str]:
        if outlet % 4:
            return []
        return self.words(np.random.default_rng([self.seed, 5, outlet]), 20 + outlet)

    def paragraphs(self, rng: np.random.Generator, n: int) -> Text:
        """Return about `n` words of new text."""
        text = []
        for _ in range(max(n // 50, 1)):
            words = self.words(rng, 50)
            if rng.random() < 0.5:
                number = int(N_PHRASES ** rng.random())
                at = int(rng.integers(40))
                phrase = np.random.default_rng([self.seed, 6, number])
                words[at : at + 7] = self.words(phrase, 7)
            text.append(words)
        return text

    def words(self, rng: np.random.Generator, n: int) -> list[str]:
        """Return words, each as likely as its rank is low."""
        ranks = (N_WORDS ** rng.random(n)).astype(int)
        return [f"w{rank}" for rank in ranks.tolist()]


def judge_copies(truth: pd.DataFrame, marks: pd.DataFrame) -> pd.DataFrame:
    """Return how many of the planted copies were found, by kind.

    A copy is found if it is in one cluster with its original; it is marked rightly if
    it is said to be a copy of it or of another of its copies, or it a copy of this one.

    Returns
    -------
    DataFrame by kind: `n`, `recall` and `marked`, fractions.
    """
    cluster = marks["copy_cluster"].to_numpy()
    original = truth["original"].to_numpy()
    number = {doc_id: i for i, doc_id in enumerate(truth["doc_id"])}
    named = [number.get(doc_id, -1) for doc_id in marks["copy_of"]]
    family = np.append(original, -1)[named]
    named = np.array(named)
    either = (family == original) | (named[original] == np.arange(len(original)))
    table = pd.DataFrame(
        {
            "kind": truth["kind"],
            "n": 1,
            "recall": cluster == cluster[original],
            "marked": either,
        }
    )
    copies = table.loc[table["kind"] != ""]
    return copies.groupby("kind").agg({"n": "sum", "recall": "mean", "marked": "mean"})


def judge_pairs(truth: pd.DataFrame, marks: pd.DataFrame) -> tuple[float, float]:
    """Return precision and recall over all pairs of articles in one cluster."""
    together = _n_pairs(marks["copy_cluster"])
    right = _n_pairs(marks["copy_cluster"] + " " + truth["original"].astype(str))
    there = _n_pairs(truth["original"])
    return right / max(together, 1), right / max(there, 1)


def _n_pairs(groups: pd.Series) -> int:
    sizes = groups.value_counts().to_numpy().astype(np.int64)
    return int((sizes * (sizes - 1) // 2).sum())
