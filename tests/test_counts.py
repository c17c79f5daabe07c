"""Counts per article are the sums of its sentences, however a corpus is cut."""

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.prevalence import (
    Evidence,
    count_scores,
    count_sentences,
    join_counts,
    measure_mix,
    measure_stance,
    tally_counts,
    tally_scores,
)
from framing.prevalence.counts import ARTICLE, STEPS, Counts

CODES = ("deal", "row")
VALUES = ("favourable", "neutral")
KINDS = ("sentence", "sentence", "sentence", "heading", "debris")

sentence = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(KINDS),
        "p_deal": st.floats(0, 1),
        "p_row": st.floats(0, 1),
        "deal": st.booleans(),
        "row": st.booleans(),
        "cannot_say": st.booleans(),
        "n_words": st.integers(0, 9),
        "targets": st.dictionaries(
            st.sampled_from(["Iran", "Israel"]), st.sampled_from(VALUES)
        ),
    }
)
article = st.tuples(
    st.sampled_from(["A", "B", ""]),
    st.sampled_from(["", "2025-01-02"]),
    st.lists(sentence, min_size=1, max_size=5),
)
corpora = st.lists(article, min_size=1, max_size=8)
few = settings(max_examples=25)


def make_tables(corpus: list[Any], first: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return scores and stance as scoring makes them."""
    scores, stance = [], []
    for number, (source, date, sentences) in enumerate(corpus, first):
        about = {"doc_id": f"a{number}", "source": source, "date": date}
        for sent_no, own in enumerate(sentences):
            units = {k: v for k, v in own.items() if k != "targets"}
            scores.append(
                {**about, "sent_no": sent_no, **units, "n_known": own["n_words"] // 2}
            )
            if own["kind"] != "sentence":
                continue
            for target, value in own["targets"].items():
                judged = {**about, "sent_no": sent_no, "target": target}
                stance.append(
                    {
                        **judged,
                        "stance": value,
                        **{f"p_{v}": float(v == value) for v in VALUES},
                    }
                )
    names = [*ARTICLE, "sent_no", "target", "stance", *(f"p_{v}" for v in VALUES)]
    return pd.DataFrame(scores), pd.DataFrame(stance, columns=names)


def count(corpus: list[Any], first: int = 0) -> Counts:
    return count_scores(*make_tables(corpus, first), CODES)


@few
@given(corpora)
def test_counts_of_an_article_are_sums_of_its_sentences(corpus: list[Any]) -> None:
    counts = count(corpus)
    found = counts.articles.set_index("doc_id")
    for number, (_, _, units) in enumerate(corpus):
        own = [unit for unit in units if unit["kind"] == "sentence"]
        row = found.loc[f"a{number}"]
        assert row["n_sentences"] == len(own)
        for kind in {"heading", "debris"} & {u["kind"] for u in units}:
            assert row[f"n_{kind}"] == sum(u["kind"] == kind for u in units)
        if not own:
            continue
        said = [unit for unit in own if not unit["cannot_say"]]
        assert row["cannot_say"] == len(own) - len(said)
        assert row["none"] == sum(not (u["deal"] or u["row"]) for u in said)
        assert row["n_words"] == sum(unit["n_words"] for unit in own)
        assert row["highest"] == max(max(u["p_deal"], u["p_row"]) for u in own)
        for code in CODES:
            p = np.array([unit[f"p_{code}"] for unit in said])
            assert row[f"d_{code}"] == sum(unit[code] for unit in said)
            assert np.isclose(row[f"p_{code}"], p.sum())
            assert np.isclose(row[f"v_{code}"], (p * (1 - p)).sum())
    n = sum(u["kind"] == "sentence" for _, _, units in corpus for u in units)
    assert counts.highest["n_sentences"].sum() == n
    assert counts.kinds.get("sentence", 0) == n


@few
@given(corpora)
def test_counts_of_targets_are_sums_of_the_sentences_that_name_them(
    corpus: list[Any],
) -> None:
    counts = count(corpus).targets
    expected = {}
    for number, (_, _, units) in enumerate(corpus):
        for unit in units:
            if unit["kind"] == "sentence":
                for target, value in unit["targets"].items():
                    spoken = expected.setdefault((f"a{number}", target), [])
                    spoken.append((value, unit["deal"] and not unit["cannot_say"]))
    assert len(counts) == len(expected)
    for row in counts.to_dict("records"):
        spoken = expected[row["doc_id"], row["target"]]
        assert row["n_sentences"] == len(spoken)
        assert row["d_deal"] == sum(deal for _, deal in spoken)
        for value in VALUES:
            assert row[f"s_{value}"] == sum(own == value for own, _ in spoken)


@few
@given(corpora, st.lists(st.integers(0, 8), max_size=4))
def test_parts_of_any_cut_counted_and_joined_are_the_whole(
    corpus: list[Any], cuts: list[int]
) -> None:
    bounds = [0, *sorted(c % (len(corpus) + 1) for c in cuts), len(corpus)]
    pieces = [(corpus[a:b], a) for a, b in pairwise(bounds) if a < b]
    joined = join_counts(count(part, first) for part, first in pieces)
    whole = count(corpus)
    # A kind of unit that a part has none of, it has no column for.
    filled = joined.articles.fillna(dict.fromkeys(_kinds(joined), 0))
    pd.testing.assert_frame_equal(
        filled, whole.articles, check_like=True, check_dtype=False
    )
    pd.testing.assert_frame_equal(joined.highest, whole.highest)
    pd.testing.assert_frame_equal(joined.targets, whole.targets, check_dtype=False)
    assert joined.kinds == whole.kinds


def _kinds(counts: Counts) -> list[str]:
    own = ("n_sentences", "n_words", "n_known")
    return [c for c in map(str, counts.articles) if c.startswith("n_") and c not in own]


@few
@given(corpora)
def test_mix_of_counts_is_the_mix_of_sentences(corpus: list[Any]) -> None:
    scores, stance = make_tables(corpus)
    own = scores.loc[scores["kind"] == "sentence"]
    if own.empty:
        return
    units = count(corpus).articles
    units = units.loc[units["n_sentences"] > 0]
    for method in ("count", "mean"):
        one, two = (
            measure_mix(Evidence(tally), ("source",), method=method)
            for tally in (tally_counts(units, CODES), tally_scores(own, CODES))
        )
        pd.testing.assert_frame_equal(one, two, rtol=1e-9, atol=1e-9)
    if len(stance):
        pd.testing.assert_frame_equal(
            measure_stance(count(corpus).targets, VALUES),
            measure_stance(stance, VALUES),
        )


def test_sentence_counts_as_one_and_a_silent_one_without_scores() -> None:
    unit = {
        "kind": "sentence",
        "p_deal": 0.5,
        "p_row": 0.25,
        "deal": True,
        "row": False,
        "cannot_say": True,
        "n_words": 4,
        "targets": {},
    }
    scores, _ = make_tables([("A", "", [unit, {**unit, "cannot_say": False}])])
    rows = count_sentences(scores, CODES)
    assert rows[["d_deal", "p_deal", "v_deal"]].to_numpy().tolist() == [
        [0, 0.0, 0.0],
        [1, 0.5, 0.25],
    ]
    assert rows["highest"].tolist() == [0.5, 0.5]


def test_highest_scores_are_kept_in_steps() -> None:
    unit = {
        "kind": "sentence",
        "p_deal": 0.12345,
        "p_row": 0.0,
        "deal": False,
        "row": False,
        "cannot_say": False,
        "n_words": 4,
        "targets": {},
    }
    found = count([("A", "", [unit, unit])]).highest
    assert found.to_dict("records") == [{"highest": 123 / STEPS, "n_sentences": 2}]
