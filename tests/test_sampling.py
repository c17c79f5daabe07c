import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.sampling import draw_sample, labels_by_counts, labels_needed, share_out

Z = 1.959963984540054
"""The 97.5 % point of the normal distribution."""

Z90 = 1.6448536269514722


def units(**sources: int) -> pd.DataFrame:
    """So many sentences of each source, in mixed order."""
    made = pd.DataFrame({"source": [s for s, n in sources.items() for _ in range(n)]})
    made["text"] = [f"Sentence {i}." for i in range(len(made))]
    return made.sample(frac=1, random_state=1)


def counts(drawn: pd.DataFrame) -> dict[str, int]:
    return drawn["source"].value_counts().sort_index().to_dict()


def test_every_source_gives_the_same_number() -> None:
    drawn = draw_sample(units(Echo=50, Post=500, Wire=90), 60, seed=0)
    assert counts(drawn) == {"Echo": 20, "Post": 20, "Wire": 20}


def test_source_with_fewer_gives_all_and_the_others_share_the_rest() -> None:
    drawn = draw_sample(units(Echo=4, Post=500, Wire=90), 60, seed=0)
    assert counts(drawn) == {"Echo": 4, "Post": 28, "Wire": 28}


def test_rest_smaller_than_the_number_of_sources_goes_to_the_first() -> None:
    drawn = draw_sample(units(Echo=9, Post=9, Wire=9), 8, seed=0)
    assert counts(drawn) == {"Echo": 3, "Post": 3, "Wire": 2}


def test_never_more_are_drawn_than_there_are() -> None:
    there = units(Echo=4, Post=9)
    drawn = draw_sample(there, 1000, seed=0)
    assert sorted(drawn["text"]) == sorted(there["text"])
    assert (drawn["probability"] == 1).all()


def test_no_sentence_is_drawn_twice() -> None:
    drawn = draw_sample(units(Echo=50, Post=60), 80, seed=3)
    assert drawn["text"].is_unique


def test_probability_is_the_chance_of_a_sentence_of_its_source() -> None:
    drawn = draw_sample(units(Echo=4, Post=500, Wire=90), 60, seed=0)
    chance = drawn.drop_duplicates("source").set_index("source")["probability"]
    assert chance.to_dict() == {"Echo": 1.0, "Post": 28 / 500, "Wire": 28 / 90}
    # Each label stands for so many sentences: together for all there are.
    assert (1 / drawn["probability"]).sum() == pytest.approx(4 + 500 + 90)


def test_sentences_are_drawn_about_as_often_as_their_probability_says() -> None:
    there = units(Echo=10, Post=40)
    drawn = [draw_sample(there, 16, seed=seed) for seed in range(400)]
    often = pd.concat(drawn)["text"].value_counts() / 400
    expected = there.set_index("text")["source"].map({"Echo": 0.8, "Post": 0.2})
    error = (often.reindex(expected.index).fillna(0) - expected).abs()
    assert error.max() < 4 * math.sqrt(0.8 * 0.2 / 400)


def test_sample_is_the_same_for_a_seed_and_another_for_another() -> None:
    there = units(Echo=50, Post=60)
    one, two, other = (draw_sample(there, 30, seed=seed) for seed in (0, 0, 1))
    pd.testing.assert_frame_equal(one, two)
    assert set(one["text"]) != set(other["text"])


def test_sample_stands_in_random_order() -> None:
    drawn = draw_sample(units(Echo=50, Post=60), 40, seed=0)
    assert not drawn["source"].is_monotonic_increasing
    assert not drawn["source"].is_monotonic_decreasing


def test_a_larger_sample_holds_the_smaller() -> None:
    there = units(Echo=20, Post=200, Wire=90)
    need = {"Echo": 1.0, "Post": 5.0, "Wire": 4.0}
    for asked in (None, need):
        before: set[str] = set()
        for n in range(1, 130):
            now = set(draw_sample(there, n, seed=5, need=asked)["text"])
            assert len(now) == n
            assert before <= now
            before = now


