import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from framing.articles import ReadLog, ReadOptions
from framing.codebook import Code, Codebook
from framing.errors import LabelError
from framing.labelling import (
    Tagged,
    check_seed_words,
    make_tagger,
    tag_inputs,
    tag_labels,
    tag_table,
)
from framing.labelstore import LabelSet, append_labels, read_label_file
from framing.records import SEED_CODER, Label
from framing.seedwords import read_seed_words
from framing.tagger import Tagger
from framing.targets import Targets

CODEBOOK = Codebook(
    name="m",
    version="1",
    language="en",
    unit="one sentence",
    coding="multiple",
    codes=(
        Code("aid", "Aid", "Help.", seed_words=("help*", "aid to <actor>")),
        Code("row", "Row", "A row.", seed_words=("quarrel~",)),
    ),
    hash="0123456789ab",
)
SINGLE = replace(CODEBOOK, coding="single")
TEXT = (
    "THE DAY AHEAD\n\n"
    "Ministers promised help after the quarrel in the harbour.\n"
    "They sent aid to Peru on the next morning. "
    "Nobody slept on the ship that night."
)
SENTENCES = [
    "Ministers promised help after the quarrel in the harbour.",
    "They sent aid to Peru on the next morning.",
    "Nobody slept on the ship that night.",
]
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def tagger() -> Tagger:
    seeds = read_seed_words(CODEBOOK, None)
    return make_tagger(CODEBOOK, seeds, Targets(("Peru",), {"Peru": "Peru"}))


@pytest.fixture
def tagged(tmp_path: Path, tagger: Tagger) -> list[Tagged]:
    article = {"id": "a-1", "source": "A", "date": "2026-01-01", "text": TEXT}
    path = tmp_path / "articles.jsonl"
    path.write_text(json.dumps(article) + "\n", encoding="utf-8")
    return list(tag_inputs([str(path)], ReadOptions(), tagger, ReadLog()))


def label(text: str, *codes: str, coder: str = "ann", doc: str = "a-1") -> Label:
    signature = CODEBOOK.signature
    return Label(doc, 0, len(text), text, codes, {}, coder, "", signature, "A")


def test_sentences_are_tagged_and_headings_are_not(tagged: list[Tagged]) -> None:
    assert [t.text for t in tagged] == SENTENCES
    assert [t.codes for t in tagged] == [("aid", "row"), ("aid",), ()]


def test_places_slice_back_to_the_article_and_hits_to_the_sentence(
    tagged: list[Tagged],
) -> None:
    assert all(t.article.text[t.start : t.end] == t.text for t in tagged)
    assert [t.text[h.start : h.end] for t in tagged for h in t.hits] == [
        "help",
        "quarrel",
        "aid to Peru",
    ]


def test_table_says_which_words_at_which_places_gave_which_code(
    tagged: list[Tagged],
) -> None:
    table = tag_table(tagged)
    assert " ".join(table.columns) == "doc_id source date start end text codes words"
    assert table["codes"].tolist() == ["aid|row", "aid", ""]
    assert table["words"].tolist() == [
        "aid:19-23:help; row:34-41:quarrel",
        "aid:10-21:aid to Peru",
        "",
    ]
    assert table.loc[1, ["doc_id", "source", "date"]].tolist() == [
        "a-1",
        "A",
        "2026-01-01",
    ]
    assert TEXT[table.loc[1, "start"] : table.loc[1, "end"]] == SENTENCES[1]


def test_table_of_no_sentences_has_its_columns() -> None:
    assert len(tag_table([]).columns) == 8


def test_labels_of_seed_words_are_labels_as_any(
    tagged: list[Tagged], tmp_path: Path
) -> None:
    labels = tag_labels(tagged, CODEBOOK, now=NOW)
    path = tmp_path / f"{SEED_CODER}.jsonl"
    append_labels(path, labels)
    assert read_label_file(path, CODEBOOK) == LabelSet(labels, [])
    assert [one.codes for one in labels] == [("aid", "row"), ("aid",), ()]
    assert {one.coder for one in labels} == {"seed-words"}
    assert {one.time for one in labels} == {"2026-01-02T03:04:05Z"}


def test_with_single_coding_only_sentences_with_one_code_become_labels(
    tagged: list[Tagged],
) -> None:
    labels = tag_labels(tagged, SINGLE, now=NOW)
    assert [one.codes for one in labels] == [("aid",)]


def test_seed_words_and_codes_are_measured_against_gold(tagger: Tagger) -> None:
    labels = [
        label("Help came.", "aid"),
        label("No help came.", doc="a-2"),
        label("They differed.", "row", doc="a-3"),
        label("They shouted.", "row", doc="a-4"),
    ]
    words, codes = check_seed_words(tagger, LabelSet(labels), CODEBOOK)
    assert words[["word", "n", "precision", "coverage"]].to_numpy().tolist() == [
        ["help*", 2, 0.5, 1.0]
    ]
    aid, row, macro = codes.to_dict("records")
    assert (aid["precision"], aid["recall"]) == (0.5, 1.0)
    assert aid["f1"] == pytest.approx(2 / 3)
    assert (row["n"], row["f1"]) == (2, 0.0)
    assert macro["f1"] == pytest.approx(1 / 3)


def test_labels_of_seed_words_are_no_gold(tagger: Tagger) -> None:
    human = [label("Help came.", "aid")]
    machine = [
        label("Help came.", "row", coder=SEED_CODER),
        label("Help!", "row", coder=SEED_CODER, doc="a-2"),
    ]
    alone = check_seed_words(tagger, LabelSet(human), CODEBOOK)
    both = check_seed_words(tagger, LabelSet(human + machine), CODEBOOK)
    assert both[0].equals(alone[0])
    assert both[1].equals(alone[1])


@pytest.mark.parametrize("labels", [[], [label("Help!", "aid", coder=SEED_CODER)]])
def test_without_a_label_of_a_person_there_is_nothing_to_check_against(
    labels: list[Label], tagger: Tagger
) -> None:
    with pytest.raises(LabelError) as caught:
        check_seed_words(tagger, LabelSet(labels), CODEBOOK)
    assert str(caught.value) == (
        "m: no label of a person to check against. Label some."
    )
