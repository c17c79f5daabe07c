from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.prevalence import Evidence, Groups, estimate
from framing.rectifier import (
    PSEUDO,
    Residuals,
    disagreement,
    hierarchical,
    sum_residuals,
)
from tests.simulation import draw_labels, label, make_corpus, tally_arrays

# Rubin 1981, J. Educational Statistics 6:377-401, the data as rounded in Gelman et al.
# 2013, "Bayesian Data Analysis", table 5.2 (p. 120). Posteriors with mu flat and the
# density of tau proportional to tau, by quadrature over tau (scipy), confirmed by a
# grid over mu and tau. The book's own table 5.3 is for a flat density of tau.
SCHOOLS = np.array([28.0, 8, -3, 7, -1, 1, 18, 12])
SCHOOLS_ERROR = np.array([15.0, 10, 16, 11, 9, 11, 10, 18])
SCHOOLS_MEAN = (
    *(14.644611851, 8.001331208, 4.631092320, 7.564363224),
    *(3.345395408, 4.911061562, 12.777556784, 9.124696919),
)
SCHOOLS_SD = (
    *(10.450822813, 7.478482288, 9.941618640, 7.924975325),
    *(7.327294938, 8.089801033, 7.923576102, 10.254339618),
)
SCHOOLS_MU = (8.125013660, 6.501290277)
SCHOOLS_TAU = 11.430911453
HUNDREDTH = 0.01
"""Points of a test as shares: the grid over tau ends at 1."""

RESIDUALS = st.lists(st.floats(-0.5, 0.5), min_size=2, max_size=12)
SPREADS = st.floats(0.01, 0.3)


def test_eight_schools_have_their_posterior() -> None:
    found = hierarchical(SCHOOLS * HUNDREDTH, np.square(SCHOOLS_ERROR * HUNDREDTH))
    np.testing.assert_allclose(found.mean / HUNDREDTH, SCHOOLS_MEAN, rtol=0, atol=0.01)
    sd = np.sqrt(np.diagonal(found.covariance)) / HUNDREDTH
    np.testing.assert_allclose(sd, SCHOOLS_SD, rtol=0, atol=0.01)
    assert found.spread / HUNDREDTH == pytest.approx(SCHOOLS_TAU, abs=0.02)


def test_ninth_school_without_a_result_gets_what_all_say() -> None:
    ninth = np.append(SCHOOLS, np.nan) * HUNDREDTH
    found = hierarchical(ninth, np.square(np.append(SCHOOLS_ERROR, 0) * HUNDREDTH))
    mean, sd = SCHOOLS_MU
    assert found.mean[8] / HUNDREDTH == pytest.approx(mean, abs=0.01)
    # Beside what is not known of mu, how far schools differ.
    assert np.sqrt(found.covariance[8, 8]) / HUNDREDTH > np.hypot(sd, SCHOOLS_TAU)
    np.testing.assert_allclose(
        found.mean[:8] / HUNDREDTH, SCHOOLS_MEAN, rtol=0, atol=0.01
    )


@given(residual=RESIDUALS, spread=SPREADS)
def test_posterior_lies_between_the_own_residual_and_the_pooled_one(
    residual: list[float], spread: float
) -> None:
    r = np.array(residual)
    found = hierarchical(r, np.full(len(r), spread**2)).mean
    low, high = np.minimum(r, r.mean()), np.maximum(r, r.mean())
    assert (low - 1e-9 <= found).all()
    assert (found <= high + 1e-9).all()


@given(residual=RESIDUALS, spreads=st.lists(SPREADS, min_size=12, max_size=12))
def test_covariance_is_one_and_no_larger_than_the_labels_leave_it(
    residual: list[float], spreads: list[float]
) -> None:
    r = np.array(residual)
    found = hierarchical(r, np.square(spreads[: len(r)])).covariance
    np.testing.assert_allclose(found, found.T, atol=1e-15)
    assert np.linalg.eigvalsh(found).min() > -1e-12


@given(residual=RESIDUALS, spread=SPREADS)
def test_source_without_labels_gets_what_all_others_say_and_is_least_sure(
    residual: list[float], spread: float
) -> None:
    r = np.append(residual, np.nan)
    found = hierarchical(r, np.full(len(r), spread**2))
    assert found.mean[-1] == pytest.approx(np.mean(residual), abs=1e-9)
    variance = np.diagonal(found.covariance)
    assert variance[-1] >= variance[:-1].max() - 1e-12


def test_one_source_alone_keeps_its_residual() -> None:
    found = hierarchical(np.array([0.2]), np.array([0.01]))
    assert found.mean[0] == pytest.approx(0.2)
    assert found.covariance[0, 0] == pytest.approx(0.01)


def test_no_label_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="no source has a label"):
        hierarchical(np.array([np.nan, np.nan]), np.ones(2))


def test_sources_that_agree_borrow_and_sources_that_do_not_keep_their_own() -> None:
    variance = np.full(6, 0.05**2)
    rng = np.random.default_rng(3)
    alike = 0.1 + 0.05 * rng.standard_normal(6)
    unlike = np.array([-0.4, -0.2, 0.0, 0.1, 0.3, 0.5])
    for r, least, most in ((alike, 0.0, 0.75), (unlike, 0.95, 1.0)):
        found = hierarchical(r, variance)
        kept = (found.mean - r.mean()) / (r - r.mean())
        assert (kept > least).all()
        assert (kept <= most).all()
    own = np.sqrt(np.diagonal(hierarchical(alike, variance).covariance))
    assert (own < 0.05).all()


