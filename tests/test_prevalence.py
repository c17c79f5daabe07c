from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.prevalence import (
    CANNOT_SAY,
    MIN_ARTICLES,
    MIX_COLUMNS,
    NONE,
    measure_mix,
    measure_stance,
    share_interval,
)

CODES = ("deal", "row")
Z = 1.959963984540054
"""The 97.5 % point of the normal distribution."""

COVERAGE = (0.88, 0.99)
"""What a 95 % interval must hold in 200 corpora: resampling 40 articles falls a
little short of what it says, and 200 corpora are themselves a sample."""


def table(rows: Sequence[tuple]) -> pd.DataFrame:
    """Scores by hand: source, article, codes given (None for "cannot say"), kind."""
    return pd.DataFrame(
        [
            {
                "source": source,
                "doc_id": article,
                "kind": kind,
                "cannot_say": codes is None,
                **{code: code in (codes or "").split() for code in CODES},
            }
            for source, article, codes, kind in rows
        ]
    )


BY_HAND = table(
    [
        ("Post", "p1", "deal", "sentence"),
        ("Post", "p1", "deal row", "sentence"),
        ("Post", "p1", "", "sentence"),
        ("Post", "p1", None, "sentence"),
        ("Post", "p2", "", "sentence"),
        ("Post", "p2", "deal", "heading"),
        ("Post", "p2", "row", "repeat"),
        ("Echo", "e1", "", "sentence"),
        ("Echo", "e1", None, "sentence"),
        ("Echo", "e2", "row", "caption"),
    ]
)


def corpus(n_articles: int, *, seed: int, source: str = "Post") -> pd.DataFrame:
    """Sentences in articles that lean one way or the other; deal has share 0.25."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(4, 16, n_articles)
    leaning = np.repeat(rng.beta(1, 3, n_articles), sizes)
    n = int(sizes.sum())
    return pd.DataFrame(
        {
            "source": source,
            "doc_id": np.repeat([f"a{i:03}" for i in range(n_articles)], sizes),
            "kind": "sentence",
            "cannot_say": rng.random(n) < 0.05,
            "deal": rng.random(n) < leaning,
            "row": rng.random(n) < 0.1,
        }
    )


def row(mix: pd.DataFrame, code: str, source: str = "Post") -> pd.Series:
    found = mix[(mix["code"] == code) & (mix["source"] == source)]
    assert len(found) == 1
    return found.iloc[0]


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Wilson's interval as in his paper of 1927, written out."""
    share, z2 = hits / n, Z**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z / (1 + z2 / n) * np.sqrt(share * (1 - share) / n + z2 / (4 * n**2))
    return middle - half, middle + half


def test_mix_by_hand() -> None:
    mix = measure_mix(BY_HAND, CODES)
    assert list(mix.columns) == MIX_COLUMNS
    known = mix[["source", "code", "n_articles", "n_sentences", "n", "share", "mix"]]
    expected = [
        ("Echo", "deal", 1, 2, 0, 0, None),
        ("Echo", "row", 1, 2, 0, 0, None),
        ("Echo", NONE, 1, 2, 1, 1, None),
        ("Echo", CANNOT_SAY, 1, 2, 1, 1 / 2, None),
        ("Post", "deal", 2, 5, 2, 2 / 4, 2 / 3),
        ("Post", "row", 2, 5, 1, 1 / 4, 1 / 3),
        ("Post", NONE, 2, 5, 2, 2 / 4, None),
        ("Post", CANNOT_SAY, 2, 5, 1, 1 / 5, None),
    ]
    pd.testing.assert_frame_equal(
        known, pd.DataFrame(expected, columns=known.columns), check_dtype=False
    )


def test_only_sentences_count() -> None:
    kept = BY_HAND[BY_HAND["kind"] == "sentence"]
    pd.testing.assert_frame_equal(measure_mix(BY_HAND, CODES), measure_mix(kept, CODES))


def test_cannot_say_is_never_counted_as_zero() -> None:
    more = pd.concat(
        [BY_HAND, table([("Post", "p1", None, "sentence")] * 50)], ignore_index=True
    )
    for code in ("deal", "row", NONE):
        one, other = (row(measure_mix(t, CODES), code) for t in (BY_HAND, more))
        assert one["share"] == other["share"]
        assert one["n"] == other["n"]
        assert one["mix"] == other["mix"] or code == NONE


