import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.records import Gold, Hit
from framing.seedwords import SeedGroup, SeedWords
from framing.tagger import Tagger, check_words
from framing.targets import Targets

CODES = ("aid", "row")
TARGETS = Targets(("Peru",), {"Peru": "Peru", "Lima": "Peru"})
GROUPS = (
    SeedGroup("help", "aid", "tag", ("help*", "aid to <actor>"), ("help himself",)),
    SeedGroup("quarrel", "row", "tag", ("row", "clash~"), not_with=("boat*",)),
    SeedGroup("weak", "row", "hint", ("talks",)),
    SeedGroup("home", "none", "tag", ("rain",)),
)


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger(SeedWords(GROUPS), TARGETS, CODES)


def unit(text: str, *codes: str) -> Gold:
    return Gold("d", 0, len(text), text, codes, {}, "A", "agreed")


def test_hits_are_those_that_give_a_code(tagger: Tagger) -> None:
    assert tagger.find("Talks in the rain: help, and a row.") == [
        Hit(19, 23, "aid", "help", "help*"),
        Hit(31, 34, "row", "quarrel", "row"),
    ]


def test_actors_of_the_targets_are_found_in_patterns(tagger: Tagger) -> None:
    hits = tagger.find("They sent aid to Lima.")
    assert hits == [Hit(10, 21, "aid", "help", "aid to <actor>")]


def test_guards_hold(tagger: Tagger) -> None:
    assert not tagger.find("He could not help himself.")
    assert not tagger.find("A row in a rowing boat.")


def test_codes_come_as_an_array_with_a_column_for_each(tagger: Tagger) -> None:
    texts = ["Help came after the row.", "Nothing.", "They clashed.", ""]
    found = tagger.tag(texts)
    assert found.dtype == np.bool_
    assert found.tolist() == [
        [True, True],
        [False, False],
        [False, True],
        [False, False],
    ]


def test_no_texts_give_an_array_without_rows(tagger: Tagger) -> None:
    assert tagger.tag([]).shape == (0, 2)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(st.sampled_from(["help", "row ", "Lima", "aid to ", " ", "-", "ing", "é"]))
)
def test_array_says_what_the_hits_say(pieces: list[str]) -> None:
    tagger = Tagger(SeedWords(GROUPS), TARGETS, CODES)
    text = "".join(pieces)
    codes = {hit.code for hit in tagger.find(text)}
    assert tagger.tag([text]).tolist() == [[code in codes for code in CODES]]


def test_words_are_measured_against_gold(tagger: Tagger) -> None:
    gold = [
        unit("Help, help!", "aid"),
        unit("Helpers came.", "aid", "row"),
        unit("No help in the row.", "row"),
        unit("Aid to Peru.", "aid"),
        unit("Nothing found.", "aid"),
        unit("Rain.", "row"),
    ]
    table = check_words(tagger, gold)
    assert table.to_dict("records") == [
        {
            "code": "aid",
            "group": "help",
            "word": "help*",
            "n": 3,
            "precision": pytest.approx(2 / 3),
            "coverage": pytest.approx(2 / 4),
            "wrongly_caught": "No help in the row.",
        },
        {
            "code": "aid",
            "group": "help",
            "word": "aid to <actor>",
            "n": 1,
            "precision": 1.0,
            "coverage": pytest.approx(1 / 4),
            "wrongly_caught": "",
        },
        {
            "code": "row",
            "group": "quarrel",
            "word": "row",
            "n": 1,
            "precision": 1.0,
            "coverage": pytest.approx(1 / 3),
            "wrongly_caught": "",
        },
    ]


def test_word_of_a_code_that_gold_never_has_is_always_wrong(tagger: Tagger) -> None:
    table = check_words(tagger, [unit("A row.")])
    assert table[["n", "precision", "coverage"]].to_numpy().tolist() == [[1, 0, 0]]
    assert table["wrongly_caught"].tolist() == ["A row."]


def test_no_gold_gives_a_table_without_rows(tagger: Tagger) -> None:
    table = check_words(tagger, [])
    assert list(table.columns)[:3] == ["code", "group", "word"]
    assert table.empty