def test_disagreement_is_the_difference_over_its_error() -> None:
    r = np.array([0.3, 0.1, 0.1, np.nan])
    found = disagreement(r, np.full(4, 0.01))
    assert found[0] == pytest.approx(0.2 / np.sqrt(0.01 + 0.005))
    assert found[1] == pytest.approx(-0.1 / np.sqrt(0.01 + 0.005))
    assert np.isnan(found[3])
    assert np.isnan(disagreement(np.array([0.3, np.nan]), np.ones(2))).all()


def by_hand(weight: list[float]) -> Residuals:
    """Two labelled sentences of an article, one of another, one of another source."""
    return sum_residuals(
        residual=np.array([0.5, 0.1, -0.3, 0.2]),
        expected=np.array([0.5, 0.5, 0.5, 0.5]),
        weight=np.array(weight),
        source=np.array([0, 0, 0, 1]),
        article=np.array([0, 0, 1, 2]),
        n_sources=3,
    )


def test_residuals_by_hand() -> None:
    found = by_hand([1, 1, 1, 1])
    np.testing.assert_allclose(found.mean, [0.1, 0.2, np.nan])
    np.testing.assert_array_equal(found.n, [3, 1, 0])
    np.testing.assert_array_equal(found.labelled, [True, True, False])
    np.testing.assert_allclose(found.size[:2], [3, 1])
    np.testing.assert_array_equal(found.articles, [2, 1, 0])
    # By article: (0.4 + 0.0)^2 + 0.4^2.
    np.testing.assert_allclose(found.squares, [0.32, 0, 0], atol=1e-15)
    np.testing.assert_allclose(found.free, [1.5, 0, 0])
    pseudo = PSEUDO / 2 * (0.5**2 + 0.5**2)
    assert found.pooled_variance() == pytest.approx((0.32 + pseudo) / (1.5 + PSEUDO))
    assert found.df == 1


def test_sentence_drawn_with_half_the_chance_counts_twice() -> None:
    found = by_hand([2, 1, 1, 7])
    np.testing.assert_allclose(found.mean[:2], [(2 * 0.5 + 0.1 - 0.3) / 4, 0.2])
    assert found.size[0] == pytest.approx(4**2 / (4 + 1 + 1))
    times = by_hand([20, 10, 10, 70])
    for one, other in zip(vars(found).values(), vars(times).values(), strict=True):
        np.testing.assert_allclose(one, other)


@given(seed=st.integers(0, 1000))
def test_articles_that_copy_one_sentence_are_no_surer_than_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 30
    residual = rng.normal(0, 0.3, n)
    fields = {
        "expected": np.full(n, 0.3),
        "weight": np.ones(n),
        "source": np.zeros(n, dtype=np.int64),
        "article": np.arange(n),
    }
    one = sum_residuals(residual, **fields, n_sources=1)
    twice = {name: np.tile(field, 2) for name, field in fields.items()}
    two = sum_residuals(np.tile(residual, 2), **twice, n_sources=1)
    assert (two.squares / two.free / two.size)[0] == pytest.approx(
        (one.squares / one.free / one.size)[0]
    )


def test_prediction_powered_share_is_that_of_ppi_python() -> None:
    """ppi-python 0.2.3, ppi_mean_ci(lam=1): 80 labels, 1,000 other sentences.

    Its interval takes no Student's t and adds no labels to the variance; ours holds it.
    """
    labelled = [(1, 1)] * 23 + [(1, 0)] + [(0, 1)] * 12 + [(0, 0)] * 44
    coded, said = np.array(labelled).T
    rest = np.arange(1000) < 334
    # The labelled ones stand in a source of their own with the same scores.
    proba = np.concatenate([rest, said]).astype(float)[:, None]
    n = len(proba)
    tally = tally_arrays(
        np.zeros(n, dtype=int), np.arange(n), proba, proba > 0.5, ["row"]
    )
    gold = np.concatenate([np.zeros(1000), coded]).astype(bool)[:, None]
    sample = label(tally, gold, np.arange(1000, n))
    said = np.arange(n) < 1000
    tally = replace(tally, said=said, proba=tally.proba * said[:, None])
    cells = Groups.by(tally, ["source"]).cells
    found = estimate("ppi", Evidence(tally, sample), cells)
    assert found.share.item() == pytest.approx(0.1965)
    low, high = (bound.item() for bound in found.bounds(0.95))
    assert 0.08 < low < 0.10846802890378
    assert 0.28453197109622 < high < 0.31


def test_more_labels_make_narrower_intervals_and_smaller_errors() -> None:
    widths, errors = [], []
    for n in (15, 60, 240):
        width, error = [], []
        for seed in range(10):
            rng = np.random.default_rng(seed)
            corpus = make_corpus(
                "broken", rng, base_rates=(0.1, 0.4), articles=(60,) * 6
            )
            sample = draw_labels(corpus, 6 * n, seed)
            cells = Groups.by(corpus.tally, ["source"]).cells
            found = estimate(
                "hierarchical", Evidence(corpus.tally, sample, census=True), cells
            )
            low, high = found.bounds(0.95)
            width.append((high - low).mean())
            error.append(np.abs(found.share - corpus.own).mean())
        widths.append(np.mean(width))
        errors.append(np.mean(error))
    assert (np.diff(widths) < 0).all()
    assert (np.diff(errors) < 0).all()
