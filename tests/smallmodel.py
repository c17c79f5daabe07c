"""A small model for the tests, made by hand from a few words."""

import numpy as np

from framing.features import fit_blocks
from framing.model import BlockSettings, Head, Model
from framing.seedwords import SeedGroup, SeedWords
from framing.targets import Targets
from framing.views import Viewer

TARGETS = Targets(
    ("Iran", "Israel"),
    {"Iran": "Iran", "Tehran": "Iran", "Israel": "Israel", "M23": "M23"},
    {"M23": "group"},
)
SEEDS = (
    SeedGroup("pacts", "deal", "tag", ("treaty", "pact~"), ("suicide pact",)),
    SeedGroup("shots", "row", "hint", ("shell~",), (), ("sea shell*",), ("troops",)),
    SeedGroup("blame", "critical", "stance", ("accus*",)),
)
TEXTS = (
    "Iran and Israel sign a treaty at the border",
    "Troops shell the border town while Iran waits",
    "Israel accused Iran of a breach of the pact",
    "A pact with M23 rebels was signed in Tehran",
)


def make_head(views, classes, blocks, *, single=False, thresholds=None) -> Head:
    blocks = fit_blocks(views, blocks)
    k, n = len(classes), sum(len(block.vocabulary) for block in blocks)
    rng = np.random.default_rng(k)
    return Head(
        classes,
        single,
        blocks,
        rng.normal(size=(k, n)),
        rng.normal(size=k),
        np.column_stack([np.linspace(0.5, 1.5, k), np.linspace(-1, 1, k)]),
        np.full(k, 0.4 if thresholds is None else thresholds),
    )


def make_model(*, single=False, stance=True, thresholds=None) -> Model:
    """A model of the codes deal and row, its weights drawn at random."""
    viewer = Viewer(TARGETS, SeedWords(SEEDS))
    readings = [viewer.read(text) for text in TEXTS]
    frames = make_head(
        [viewer.view(reading) for reading in readings],
        ("deal", "row"),
        (
            BlockSettings("words", 1, 2),
            BlockSettings("chars", 3, 5, 2),
            BlockSettings("codes", weight=0.3, scaled=False),
            BlockSettings("groups", weight=0.15, scaled=False),
        ),
        single=single,
        thresholds=thresholds,
    )
    judged = make_head(
        [viewer.view_target(r, t) for r in readings for t in viewer.name_targets(r)],
        ("favourable", "critical", "neutral"),
        (
            BlockSettings("words", 1, 2),
            BlockSettings("sides"),
            BlockSettings("places", weight=0.3, scaled=False),
        ),
        single=True,
    )
    return Model(
        "small 1.0 @0123456789ab",
        "en",
        frames,
        judged if stance else None,
        TARGETS,
        SEEDS,
    )
