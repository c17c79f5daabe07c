"""Which sentences a report shows."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.report.evidence import LONGEST, NEAR, EvidenceChooser

THRESHOLDS = {"deal": 0.5, "row": 0.4}
CODES = tuple(THRESHOLDS)


def scores(n: int = 60, *, source: str = "A", seed: int = 1) -> pd.DataFrame:
    """Sentences of articles of three, with scores drawn at random."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "doc_id": [f"{source}{i // 3}" for i in range(n)],
            "sent_no": np.arange(n) % 3,
            "source": source,
            "date": "2026-01-01",
            "text": [f"Sentence {i} of {source}." for i in range(n)],
            **{f"p_{code}": rng.random(n) for code in CODES},
        }
    )
    return decided(table)


def decided(table: pd.DataFrame) -> pd.DataFrame:
    given = {code: table[f"p_{code}"] >= cut for code, cut in THRESHOLDS.items()}
    return table.assign(**given)


def chosen(
    *blocks: pd.DataFrame, sources: tuple[str, ...] = ("A",), **options: object
) -> pd.DataFrame:
    most = options.pop("most", 1500)
    chooser = EvidenceChooser(sources, THRESHOLDS, **options)
    for block in blocks:
        chooser.add(block)
    return chooser.choose(most)


def of(table: pd.DataFrame, why: str, code: str = "deal") -> pd.DataFrame:
    return table.loc[(table["why"] == why) & (table["code"] == code)]


def test_three_telling_two_random_and_two_unsure_of_each_source_and_code() -> None:
    both = pd.concat([scores(), scores(source="B", seed=2)])
    table = chosen(both, sources=("B", "A"))
    n = table.groupby(["source", "code", "why"]).size()
    assert n.to_dict() == {
        (source, code, why): n
        for source in "AB"
        for code in CODES
        for why, n in (("telling", 3), ("random", 2), ("unsure", 2))
    }
    assert table["source"].tolist() == sorted(table["source"], reverse=True)


def test_telling_are_the_highest_scores_one_an_article() -> None:
    table = scores()
    found = of(chosen(table), "telling")
    best = table.sort_values("p_deal", ascending=False).drop_duplicates("doc_id")
    assert found["score"].tolist() == best["p_deal"].tolist()[:3]


def test_random_ones_carry_the_code_and_depend_on_the_seed() -> None:
    draws = [
        of(chosen(scores(), seed=seed), "random")["text"].tolist() for seed in (1, 1, 2)
    ]
    assert draws[0] == draws[1] != draws[2]
    assert of(chosen(scores()), "random")["given"].all()


def test_random_ones_are_drawn_with_equal_chance() -> None:
    """Of ten sentences with the code the highest three are telling, seven are left."""
    table = scores(10).assign(doc_id=[f"A{i}" for i in range(10)])
    table = decided(table.assign(p_deal=np.linspace(0.99, 0.9, 10)))
    drawn = pd.concat(
        of(chosen(table, seed=seed), "random")["text"] for seed in range(150)
    )
    n = drawn.value_counts()
    assert len(n) == 7
    assert n.min() > 22  # 43 expected, standard deviation 6


def test_unsure_ones_lie_next_to_the_threshold_on_either_side() -> None:
    p = [0.9, 0.8, 0.7, 0.52, 0.45, 0.34, 0.1]
    table = scores(7).assign(doc_id=[f"A{i}" for i in range(7)], p_deal=p)
    assert of(chosen(decided(table)), "unsure")["score"].tolist() == [0.45]
    # 0.52 is a telling or a random one, for there are but four with the code
    assert abs(0.34 - 0.5) > NEAR
    quiet = decided(scores(7).assign(p_deal=0.01))
    assert of(chosen(quiet), "unsure").empty


def test_with_exactly_one_code_doubt_is_between_the_likeliest_two() -> None:
    table = scores(2).assign(p_deal=[0.51, 0.9], p_row=[0.41, 0.1])
    table = table.assign(deal=[False, True], row=[True, False])
    found = chosen(table, single=True)
    assert of(found, "unsure")["score"].tolist() == [0.51]


def test_nothing_comes_twice() -> None:
    table = pd.concat([scores(), scores()])
    found = chosen(table)
    assert not found.duplicated(["source", "code", "text"]).any()


def test_texts_too_long_to_read_are_left_out() -> None:
    table = scores()
    table.loc[table["p_deal"].idxmax(), "text"] = "x" * (LONGEST + 1)
    assert chosen(table)["text"].str.len().max() <= LONGEST


def test_where_there_is_little_room_everyone_comes_first_once() -> None:
    sources = tuple("ABCDE")
    blocks = [scores(source=s, seed=i) for i, s in enumerate(sources)]
    found = chosen(*blocks, sources=sources, most=12)
    assert len(found) == 12
    assert found["why"].tolist().count("telling") == len(sources) * len(CODES)
    assert set(found.loc[found["why"] == "random", "source"]) == {"A"}


def test_sources_that_were_not_asked_for_are_left_out() -> None:
    assert chosen(scores(source="Z")).empty
    assert chosen().empty
    assert chosen(scores().head(0)).empty


@settings(max_examples=25)
@given(st.lists(st.integers(1, 59), max_size=3, unique=True))
def test_only_random_ones_depend_on_where_blocks_end(cuts: list[int]) -> None:
    table = scores()
    ends = [0, *sorted(cuts), len(table)]
    parts = [table[a:b] for a, b in pairwise(ends)]
    assert of(chosen(*parts), "telling")["text"].tolist() == (
        of(chosen(table), "telling")["text"].tolist()
    )


@pytest.mark.parametrize("n", [1, 2, 4])
def test_few_sentences_are_shown_at_most_once(n: int) -> None:
    found = chosen(decided(scores(n).assign(p_deal=0.9)))
    assert len(found.loc[found["code"] == "deal"]) == n
