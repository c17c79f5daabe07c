import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from framing.prevalence import (
    CANNOT_SAY,
    METHODS,
    MIN_ARTICLES,
    NONE,
    Evidence,
    Groups,
    LabelledSample,
    Tally,
    estimate,
    measure_mix,
    measure_stance,
    tally_scores,
)
from framing.rectifier import PSEUDO

CASES = Path(__file__).parent / "cases"
ORACLES = json.loads((CASES / "shares.json").read_text(encoding="utf-8"))
"""Digits of independent libraries and of papers; each says where it is from."""

CODES = ("deal", "row")
Z = 1.959963984540054
"""The 97.5 % point of the normal distribution."""

COVERAGE = (0.91, 0.99)
"""What a 95 % interval must hold in 200 corpora, which are themselves a sample."""

CORRECTING = ("ppi", "acc", "pacc", "hierarchical")


def table(rows: Sequence[tuple]) -> pd.DataFrame:
    """Scores by hand: source, article, codes given (None for "cannot say").

    The score of a code is 1 where it is given, else 0.
    """
    made = pd.DataFrame(
        [
            {
                "source": source,
                "doc_id": article,
                "cannot_say": codes is None,
                **{code: code in (codes or "").split() for code in CODES},
            }
            for source, article, codes in rows
        ]
    )
    return made.assign(**{f"p_{code}": made[code].astype(float) for code in CODES})


def scored(rows: Sequence[tuple]) -> pd.DataFrame:
    """Scores of the code deal by hand: source, article, score; decided from .5."""
    made = pd.DataFrame(rows, columns=["source", "doc_id", "p_deal"])
    return made.assign(cannot_say=False, deal=made["p_deal"] >= 0.5)


BY_HAND = table(
    [
        ("Post", "p1", "deal"),
        ("Post", "p1", "deal row"),
        ("Post", "p1", ""),
        ("Post", "p1", None),
        ("Post", "p2", ""),
        ("Echo", "e1", ""),
        ("Echo", "e1", None),
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
            "doc_id": np.repeat([f"{source}{i:03}" for i in range(n_articles)], sizes),
            "cannot_say": rng.random(n) < 0.05,
            "deal": rng.random(n) < leaning,
            "row": rng.random(n) < 0.1,
            "p_deal": np.clip(leaning + rng.normal(0, 0.1, n), 0, 1),
            "p_row": rng.beta(1, 9, n),
        }
    )


def mix_of(
    scores: pd.DataFrame,
    codes: Sequence[str] = CODES,
    by: Sequence[str] = ("source",),
    *,
    sample: LabelledSample | None = None,
    method: str = "count",
    level: float = 0.95,
    **known: Any,
) -> pd.DataFrame:
    evidence = Evidence(tally_scores(scores, codes, by), sample, **known)
    return measure_mix(evidence, by, method=method, level=level)


def label(
    scores: pd.DataFrame,
    coded: dict[int, str],
    codes: Sequence[str] = CODES,
    by: Sequence[str] = ("source",),
    chance: Sequence[float] = (),
) -> LabelledSample:
    """Labels by hand: the codes of some rows of the scores, by their numbers."""
    tally = tally_scores(scores, codes, by)
    at = np.array(list(coded))
    names = {name: k for k, name in enumerate(tally.sources)}
    return LabelledSample(
        coded=np.array([[c in own.split() for c in codes] for own in coded.values()]),
        proba=tally.proba[at],
        decided=tally.decided[at],
        weight=1 / np.array(chance or [1.0] * len(at)),
        source=np.array([names[scores["source"].iloc[i]] for i in at]),
        article=tally.article[at],
        unit_of_pair=np.arange(len(at)),
        cell_of_pair=tally.cell[at],
    )


def row(mix: pd.DataFrame, code: str, source: str = "Post") -> pd.Series:
    found = mix[(mix["code"] == code) & (mix["source"] == source)]
    assert len(found) == 1
    return found.iloc[0]


def wilson(hits: float, n: float) -> tuple[float, float]:
    """Wilson's interval as in his paper of 1927, written out."""
    share, z2 = hits / n, Z**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z / (1 + z2 / n) * np.sqrt(share * (1 - share) / n + z2 / (4 * n**2))
    return middle - half, middle + half


