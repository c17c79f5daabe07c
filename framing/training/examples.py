"""What a head learns from: gold labels as views, classes and groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from framing.codebook import Codebook
from framing.copies import group_units
from framing.errors import LabelError
from framing.model import Bools, Floats, Ints
from framing.records import Gold
from framing.views import View, Viewer

MIN_UNITS = 20
"""Units that a code must have and must lack: below that, five folds leave too few
to set a threshold by."""


MIN_SOURCES = 5
"""Outlets from which folds part outlets, the harder and more honest test."""


@dataclass(frozen=True)
class Examples:
    """Views with their gold classes.

    `gold` has shape (n_units, n_classes); with `single` each row holds exactly one
    class. `articles` and `sources` say where each unit is from, copies of one article
    being one (`framing.copies.group_units`), `weights` how much it counts in training.
    `helpers` are further units that only help to fit: nothing is measured, calibrated
    or decided by them.
    """

    views: Sequence[View]
    gold: Bools
    classes: tuple[str, ...]
    single: bool
    articles: Sequence[str]
    sources: Sequence[str]
    weights: Floats
    helpers: "Examples | None" = None

    @property
    def folded_by(self) -> str:
        """What is never on both sides of a fold: "source" or "article"."""
        enough = len(set(self.sources) - {""}) >= MIN_SOURCES
        return "source" if enough else "article"

    @property
    def groups(self) -> Sequence[str]:
        """The source or article of each unit, by `folded_by`."""
        return self.sources if self.folded_by == "source" else self.articles

    def take(self, positions: Ints) -> "Examples":
        """Return these examples only, without helpers."""
        return Examples(
            [self.views[i] for i in positions],
            self.gold[positions],
            self.classes,
            self.single,
            [self.articles[i] for i in positions],
            [self.sources[i] for i in positions],
            self.weights[positions],
        )

    def with_helpers(self) -> "Examples":
        """Return these examples and their helpers as one."""
        return self if self.helpers is None else self._join(self.helpers)

    def take_for(self, train: Ints, test: Ints) -> "Examples":
        """Return what may be learnt from where some examples are to be unseen.

        Those at `train` that are no copies of an article at `test`, and the helpers
        that are neither of such an article nor, where none of a source of `test` is at
        `train`, of that source.
        """
        articles = {self.articles[i] for i in test}
        own = [i for i in train if self.articles[i] not in articles]
        known = self.take(np.array(own, dtype=np.int64))
        if self.helpers is None:
            return known
        sources = {self.sources[i] for i in test} - set(known.sources)
        places = zip(self.helpers.articles, self.helpers.sources, strict=True)
        kept = [
            i
            for i, (article, source) in enumerate(places)
            if article not in articles and source not in sources
        ]
        return known._join(self.helpers.take(np.array(kept, dtype=np.int64)))

    def _join(self, other: "Examples") -> "Examples":
        return Examples(
            [*self.views, *other.views],
            np.concatenate([self.gold, other.gold]),
            self.classes,
            self.single,
            [*self.articles, *other.articles],
            [*self.sources, *other.sources],
            np.concatenate([self.weights, other.weights]),
        )


def frame_examples(
    gold: Sequence[Gold],
    codebook: Codebook,
    viewer: Viewer,
    *,
    helpers: Sequence[Gold] = (),
    weight: float = 0.0,
) -> Examples:
    """Return the units with their codes, and `helpers` at a weight.

    Raises
    ------
    LabelError
        A code has too few units with it, or too few without, or all units are of
        one article.
    """
    articles = _find_articles([*gold, *helpers])
    found = _code_examples(gold, codebook, viewer, articles)
    for code, n in zip(codebook.names, found.gold.sum(axis=0), strict=True):
        _check_enough(f"code {code}", int(n), len(gold))
    if len(set(found.articles)) < 2:
        copies = "" if len({unit.doc_id for unit in gold}) < 2 else " and its copies"
        what = f"all labels are of one article{copies}. Label another one."
        msg = f"{codebook.name}: {what}"
        raise LabelError(msg)
    if not helpers:
        return found
    more = _code_examples(helpers, codebook, viewer, articles)
    return replace(found, helpers=replace(more, weights=weight * more.weights))


def _find_articles(gold: Sequence[Gold]) -> dict[str, str]:
    """Return for each article the one that it is a copy of, as far as labels tell."""
    articles = [unit.doc_id for unit in gold]
    texts, sources = [unit.text for unit in gold], [unit.source for unit in gold]
    return dict(zip(articles, group_units(texts, articles, sources), strict=True))


def _code_examples(
    gold: Sequence[Gold],
    codebook: Codebook,
    viewer: Viewer,
    articles: Mapping[str, str],
) -> Examples:
    return Examples(
        [viewer.view(viewer.read(unit.text)) for unit in gold],
        np.array([[c in unit.codes for c in codebook.names] for unit in gold]),
        codebook.names,
        codebook.coding == "single",
        [articles[unit.doc_id] for unit in gold],
        [unit.source for unit in gold],
        _weigh([unit.source for unit in gold], codebook),
    )


def stance_examples(
    gold: Sequence[Gold], codebook: Codebook, viewer: Viewer
) -> Examples | None:
    """Return the units once for each target named, with the stance towards it.

    None where a stance value has fewer than `MIN_UNITS` decisions, or all are of one
    article.
    """
    pairs = [
        (unit, reading, target, value)
        for unit in gold
        for reading in [viewer.read(unit.text)]
        for target, value in unit.stance.items()
        if target in viewer.name_targets(reading)
    ]
    values = [value for _, _, _, value in pairs]
    enough = all(values.count(value) >= MIN_UNITS for value in codebook.stances)
    known = _find_articles(gold) if enough else {}
    articles = [known.get(unit.doc_id, "") for unit, *_ in pairs]
    if len(set(articles)) < 2:
        return None
    return Examples(
        [viewer.view_target(reading, target) for _, reading, target, _ in pairs],
        np.array([[v == value for v in codebook.stances] for value in values]),
        codebook.stances,
        True,
        articles,
        [unit.source for unit, *_ in pairs],
        _weigh([unit.source for unit, *_ in pairs], codebook),
    )


def stance_baselines(examples: Examples) -> dict[str, Bools]:
    """Return what a stance model must beat, as decisions on the same units.

    "always_neutral" says the last value everywhere; "word_list" goes by evaluative
    seed words within `framing.views.NEAR` words of the target: a value that they
    speak for alone holds, else the last one.
    """
    in_doubt = len(examples.classes) - 1
    always = np.full(len(examples.views), in_doubt)
    near = np.array(
        [
            [
                f"{value}<<" in view.places or f"{value}>>" in view.places
                for value in examples.classes
            ]
            for view in examples.views
        ]
    )
    judged = np.where(near.sum(axis=1) == 1, near.argmax(axis=1), in_doubt)
    values = np.arange(len(examples.classes))
    return {
        "always_neutral": always[:, None] == values,
        "word_list": judged[:, None] == values,
    }


def _weigh(sources: Sequence[str], codebook: Codebook) -> Floats:
    known = dict(codebook.source_weights)
    return np.array([known.get(source, 1.0) for source in sources])


def _check_enough(what: str, n: int, total: int) -> None:
    if n < MIN_UNITS or total - n < MIN_UNITS:
        msg = (
            f"{what}: {n} of {total} labelled units carry it; training needs at "
            f"least {MIN_UNITS} with it and {MIN_UNITS} without. Label more."
        )
        raise LabelError(msg)