def test_code_of_a_sentence_that_cannot_be_said_does_not_count() -> None:
    scores = BY_HAND.copy()
    scores.loc[scores["cannot_say"], list(CODES)] = True
    pd.testing.assert_frame_equal(
        measure_mix(scores, CODES), measure_mix(BY_HAND, CODES)
    )


def test_source_of_which_nothing_can_be_said_has_no_share() -> None:
    rows = [("Post", f"p{i}", None, "sentence") for i in range(8)]
    mix = measure_mix(table(rows), CODES)
    assert mix["share"].isna().tolist() == [True, True, True, False]
    assert row(mix, CANNOT_SAY)["share"] == 1
    assert mix["mix"].isna().all()


def test_share_that_is_not_there_has_no_bounds() -> None:
    rows = [("Post", f"p{i}", None, "sentence") for i in range(8)]
    mix = measure_mix(table(rows), CODES)
    for bound in ("low", "high"):
        assert mix[bound].isna().tolist() == [True, True, True, False]


def test_no_sentence_gives_an_empty_mix() -> None:
    headings = BY_HAND.assign(kind="heading")
    mix = measure_mix(headings, CODES)
    assert list(mix.columns) == MIX_COLUMNS
    assert mix.empty


@pytest.mark.parametrize(
    ("n", "known"), [(MIN_ARTICLES - 1, False), (MIN_ARTICLES, True)]
)
def test_interval_needs_enough_articles(n: int, known: bool) -> None:
    mix = measure_mix(corpus(n, seed=3), CODES)
    assert mix["low"].notna().all() == mix["high"].notna().all() == known
    assert mix["share"].notna().all()


def test_many_sentences_of_few_articles_are_few() -> None:
    rows = [("Post", f"p{i % 4}", "deal" * (i % 2), "sentence") for i in range(1000)]
    assert measure_mix(table(rows), CODES)["low"].isna().all()


@pytest.mark.parametrize("n", [MIN_ARTICLES, 12, 200])
def test_share_of_nothing_or_all_has_wilsons_interval_on_articles(n: int) -> None:
    rows = [("Post", f"p{i // 3}", "deal", "sentence") for i in range(3 * n)]
    mix = measure_mix(table(rows), CODES)
    for code, hits in (("deal", n), ("row", 0), (NONE, 0), (CANNOT_SAY, 0)):
        found = row(mix, code)
        np.testing.assert_allclose(
            [found["low"], found["high"]], wilson(hits, n), rtol=0, atol=1e-12
        )
    assert row(mix, "row")["high"] == pytest.approx(Z**2 / (n + Z**2))


def test_interval_is_that_of_resampled_articles() -> None:
    scores = corpus(40, seed=5)
    found = row(measure_mix(scores, CODES, n_resamples=4000), "deal")
    said = scores[~scores["cannot_say"]]
    sums = said.groupby("doc_id")["deal"].agg(["sum", "count"]).to_numpy()
    rng = np.random.default_rng(77)
    picked = sums[rng.integers(0, 40, size=(4000, 40))].sum(axis=1)
    low, high = np.quantile(picked[:, 0] / picked[:, 1], [0.025, 0.975])
    assert found["low"] == pytest.approx(low, abs=0.01)
    assert found["high"] == pytest.approx(high, abs=0.01)


def test_narrower_level_lies_inside_the_wider() -> None:
    scores = corpus(30, seed=6)
    wide, narrow = (measure_mix(scores, CODES, level=level) for level in (0.95, 0.8))
    assert (wide["low"] < narrow["low"]).all()
    assert (narrow["high"] < wide["high"]).all()


def test_large_source_is_resampled_in_parts_of_the_same_law() -> None:
    rng = np.random.default_rng(8)
    n_articles, n_resamples = 4001, 1500
    denominators = rng.integers(1, 9, (n_articles, 1)).astype(float)
    numerators = np.floor(denominators * rng.random((n_articles, 1)))
    low, high = share_interval(
        numerators, denominators, level=0.95, n_resamples=n_resamples, seed=0
    )
    share = numerators.sum() / denominators.sum()
    spread = (numerators - share * denominators).std() / denominators.mean()
    half = Z * spread / np.sqrt(n_articles)
    assert low[0] == pytest.approx(share - half, abs=0.1 * half)
    assert high[0] == pytest.approx(share + half, abs=0.1 * half)


