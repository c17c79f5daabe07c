"""Train a model on the labels of a codebook, and measure it on unseen units."""

from dataclasses import dataclass, field, replace
from typing import Any

from framing.agreement import compute_gold
from framing.classifier import Penalty
from framing.codebook import Codebook
from framing.errors import LabelError
from framing.labelstore import LabelSet
from framing.model import BlockSettings, Head, Model
from framing.records import SEED_CODER
from framing.seedwords import SeedWords
from framing.tagger import Tagger
from framing.targets import Targets
from framing.training.card import (
    describe_head,
    describe_labels,
    describe_left_out,
    measured,
)
from framing.training.examples import (
    Examples,
    frame_examples,
    stance_baselines,
    stance_examples,
)
from framing.training.heads import HeadSettings, Say, fit_head, leave_out_sources
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
    the figures with each source left out in turn, which take most of the time.
    """

    rule: str = "majority"
    seed: int = 0
    left_out: bool = True


@dataclass
class Training:
    """A trained model with its card."""

    model: Model
    card: dict[str, Any]
    warnings: list[str] = field(default_factory=list)


def train(
    labels: LabelSet,
    codebook: Codebook,
    *,
    targets: Targets,
    seeds: SeedWords,
    settings: TrainSettings,
    say: Say = lambda text: None,
) -> Training:
    """Return a model trained on gold labels, and what unseen units say of it.

    Labels of the coder `seed-words` train only where no person has labelled.

    Raises
    ------
    LabelError
        There are too few labels for a code.
    """
    people = [label for label in labels.labels if label.coder != SEED_CODER]
    used = people or labels.labels
    gold, how = compute_gold(used, codebook, rule=settings.rule)
    weights = dict(codebook.source_weights)
    gold = [unit for unit in gold if weights.get(unit.source, 1.0) > 0]
    if not gold:
        msg = f"{codebook.name}: no gold label that counts. Label more sentences."
        raise LabelError(msg)
    viewer = Viewer(targets, seeds)
    card = describe_labels(codebook, used, gold, how)
    frames = frame_examples(gold, codebook, viewer)
    head, card["frames"] = _train_head(frames, FRAMES, settings, "frames", say)
    tagged = Tagger(seeds, targets, codebook.names).tag([unit.text for unit in gold])
    card["frames"]["seed_words"] = measured(frames, tagged, None, settings.seed)
    stance = stance_examples(gold, codebook, viewer)
    stance_head = None
    if stance is not None:
        stance_head, card["stance"] = _train_head(
            stance, STANCE, settings, "stance", say
        )
        for name, guessed in stance_baselines(stance).items():
            card["stance"][name] = measured(stance, guessed, None, settings.seed)
    model = Model(
        codebook.signature, codebook.language, head, stance_head, targets, seeds.groups
    )
    warnings = list(labels.warnings)
    if people and len(people) < len(labels.labels):
        n = len(labels.labels) - len(people)
        warnings.append(
            f"{n} labels of {SEED_CODER} were left out: people labelled too"
        )
    return Training(model, card, warnings)


def _train_head(
    examples: Examples,
    head_settings: HeadSettings,
    settings: TrainSettings,
    what: str,
    say: Say,
) -> tuple[Head, dict[str, Any]]:
    """Return a fitted head and its part of the card."""
    say(f"{what}: choosing settings on grouped folds")
    head_settings = replace(head_settings, seed=settings.seed)
    head, penalty, unseen = fit_head(examples, head_settings)
    card = describe_head(head, examples, unseen, penalty, seed=settings.seed)
    if settings.left_out and len(set(examples.sources)) > 2:
        left_out = leave_out_sources(
            examples,
            head_settings,
            head,
            penalty,
            lambda text: say(f"{what}: leaving out outlet {text}"),
        )
        card |= describe_left_out(examples, left_out, seed=settings.seed)
    return head, card
