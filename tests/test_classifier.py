from typing import Any

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_info, threadpool_limits

from framing.classifier import (
    Penalty,
    calibrate,
    choose,
    contributions,
    decide,
    fit_calibration,
    fit_softmax,
    fit_weights,
    sigmoid,
    softmax,
    to_matrix,
)
from framing.model import Head, Rows
from framing.scorer import Scorer
from tests.smallmodel import make_model

CLOSE = 1e-9
N_UNITS, N_FEATURES, N_CLASSES = 80, 30, 3


@pytest.fixture(scope="module")
def rows() -> Rows:
    rng = np.random.default_rng(5)
    table = rng.random((N_UNITS, N_FEATURES)) * (
        rng.random((N_UNITS, N_FEATURES)) < 0.2
    )
    table[7] = 0.0
    at, columns = np.nonzero(table)
    known = table.any(axis=1)
    return Rows(at, columns, table[at, columns], table.shape, known)


@pytest.fixture(scope="module")
def gold(rows: Rows) -> np.ndarray:
    rng = np.random.default_rng(6)
    table = to_matrix(rows) @ rng.normal(size=(N_FEATURES, N_CLASSES))
    return np.asarray(table + rng.normal(size=table.shape) > 0.3)


@pytest.fixture(scope="module")
def weights() -> np.ndarray:
    return np.random.default_rng(7).choice([0.3, 1.0], N_UNITS)


def head(calibration: list[list[float]], *, single: bool, thresholds=None) -> Head:
    k = len(calibration)
    return Head(
        tuple(f"c{i}" for i in range(k)),
        single,
        (),
        np.zeros((k, 0)),
        np.zeros(k),
        np.array(calibration, dtype=float),
        np.full(k, 0.5) if thresholds is None else thresholds,
    )


def balanced(c: float) -> LogisticRegression:
    return LogisticRegression(
        C=c, class_weight="balanced", solver="liblinear", max_iter=1000, random_state=3
    )


@pytest.mark.parametrize("c", [0.5, 3.0, 30.0])
def test_decision_values_are_those_of_scikit_learn(
    c: float, rows: Rows, gold: np.ndarray, weights: np.ndarray
) -> None:
    matrix = to_matrix(rows)
    coef, intercept = fit_weights(matrix, gold, weights, Penalty(0.0, c), seed=3)
    expected = [
        balanced(c).fit(matrix, labels, weights).decision_function(matrix)
        for labels in gold.T
    ]
    found = decide(rows, coef, intercept)
    np.testing.assert_allclose(found.T, expected, rtol=0, atol=CLOSE)


def test_scaled_features_give_the_decisions_of_a_fit_on_them(
    rows: Rows, gold: np.ndarray, weights: np.ndarray
) -> None:
    """Log-count ratios by hand: Wang and Manning 2012, section 2."""
    matrix = to_matrix(rows)
    found = decide(rows, *fit_weights(matrix, gold, weights, Penalty(0.5, 3.0), seed=3))
    table = matrix.toarray()
    for z, labels in zip(found.T, gold.T, strict=True):
        p, q = table[labels].sum(axis=0) + 1, table[~labels].sum(axis=0) + 1
        ratio = np.abs(np.log((p / p.sum()) / (q / q.sum()))) ** 0.5
        scaled = table * (ratio / np.sqrt((ratio**2).mean()))
        fitted = balanced(3.0).fit(scaled, labels, weights)
        expected = fitted.decision_function(scaled)
        np.testing.assert_allclose(z, expected, rtol=0, atol=1e-6)


def test_matrix_holds_the_rows(rows: Rows) -> None:
    matrix = to_matrix(rows)
    assert isinstance(matrix, csr_matrix)
    assert matrix.shape == rows.shape
    assert matrix[rows.rows[3], rows.columns[3]] == rows.values[3]


def test_sentence_without_features_is_decided_by_the_intercept(rows: Rows) -> None:
    coef = np.ones((2, N_FEATURES))
    assert decide(rows, coef, np.array([0.25, -2.0]))[7].tolist() == [0.25, -2.0]


