"""Train a model on the labels of a codebook, and measure it on unseen units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from framing.classifier import Penalty
from framing.codebook import Codebook
from framing.errors import LabelError
from framing.labelstore import LabelSet
from framing.model import BlockSettings, Head, Model
from framing.records import Gold
from framing.seedwords import SeedWords
from framing.tagger import Tagger
from framing.targets import Targets
from framing.training.card import (
    describe_head,
    describe_labels,
    describe_left_out,
    measured,
)
from framing.training.curve import measure_curve
from framing.training.examples import (
    MIN_UNITS,
    Examples,
    frame_examples,
    stance_baselines,
    stance_examples,
)
from framing.training.heads import (
    HeadSettings,
    Say,
    Unseen,
    fit_head,
    leave_out_articles,
    leave_out_sources,
)
from framing.training.out_of_fold import tabulate
from framing.training.taking import take_labels
from framing.views import Viewer

FRAMES = HeadSettings(
    (
        BlockSettings("words", 1, 2, 2),
        BlockSettings("chars", 3, 5, 3),
        BlockSettings("codes", weight=0.6, scaled=False),
        BlockSettings("groups", weight=0.3, scaled=False),
    )
)
STANCE = HeadSettings(
    (
        BlockSettings("words", 1, 2, 1),
        BlockSettings("sides", 1, 1, 2),
        BlockSettings("groups", weight=0.3, scaled=False),
        BlockSettings("places", weight=0.3, scaled=False),
    ),
    (Penalty(0.0, 10.0),),
)
"""What the heads are made of: measured, with alternatives, in docs/model.md."""


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """What a researcher can choose about training.

    `rule` decides where coders differ (see `framing.agreement`); `left_out` asks for
    the figures with each source left out in turn, which take most of the time; `curve`
    for a learning curve. `seed_weight` is what a label of the seed words counts on
    units that no person labelled.
    """

    rule: str = "majority"
    seed: int = 0
    left_out: bool = True
    curve: bool = False
    seed_weight: float = 0.0


@dataclass
class Training:
    """A trained model with its card.

    `out_of_fold` says of each training unit what fits without it say; see
    `framing.training.out_of_fold`.
    """

    model: Model
    card: dict[str, Any]
    out_of_fold: pd.DataFrame
    warnings: list[str] = field(default_factory=list)


def train(
    labels: LabelSet,
    codebook: Codebook,
    *,
    targets: Targets,
    seeds: SeedWords,
    settings: TrainSettings,
    dates: Mapping[str, str] | None = None,
    say: Say = lambda text: None,
) -> Training:
    """Return a model trained on gold labels, and what unseen units say of it.

    What of the labels trains says `framing.training.taking`. `dates` gives the ISO
    date of articles, as far as it is known, for the years on the card.

    Raises
    ------
    LabelError
        There are too few labels for a code.
    """
    weight = settings.seed_weight
    taken = take_labels(labels.labels, codebook, rule=settings.rule, seed_weight=weight)
    gold = taken.gold
    if not gold:
        msg = f"{codebook.name}: no gold label that counts. Label more sentences."
        raise LabelError(msg)
    viewer = Viewer(targets, seeds)
    card = describe_labels(codebook, taken.labels, gold, taken.how)
    card["left_out"] = taken.left_out
    if taken.helpers:
        card["seed_weight"], card["helpers"] = weight, len(taken.helpers)
    known = dates or {}
    card["years"] = sorted({known[u.doc_id][:4] for u in gold if known.get(u.doc_id)})
    frames = frame_examples(
        gold, codebook, viewer, helpers=taken.helpers, weight=weight
    )
    learnt = _train_head(frames, FRAMES, settings, "frames", say)
    card["frames"] = learnt.card
    if settings.curve:
        card["frames"]["curve"] = measure_curve(
            frames,
            learnt.settings,
            learnt.head,
            learnt.penalty,
            learnt.unseen,
            lambda text: say(f"frames: learning curve, {text}"),
        )
    table = _out_of_fold(gold, frames, learnt, say)
    tagged = Tagger(seeds, targets, codebook.names).tag([unit.text for unit in gold])
    card["frames"]["seed_words"] = measured(frames, tagged, None, settings.seed)
    stance = stance_examples(gold, codebook, viewer)
    stance_head = None
    if stance is not None:
        judged = _train_head(stance, STANCE, settings, "stance", say)
        stance_head, card["stance"] = judged.head, judged.card
        for name, guessed in stance_baselines(stance).items():
            card["stance"][name] = measured(stance, guessed, None, settings.seed)
    model = Model(
        codebook.signature,
        codebook.language,
        learnt.head,
        stance_head,
        targets,
        seeds.groups,
    )
    warnings = list(labels.warnings)
    if stance is None and any(unit.stance for unit in gold):
        warnings.append(
            f"stance was not learnt: fewer than {MIN_UNITS} decisions of a value "
            "towards targets that are named, or all of one article"
        )
    return Training(model, card, table, warnings)


@dataclass(frozen=True)
class _Learnt:
    """A fitted head with its part of the card and what else was found on the way."""

    head: Head
    card: dict[str, Any]
    settings: HeadSettings
    penalty: Penalty
    unseen: Unseen
    left_out: Unseen | None


def _train_head(
    examples: Examples,
    head_settings: HeadSettings,
    settings: TrainSettings,
    what: str,
    say: Say,
) -> _Learnt:
    say(f"{what}: choosing settings on grouped folds")
    head_settings = replace(head_settings, seed=settings.seed)
    head, penalty, unseen = fit_head(examples, head_settings)
    card = describe_head(head, examples, unseen, penalty, seed=settings.seed)
    left_out = None
    if settings.left_out and len(set(examples.sources)) > 2:
        left_out = leave_out_sources(
            examples,
            head_settings,
            head,
            penalty,
            lambda text: say(f"{what}: leaving out outlet {text}"),
        )
        card |= describe_left_out(
            examples, left_out, head_settings.blocks[0].min_df, seed=settings.seed
        )
    return _Learnt(head, card, head_settings, penalty, unseen, left_out)


def _out_of_fold(
    gold: Sequence[Gold], examples: Examples, learnt: _Learnt, say: Say
) -> pd.DataFrame:
    """Return the table of training units scored by fits that did not see them."""
    by_article = learnt.unseen
    if examples.folded_by != "article":
        by_article = leave_out_articles(
            examples,
            learnt.settings,
            learnt.head,
            learnt.penalty,
            lambda text: say(f"frames: leaving out fold of articles {text}"),
        )
    unknown = np.full(examples.gold.shape, np.nan)
    by_source = learnt.left_out.proba if learnt.left_out else unknown
    return tabulate(gold, examples, by_article.proba, by_source)