# Counting


def test_mix_by_hand() -> None:
    mix = mix_of(BY_HAND)
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


def test_columns_are_those_that_the_docs_name() -> None:
    usual = ["source", "code", "n_articles", "n_texts", "n_sentences", "n", "share"]
    usual += ["low", "high", "mix", "method", "count", "mean"]
    assert list(mix_of(BY_HAND).columns) == usual
    labelled = mix_of(BY_HAND, sample=label(BY_HAND, {0: "deal"}))
    more = ["n_labels", "labelled", "labelled_low", "labelled_high", "disagrees"]
    assert list(labelled.columns) == [*usual, *more]


def test_cannot_say_is_never_counted_as_zero() -> None:
    more = pd.concat([BY_HAND, table([("Post", "p1", None)] * 50)], ignore_index=True)
    for code in ("deal", "row", NONE):
        one, other = (row(mix_of(t), code) for t in (BY_HAND, more))
        assert one["share"] == other["share"]
        assert one["n"] == other["n"]
        assert one["mix"] == other["mix"] or code == NONE
        assert one["mean"] == other["mean"] or code == NONE


def test_code_of_a_sentence_that_cannot_be_said_does_not_count() -> None:
    scores = BY_HAND.copy()
    scores.loc[scores["cannot_say"], list(CODES)] = True
    pd.testing.assert_frame_equal(mix_of(scores), mix_of(BY_HAND))


def test_source_of_which_nothing_can_be_said_has_no_share() -> None:
    mix = mix_of(table([("Post", f"p{i}", None) for i in range(8)]))
    assert mix["share"].isna().tolist() == [True, True, True, False]
    assert row(mix, CANNOT_SAY)["share"] == 1
    assert mix["mix"].isna().all()


def test_share_that_is_not_there_has_no_bounds() -> None:
    mix = mix_of(table([("Post", f"p{i}", None) for i in range(8)]))
    for bound in ("low", "high"):
        assert mix[bound].isna().tolist() == [True, True, True, False]


@pytest.mark.parametrize("method", ["count", "mean"])
def test_no_sentence_gives_an_empty_mix(method: str) -> None:
    mix = mix_of(BY_HAND.head(0), method=method)
    assert list(mix.columns) == list(mix_of(BY_HAND).columns)
    assert mix.empty


# Intervals


@pytest.mark.parametrize(
    ("n", "known"), [(MIN_ARTICLES - 1, False), (MIN_ARTICLES, True)]
)
def test_interval_needs_enough_articles(n: int, known: bool) -> None:
    mix = mix_of(corpus(n, seed=3))
    assert mix["low"].notna().all() == mix["high"].notna().all() == known
    assert mix["share"].notna().all()


def test_many_sentences_of_few_articles_are_few() -> None:
    rows = [("Post", f"p{i % 4}", "deal" * (i % 2)) for i in range(1000)]
    assert mix_of(table(rows))["low"].isna().all()


@pytest.mark.parametrize("n", [MIN_ARTICLES, 12, 200])
def test_share_of_nothing_or_all_has_wilsons_interval_on_articles(n: int) -> None:
    rows = [("Post", f"p{i // 3}", "deal") for i in range(3 * n)]
    mix = mix_of(table(rows))
    for code, hits in (("deal", n), ("row", 0), (NONE, 0), (CANNOT_SAY, 0)):
        found = row(mix, code)
        np.testing.assert_allclose(
            [found["low"], found["high"]], wilson(hits, n), rtol=0, atol=1e-12
        )
    assert row(mix, "row")["high"] == pytest.approx(Z**2 / (n + Z**2))


def test_interval_is_near_that_of_resampled_articles() -> None:
    scores = corpus(60, seed=5)
    found = row(mix_of(scores), "deal")
    said = scores[~scores["cannot_say"]]
    sums = said.groupby("doc_id")["deal"].agg(["sum", "count"]).to_numpy()
    rng = np.random.default_rng(77)
    picked = sums[rng.integers(0, 60, size=(4000, 60))].sum(axis=1)
    low, high = np.quantile(picked[:, 0] / picked[:, 1], [0.025, 0.975])
    assert found["low"] == pytest.approx(low, abs=0.012)
    assert found["high"] == pytest.approx(high, abs=0.012)


