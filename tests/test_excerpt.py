import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing import excerpt as module
from framing.excerpt import excerpt
from framing.model import Model
from framing.modelstore import load_model
from framing.patterns import forms_of
from framing.scorer import Scorer
from framing.seedwords import SeedGroup

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "tests" / "data" / "demo-gold.jsonl"


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model(ROOT / "models" / "relations")[0]


@pytest.fixture(scope="module")
def whole(model: Model) -> Scorer:
    return Scorer(model)


def sentences() -> list[str]:
    lines = DEMO.read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]


def assert_same(model: Model, whole: Scorer, texts: list[str]) -> None:
    part = Scorer(excerpt(model, texts))
    ours, theirs = part.read(texts), whole.read(texts)
    for one, other in (
        *zip(part.score(ours), whole.score(theirs), strict=True),
        *zip(part.count_words(ours), whole.count_words(theirs), strict=True),
    ):
        assert np.array_equal(one, other)
    found = zip(part.score_stance(ours), whole.score_stance(theirs), strict=True)
    for one, other in found:
        assert one[:2] == other[:2]
        assert np.array_equal(one[2], other[2])
        assert one[3] == other[3]


@pytest.mark.parametrize("n", [1, 60])
def test_an_excerpt_says_the_same_to_the_last_bit(
    model: Model, whole: Scorer, n: int
) -> None:
    texts = sentences()
    for at in range(0, len(texts), 13 * n):
        assert_same(model, whole, texts[at : at + n])


WORDS = [
    *("China", "the United States", "Mr. Trump", "EU", "Beijing's", "U.S.-led"),
    *("bans", "banned", "tied", "ties", "using", "praised", "thanks", "sanctions"),
    *("anti-dumping", "İstanbul", "Straße", "ſanctions", "½", "_", "<state>", "—"),
    *("said", "no", "and", "not", "deal", "gas", "after", ",", '"', "grateful to"),
]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(WORDS), max_size=15).map(" ".join), max_size=4)
)
def test_an_excerpt_for_odd_texts_too(
    model: Model, whole: Scorer, texts: list[str]
) -> None:
    assert_same(model, whole, texts)


def test_an_excerpt_explains_the_same(model: Model, whole: Scorer) -> None:
    for text in sentences()[::60]:
        ours = Scorer(excerpt(model, [text])).explain(text)
        theirs = whole.explain(text)
        assert [name for name, _ in ours.moved] == [name for name, _ in theirs.moved]
        for (_, one), (_, other) in zip(ours.moved, theirs.moved, strict=True):
            assert np.array_equal(one, other)


def test_an_excerpt_is_small(model: Model) -> None:
    part = excerpt(model, ["The two ministers signed a gas contract."])
    assert part.stance is not None
    for head in (part.frames, part.stance):
        assert head.coef.shape[1] == sum(len(b.vocabulary) for b in head.blocks)
        assert head.coef.shape[1] < 2_000
    assert sum(len(group.words) for group in part.seeds) < 1_000


@pytest.mark.parametrize("word", ["ban", "tie", "use", "try", "stop", "by", "go", "a"])
def test_every_form_of_a_word_keeps_its_pattern(word: str) -> None:
    for form in forms_of(f"{word}~"):
        begun = module._beginnings([f"They {form} it."])
        assert module._possible([f"{word}~ it", f"x|{word}~ it"], begun) == (
            f"{word}~ it",
            f"x|{word}~ it",
        )


@pytest.mark.parametrize(
    ("pattern", "text", "kept"),
    [
        ("sanction*", "New sanctions", True),
        ("sanction*", "Nothing new", False),
        ("prais*|thank* <4> <actor>", "He thanked him", True),
        ("<actor> <2> signs", "Nothing new", True),
        ("*nationalism", "Nothing new", True),
        ("un*ed", "undone", True),
        ("u.s. troops", "The U.S. troops", True),
        ("anti-dumping", "anti dumping", True),
        ("İstanbul", "Nothing new", True),
    ],
)
def test_patterns_are_kept_that_may_be_found(
    pattern: str, text: str, kept: bool
) -> None:
    assert bool(module._possible([pattern], module._beginnings([text]))) is kept


def test_who_waits_for_what_cannot_be_found_stays_silent() -> None:
    group = SeedGroup("g", "c", "tag", ("deal",), only_with=("gas",))
    begun = module._beginnings(["A deal on oil."])
    assert module._excerpt_group(group, begun).words == ()
    begun = module._beginnings(["A deal on gas."])
    assert module._excerpt_group(group, begun) == group
