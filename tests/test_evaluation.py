import numpy as np
import pandas as pd
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.evaluation import (
    N_BINS,
    THRESHOLDS,
    best_f1,
    choose_thresholds,
    f1_error,
    f1_gain,
    f1_score,
    grouped_folds,
    measure_codes,
    measure_thresholds,
)

CODES = ("deal", "row", "aid")
COLUMNS = (
    *("code", "n", "precision", "recall", "f1", "f1_low", "f1_high"),
    *("average_precision", "calibration_error"),
)


def corpus(n: int = 400, *, seed: int = 1) -> tuple[np.ndarray, ...]:
    """Gold, probabilities that are calibrated, decisions, and articles."""
    rng = np.random.default_rng(seed)
    proba = rng.beta(0.5, 1.5, size=(n, len(CODES)))
    gold = rng.random(proba.shape) < proba
    return gold, proba, proba >= 0.4, np.array([f"a{i // 8:03}" for i in range(n)])


def labelled(draw: st.DrawFn, n_codes: int = 1) -> tuple[np.ndarray, np.ndarray]:
    n = draw(st.integers(1, 14))
    cells = st.lists(st.booleans(), min_size=n * n_codes, max_size=n * n_codes)
    grid = st.sampled_from([-3.0, 0.0, 0.125, 0.25, 0.5, 0.75, 1.0, 40.0])
    scores = draw(st.lists(grid, min_size=n * n_codes, max_size=n * n_codes))
    gold = np.array(draw(cells)).reshape(n, n_codes)
    return gold, np.array(scores).reshape(n, n_codes)


@pytest.mark.parametrize("seed", [1, 2])
def test_scores_per_code_are_those_of_scikit_learn(seed: int) -> None:
    gold, proba, decided, articles = corpus(seed=seed)
    table = measure_codes(gold, decided, proba, CODES, groups=articles)
    assert tuple(table.columns) == COLUMNS
    assert tuple(table["code"]) == (*CODES, "macro")
    precision, recall, f1, n = sklearn.metrics.precision_recall_fscore_support(
        gold, decided
    )
    expected = {
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "average_precision": sklearn.metrics.average_precision_score(
            gold, proba, average=None
        ),
    }
    for name, values in expected.items():
        found = table[name].to_numpy()
        np.testing.assert_allclose(found[:-1], values, rtol=0, atol=1e-12)
        np.testing.assert_allclose(found[-1], np.mean(values), rtol=0, atol=1e-12)
    assert table["n"].tolist() == [*n, len(gold)]


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.data())
def test_f1_is_that_of_scikit_learn(data: st.DataObject) -> None:
    gold, scores = labelled(data.draw, 2)
    decided = scores > 0.2
    expected = sklearn.metrics.f1_score(gold, decided, average=None, zero_division=0)
    np.testing.assert_allclose(f1_score(gold, decided), expected, rtol=0, atol=1e-12)


def test_code_that_is_neither_given_nor_there_has_scores_of_zero() -> None:
    nothing = np.zeros((6, 1), dtype=bool)
    table = measure_codes(nothing, nothing, None, ["deal"], groups=list("aabbcc"))
    assert table.loc[0, ["precision", "recall", "f1"]].tolist() == [0, 0, 0]
    assert table.loc[0, ["f1_low", "f1_high"]].tolist() == [0, 0]


def test_code_without_gold_has_no_average_precision_and_macro_goes_without_it() -> None:
    gold, proba, decided, articles = corpus()
    gold[:, 2] = False
    table = measure_codes(gold, decided, proba, CODES, groups=articles)
    found = table["average_precision"]
    assert np.isnan(found[2])
    assert found[3] == pytest.approx(found[:2].mean())


def test_a_tagger_has_no_average_precision_and_no_calibration() -> None:
    gold, _, decided, articles = corpus()
    table = measure_codes(gold, decided, None, CODES, groups=articles)
    assert table["average_precision"].isna().all()
    assert table["calibration_error"].isna().all()
    assert table["f1"].notna().all()


def test_intervals_hold_the_score_and_widen_with_fewer_articles() -> None:
    gold, proba, decided, articles = corpus(800)
    large = measure_codes(gold, decided, proba, CODES, groups=articles)
    small = measure_codes(
        gold[:80], decided[:80], proba[:80], CODES, groups=articles[:80]
    )
    for table in (large, small):
        assert (table["f1_low"] <= table["f1"]).all()
        assert (table["f1"] <= table["f1_high"]).all()
    width = [(t["f1_high"] - t["f1_low"]).iloc[-1] for t in (large, small)]
    assert 0 < width[0] < width[1]


def test_intervals_take_the_article_as_the_sampled_thing() -> None:
    rng = np.random.default_rng(0)
    gold = np.repeat(rng.random((30, 1)) < 0.5, 10, axis=0)
    decided = gold ^ np.repeat(rng.random((30, 1)) < 0.3, 10, axis=0)
    articles = np.repeat(np.arange(30), 10).astype(str)
    each = np.arange(300).astype(str)
    tables = [
        measure_codes(gold, decided, None, ["deal"], groups=groups)
        for groups in (articles, each)
    ]
    width = [(t["f1_high"] - t["f1_low"])[0] for t in tables]
    assert width[0] > 2 * width[1]