def test_no_sentence_gets_no_decision_value() -> None:
    nothing = np.empty(0, dtype=np.int64)
    rows = Rows(nothing, nothing, np.empty(0), (0, 4), np.empty(0, dtype=bool))
    assert decide(rows, np.ones((2, 4)), np.zeros(2)).shape == (0, 2)


@pytest.mark.parametrize(("all_have_it", "intercept"), [(True, 5.0), (False, -5.0)])
def test_class_that_all_or_none_have_gets_an_intercept_only(
    all_have_it: bool,
    intercept: float,
    rows: Rows,
    gold: np.ndarray,
    weights: np.ndarray,
) -> None:
    one_sided = gold.copy()
    one_sided[:, 1] = all_have_it
    matrix, penalty = to_matrix(rows), Penalty(0.5, 1.0)
    coef, found = fit_weights(matrix, one_sided, weights, penalty, seed=0)
    assert not coef[1].any()
    assert found[1] == intercept
    assert coef[0].any()
    z = decide(rows, coef, found)
    assert fit_calibration(z, one_sided, weights)[1].tolist() == [1.0, 0.0]


def test_fit_is_the_same_again(
    rows: Rows, gold: np.ndarray, weights: np.ndarray
) -> None:
    matrix, penalty = to_matrix(rows), Penalty(1.0, 10.0)
    one, two = (fit_weights(matrix, gold, weights, penalty, seed=1) for _ in range(2))
    assert one[0].tobytes() == two[0].tobytes()
    assert one[1].tobytes() == two[1].tobytes()