def test_narrower_level_lies_inside_the_wider() -> None:
    scores = corpus(30, seed=6)
    wide, narrow = (mix_of(scores, level=level) for level in (0.95, 0.8))
    assert (wide["low"] < narrow["low"]).all()
    assert (narrow["high"] < wide["high"]).all()


def test_interval_of_a_source_does_not_depend_on_the_other_sources() -> None:
    post, echo = corpus(12, seed=1), corpus(20, seed=2, source="Echo")
    alone = mix_of(post)
    both = mix_of(pd.concat([echo, post], ignore_index=True))
    beside = both[both["source"] == "Post"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, beside)


def test_order_of_rows_changes_neither_shares_nor_intervals() -> None:
    scores = pd.concat(
        [corpus(12, seed=1), corpus(9, seed=2, source="Echo")], ignore_index=True
    )
    one, other = (mix_of(t) for t in (scores, scores.sample(frac=1, random_state=4)))
    pd.testing.assert_frame_equal(one, other)


def test_95_percent_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    held = []
    for seed in range(200):
        tally = tally_scores(corpus(40, seed=seed), ("deal",))
        groups = Groups.by(tally, ["source"])
        bounds = estimate("count", Evidence(tally), groups.cells).bounds(0.95)
        held.append(bounds[0].item() <= 0.25 <= bounds[1].item())
    low, high = COVERAGE
    assert low <= np.mean(held) <= high


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Post", "Echo"]),
            st.sampled_from([f"p{i}" for i in range(8)]),
            st.sampled_from([None, "", "deal", "row", "deal row"]),
        ),
        min_size=1,
        max_size=60,
    ),
    st.sampled_from(["count", "mean"]),
    st.booleans(),
)
def test_shares_lie_in_their_intervals_and_the_mix_sums_to_one(
    rows: list[tuple], method: str, copied: bool
) -> None:
    scores = table(rows)
    if copied:
        scores["cluster"] = scores["doc_id"].replace({"p1": "p0", "p3": "p2"})
    mix = mix_of(scores, method=method)
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


# Copies of one text


def test_copies_of_one_text_count_once_for_the_interval() -> None:
    scores = corpus(20, seed=1)
    scores["cluster"] = scores["doc_id"]
    twice = pd.concat(
        [scores, scores.assign(doc_id=scores["doc_id"] + " copy")], ignore_index=True
    )
    once, copied = row(mix_of(scores), "deal"), row(mix_of(twice), "deal")
    for column in ("share", "low", "high"):
        assert copied[column] == pytest.approx(once[column], abs=1e-12)
    assert copied["n_articles"] == 2 * once["n_articles"]
    apart = row(mix_of(twice.drop(columns="cluster")), "deal")
    assert apart["high"] - apart["low"] < 0.8 * (once["high"] - once["low"])


@pytest.mark.parametrize("method", ["count", "mean"])
def test_copies_do_not_make_enough_articles(method: str) -> None:
    rows = [("Post", f"p{i}", "deal" * (i % 2)) for i in range(8)]
    scores = table(rows).assign(cluster=["one"] * 5 + ["two", "three", "four"])
    assert mix_of(scores, method=method)["low"].isna().all()
    scores.loc[0, "cluster"] = "five"
    assert mix_of(scores, method=method)["low"].notna().all()


def test_text_that_two_sources_print_makes_their_shares_go_together() -> None:
    rows = [
        (s, f"{s}{i}", "deal" * (i % 2)) for s in ("Echo", "Post") for i in range(6)
    ]
    scores = table(rows)
    scores["cluster"] = [name[4:] for name in scores["doc_id"]]
    tally = tally_scores(scores, CODES)
    found = estimate("count", Evidence(tally), Groups.by(tally, ["source"]).cells)
    variance = found.variance[:, 0]
    assert found.covariance[0, 0, 1] == pytest.approx(variance[0])
    assert variance[0] == pytest.approx(0.25 / 5)


# Mean scores and weights