def test_one_article_has_an_interval_of_no_width() -> None:
    gold, proba, decided, _ = corpus(20)
    table = measure_codes(gold, decided, proba, CODES, groups=["a"] * 20)
    pd.testing.assert_series_equal(table["f1_low"], table["f1"], check_names=False)


def test_scores_are_the_same_again_and_intervals_follow_the_seed() -> None:
    gold, proba, decided, articles = corpus()
    tables = [
        measure_codes(gold, decided, proba, CODES, groups=articles, seed=seed)
        for seed in (0, 0, 1)
    ]
    pd.testing.assert_frame_equal(tables[0], tables[1])
    assert (tables[0]["f1_low"] != tables[2]["f1_low"]).any()


def shuffled() -> tuple[pd.DataFrame, pd.DataFrame]:
    gold, proba, decided, articles = corpus()
    order = np.random.default_rng(3).permutation(len(gold))
    return (
        measure_codes(gold, decided, proba, CODES, groups=articles),
        measure_codes(
            gold[order], decided[order], proba[order], CODES, groups=articles[order]
        ),
    )


def test_order_of_units_changes_neither_scores_nor_intervals() -> None:
    one, other = shuffled()
    pd.testing.assert_frame_equal(one, other)


def test_error_of_macro_f1_is_the_spread_of_resampled_articles() -> None:
    gold, _, decided, articles = corpus(800)
    rng = np.random.default_rng(9)
    names = np.unique(articles)
    drawn = []
    for _ in range(500):
        picked = rng.choice(names, len(names))
        at = np.concatenate([np.flatnonzero(articles == name) for name in picked])
        drawn.append(f1_score(gold[at], decided[at]).mean())
    assert f1_error(gold, decided, articles) == pytest.approx(np.std(drawn), rel=0.12)


@pytest.mark.parametrize(("n_groups", "n_folds"), [(13, 5), (3, 5), (2, 5), (40, 4)])
def test_folds_never_share_a_group_and_leave_nothing_out(
    n_groups: int, n_folds: int
) -> None:
    rng = np.random.default_rng(1)
    drawn = rng.integers(0, n_groups, 200)
    groups = np.array([f"article {g}" for g in drawn])
    tested = []
    folds = list(grouped_folds(groups, n_folds, 7))
    assert len(folds) == min(n_folds, n_groups)
    for train, test in folds:
        assert not set(groups[train]) & set(groups[test])
        assert sorted([*train, *test]) == list(range(200))
        tested += list(test)
    assert sorted(tested) == list(range(200))


def test_folds_follow_the_seed_and_not_the_order_of_units() -> None:
    groups = np.array([f"article {i % 20}" for i in range(100)])

    def sides(names: np.ndarray, seed: int) -> list[set[str]]:
        return [set(names[test]) for _, test in grouped_folds(names, 5, seed)]

    assert sides(groups, 1) == sides(groups, 1) != sides(groups, 2)
    assert sides(groups, 1) == sides(groups[::-1], 1)


def test_one_group_cannot_be_folded() -> None:
    with pytest.raises(ValueError, match="n_splits"):
        list(grouped_folds(["a", "a"], 5, 0))


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.data())
def test_thresholds_are_as_good_as_the_best_by_brute_force(
    data: st.DataObject,
) -> None:
    gold, scores = labelled(data.draw)
    weights = np.ones(len(gold))
    (threshold,) = choose_thresholds(gold, scores, weights)
    candidates = [*np.unique(scores), scores.max() + 1]
    reached = [float(f1_score(gold, scores >= c)[0]) for c in candidates]
    (found,) = f1_score(gold, scores >= threshold)
    assert found == pytest.approx(max(reached), abs=1e-12)
    assert best_f1(gold, scores)[0] == pytest.approx(max(reached), abs=1e-12)
    assert threshold not in scores or len(np.unique(scores)) == 1


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.data())
def test_weights_of_thresholds_count_units(data: st.DataObject) -> None:
    gold, scores = labelled(data.draw)
    drawn = st.lists(st.integers(1, 3), min_size=len(gold), max_size=len(gold))
    n = np.array(data.draw(drawn))
    repeated = np.repeat(gold, n, axis=0), np.repeat(scores, n, axis=0)
    assert choose_thresholds(gold, scores, n.astype(float)) == choose_thresholds(
        *repeated, np.ones(n.sum())
    )


def test_threshold_lies_half_way_between_two_scores() -> None:
    scores = np.array([[0.9], [0.7], [0.3], [0.1]])
    gold = np.array([[True], [True], [False], [False]])
    assert choose_thresholds(gold, scores, np.ones(4))[0] == pytest.approx(0.5)


def test_threshold_between_neighbouring_numbers_still_parts_them() -> None:
    high = np.nextafter(0.5, 1)
    scores = np.array([[high], [0.5]])
    gold = np.array([[True], [False]])
    threshold = choose_thresholds(gold, scores, np.ones(2))
    assert (scores >= threshold).tolist() == gold.tolist()


