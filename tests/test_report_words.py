"""Words that distinguish a source: the arithmetic, and what is counted."""

import doctest
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.report import words
from framing.report.words import MIN_ARTICLES, WordCounter, log_odds

CODES = ("deal", "row")


def sentences(rows: list[tuple[str, str, str, str]]) -> pd.DataFrame:
    """Sentences as `source, article, codes, text`."""
    table = pd.DataFrame(rows, columns=["source", "doc_id", "codes", "text"])
    return table.assign(**{c: table["codes"].str.contains(c) for c in CODES})


def corpus() -> pd.DataFrame:
    """One outlet that speaks of pipelines, one of harbours; both of the talks."""
    rows = []
    for number in range(30):
        rows += [
            ("A", f"a{number}", "deal", "The pipeline was in the talks of the day."),
            ("B", f"b{number}", "deal", "The harbour was in the talks of the day."),
            ("A", f"a{number}", "", "The harbour, the harbour, the harbour."),
        ]
    rows += [("A", "a0", "deal", "Caviar caviar caviar caviar caviar caviar.")] * 5
    return sentences(rows)


def distinguished(*blocks: pd.DataFrame) -> pd.DataFrame:
    counter = WordCounter(["A", "B"], CODES)
    for block in blocks:
        counter.add(block)
    return counter.distinguish()


def test_worked_example() -> None:
    """Eight and two uses here, two and eight elsewhere, one more of each expected.

    Odds here (8 + 1) / (2 + 1) = 3, elsewhere 1 / 3; the variance of the log of their
    ratio is 1 / 9 + 1 / 3.
    """
    found = log_odds(np.array([8.0, 2.0]), np.array([2.0, 8.0]), np.ones(2))
    z = (math.log(3) - math.log(1 / 3)) / math.sqrt(1 / 9 + 1 / 3)
    assert found == pytest.approx([z, -z])
    assert doctest.testmod(words).failed == 0


def test_a_common_word_needs_more_than_a_rare_one_to_stand_out() -> None:
    own, others = np.array([20.0, 20.0, 960.0]), np.array([10.0, 10.0, 980.0])
    common, rare, _ = log_odds(own, others, np.array([300.0, 3.0, 700.0]))
    assert 0 < common < rare


counts = st.lists(st.integers(0, 50), min_size=2, max_size=6)


@given(counts, st.data())
def test_what_stands_out_here_is_missing_there(
    own: list[int], data: st.DataObject
) -> None:
    size = {"min_size": len(own), "max_size": len(own)}
    others = data.draw(st.lists(st.integers(0, 50), **size))
    prior = np.full(len(own), 2.0)
    here, there = np.array(own, float), np.array(others, float)
    assert log_odds(here, there, prior) == pytest.approx(-log_odds(there, here, prior))


def test_words_of_a_source_are_those_of_its_coded_sentences() -> None:
    table = distinguished(corpus())
    assert table[["source", "code", "word", "n"]].to_numpy().tolist() == [
        ["A", "deal", "pipeline", 30],
        ["B", "deal", "harbour", 30],
    ]
    assert table["expected"].tolist() == [0, 0]


def test_a_word_of_fewer_articles_than_needed_is_no_habit() -> None:
    few = sentences([("A", "a0", "deal", "Caviar caviar.")] * 30)
    assert MIN_ARTICLES == 3
    assert "caviar" not in distinguished(corpus(), few)["word"].tolist()


def test_blocks_add_up() -> None:
    whole = corpus()
    articles = whole["doc_id"].isin(["a0", "b3", "a7"])
    pd.testing.assert_frame_equal(
        distinguished(whole[articles], whole[~articles]), distinguished(whole)
    )


def test_a_single_source_is_distinguished_by_nothing() -> None:
    own = corpus()
    assert distinguished(own[own["source"] == "A"]).empty
    assert distinguished(own.head(0)).empty
    assert distinguished().empty


def test_case_does_not_count_and_single_letters_do_not_either() -> None:
    rows = [("A", f"a{i}", "row", "NATO x nato x.") for i in range(9)]
    rows += [("B", f"b{i}", "row", "Quiet days y.") for i in range(9)]
    table = distinguished(sentences(rows))
    assert table.loc[table["source"] == "A", ["word", "n"]].to_numpy().tolist() == [
        ["nato", 18]
    ]