def test_interval_of_a_source_does_not_depend_on_the_other_sources() -> None:
    post, echo = corpus(12, seed=1), corpus(20, seed=2, source="Echo")
    alone = measure_mix(post, CODES)
    both = measure_mix(pd.concat([echo, post], ignore_index=True), CODES)
    beside = both[both["source"] == "Post"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, beside)


def test_mix_is_the_same_again_and_intervals_follow_the_seed() -> None:
    scores = corpus(12, seed=1)
    one, two, other = (measure_mix(scores, CODES, seed=seed) for seed in (0, 0, 1))
    pd.testing.assert_frame_equal(one, two)
    assert (one["low"] != other["low"]).any()
    pd.testing.assert_series_equal(one["share"], other["share"])


def shuffled() -> tuple[pd.DataFrame, pd.DataFrame]:
    scores = pd.concat(
        [corpus(12, seed=1), corpus(9, seed=2, source="Echo")], ignore_index=True
    )
    mixed = scores.sample(frac=1, random_state=4)
    return measure_mix(scores, CODES), measure_mix(mixed, CODES)


def test_order_of_rows_changes_neither_shares_nor_intervals() -> None:
    one, other = shuffled()
    pd.testing.assert_frame_equal(one, other)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Post", "Echo"]),
            st.sampled_from([f"p{i}" for i in range(8)]),
            st.sampled_from([None, "", "deal", "row", "deal row"]),
            st.sampled_from(["sentence", "sentence", "heading"]),
        ),
        min_size=1,
        max_size=60,
    )
)
def test_shares_lie_in_their_intervals_and_the_mix_sums_to_one(
    rows: list[tuple],
) -> None:
    mix = measure_mix(table(rows), CODES, n_resamples=200)
    said = mix.dropna(subset=["share"])
    assert said["share"].between(0, 1).all()
    bounded = said.dropna(subset=["low"])
    assert (bounded["low"] <= bounded["share"] + 1e-12).all()
    assert (bounded["share"] <= bounded["high"] + 1e-12).all()
    assert bounded["low"].ge(-1e-12).all()
    assert bounded["high"].le(1 + 1e-12).all()
    for _, own in mix.groupby("source"):
        parts = own["mix"].dropna()
        given_codes = own[own["code"].isin(CODES)]["n"].sum()
        assert len(parts) == (len(CODES) if given_codes else 0)
        assert not given_codes or parts.sum() == pytest.approx(1)
        counts = own.set_index("code")["n"]
        assert counts[NONE] + counts[CANNOT_SAY] <= own["n_sentences"].iloc[0]


def test_95_percent_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    held = [
        found["low"] <= 0.25 <= found["high"]
        for seed in range(200)
        for found in [
            row(measure_mix(corpus(40, seed=seed), CODES, n_resamples=400), "deal")
        ]
    ]
    low, high = COVERAGE
    assert low <= np.mean(held) <= high


def test_stance_by_hand() -> None:
    values = ("favourable", "critical", "neutral")
    rows = [
        ("Post", "p1", "Iran", "critical"),
        ("Post", "p1", "Iran", "critical"),
        ("Post", "p2", "Iran", "neutral"),
        ("Post", "p2", "Iran", "favourable"),
        ("Post", "p1", "Israel", "neutral"),
        ("Echo", "e1", "Iran", "critical"),
    ]
    columns = ["source", "doc_id", "target", "stance"]
    found = measure_stance(pd.DataFrame(rows, columns=columns), values)
    assert found.to_numpy().tolist() == [
        ["Echo", "Iran", 1, 1, 0, 1, 0],
        ["Post", "Iran", 2, 4, 0.25, 0.5, 0.25],
        ["Post", "Israel", 1, 1, 0, 0, 1],
    ]
    assert list(found.columns) == ["source", "target", "n_articles", "n", *values]


def test_no_stance_gives_an_empty_table() -> None:
    columns = ["source", "doc_id", "target", "stance"]
    found = measure_stance(pd.DataFrame([], columns=columns), ("critical",))
    assert list(found.columns) == ["source", "target", "n_articles", "n", "critical"]
    assert found.empty