def test_mean_score_by_hand() -> None:
    scores = scored([("Post", "p1", 0.9), ("Post", "p1", 0.3), ("Post", "p2", 0.6)])
    found = row(mix_of(scores, ("deal",), method="mean"), "deal")
    assert found["share"] == found["mean"] == pytest.approx(0.6)
    assert found["count"] == pytest.approx(2 / 3)
    assert (found["method"], found["n"]) == ("mean", 2)


def test_none_and_cannot_say_are_counted_whatever_the_method() -> None:
    mix = mix_of(BY_HAND, method="mean")
    for name in (NONE, CANNOT_SAY):
        assert row(mix, name)["method"] == "count"
        assert row(mix, name)["share"] == row(mix_of(BY_HAND), name)["share"]


def test_weights_of_sentences_are_honoured() -> None:
    rows = [("Post", "p1", 0.9), ("Post", "p1", 0.3), ("Post", "p2", 0.6)]
    scores = scored(rows).assign(weight=[2.0, 1.0, 0.5])
    found = row(mix_of(scores, ("deal",)), "deal")
    assert found["count"] == pytest.approx(2.5 / 3.5)
    assert found["mean"] == pytest.approx((2 * 0.9 + 0.3 + 0.5 * 0.6) / 3.5)
    assert found["n"] == 2


def test_sentence_of_weight_two_counts_like_two_sentences_of_its_article() -> None:
    scores = corpus(12, seed=1)
    twice = pd.concat([scores, scores.head(7)], ignore_index=True)
    weights = np.where(np.arange(len(scores)) < 7, 2.0, 1.0)
    one, other = mix_of(twice), mix_of(scores.assign(weight=weights))
    for column in ("share", "mean", "low", "high"):
        np.testing.assert_allclose(one[column], other[column], atol=1e-12)


# Corrected shares

SIX = [
    *(("Post", f"p{i}", p) for i, p in enumerate((0.9, 0.8, 0.3, 0.2, 0.1, 0.1))),
    *(("Echo", f"e{i}", p) for i, p in enumerate((0.7, 0.6, 0.6, 0.4, 0.2, 0.2))),
    *(("Wire", f"w{i}", 0.5) for i in range(6)),
]
SIX_SCORED = scored(SIX)
SIX_LABELS = {0: "deal", 2: "deal", 4: "", 6: "deal", 7: "", 9: ""}
"""Post: residuals .1, .7, -.1; Echo: .3, -.6, -.4; Wire has no label."""


def six(method: str, **known: Any) -> pd.DataFrame:
    sample = label(SIX_SCORED, SIX_LABELS, ("deal",))
    mix = mix_of(SIX_SCORED, ("deal",), sample=sample, method=method, **known)
    return mix[mix["code"] == "deal"].set_index("source")


def test_share_per_source_is_the_mean_score_plus_the_mean_residual() -> None:
    mix = six("ppi")
    assert mix.loc["Post", "share"] == pytest.approx(2.4 / 6 + 0.7 / 3)
    assert mix.loc["Echo", "share"] == pytest.approx(2.7 / 6 - 0.7 / 3)
    assert mix.loc["Post", "mean"] == pytest.approx(0.4)
    assert mix.loc["Post", "count"] == pytest.approx(2 / 6)


def test_labels_alone_stand_beside_the_share() -> None:
    mix = six("ppi")
    assert mix["n_labels"].to_dict() == {"Echo": 3, "Post": 3, "Wire": 0}
    assert mix.loc["Post", "labelled"] == pytest.approx(2 / 3)
    assert mix.loc["Echo", "labelled"] == pytest.approx(1 / 3)
    assert mix.loc["Wire", ["labelled", "labelled_low"]].isna().all()
    assert mix.loc["Post", "labelled_low"] < 2 / 3 < mix.loc["Post", "labelled_high"]


@pytest.mark.parametrize("method", ["ppi", "hierarchical"])
def test_source_without_a_label_gets_no_corrected_share(method: str) -> None:
    mix = six(method)
    assert mix.loc["Wire", ["share", "low", "high", "mix"]].isna().all()
    assert mix.loc["Wire", "mean"] == 0.5
    assert mix.loc[["Post", "Echo"], ["share", "low", "high"]].notna().all(axis=None)