@pytest.mark.parametrize(("a", "b"), [(0.5, 1.5), (1.0, 4.0), (2.0, 2.0)])
def test_half_the_best_f1_is_the_best_threshold_of_calibrated_scores(
    a: float, b: float
) -> None:
    """Lipton, Elkan and Naryanaswamy 2014, section 4."""
    rng = np.random.default_rng(11)
    proba = rng.beta(a, b, size=(60_000, 1))
    gold = rng.random(proba.shape) < proba
    best = best_f1(gold, proba)[0]
    (threshold,) = choose_thresholds(gold, proba, np.ones(len(gold)))
    assert best / 2 == pytest.approx(threshold, abs=0.05)
    assert f1_score(gold, proba >= best / 2)[0] == pytest.approx(best, abs=0.002)


def calibration_error(gold: np.ndarray, proba: np.ndarray) -> float:
    groups = [str(i) for i in range(len(gold))]
    table = measure_codes(gold, proba > 0.5, proba, ["deal"], groups=groups)
    return float(table["calibration_error"][0])


def test_calibration_error_of_a_perfect_forecaster_is_zero() -> None:
    gold = np.random.default_rng(0).random((57, 1)) < 0.3
    assert calibration_error(gold, gold.astype(float)) == 0


def test_calibration_error_of_right_shares_is_zero_and_of_wrong_ones_the_gap() -> None:
    gold = np.tile([[True], [False], [False], [False]], (N_BINS * 5, 1))
    share = np.full(gold.shape, 0.25)
    assert calibration_error(gold, share) == pytest.approx(0)
    assert calibration_error(gold, share + 0.5) == pytest.approx(0.5)


def test_calibration_error_by_hand() -> None:
    proba = np.repeat(np.linspace(0.05, 0.95, N_BINS), 4)[:, None]
    gold = np.tile([[True], [False], [False], [False]], (N_BINS, 1))
    gaps = np.abs(np.linspace(0.05, 0.95, N_BINS) - 0.25)
    assert calibration_error(gold, proba) == pytest.approx(gaps.mean())


def test_calibration_error_of_fewer_units_than_bins_is_of_those_units() -> None:
    gold = np.array([[True], [False], [True]])
    proba = np.array([[0.75], [0.5], [1.0]])
    assert calibration_error(gold, proba) == pytest.approx(0.25)


def test_gain_is_the_difference_of_f1_and_its_error_the_spread_of_articles() -> None:
    gold, proba, decided, articles = corpus(800)
    other = proba >= 0.2
    gain, error = f1_gain(gold, decided, other, articles)
    expected = f1_score(gold, other) - f1_score(gold, decided)
    np.testing.assert_allclose(gain, [*expected, expected.mean()])
    rng = np.random.default_rng(9)
    names = np.unique(articles)
    drawn = []
    for _ in range(500):
        picked = rng.choice(names, len(names))
        at = np.concatenate([np.flatnonzero(articles == name) for name in picked])
        rise = f1_score(gold[at], other[at]) - f1_score(gold[at], decided[at])
        drawn.append([*rise, rise.mean()])
    np.testing.assert_allclose(error, np.std(drawn, axis=0), rtol=0.15)


def test_decisions_do_not_gain_on_themselves() -> None:
    gold, _, decided, articles = corpus()
    gain, error = f1_gain(gold, decided, decided, articles)
    assert not gain.any()
    assert not error.any()


def test_thresholds_are_measured_with_that_of_the_model_marked() -> None:
    gold = np.array([[True], [True], [False], [False]])
    proba = np.array([[0.9], [0.35], [0.55], [0.05]])
    table = measure_thresholds(gold, proba, ["deal"], [0.33])
    assert table["threshold"].tolist() == sorted([*THRESHOLDS, 0.33])
    assert table.loc[table["own"], "threshold"].tolist() == [0.33]
    by = table.set_index("threshold")
    assert by.loc[0.33, ["precision", "recall", "f1"]].tolist() == [2 / 3, 1, 0.8]
    assert by.loc[0.6, ["n", "n_decided", "precision", "recall"]].tolist() == [
        *(2, 1, 1, 0.5),
    ]
    at_own = measure_codes(gold, proba >= 0.33, None, ["deal"], groups=list("abcd"))
    assert by.loc[0.33, "f1"] == at_own["f1"][0]


def test_the_threshold_of_the_model_is_not_there_twice() -> None:
    gold, proba = np.array([[True], [False]]), np.array([[0.5], [0.5]])
    table = measure_thresholds(gold, proba, ["deal"], [0.5])
    assert table["own"].sum() == 1
    assert len(table) == len(THRESHOLDS)


def test_a_code_that_nobody_gave_has_no_figures_but_nought() -> None:
    gold, proba = np.zeros((3, 1), dtype=bool), np.full((3, 1), 0.2)
    table = measure_thresholds(gold, proba, ["deal"], [0.4])
    assert not table[["precision", "recall", "f1"]].any(axis=None)