def test_fits_keep_to_one_thread_whatever_there_is(
    rows: Rows, gold: np.ndarray, weights: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the same labels would give other last digits on a machine of more cores."""
    seen: set[int] = set()
    fit = LogisticRegression.fit

    def noted(self: LogisticRegression, *data: Any, **named: Any) -> Any:
        seen.update(pool["num_threads"] for pool in threadpool_info())
        return fit(self, *data, **named)

    monkeypatch.setattr(LogisticRegression, "fit", noted)
    with threadpool_limits(2):
        coef, intercept = fit_weights(
            to_matrix(rows), gold, weights, Penalty(1.0, 10.0), seed=1
        )
        fit_calibration(decide(rows, coef, intercept), gold, weights)
    assert seen == {1}


def test_penalties_are_in_order_of_simplicity() -> None:
    assert Penalty(0.0, 30.0) < Penalty(0.5, 0.5) < Penalty(0.5, 1.0)


def test_sigmoid_and_softmax_of_large_numbers_do_not_overflow() -> None:
    z = np.array([-1e308, -1000.0, 0.0, 1000.0, 1e308])
    assert sigmoid(z).tolist() == [0.0, 0.0, 0.5, 1.0, 1.0]
    rows = softmax(np.array([[1000.0, 0.0], [-1e300, -1e300], [0.0, -1000.0]]))
    assert rows.tolist() == [[1.0, 0.0], [0.5, 0.5], [1.0, 0.0]]


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(st.floats(-30, 30), min_size=1, max_size=6))
def test_sigmoid_and_softmax_are_what_they_are_called(values: list[float]) -> None:
    z = np.array(values)
    np.testing.assert_allclose(sigmoid(z), 1 / (1 + np.exp(-z)), rtol=0, atol=1e-15)
    np.testing.assert_allclose(softmax(z), np.exp(z) / np.exp(z).sum(), atol=1e-15)
    two = softmax(np.column_stack([z, np.zeros(len(z))]))
    np.testing.assert_allclose(two[:, 0], sigmoid(z), rtol=0, atol=1e-15)


def test_calibration_is_platts_with_a_slope_that_never_falls() -> None:
    rng = np.random.default_rng(2)
    z = rng.normal(size=(4000, 2))
    z[:, 1] *= -1
    truth = sigmoid(np.column_stack([2 * z[:, 0] - 1, -2 * z[:, 1] - 1]))
    gold = rng.random(truth.shape) < truth
    found = fit_calibration(z, gold, np.ones(len(z)))
    np.testing.assert_allclose(found[0], [2, -1], atol=0.15)
    assert found[1, 0] == 1e-3


def test_weights_of_calibration_count_units() -> None:
    rng = np.random.default_rng(3)
    z = rng.normal(size=(60, 1))
    gold = rng.random((60, 1)) < sigmoid(z)
    n = rng.integers(1, 4, 60)
    repeated = fit_calibration(
        np.repeat(z, n, axis=0), np.repeat(gold, n, axis=0), np.ones(n.sum())
    )
    weighted = fit_calibration(z, gold, n.astype(float))
    np.testing.assert_allclose(weighted, repeated, atol=1e-3)


def single_units() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    z = rng.normal(size=(3000, 3))
    p = softmax(1.7 * z + np.array([0.0, -1.5, 0.5]))
    drawn = (p.cumsum(axis=1) > rng.random((3000, 1))).argmax(axis=1)
    return z, drawn[:, None] == np.arange(3), rng.choice([0.5, 1.0], 3000)


def test_shared_slope_and_shifts_are_found_again() -> None:
    z, gold, weights = single_units()
    found = fit_softmax(z, gold, weights)
    assert len(set(found[:, 0])) == 1
    np.testing.assert_allclose(found[0, 0], 1.7, atol=0.15)
    shifts = found[:, 1] - found[0, 1]
    np.testing.assert_allclose(shifts, [0, -1.5, 0.5], atol=0.2)


def test_gradient_of_the_softmax_fit_is_that_of_its_loss(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    z, gold, weights = single_units()
    asked = []
    minimize = scipy.optimize.minimize

    def listening(loss, start, **options):
        asked.append(loss)
        return minimize(loss, start, **options)

    monkeypatch.setattr(scipy.optimize, "minimize", listening)
    found = fit_softmax(z, gold, weights)
    (loss,) = asked
    for point in ([0.0, 0.0, 0.0, 0.0], [0.7, -1.0, 0.3, 2.0], [-1.0, 0.1, 0.2, 0.3]):
        numeric = scipy.optimize.approx_fprime(np.array(point), lambda x: loss(x)[0])
        np.testing.assert_allclose(loss(np.array(point))[1], numeric, atol=1e-6)
    best = np.array([np.log(found[0, 0]), *found[:, 1]])
    np.testing.assert_allclose(loss(best)[1], 0, atol=1e-4)


def test_probabilities_of_one_class_a_unit_sum_to_one() -> None:
    z, gold, weights = single_units()
    proba = calibrate(head(fit_softmax(z, gold, weights), single=True), z)
    np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_allclose(
        np.average(proba, axis=0, weights=weights),
        np.average(gold, axis=0, weights=weights),
        atol=1e-3,
    )


@settings(max_examples=50, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(*[st.floats(-8, 8)] * 3), min_size=1, max_size=8),
    st.floats(0.1, 5),
    st.tuples(*[st.floats(-3, 3)] * 3),
)
def test_single_class_by_its_threshold_is_the_one_of_highest_decision_value(
    values: list[tuple[float, ...]], slope: float, shifts: tuple[float, ...]
) -> None:
    z, shift = np.array(values), np.array(shifts)
    one = head(
        np.column_stack([np.full(3, slope), shift]),
        single=True,
        thresholds=softmax(shift),
    )
    decided = choose(one, calibrate(one, z))
    assert (decided.sum(axis=1) == 1).all()
    chosen = z[np.arange(len(z)), decided.argmax(axis=1)]
    np.testing.assert_allclose(chosen, z.max(axis=1), rtol=0, atol=1e-9)


def test_any_number_of_codes_may_reach_their_threshold() -> None:
    several = head([[1, 0]] * 3, single=False, thresholds=np.array([0.2, 0.5, 0.9]))
    proba = np.array([[0.2, 0.5, 0.9], [0.19, 0.49, 0.89], [0.3, 0.4, 1.0]])
    assert choose(several, proba).tolist() == [
        [True] * 3,
        [False] * 3,
        [True, False, True],
    ]


@pytest.mark.parametrize("single", [False, True])
def test_contributions_add_up_exactly_to_the_calibrated_log_odds(single: bool) -> None:
    model = make_model(single=single)
    scorer = Scorer(model)
    text = "Iran signs a treaty and a pact while troops shell the border"
    rows = scorer.frames.transform([scorer.viewer.view(scorer.viewer.read(text))])
    moved = contributions(model.frames, rows, scorer.frames.names)
    a, b = model.frames.calibration.T
    z = decide(rows, model.frames.coef, model.frames.intercept)[0]
    total = np.sum([amount for _, amount in moved], axis=0)
    np.testing.assert_allclose(total, a * z + b, rtol=0, atol=1e-12)
    assert moved[-1][0] == "intercept"
    assert len(moved) == len(rows.values) + 1 > 3


def test_explanation_by_word_adds_up_to_the_probability() -> None:
    scorer = Scorer(make_model())
    text = "Iran signs a treaty while troops shell the border"
    said = scorer.explain(text)
    proba, decided, cannot_say = scorer.score(scorer.read([text]))
    np.testing.assert_array_equal(said.proba, proba[0])
    np.testing.assert_array_equal(said.decided, decided[0])
    assert said.known is not bool(cannot_say[0])
    for k in range(len(said.codes)):
        words = said.by_word(k)
        total = sum(amount for _, amount in words)
        np.testing.assert_allclose(sigmoid(np.array(total)), proba[0, k], atol=1e-12)
        sizes = [abs(amount) for _, amount in words]
        assert sizes == sorted(sizes, reverse=True)
        names = [name for name, _ in words]
        assert len(set(names)) == len(names)
        assert {"treaty", "spelling", "intercept"} <= set(names)


def test_nothing_is_decided_where_no_word_is_known() -> None:
    scorer = Scorer(make_model(thresholds=0.0))
    proba, decided, cannot_say = scorer.score(scorer.read(["zebra", "treaty", ""]))
    assert cannot_say.tolist() == [True, False, True]
    assert decided.any(axis=1).tolist() == [False, True, False]
    assert ((proba >= 0) & (proba <= 1)).all()


def test_scores_do_not_depend_on_the_company_of_a_sentence() -> None:
    scorer = Scorer(make_model())
    texts = ["a treaty", "troops shell", "Iran signs", "zebra"]
    together = scorer.score(scorer.read(texts))
    alone = [scorer.score(scorer.read([text])) for text in texts]
    for part in range(3):
        np.testing.assert_array_equal(
            together[part], np.concatenate([one[part] for one in alone])
        )


def test_no_sentence_gets_no_score() -> None:
    scorer = Scorer(make_model())
    proba, decided, cannot_say = scorer.score(scorer.read([]))
    assert proba.shape == decided.shape == (0, 2)
    assert cannot_say.shape == (0,)


def test_stance_is_one_value_for_every_target_named() -> None:
    scorer = Scorer(make_model())
    texts = ["No actor here", "Iran accused Israel of shelling", "M23 signs a treaty"]
    found = scorer.score_stance(scorer.read(texts))
    assert [(i, target) for i, target, _, _ in found] == [(1, "Iran"), (1, "Israel")]
    for _, _, proba, value in found:
        assert proba.shape == (3,)
        assert abs(proba.sum() - 1) < 1e-12
        assert value in ("favourable", "critical", "neutral")


def test_model_without_stance_says_nothing_of_targets() -> None:
    scorer = Scorer(make_model(stance=False))
    assert scorer.score_stance(scorer.read(["Iran accused Israel"])) == []


def test_contributions_of_several_sentences_are_refused() -> None:
    model = make_model()
    scorer = Scorer(model)
    views = scorer.bulk.view(scorer.bulk.read(["a", "b"]))
    with pytest.raises(ValueError, match="contributions are those of one sentence"):
        contributions(model.frames, scorer.frames.transform(views), scorer.frames.names)