def pooled_variance() -> float:
    """Variance of a residual within the sources of SIX, as docs/methods.md says it.

    Each label is its article. Four labels are added, two with the code.
    """
    squares, free = 0.0, 0.0
    for own in ((0.1, 0.7, -0.1), (0.3, -0.6, -0.4)):
        squares += sum((r - np.mean(own)) ** 2 for r in own)
        free += len(own) - 1
    usual = np.mean([0.9, 0.3, 0.1, 0.7, 0.6, 0.4])
    squares += 2 * (1 - usual) ** 2 + 2 * usual**2
    return squares / (free + PSEUDO)


def test_hierarchical_share_is_that_of_the_posterior_integrated_by_quadrature() -> None:
    r, v = np.array([0.7 / 3, -0.7 / 3]), pooled_variance() / 3

    def density(tau: float) -> float:
        """Of tau, up to a factor: mu is integrated out by hand."""
        total = v + tau**2
        return tau / total * np.exp(-((r[0] - r[1]) ** 2) / (4 * total)) * total**0.5

    def kept(tau: float) -> float:
        return tau**2 / (tau**2 + v)

    whole = quad(density, 0, 1)[0]
    drawn = quad(lambda tau: density(tau) * kept(tau), 0, 1)[0] / whole
    mix = six("hierarchical")
    assert mix.loc["Post", "share"] == pytest.approx(0.4 + drawn * 0.7 / 3, abs=1e-3)
    assert mix.loc["Echo", "share"] == pytest.approx(0.45 - drawn * 0.7 / 3, abs=1e-3)


def test_adjusted_count_by_hand() -> None:
    # Of three labels with the code two are found, of three without one is mistaken.
    mix = six("acc")
    for source, counted in (("Post", 2 / 6), ("Echo", 3 / 6), ("Wire", 1.0)):
        wanted = min((counted - 1 / 3) / (2 / 3 - 1 / 3), 1)
        assert mix.loc[source, "share"] == pytest.approx(wanted, abs=1e-12)


def test_probabilistic_adjusted_count_by_hand() -> None:
    rightly, wrongly = (0.9 + 0.3 + 0.7) / 3, (0.1 + 0.6 + 0.4) / 3
    mix = six("pacc")
    for source, mean in (("Post", 0.4), ("Echo", 0.45), ("Wire", 0.5)):
        wanted = (mean - wrongly) / (rightly - wrongly)
        assert mix.loc[source, "share"] == pytest.approx(wanted)


@pytest.mark.parametrize("method", ["acc", "pacc"])
def test_model_that_says_the_same_of_all_sentences_cannot_be_adjusted(
    method: str,
) -> None:
    scores = scored([("Post", f"p{i}", 0.6) for i in range(8)])
    sample = label(scores, {0: "deal", 1: "", 2: "deal", 3: ""}, ("deal",))
    found = mix_of(scores, ("deal",), sample=sample, method=method).iloc[0]
    assert found[["share", "low", "high"]].isna().all()


def test_em_by_hand() -> None:
    # Two kinds of sentences: the share at which the shifted scores average to it.
    scores = scored([("Post", f"p{i}", 0.8 if i < 6 else 0.1) for i in range(10)])
    share = row(mix_of(scores, ("deal",), method="em", priors=(0.3,)), "deal")["share"]
    shifted = []
    for p in (0.8, 0.1):
        odds = p / (1 - p) * (0.7 / 0.3) * share / (1 - share)
        shifted.append(odds / (1 + odds))
    assert 0.6 * shifted[0] + 0.4 * shifted[1] == pytest.approx(share, abs=1e-5)
    assert share > 0.6 * 0.8 + 0.4 * 0.1


def test_em_needs_the_shares_in_training() -> None:
    with pytest.raises(ValueError, match="em needs the shares of the codes"):
        mix_of(SIX_SCORED, ("deal",), method="em")


@pytest.mark.parametrize("method", CORRECTING)
def test_correction_needs_labels(method: str) -> None:
    assert METHODS[method].needs_labels
    with pytest.raises(ValueError, match=f"{method} needs labels of this corpus"):
        mix_of(SIX_SCORED, ("deal",), method=method)