def test_need_sets_the_proportion_of_the_numbers() -> None:
    there = units(Echo=50, Post=500, Wire=90)
    drawn = draw_sample(there, 60, seed=0, need={"Echo": 0.1, "Post": 0.3, "Wire": 0.2})
    assert counts(drawn) == {"Echo": 10, "Post": 30, "Wire": 20}
    drawn = draw_sample(there, 60, seed=0, need={"Post": 0.3, "Echo": -1.0})
    assert counts(drawn) == {"Post": 60}
    # Echo would be due 90 and has 50: the others share what it cannot give.
    drawn = draw_sample(there, 150, seed=0, need={"Echo": 6, "Post": 2, "Wire": 2})
    assert counts(drawn) == {"Echo": 50, "Post": 50, "Wire": 50}


PARTS = st.lists(
    st.tuples(st.integers(0, 60), st.floats(0, 10)), min_size=1, max_size=12
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 200), PARTS)
def test_numbers_shared_out_in_proportion_never_fall(
    n: int, sources: list[tuple[int, float]]
) -> None:
    there, parts = (np.array(x) for x in zip(*sources, strict=True))
    one, more = (share_out(k, there, parts) for k in (n, n + 1))
    assert one.sum() == min(n, there[parts > 0].sum())
    assert ((one >= 0) & (one <= more) & (more <= there)).all()
    assert (one[parts == 0] == 0).all()
    # Sainte-Laguë: no last one given had less claim than a next one that was not.
    last = parts[one > 0] / (one[one > 0] - 0.5)
    room = (one < there) & (parts > 0)
    waiting = parts[room] / (one[room] + 0.5)
    if len(last) and len(waiting):
        assert last.min() >= waiting.max()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 200), st.lists(st.integers(0, 60), min_size=1, max_size=12))
def test_shared_out_numbers_are_as_equal_as_can_be(n: int, there: list[int]) -> None:
    given_out = share_out(n, np.array(there))
    assert given_out.sum() == min(n, sum(there))
    assert (given_out >= 0).all()
    assert (given_out <= there).all()
    # Whoever gives less than another by more than the rest has no more to give.
    short = given_out < given_out.max() - 1
    assert (given_out[short] == np.array(there)[short]).all()


def test_labels_needed_by_hand() -> None:
    # The variance left is .5 * .5 for half the sentences and .9 * .1 for the others.
    proba = np.array([[0.5], [0.9], [0.5], [0.1]])
    first = Z**2 * (0.25 + 0.09) / 2 / 0.1**2
    assert labels_needed(proba, 0.1, n_sentences=10**9) == math.ceil(first) == 66
    expected = math.ceil(first / (1 + first / 100))
    assert labels_needed(proba, 0.1, n_sentences=100) == expected == 40
    wide = math.ceil(Z90**2 * 0.17 / 0.1**2)
    assert labels_needed(proba, 0.1, n_sentences=10**9, level=0.9) == wide


def test_code_that_is_hardest_to_tell_sets_the_number() -> None:
    easy, hard = np.full((5, 1), 0.01), np.full((5, 1), 0.5)
    both = labels_needed(np.hstack([easy, hard]), 0.1, n_sentences=1000)
    assert both == labels_needed(hard, 0.1, n_sentences=1000)
    assert both > labels_needed(easy, 0.1, n_sentences=1000)


def test_no_more_labels_are_needed_than_there_are_sentences() -> None:
    assert labels_needed(np.full((7, 1), 0.5), 1e-6, n_sentences=7) == 7


def test_sure_scores_need_no_label() -> None:
    assert labels_needed(np.array([[0.0], [1.0]]), 0.05, n_sentences=2) == 0


def test_labels_needed_are_told_per_source_from_counts() -> None:
    table = pd.DataFrame(
        {
            "source": ["Post", "Echo", "Post", "Mute"],
            "n_sentences": [1, 3, 1, 2],
            # Nobody can draw a sentence that the model can say nothing of.
            "cannot_say": [0, 2, 0, 2],
            "v_deal": [0.25, 0.09, 0.25, 0.0],
        }
    )
    found = labels_by_counts(table, ("deal",), 0.2, level=0.95)
    assert found.to_dict() == {
        "Echo": labels_needed(np.array([[0.1]]), 0.2, n_sentences=1),
        "Post": labels_needed(np.full((2, 1), 0.5), 0.2, n_sentences=2),
    }
