"""The part of a model that some sentences can touch.

A model has two hundred thousand features and ten thousand seed words, and the tables
in which they are looked up take longer to make than one article takes to score. A few
sentences hold a few thousand of them. A model of these alone says the same of these
sentences, to the last bit.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain

import numpy as np

from framing.arrays import Ints
from framing.features import cut_features
from framing.model import Block, Head, Model
from framing.seedwords import SeedGroup, SeedWords
from framing.tokens import WORD
from framing.views import View, Viewer

FEW = 50_000
"""Characters of text up to which an excerpt is made sooner than all tables."""


def excerpt(model: Model, texts: Sequence[str]) -> Model:
    """Return a model that says of these sentences what `model` says of them.

    Parameters
    ----------
    texts : sequence of str
        The sentences, one by one, as they are then scored. Of others the excerpt
        knows next to nothing.
    """
    # What the views need of seed words is kept whole: there is little of it.
    viewer = Viewer(model.targets, SeedWords(()))
    readings = [viewer.read(text) for text in texts]
    frames = _excerpt_head(model.frames, list(map(viewer.view, readings)))
    stance = model.stance and _excerpt_head(
        model.stance,
        [
            viewer.view_target(reading, target)
            for reading in readings
            for target in viewer.name_targets(reading)
        ],
    )
    begun = _beginnings(texts)
    seeds = tuple(_excerpt_group(group, begun) for group in model.seeds)
    return replace(model, frames=frames, stance=stance, seeds=seeds)


def _excerpt_head(head: Head, views: Sequence[View]) -> Head:
    """Return a head with no more features than views can hold."""
    kept = [_held(block, views) for block in head.blocks]
    starts = np.cumsum([0, *(len(block.vocabulary) for block in head.blocks)])
    columns = [own + start for own, start in zip(kept, starts, strict=False)]
    blocks = tuple(
        Block(
            block.settings,
            tuple(block.vocabulary[i] for i in own.tolist()),
            block.idf[own],
        )
        for block, own in zip(head.blocks, kept, strict=True)
    )
    return replace(head, blocks=blocks, coef=head.coef[:, np.concatenate(columns)])


def _held(block: Block, views: Sequence[View]) -> Ints:
    """Return which features of a block views can hold."""
    names = block.vocabulary
    if block.settings.kind not in ("words", "chars", "sides"):
        return np.arange(len(names))
    held = set(chain.from_iterable(cut_features(v, block.settings) for v in views))
    found = np.fromiter(map(held.__contains__, names), np.bool_, len(names))
    return np.flatnonzero(found)


def _excerpt_group(group: SeedGroup, begun: Collection[str]) -> SeedGroup:
    """Return a group with no more patterns than may be found in texts."""
    only_with = _possible(group.only_with, begun)
    # What waits for a pattern that cannot be found never speaks.
    speaks = only_with or not group.only_with
    return replace(
        group,
        words=_possible(group.words, begun) if speaks else (),
        unless=_possible(group.unless, begun),
        not_with=_possible(group.not_with, begun),
        only_with=only_with,
    )


def _possible(patterns: Sequence[str], begun: Collection[str]) -> tuple[str, ...]:
    """Return the patterns whose first word may be one of a text."""
    return tuple(
        pattern
        for pattern in patterns
        if not _first_letters(pattern.partition(" ")[0]).isdisjoint(begun)
    )


_BEGINNING = re.compile(r"([a-z0-9]*)(~?)(?:$|[*'.-])")
_LONGEST = 8
"""Letters of its first word by which a pattern is looked for."""


@cache
def _first_letters(element: str) -> frozenset[str]:
    """Return letters that all words begin with that fit, perhaps none, by choice."""
    return frozenset(map(_letters_of, element.split("|")))


def _letters_of(choice: str) -> str:
    found = _BEGINNING.match(choice)
    if found is None:
        return ""
    # A regular form may lack the last letter: using, ties.
    letters = found[1][: -1 if found[2] else None]
    return letters[:_LONGEST]


def _beginnings(texts: Sequence[str]) -> set[str]:
    """Return what the words of texts begin with, up to the letters looked for."""
    words = {word.casefold() for text in texts for word in WORD.findall(text)}
    return {word[:n] for word in words for n in range(_LONGEST + 1)} | {""}