@pytest.mark.parametrize("method", ["ppi", "hierarchical"])
def test_label_drawn_with_half_the_chance_counts_twice(method: str) -> None:
    scores = SIX_SCORED[SIX_SCORED["source"] == "Post"]
    coded = {0: "deal", 2: "deal", 4: "", 5: ""}
    sample = label(scores, coded, ("deal",), chance=[0.5, 0.25, 0.5, 0.5])
    found = mix_of(scores, ("deal",), sample=sample, method=method).iloc[0]
    assert found["labelled"] == pytest.approx(3 / 5)
    residual = (0.1 + 2 * 0.7 - 0.1 - 0.1) / 5
    assert found["share"] == pytest.approx(0.4 + residual)


def test_scale_of_the_chances_does_not_matter() -> None:
    coded, chances = {0: "deal", 2: "", 4: ""}, np.array([0.8, 0.4, 0.2])
    scores = SIX_SCORED[SIX_SCORED["source"] == "Post"]
    one, other = (
        mix_of(
            scores,
            ("deal",),
            sample=label(scores, coded, ("deal",), chance=list(chances * scale)),
            method="hierarchical",
        )
        for scale in (1, 0.1)
    )
    pd.testing.assert_frame_equal(one, other)


# Groups of several sources

MONTHS = [
    ("Post", "p1", 0.5, "May"),
    ("Post", "p2", 0.4, "May"),
    ("Post", "p3", 0.3, "May"),
    ("Post", "p4", 0.2, "June"),
    ("Echo", "e1", 0.2, "May"),
    ("Echo", "e2", 0.6, "June"),
    ("Echo", "e3", 0.6, "June"),
    ("Echo", "e4", 0.6, "June"),
    ("Wire", "w1", 0.5, "July"),
    ("Wire", "w2", 0.5, "June"),
]
BY_MONTH = scored([row[:3] for row in MONTHS]).assign(month=[row[3] for row in MONTHS])
MONTH_LABELS = {0: "deal", 3: "", 4: "", 5: ""}
"""Post: residuals .5 and -.2; Echo: -.2 and -.6; Wire has no label."""


def by_month(method: str, by: Sequence[str], labels: dict[int, str]) -> pd.DataFrame:
    cells = ("source", "month")
    evidence = Evidence(
        tally_scores(BY_MONTH, ("deal",), cells),
        label(BY_MONTH, labels, ("deal",), cells),
    )
    mix = measure_mix(evidence, by, method=method)
    return mix[mix["code"] == "deal"].set_index(list(by))


def test_group_of_several_sources_takes_their_residuals_in_proportion() -> None:
    mix = by_month("ppi", ["month"], MONTH_LABELS)
    assert mix.loc["May", "share"] == pytest.approx(
        1.4 / 4 + 3 / 4 * 0.15 + 1 / 4 * -0.4
    )
    # A fifth of June is of Wire, of which its own labels say nothing.
    assert np.isnan(mix.loc["June", "share"])


def test_months_of_a_source_share_its_residual() -> None:
    mix = by_month("ppi", ["source", "month"], MONTH_LABELS)
    assert mix.loc[("Post", "May"), "share"] == pytest.approx(0.4 + 0.15)
    assert mix.loc[("Post", "June"), "share"] == pytest.approx(0.2 + 0.15)
    assert mix.loc[("Post", "June"), "n_labels"] == 1


@pytest.mark.parametrize("method", ["ppi", "hierarchical"])
def test_group_mostly_of_unlabelled_sources_gets_no_corrected_share(
    method: str,
) -> None:
    echo_alone = {4: "", 5: "", 6: "deal"}
    found = by_month(method, ["month"], echo_alone)["share"]
    # What is borrowed carries its uncertainty; by itself nothing is known of a source.
    june = method == "ppi"
    assert found.isna().to_dict() == {"May": True, "June": june, "July": True}


# One code a sentence


