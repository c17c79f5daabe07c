import math
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from framing.articles import ReadOptions
from framing.audit import suspect_units
from framing.codebook import Code, Codebook
from framing.coding import (
    ORDERS,
    CodingUnit,
    Prompter,
    Suggestion,
    check_order,
    disputed,
    draw_queue,
    split_inputs,
    with_context,
)
from framing.errors import InputError
from framing.records import GOLD_CODER, SEED_CODER, Gold, Label
from tests.conftest import json_lines

CODES = ("deal", "row")
THRESHOLDS = {"deal": 0.5, "row": 0.2}
CODEBOOK = Codebook(
    name="small",
    version="1",
    language="en",
    unit="one sentence",
    coding="multiple",
    codes=tuple(Code(name, name.title(), "Something.") for name in CODES),
    hash="0123456789ab",
)


def make_scores(seed: int = 0, **sources: int) -> pd.DataFrame:
    """So many sentences of each source, ten an article, under a heading each."""
    rng = np.random.default_rng(seed)
    rows = []
    for source, n in sources.items():
        for at in range(n):
            doc_id, number = f"{source.lower()}{at // 10}", at % 10
            if not number:
                rows.append(unit(doc_id, -1, source, "heading", "Heading.", 0.5, 0.2))
            text = f"Sentence {number} of {doc_id}."
            p, q = rng.random(2)
            rows.append(unit(doc_id, number, source, "sentence", text, p, q))
    return pd.DataFrame(rows)


def unit(
    doc_id: str, number: int, source: str, kind: str, text: str, p: float, q: float
) -> dict[str, object]:
    return {
        "doc_id": doc_id,
        "sent_no": number,
        "source": source,
        "date": "2026-01-05",
        "start": 100 * (number + 1),
        "end": 100 * (number + 1) + len(text),
        "kind": kind,
        "text": text,
        "p_deal": p,
        "p_row": q,
        "deal": p >= THRESHOLDS["deal"],
        "row": q >= THRESHOLDS["row"],
        "cannot_say": False,
    }


def make_units(scores: pd.DataFrame) -> pd.DataFrame:
    articles = scores.drop_duplicates("doc_id")[["doc_id", "source", "date"]]
    return with_context(scores, articles.assign(title="About " + articles["doc_id"]))


UNITS = make_units(make_scores(Echo=60, Post=300, Wire=120))


def draw(order: str, n: int, units: pd.DataFrame = UNITS, **more: Any) -> pd.DataFrame:
    return draw_queue(units, order, n, thresholds=THRESHOLDS, **more)


def keys(drawn: pd.DataFrame) -> list[tuple[str, int]]:
    return list(zip(drawn["doc_id"], drawn["start"], strict=True))


def counts(drawn: pd.DataFrame) -> dict[str, int]:
    return drawn["source"].value_counts().sort_index().to_dict()


def label(doc_id: str = "echo0", codes: str = "deal", **more: object) -> Label:
    known = {
        "doc_id": doc_id,
        "start": 100,
        "end": 100 + len(f"Sentence 0 of {doc_id}."),
        "text": f"Sentence 0 of {doc_id}.",
        "codes": tuple(codes.split()),
        "stance": {},
        "coder": "ana",
        "time": "2026-02-01T00:00:00Z",
        "codebook": CODEBOOK.signature,
        "source": "Echo",
    }
    return Label(**{**known, **more})


# What is shown beside a sentence


def test_a_unit_is_shown_with_its_neighbours_and_its_title() -> None:
    own = UNITS[UNITS["doc_id"] == "echo1"].set_index("sent_no")
    assert own.loc[0, ["before", "after", "title"]].tolist() == [
        "Heading.",
        "Sentence 1 of echo1.",
        "About echo1",
    ]
    assert own.loc[5, ["before", "after"]].tolist() == [
        "Sentence 4 of echo1.",
        "Sentence 6 of echo1.",
    ]
    # Another article is no neighbour.
    assert own.loc[9, "after"] == ""
    assert own.loc[-1, "before"] == ""


def test_an_article_that_is_not_in_the_table_has_no_title() -> None:
    scores = make_scores(Echo=5)
    none = pd.DataFrame({"doc_id": ["other"], "title": ["Other"]})
    assert (with_context(scores, none)["title"] == "").all()


# Orders


def test_sample_takes_equal_numbers_of_each_source_with_their_chances() -> None:
    drawn = draw("sample", 90)
    assert counts(drawn) == {"Echo": 30, "Post": 30, "Wire": 30}
    assert set(drawn["order"]) == {"sample"}
    chance = drawn.drop_duplicates("source").set_index("source")["probability"]
    assert chance.to_dict() == {"Echo": 30 / 60, "Post": 30 / 300, "Wire": 30 / 120}


