"""What features add, laid on the words of a sentence."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.marks import mark_words
from framing.scorer import Scorer
from tests.smallmodel import TEXTS, make_model

SCORER = Scorer(make_model())
PIECES = st.sampled_from(
    (
        *("Iran", "Israel", "M23", "a treaty", "suicide pact", "troops shell", "ß"),
        *("unheard", "accused", "pact's", "_", "—", "Tehran,", "signed a pact", "🕊"),
    )
)


def log_odds(text: str) -> np.ndarray:
    return sum(amount for _, amount in SCORER.explain(text).moved)


@given(st.lists(PIECES, max_size=8))
def test_marks_add_up_to_the_log_odds(pieces: list[str]) -> None:
    text = " ".join(pieces)
    (found,) = mark_words(SCORER, [text])
    assert found.log_odds == pytest.approx(log_odds(text))


def test_sentences_are_marked_each_by_itself() -> None:
    together = mark_words(SCORER, TEXTS)
    for text, found in zip(TEXTS, together, strict=True):
        (alone,) = mark_words(SCORER, [text])
        assert alone.spans == found.spans
        assert alone.weights == pytest.approx(found.weights)


def test_a_word_carries_what_its_letters_and_seed_words_add() -> None:
    (found,) = mark_words(SCORER, ["Zebras shell quietly; zebras wait."])
    words = ["Zebras shell quietly; zebras wait."[a:b] for a, b in found.spans]
    assert words == ["Zebras", "shell", "quietly", "zebras", "wait"]
    heavy = np.abs(found.weights).max(axis=1)
    assert heavy[words.index("shell")] > 0
    assert heavy[words.index("Zebras")] == heavy[words.index("zebras")]


def test_an_actor_is_one_word_and_the_number_of_actors_has_no_place() -> None:
    text = "Iran and Israel sign a treaty at the border"
    (found,) = mark_words(SCORER, [text])
    moved = dict(SCORER.explain(text).moved)
    assert found.elsewhere == pytest.approx(moved["codes:actors 2"])
    assert found.targets == ("Iran", "Israel")
    assert found.spans[0] == (0, 4)


def test_no_sentence_no_marks() -> None:
    assert mark_words(SCORER, []) == []