@pytest.mark.parametrize("method", ["ppi", "acc", "pacc", "em", "hierarchical"])
def test_corrected_shares_of_single_codes_sum_to_one(method: str) -> None:
    rng = np.random.default_rng(2)
    p = np.clip(rng.beta(1, 1, 40), 0.05, 0.95)
    scores = pd.DataFrame(
        {
            "source": np.repeat(["Echo", "Post"], 20),
            "doc_id": [f"a{i}" for i in range(40)],
            "cannot_say": False,
            "deal": p > 0.5,
            "row": p <= 0.5,
            "p_deal": p,
            "p_row": 1 - p,
        }
    )
    coded = {i: "deal" if p[i] > 0.4 else "row" for i in range(0, 40, 2)}
    sample = label(scores, coded)
    known = {"sample": sample, "method": method, "priors": (0.5, 0.5)}
    apart, single = (mix_of(scores, single=s, **known) for s in (False, True))
    for _, own in single[single["code"].isin(CODES)].groupby("source"):
        assert own["share"].sum() == pytest.approx(1)
        assert own["mix"].tolist() == pytest.approx(own["share"].tolist())
    for source in ("Echo", "Post"):
        sums = apart[(apart["source"] == source) & apart["code"].isin(CODES)]
        wanted = sums["share"] / sums["share"].sum()
        found = single[(single["source"] == source) & single["code"].isin(CODES)]
        if method != "em":
            assert found["share"].tolist() == pytest.approx(wanted.tolist())


def test_counts_of_single_codes_are_left_as_they_are() -> None:
    one, other = (mix_of(corpus(9, seed=1), single=s) for s in (False, True))
    pd.testing.assert_frame_equal(one, other)


# Articles that are all there are


@pytest.mark.parametrize("method", ["count", "mean"])
def test_census_leaves_counts_without_an_interval(method: str) -> None:
    mix = mix_of(corpus(12, seed=1), method=method, census=True)
    assert mix[["low", "high"]].isna().all(axis=None)
    sampled = mix_of(corpus(12, seed=1), method=method)
    pd.testing.assert_series_equal(mix["share"], sampled["share"])


@pytest.mark.parametrize("method", ["ppi", "pacc", "hierarchical"])
def test_census_makes_corrected_intervals_narrower(method: str) -> None:
    scores = corpus(30, seed=1)
    scores = scores[~scores["cannot_say"]].reset_index(drop=True)
    rng = np.random.default_rng(3)
    coded = {
        i: "deal" * bool(scores["deal"][i]) for i in rng.permutation(len(scores))[:80]
    }
    known = {"sample": label(scores, coded), "method": method}
    sampled, all_there = (
        row(mix_of(scores, census=census, **known), "deal") for census in (False, True)
    )
    assert all_there["share"] == sampled["share"]
    assert all_there["low"] > sampled["low"]
    assert all_there["high"] < sampled["high"]
    assert all_there["labelled_low"] > sampled["labelled_low"]


@pytest.mark.parametrize("method", ["ppi", "hierarchical"])
def test_census_with_every_sentence_labelled_is_known(method: str) -> None:
    scores = SIX_SCORED[SIX_SCORED["source"] == "Post"]
    coded = dict.fromkeys(range(6), "") | {1: "deal", 4: "deal"}
    known = {"sample": label(scores, coded, ("deal",)), "method": method}
    found = mix_of(scores, ("deal",), census=True, **known).iloc[0]
    assert found["share"] == pytest.approx(2 / 6)
    assert found["high"] - found["low"] < 0.01


# Sources whose labels disagree


def test_source_on_which_the_model_errs_otherwise_is_flagged() -> None:
    names = [*"ABCDEFG", "Wire"]
    scores = scored([(s, f"{s}{i}", 0.5) for s in names for i in range(20)])
    alike = {i: "deal" * (i % 2) for i in range(160)}
    apart = alike | dict.fromkeys(range(140, 160), "")
    flagged = []
    for coded in (alike, apart):
        mix = mix_of(scores, ("deal",), sample=label(scores, coded, ("deal",)))
        own = mix[mix["code"] == "deal"].set_index("source")["disagrees"]
        flagged.append(own.index[own.astype(bool)].tolist())
    assert flagged == [[], ["Wire"]]


# Independent libraries and papers


def oracle_tally(p: Sequence[float]) -> Tally:
    """Sentences of one source with these scores, each an article of its own."""
    return tally_scores(
        scored([("Post", f"p{i:05}", value) for i, value in enumerate(p)]), ("deal",)
    )