@pytest.mark.parametrize("order", ["sample", "random", "uncertain", "mixed", "outlet"])
def test_a_larger_draw_holds_the_smaller(order: str) -> None:
    widths = {"Echo": 5.0, "Post": 4.0, "Wire": 1.0}
    before: set[tuple[str, int]] = set()
    for n in (1, 2, 5, 7, 8, 9, 10, 31, 64, 65, 200, 300):
        drawn = draw(order, n, widths=widths, seed=3)
        assert len(drawn) == n
        now = keys(drawn)
        assert len(set(now)) == n
        assert before <= set(now)
        before = set(now)
    again = draw(order, 300, widths=widths, seed=3)
    assert keys(again) == now


@pytest.mark.parametrize("order", ["sample", "random", "mixed", "outlet"])
def test_another_seed_draws_others(order: str) -> None:
    one, other = (draw(order, 30, widths={"Post": 1.0}, seed=s) for s in (0, 1))
    assert set(keys(one)) != set(keys(other))


def test_random_is_over_all_sentences_with_one_chance() -> None:
    drawn = draw("random", 240)
    assert (drawn["probability"] == 240 / 480).all()
    assert set(drawn["order"]) == {"random"}
    # Sources come in about as they are there: 60, 300, 120.
    assert counts(drawn)["Post"] == pytest.approx(150, abs=25)
    often = Counter(
        key for seed in range(200) for key in keys(draw("random", 48, seed=seed))
    )
    assert len(often) == 480
    error = 4 * math.sqrt(0.1 * 0.9 / 200)
    assert all(abs(n / 200 - 0.1) < error for n in often.values())


def by_hand(*scores: tuple[float, float]) -> pd.DataFrame:
    rows = [
        unit("a", k, "Echo", "sentence", f"Sentence {k}.", p, q)
        for k, (p, q) in enumerate(scores)
    ]
    return make_units(pd.DataFrame(rows))


def test_uncertain_takes_the_smallest_margin_to_a_threshold_in_log_odds() -> None:
    # Thresholds are .5 (log-odds 0) and .2 (log-odds -1.39).
    units = by_hand(
        (0.90, 0.50),  # 2.20 and 1.39: 1.39
        (0.45, 0.99),  # 0.20 and 5.98: 0.20
        (0.99, 0.22),  # 4.60 and 0.12: 0.12, though .45 is as near to .5 as .25 to .2
        (0.99, 0.01),  # 4.60 and 3.21: 3.21
        (0.60, 0.90),  # 0.41 and 3.58: 0.41
    )
    drawn = draw("uncertain", 4, units)
    assert drawn["sent_no"].tolist() == [2, 1, 4, 0]
    assert set(drawn["order"]) == {"uncertain"}
    assert (drawn["probability"] == 0).all()


def test_scores_of_zero_and_one_are_sure() -> None:
    units = by_hand((0.0, 1.0), (0.9, 0.9))
    assert draw("uncertain", 2, units)["sent_no"].tolist() == [1, 0]


def test_with_one_code_a_sentence_the_second_code_makes_it_uncertain() -> None:
    units = by_hand((0.50, 0.05), (0.60, 0.22), (0.10, 0.90))
    # Claims are p / threshold: 1 and .25, 1.2 and 1.1, .2 and 4.5.
    drawn = draw("uncertain", 3, units, single=True)
    assert drawn["sent_no"].tolist() == [1, 0, 2]


def test_mixed_is_half_sample_half_uncertain_in_turn() -> None:
    drawn = draw("mixed", 61)
    assert drawn["order"].tolist() == ["sample", "uncertain"] * 30 + ["sample"]
    sample = drawn[drawn["order"] == "sample"]
    assert keys(sample) == keys(draw("sample", 31))
    assert sample["probability"].tolist() == draw("sample", 31)["probability"].tolist()
    doubtful = drawn[drawn["order"] == "uncertain"]
    assert (doubtful["probability"] == 0).all()
    # The most doubtful of all that are not in the sample.
    taken = set(keys(sample))
    rest = [key for key in keys(draw("uncertain", 480)) if key not in taken]
    assert keys(doubtful) == rest[:30]


def test_mixed_goes_on_where_one_half_is_used_up() -> None:
    units = by_hand(*[(0.4, 0.4)] * 3)
    drawn = draw("mixed", 10, units)
    assert sorted(drawn["sent_no"]) == [0, 1, 2]
    assert drawn["order"].tolist() == ["sample"] * 3


