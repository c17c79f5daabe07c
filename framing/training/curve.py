"""The learning curve: how good a model would be with fewer labelled articles.

Each fold is measured by fits on a part of the articles that it may learn from, the
larger parts holding the smaller ones; the penalty is that of the whole model, so that
a curve costs a few fits and not a search for each part. Whole articles are left away,
since labels come by the article.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from framing.classifier import Penalty
from framing.evaluation import f1_gain, grouped_folds, measure_codes
from framing.model import Bools, Head, Ints
from framing.training.examples import Examples
from framing.training.heads import (
    N_FOLDS,
    HeadSettings,
    Say,
    Unseen,
    decide_unseen,
    settle,
)

PARTS = (0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Parts of the articles of which the curve has a point."""

FROM = 0.6
"""The pace is that from here to all articles: below, every curve climbs."""

SURE = 2.0
"""Standard errors that a rise must have to count as one."""

LITTLE = 0.01
"""A rise of F1 from `FROM` that nobody labels for."""

MUCH = 0.02
"""What twice the articles must be expected to add to F1 to be worth labelling them."""

DOUBLED = math.log(2) / math.log(1 / FROM)
"""The rise that twice the articles would bring, in rises from `FROM` to all, if F1 goes
on to rise by as much with each doubling."""

DIGITS = 4


@dataclass(frozen=True)
class _Point:
    """What fits on a part of the articles say of units they did not see."""

    part: float
    n_articles: int
    decided: Bools


def measure_curve(
    examples: Examples,
    settings: HeadSettings,
    head: Head,
    penalty: Penalty,
    unseen: Unseen,
    say: Say,
) -> dict[str, Any]:
    """Return the learning curve as it stands in the card.

    Parameters
    ----------
    head, penalty, unseen
        What `framing.training.heads.fit_head` gave: the point of all articles.

    Returns
    -------
    dict with "points", rows `part articles code f1 f1_low f1_high` (the last code is
    "macro"), and "worth", rows `code gain error worth`: the rise of F1 from `FROM` of
    the articles to all, its standard error, and whether more labels are worth it:
    "yes", "little", "no" or "open".
    """
    folds = list(grouped_folds(examples.groups, N_FOLDS, settings.seed))
    one = replace(settings, penalties=(penalty,))
    points = []
    for part in PARTS[:-1]:
        less = [
            (_some_articles(examples, train, part, settings.seed + number), test)
            for number, (train, test) in enumerate(folds)
        ]
        say(f"{part:.0%} of the articles")
        z = decide_unseen(examples, one, less)[penalty]
        decided = settle(head, examples, z)[1].decided
        points.append(_Point(part, _count_articles(examples, less), decided))
    whole = _count_articles(examples, folds)
    points.append(_Point(1.0, whole, unseen.decided))
    return {
        "points": [row for p in points for row in _rows(examples, p, settings.seed)],
        "worth": _worth(examples, points, settings.seed),
    }


def _some_articles(examples: Examples, train: Ints, part: float, seed: int) -> Ints:
    """Return the positions of a random part of the articles, at least of one.

    The same seed gives the same order, so that a larger part holds a smaller one.
    """
    articles = np.asarray(examples.articles)[train]
    names = np.unique(articles)
    order = np.random.default_rng(seed).permutation(names)
    kept = order[: max(1, round(part * len(names)))]
    return np.asarray(train[np.isin(articles, kept)])


def _count_articles(examples: Examples, folds: Sequence[tuple[Ints, Ints]]) -> int:
    """Return how many articles a fit of these folds learns from, on average."""
    numbers = [len({examples.articles[i] for i in train}) for train, _ in folds]
    return round(float(np.mean(numbers)))


def _rows(examples: Examples, point: _Point, seed: int) -> list[dict[str, Any]]:
    table = measure_codes(
        examples.gold,
        point.decided,
        None,
        examples.classes,
        groups=examples.articles,
        seed=seed,
    )
    return [
        {
            "part": point.part,
            "articles": point.n_articles,
            "code": row["code"],
            **{key: round(row[key], DIGITS) for key in ("f1", "f1_low", "f1_high")},
        }
        for row in table.to_dict("records")
    ]


def _worth(
    examples: Examples, points: Sequence[_Point], seed: int
) -> list[dict[str, Any]]:
    """Return for each code, and for macro-F1, whether more labels are worth it."""
    before = next(point for point in points if point.part == FROM)
    gains, errors = f1_gain(
        examples.gold, before.decided, points[-1].decided, examples.articles, seed
    )
    return [
        {
            "code": code,
            "gain": round(float(gain), DIGITS),
            "error": round(float(error), DIGITS),
            "worth": judge(float(gain), float(error)),
        }
        for code, gain, error in zip(
            [*examples.classes, "macro"], gains, errors, strict=True
        )
    ]


def judge(gain: float, error: float) -> str:
    """Return "yes", "little", "no" or "open", for whether more labels are worth it.

    Where F1 surely rose over the last articles, "yes" if at this pace twice as many
    would add `MUCH`, else "little"; "no" if it surely rose by no more than a `LITTLE`.
    """
    if gain > SURE * error:
        return "yes" if gain * DOUBLED >= MUCH else "little"
    return "no" if gain + SURE * error <= LITTLE else "open"


def in_words(row: Mapping[str, Any]) -> str:
    """Return in one sentence whether more labels of a code are worth it."""
    twice = 100 * row["gain"] * DOUBLED
    pace = f"at this pace twice as many articles would add about {twice:.1f} points"
    said = {
        "yes": f"more labelling is worth it, {pace}",
        "little": f"more labelling helps slowly, {pace}",
        "no": "more labels of the same kind will hardly help",
        "open": "too close to say whether more labelling is worth it",
    }[row["worth"]]
    return (
        f"{row['code']}: {said}. F1 moved by {100 * row['gain']:+.1f} points (standard "
        f"error {100 * row['error']:.1f}) from {FROM:.0%} of the articles to all."
    )
