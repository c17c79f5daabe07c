"""Which sentences a report shows: telling ones, random ones, and ones of doubt."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from framing.model import Bools, Floats

TELLING, RANDOM, UNSURE = "telling", "random", "unsure"

TURNS = (TELLING, RANDOM, UNSURE, TELLING, RANDOM, UNSURE, TELLING)
"""What each source and code is given in turn: three, two and two if there is room."""

MOST = 1500
"""Sentences shown in all: what a page of some megabytes has room for."""

LONGEST = 600
"""Characters above which a sentence is not shown: mostly lists that were not parted."""

NEAR = 0.15
"""Distance of a score from its threshold up to which the model was unsure."""

KEPT = len(TURNS)
"""Candidates kept for each reason: those of other reasons may come first."""

_WHYS = (TELLING, RANDOM, UNSURE)


class EvidenceChooser:
    """Chooses sentences while the scores pass by, block after block.

    Sentences count that count in the mix. For each source and code it gives:

    - "telling", the highest scores among those that were given the code, at most one
      an article;
    - "random", drawn with equal chance among those given the code;
    - "unsure", the nearest to the threshold, at most one an article.

    None comes twice for the same code, nor does the same text in one source. Where
    there is too little room for all, every source and code has its first of each
    before any has its second, and the sources come in the order they are given in.

    Parameters
    ----------
    thresholds : mapping of code to threshold
    single : bool
        A sentence has exactly one code: the one whose score exceeds its threshold by
        the largest factor.
    """

    def __init__(
        self,
        sources: Sequence[str],
        thresholds: Mapping[str, float],
        *,
        single: bool = False,
        seed: int = 0,
    ) -> None:
        self._sources = list(sources)
        self._codes = tuple(thresholds)
        self._cut = np.array([thresholds[code] for code in self._codes])
        self._single = single
        self._random = np.random.default_rng(seed)
        self._kept: list[pd.DataFrame] = []

    def add(self, block: pd.DataFrame) -> None:
        """Take in some sentences that count, with all columns of the scores."""
        lot = self._random.random(len(block))
        own = block.reset_index(drop=True)
        here = pd.Index(self._sources).get_indexer(pd.Index(own["source"]))
        fits = (here >= 0) & (own["text"].str.len() <= LONGEST).to_numpy()
        proba = own[[f"p_{code}" for code in self._codes]].to_numpy(dtype=np.float64)
        given = own[list(self._codes)].to_numpy(dtype=bool)
        doubt = np.abs(proba - self._borders(proba))
        # Which are alike is told by numbers, which are sorted far sooner than texts.
        told = pd.DataFrame(
            {
                "source": here,
                **{name: pd.factorize(own[name])[0] for name in ("doc_id", "text")},
            }
        )
        found = [
            _rank(told, TELLING, given & fits[:, None], -proba),
            _rank(
                told,
                RANDOM,
                given & fits[:, None],
                np.broadcast_to(lot[:, None], proba.shape),
            ),
            _rank(told, UNSURE, (doubt <= NEAR) & fits[:, None], doubt),
        ]
        rows = pd.concat(found, ignore_index=True)
        rows["score"] = proba[rows["row"], rows["code"]]
        rows["given"] = given[rows["row"], rows["code"]]
        names = ["doc_id", "sent_no", "date", "text"]
        told = own.loc[rows["row"], names].reset_index(drop=True)
        self._kept.append(pd.concat([rows.drop(columns="row"), told], axis=1))
        if len(self._kept) > _BLOCKS:
            self._kept = [_best(pd.concat(self._kept, ignore_index=True))]

    def _borders(self, proba: Floats) -> Floats:
        """Return the score from which each sentence would have each code."""
        if not self._single or len(self._codes) < 2:
            return np.broadcast_to(self._cut, proba.shape)
        factor = proba / self._cut
        others = np.empty_like(factor)
        for k in range(len(self._codes)):
            others[:, k] = np.delete(factor, k, axis=1).max(axis=1)
        return np.asarray(others * self._cut)

    def choose(self, most: int = MOST) -> pd.DataFrame:
        """Return the sentences to show, in order of source, code and reason.

        Returns
        -------
        DataFrame: `source code why score given doc_id sent_no date text`
        """
        if not self._kept:
            return pd.DataFrame(columns=COLUMNS)
        candidates = _best(pd.concat(self._kept, ignore_index=True))
        table = _take_turns(candidates)
        table = table.sort_values(["turn", "source", "code"], kind="stable").head(most)
        table = table.sort_values(["source", "code", "why", "key"], kind="stable")
        named = table.assign(
            source=[self._sources[i] for i in table["source"]],
            code=[self._codes[k] for k in table["code"]],
            why=[_WHYS[i] for i in table["why"]],
        )
        return named[list(COLUMNS)].reset_index(drop=True)


COLUMNS = (
    *("source", "code", "why", "score", "given"),
    *("doc_id", "sent_no", "date", "text"),
)

_BLOCKS = 20
"""Blocks whose candidates are put together at once."""

_GROUP = ["why", "source", "code"]


def _rank(told: pd.DataFrame, why: str, fits: Bools, key: Floats) -> pd.DataFrame:
    """Return the best candidates of a block for each source and code."""
    rows, codes = np.nonzero(fits)
    table = told.iloc[rows].assign(
        why=_WHYS.index(why), code=codes, key=key[rows, codes], row=rows
    )
    return _best(table)[["why", "source", "code", "key", "row"]]


def _take_turns(candidates: pd.DataFrame) -> pd.DataFrame:
    """Return the candidates that have a turn, none twice for the same code."""
    table = candidates.head(0).assign(turn=0)
    sentence = ["source", "code", "text"]
    for number, why in enumerate(_WHYS):
        own = candidates.loc[candidates["why"] == number]
        taken = pd.concat([table[sentence], own[sentence]]).duplicated()
        own = own.loc[~taken.to_numpy()[len(table) :]]
        place = own.groupby(["source", "code"]).cumcount()
        turns = [turn for turn, name in enumerate(TURNS) if name == why]
        own = own.assign(turn=place).loc[place < len(turns)]
        own["turn"] = [turns[i] for i in own["turn"]]
        table = pd.concat([part for part in (table, own) if len(part)] or [table])
    return table


def _best(table: pd.DataFrame) -> pd.DataFrame:
    """Return the first candidates of each source, code and reason by their key."""
    table = table.sort_values([*_GROUP, "key"], kind="stable")
    table = table.drop_duplicates([*_GROUP, "text"])
    # One article may be full of a code; a random draw is left as it fell.
    again = table.duplicated([*_GROUP, "doc_id"])
    table = table.loc[~again | (table["why"] == _WHYS.index(RANDOM))]
    rank = table.groupby(_GROUP).cumcount()
    return table.loc[rank < KEPT].reset_index(drop=True)