def test_outlet_takes_more_of_sources_with_wide_intervals() -> None:
    drawn = draw("outlet", 60, widths={"Echo": 0.1, "Post": 0.3, "Wire": 0.2})
    assert counts(drawn) == {"Echo": 10, "Post": 30, "Wire": 20}
    assert set(drawn["order"]) == {"outlet"}
    chance = drawn.drop_duplicates("source").set_index("source")["probability"]
    assert chance.to_dict() == {"Echo": 10 / 60, "Post": 30 / 300, "Wire": 20 / 120}


def test_outlet_without_an_interval_gives_none() -> None:
    drawn = draw("outlet", 300, widths={"Post": 0.3, "Wire": 0.0})
    assert counts(drawn) == {"Post": 300}


@pytest.mark.parametrize("widths", [None, {}, {"Post": 0.0}, {"Other": 1.0}])
def test_no_interval_at_all_is_said(widths: dict[str, float] | None) -> None:
    with pytest.raises(InputError) as caught:
        draw("outlet", 10, widths=widths)
    assert str(caught.value) == (
        "no source has an interval to narrow. Score more articles of each."
    )


@pytest.mark.parametrize("order", ["sample", "random", "uncertain", "mixed"])
def test_only_sentences_that_the_model_can_say_something_of_are_drawn(
    order: str,
) -> None:
    units = UNITS.assign(cannot_say=UNITS["sent_no"] % 2 == 0)
    drawn = draw(order, 999, units)
    assert set(drawn["kind"]) == {"sentence"}
    assert len(drawn) == 240
    assert (drawn["sent_no"] % 2 == 1).all()


@pytest.mark.parametrize("order", ["mixed", "uncertain"])
def test_without_scores_nothing_is_uncertain(order: str) -> None:
    units = UNITS.drop(columns=["p_deal", "p_row"])
    with pytest.raises(InputError) as caught:
        draw(order, 10, units)
    assert str(caught.value) == (
        "no scores to be unsure of: score with a model first, or --order sample."
    )


def test_unknown_order_is_refused_with_those_there_are() -> None:
    for order in ORDERS:
        check_order(order)
    with pytest.raises(InputError) as caught:
        check_order("alpha\x1b")
    assert str(caught.value) == (
        r"order alpha\x1b is none of mixed, sample, random, uncertain, outlet, "
        "disagree, audit."
    )


# Units


STANCE = pd.DataFrame(
    [
        ("echo0", 0, "Norland", "critical"),
        ("echo0", 0, "Sudmark", "neutral"),
        ("echo0", 1, "Norland", "favourable"),
    ],
    columns=["doc_id", "sent_no", "target", "stance"],
)


def named(text: str) -> tuple[str, ...]:
    return tuple(name for name in ("Norland", "Sudmark", "Westmark") if name in text)


def test_unit_names_its_targets_and_what_the_model_would_decide() -> None:
    text = "Norland warned Westmark."
    scores = by_hand((0.9, 0.1)).assign(doc_id="echo0", text=text, title="About it")
    drawn = scores.assign(order="sample", probability=0.25)
    [made] = Prompter(named, CODES, STANCE).make_units(drawn)
    assert made == CodingUnit(
        doc_id="echo0",
        start=100,
        end=100 + len("Sentence 0."),
        text=text,
        source="Echo",
        date="2026-01-05",
        title="About it",
        before="",
        after="",
        targets=("Norland", "Westmark"),
        order="sample",
        probability=0.25,
        # Of no sentence but this one, and of no target that it does not name.
        suggestion=Suggestion(("deal",), {"Norland": "critical"}),
    )
    assert type(made.start) is int
    assert type(made.probability) is float


def test_without_a_model_there_is_no_suggestion() -> None:
    drawn = UNITS.head(3).assign(order="sample", probability=1.0)
    units = Prompter(named, (), STANCE.iloc[:0]).make_units(drawn)
    assert [made.suggestion for made in units] == [None] * 3


# Second looks


def test_disagree_takes_what_people_differ_on_and_nobody_settled() -> None:
    labels = [
        label("echo0"),
        label("echo0", "row", coder="ben"),
        label("echo1"),
        label("echo1", coder="ben"),  # the same
        label("echo2"),
        label("echo2", "", coder="ben"),
        label("echo2", "", coder=GOLD_CODER),  # settled
        label("echo3"),
        label("echo3", "row", coder=SEED_CODER),  # nobody
        label("echo4", stance={"Norland": "critical"}),
        label("echo4", stance={"Norland": "neutral"}, coder="ben"),
        label("echo5", stance={"Norland": "critical", "Sudmark": "neutral"}),
        label(
            "echo5", stance={"Sudmark": "neutral", "Norland": "critical"}, coder="ben"
        ),
    ]
    found = disputed(labels)
    assert [one.doc_id for one in found] == ["echo0", "echo4"]
    assert disputed([]) == []