def oracle_sample(coded: Sequence[int], said: Sequence[float]) -> LabelledSample:
    at = np.arange(len(coded))
    proba = np.array(said, dtype=float)[:, None]
    return LabelledSample(
        coded=np.array(coded, dtype=bool)[:, None],
        proba=proba,
        decided=proba >= 0.5,
        weight=np.ones(len(at)),
        source=np.zeros(len(at), dtype=int),
        article=at,
        unit_of_pair=at,
        cell_of_pair=np.zeros(len(at), dtype=int),
    )


def share_and_error(method: str, evidence: Evidence) -> tuple[float, float]:
    groups = Groups.by(evidence.tally, ["source"])
    found = estimate(method, evidence, groups.cells)
    return float(found.share[0, 0]), float(np.sqrt(found.variance[0, 0]))


@pytest.mark.parametrize(
    ("method", "within"),
    [("count", 1e-12), ("acc", 1e-10), ("pacc", 1e-10), ("em", 5e-6)],
)
def test_adjusted_counts_and_em_are_those_of_quapy(method: str, within: float) -> None:
    case = ORACLES["quapy"]
    sample = oracle_sample(case["labels"], case["scores_of_labels"])
    evidence = Evidence(oracle_tally(case["scores"]), sample, priors=[case["prior"]])
    share, _ = share_and_error(method, evidence)
    assert share == pytest.approx(case[method], abs=within)


def test_em_over_three_codes_is_that_of_quapy() -> None:
    case = ORACLES["quapy, three classes"]
    tally = oracle_tally([0.0] * len(case["scores"]))
    proba = np.array(case["scores"])
    tally = replace(tally, codes=("a", "b", "c"), proba=proba, decided=proba > 0.5)
    evidence = Evidence(tally, priors=case["priors"], single=True)
    found = estimate("em", evidence, Groups.by(tally, ["source"]).cells)
    np.testing.assert_allclose(found.share[0], case["em"], rtol=0, atol=1e-5)


def test_share_per_source_is_that_of_ppi_python() -> None:
    case = ORACLES["ppi-python"]
    pairs = [(y, p) for y, p, n in case["label_and_score"] for _ in range(n)]
    ones = case["ones"]
    evidence = Evidence(
        oracle_tally([1.0] * ones + [0.0] * (case["n"] - ones)),
        oracle_sample([y for y, _ in pairs], [p for _, p in pairs]),
    )
    share, error = share_and_error("ppi", evidence)
    assert share == pytest.approx(case["share"], abs=1e-12)
    # Ours adds four labels to the variance of eighty.
    low, high = case["interval"]
    assert error == pytest.approx((high - low) / 2 / Z, rel=0.03)


@pytest.mark.parametrize(
    "case", ORACLES["statsmodels"]["corpora"], ids=["made", "blocks"]
)
@pytest.mark.parametrize("method", ["count", "mean"])
def test_error_over_articles_is_the_cluster_robust_one_of_statsmodels(
    method: str, case: dict[str, Any]
) -> None:
    rows = [
        ("Post", f"p{g}", float(i < coded))
        for g, (n, coded) in enumerate(
            zip(case["sentences"], case["coded"], strict=True)
        )
        for i in range(n)
    ]
    share, error = share_and_error(
        method, Evidence(tally_scores(scored(rows), ("deal",)))
    )
    assert share == pytest.approx(case["share"], abs=1e-12)
    assert error == pytest.approx(case["error"], abs=1e-12)


@pytest.mark.parametrize("case", ORACLES["Rogan and Gladen"]["examples"])
def test_worked_examples_of_rogan_and_gladen(case: dict[str, Any]) -> None:
    (found, with_code), (spared, without) = case["found"], case["spared"]
    said = [1] * found + [0] * (with_code - found) + [0] * spared
    said += [1] * (without - spared)
    sample = oracle_sample([1] * with_code + [0] * without, said)
    positive, n = case["positive"], case["n"]
    tally = oracle_tally([1.0] * positive + [0.0] * (n - positive))
    share, error = share_and_error("acc", Evidence(tally, sample))
    assert share == pytest.approx(case["share"], abs=1e-11)
    if "error" in case:
        # Theirs divides by n, ours by n - 1.
        assert error == pytest.approx(case["error"], rel=0.005)


# Stance


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
