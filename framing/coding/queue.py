"""Which sentences come next: the units of a sitting in their order."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from framing.coding.session import CodingUnit, Suggestion
from framing.errors import InputError, shown
from framing.model import Floats
from framing.records import GOLD_CODER, OUTLET, SAMPLE, SEED_CODER, Gold, Label
from framing.sampling import draw_sample

ORDERS = ("mixed", "sample", "random", "uncertain", "outlet", "disagree", "audit")
UNCERTAIN = "uncertain"
SHOWN = ("doc_id", "start", "end", "text", "source", "date", "title", "before", "after")
"""What a coder sees of a unit, and what names it."""

Key = tuple[str, int, int]


def with_context(scores: pd.DataFrame, articles: pd.DataFrame) -> pd.DataFrame:
    """Return the scores with what a coder sees beside each sentence.

    Adds `before` and `after` (the neighbouring units of the article) and `title`.
    """
    around = scores.groupby("doc_id", sort=False)["text"]
    titles = articles.drop_duplicates("doc_id").set_index("doc_id")["title"]
    return scores.assign(
        before=around.shift(1).fillna(""),
        after=around.shift(-1).fillna(""),
        title=scores["doc_id"].map(titles).fillna(""),
    )


def draw_queue(
    units: pd.DataFrame,
    order: str,
    n: int,
    *,
    thresholds: Mapping[str, float],
    single: bool = False,
    widths: Mapping[str, float] | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Return the sentences that come next, with `order` and `probability`.

    The same scoring, order and seed (and widths, which new labels change) give the same
    sentences, more of them with a larger `n`, so that a sitting can be gone on with.

    Parameters
    ----------
    units : DataFrame
        Scored units as `with_context` gives; only sentences are drawn.
    order : str
        "sample": at random, equal numbers of each source; "outlet": at random, more of
        the sources with wide intervals; "random": at random over all; "uncertain":
        nearest to a threshold first; "mixed": half sample, half uncertain, in turn.
    thresholds : mapping of code to threshold
        Where decisions flip, for "uncertain".
    single : bool
        A sentence has exactly one code: decisions flip between the two likeliest.
    widths : mapping of source to width
        Of its widest interval, for "outlet".

    Raises
    ------
    InputError
        There is no sentence to draw, the units have no scores, or no source a width.
    """
    drawable = units.loc[units["kind"] == "sentence"]
    drawable = drawable.loc[~drawable["cannot_say"].to_numpy(dtype=bool)]
    if drawable.empty:
        msg = "no sentence to draw from. Score articles with running text."
        raise InputError(msg)
    if order == "random":
        rng = np.random.default_rng(seed)
        drawn = drawable.iloc[rng.permutation(len(drawable))[:n]]
        return drawn.assign(order=order, probability=len(drawn) / len(drawable))
    if order == UNCERTAIN:
        return _draw_uncertain(drawable, n, thresholds, single=single)
    if order == OUTLET:
        drawn = draw_sample(drawable, n, seed=seed, need=widths or {})
        if drawn.empty:
            msg = "no source has an interval to narrow. Score more articles of each."
            raise InputError(msg)
        return drawn.assign(order=OUTLET)
    sample = draw_sample(drawable, n if order == SAMPLE else n - n // 2, seed=seed)
    sample = sample.assign(order=SAMPLE)
    if order == SAMPLE:
        return sample
    rest = drawable.drop(sample.index)
    doubtful = _draw_uncertain(rest, n // 2, thresholds, single=single)
    return _in_turn(sample, doubtful)


def _draw_uncertain(
    units: pd.DataFrame, n: int, thresholds: Mapping[str, float], *, single: bool
) -> pd.DataFrame:
    margin = margins(units, thresholds, single=single)
    near = units.iloc[np.argsort(margin, kind="stable")[:n]]
    return near.assign(order=UNCERTAIN, probability=0.0)


def margins(
    units: pd.DataFrame, thresholds: Mapping[str, float], *, single: bool = False
) -> Floats:
    """Return how far each sentence is from the nearest threshold, in log-odds.

    With `single`, how far the second code is from the first, by score to threshold.
    """
    known = [code for code in thresholds if f"p_{code}" in units]
    if not known:
        msg = "no scores to be unsure of: score with a model first, or --order sample."
        raise InputError(msg)
    proba = units[[f"p_{code}" for code in known]].to_numpy(dtype=np.float64)
    cut = np.array([thresholds[code] for code in known])
    if single and len(known) > 1:
        claim = np.sort(np.log(np.clip(proba, 1e-9, 1)) - np.log(cut), axis=1)
        return np.asarray(claim[:, -1] - claim[:, -2])
    return np.asarray(np.abs(_log_odds(proba) - _log_odds(cut)).min(axis=1))


def _log_odds(proba: Floats) -> Floats:
    inside = np.clip(proba, 1e-9, 1 - 1e-9)
    return np.asarray(np.log(inside / (1 - inside)))


def _in_turn(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    places = [2 * np.arange(len(first)), 2 * np.arange(len(second)) + 1]
    both = pd.concat([first, second])
    return both.iloc[np.argsort(np.concatenate(places), kind="stable")]


@dataclass(frozen=True)
class Prompter:
    """What makes units of rows: the actors they name, and what a model would decide.

    `stance` is the table of a scoring, `codes` its codes; both may be empty.
    """

    name_targets: Callable[[str], tuple[str, ...]]
    codes: tuple[str, ...]
    stance: pd.DataFrame

    def make_units(self, drawn: pd.DataFrame) -> list[CodingUnit]:
        """Return drawn sentences as units to decide on."""
        near = self.stance.loc[self.stance["doc_id"].isin(set(drawn["doc_id"]))]
        places = zip(near["doc_id"], near["sent_no"], near["target"], strict=True)
        values = dict(zip(places, near["stance"], strict=True))
        rows: Any = drawn.to_dict("records")
        return [self._make_unit(row, values) for row in rows]

    def find_units(
        self, units: pd.DataFrame, wanted: Sequence[Gold | Label], order: str
    ) -> list[CodingUnit]:
        """Return labelled units to look at again, with context where it is there."""
        near = units.loc[units["doc_id"].isin({unit.doc_id for unit in wanted})]
        rows = near.assign(order=order, probability=0.0)
        place = {unit.key: unit for unit in self.make_units(rows)}
        found = []
        for unit in wanted:
            known = place.get((unit.doc_id, unit.start, unit.end))
            same = known is not None and known.text == unit.text
            found.append(known if known and same else self._bare_unit(unit, order))
        return found

    def _make_unit(
        self, row: Mapping[str, Any], values: Mapping[tuple[Any, ...], str]
    ) -> CodingUnit:
        targets = self.name_targets(row["text"])
        place = (row["doc_id"], row["sent_no"])
        likely = {t: values[(*place, t)] for t in targets if (*place, t) in values}
        codes = tuple(code for code in self.codes if row[code])
        return CodingUnit(
            **{name: row[name] for name in SHOWN},
            targets=targets,
            order=row["order"],
            probability=float(row["probability"]),
            suggestion=Suggestion(codes, likely) if self.codes else None,
        )

    def _bare_unit(self, unit: Gold | Label, order: str) -> CodingUnit:
        """Return a unit of which only its label is left."""
        shown: dict[str, Any] = {name: getattr(unit, name, "") for name in SHOWN}
        return CodingUnit(
            **shown,
            targets=self.name_targets(unit.text),
            order=order,
        )


def disputed(labels: Iterable[Label]) -> list[Label]:
    """Return one label of each unit that its coders code differently.

    Units that were adjudicated are settled.
    """
    units: dict[Key, list[Label]] = {}
    for label in labels:
        if label.coder == SEED_CODER:
            continue
        units.setdefault(label.unit, []).append(label)
    return [
        decisions[0]
        for _, decisions in sorted(units.items())
        if len({(d.codes, tuple(sorted(d.stance.items()))) for d in decisions}) > 1
        and not any(d.coder == GOLD_CODER for d in decisions)
    ]


def check_order(order: str) -> None:
    """Refuse an order that there is not."""
    if order not in ORDERS:
        msg = f"order {shown(order)} is none of {', '.join(ORDERS)}."
        raise InputError(msg)