def out_of_fold(*rows: tuple[str, float]) -> pd.DataFrame:
    """Scores of deal for the first sentences of articles; nothing speaks for row."""
    units = [label(doc_id) for doc_id, _ in rows]
    return pd.DataFrame(
        {
            "doc_id": [u.doc_id for u in units],
            "start": [u.start for u in units],
            "end": [u.end for u in units],
            "p_deal": [p for _, p in rows],
            "p_row": [0.01] * len(rows),
        }
    )


def test_audit_takes_each_contradicted_unit_once_the_strongest_first() -> None:
    given = {f"echo{k}": ("deal" if k < 6 else "") for k in range(12)}
    score = {doc: 0.9 if codes else 0.1 for doc, codes in given.items()}
    score |= {"echo1": 0.05, "echo4": 0.01, "echo8": 0.97}
    labels = [label(doc, codes) for doc, codes in given.items()]
    labels += [label("echo4", coder="ben"), label("echo8", "deal", coder=SEED_CODER)]
    found = suspect_units(labels, out_of_fold(*score.items()), CODEBOOK)
    assert [one.doc_id for one in found] == ["echo4", "echo8", "echo1"]
    assert all(isinstance(one, Gold) for one in found)


def test_labelled_units_come_in_the_order_wanted_with_their_context() -> None:
    wanted = [label("echo3"), label("echo0", stance={"Norland": "critical"})]
    found = Prompter(named, CODES, STANCE).find_units(UNITS, wanted, "disagree")
    assert [made.doc_id for made in found] == ["echo3", "echo0"]
    assert {made.order for made in found} == {"disagree"}
    assert {made.probability for made in found} == {0.0}
    assert found[0].title == "About echo3"
    assert (found[0].before, found[0].after) == ("Heading.", "Sentence 1 of echo3.")
    assert found[0].suggestion is not None


@pytest.mark.parametrize(
    "change",
    [{"text": "Once Norland said so."}, {"doc_id": "gone"}, {"start": 99, "end": 121}],
)
def test_unit_whose_text_changed_keeps_that_of_its_label(
    change: dict[str, object],
) -> None:
    old = replace(label("echo0"), **change)
    gold = Gold(old.doc_id, old.start, old.end, old.text, (), {}, "Echo", "agreed")
    for wanted in (old, gold):
        [made] = Prompter(named, CODES, STANCE).find_units(UNITS, [wanted], "audit")
        assert (made.key, made.text, made.source) == (old.unit, old.text, "Echo")
        assert (made.before, made.after, made.title, made.date) == ("", "", "", "")
        assert (made.order, made.probability) == ("audit", 0.0)
        assert made.targets == named(old.text)
        assert made.suggestion is None


# Articles without a model


def test_articles_are_cut_into_units_without_a_model(tmp_path: Path) -> None:
    articles = [
        {
            "id": f"{source.lower()}{k}",
            "source": source,
            "date": "2026-01-05",
            "title": "Port stays shut",
            "text": "Port stays shut\n\nPolice closed the port. Nobody knew why.",
        }
        for source in ("Echo", "Post")
        for k in range(2)
    ]
    (tmp_path / "a.jsonl").write_text(json_lines(articles))
    (tmp_path / "empty.txt").write_text("")
    units, table, log = split_inputs([str(tmp_path)], ReadOptions())
    assert list(table["doc_id"]) == ["echo0", "echo1", "post0", "post1"]
    assert set(table["title"]) == {"Port stays shut"}
    assert len(log.skipped) == 1
    own = units[units["doc_id"] == "echo0"]
    assert own["sent_no"].tolist() == list(range(len(own)))
    for row in own.itertuples():
        assert articles[0]["text"][row.start : row.end] == row.text
    said = own[own["kind"] == "sentence"]["text"].tolist()
    assert said == ["Police closed the port.", "Nobody knew why."]
    drawn = draw("sample", 6, with_context(units, table))
    assert counts(drawn) == {"Echo": 3, "Post": 3}
    assert set(drawn["text"]) <= set(said)
    [made, *_] = Prompter(named, (), STANCE.iloc[:0]).make_units(drawn)
    assert made.title == "Port stays shut"


def test_without_any_article_there_is_nothing_to_label(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(" ")
    (tmp_path / "b.txt").write_text("")
    with pytest.raises(InputError, match=r"^no article to label \(.*a\.txt: no text\)"):
        split_inputs([str(tmp_path)], ReadOptions())
