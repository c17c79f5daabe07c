import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from framing.intervals import (
    P_MIN,
    Estimates,
    adjust,
    combine_df,
    contrast,
    effective_df,
    student,
    wilson,
)
from framing.prevalence import Evidence
from tests.simulation import compare_all, tally_arrays

Z = 1.959963984540054
"""The 97.5 % point of the normal distribution."""

DIFFERENCE = np.array([[1.0, -1.0]])

# Newcombe 1998, Statistics in Medicine 17:857-872, table I, method 3, four digits.
NEWCOMBE_SINGLE = [
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0, 0.1611),
    (1, 29, 0.0061, 0.1718),
]

# Newcombe 1998, Statistics in Medicine 17:873-890, table II, method 10, four digits.
NEWCOMBE_DIFFERENCE = [
    ((56, 70), (48, 80), 0.0524, 0.3339),
    ((9, 10), (3, 10), 0.1705, 0.8090),
    ((6, 7), (2, 7), 0.0582, 0.8062),
    ((5, 56), (0, 29), -0.0381, 0.1926),
    ((0, 10), (0, 20), -0.1611, 0.2775),
    ((0, 10), (0, 10), -0.2775, 0.2775),
    ((10, 10), (0, 20), 0.6791, 1.0000),
    ((10, 10), (0, 10), 0.6075, 1.0000),
]

# statsmodels 0.15.0, proportion_confint(method="wilson"): hits, n, level, interval.
STATSMODELS_SINGLE = [
    (3, 10, 0.95, 0.107791267406, 0.603221852539),
    (10, 10, 0.95, 0.722467200137, 1.0),
    (1, 1, 0.95, 0.206549314377, 1.0),
    (4060, 11284, 0.95, 0.350995236899, 0.368703165001),
    (0, 10, 0.90, 0.0, 0.212941970083),
    (3, 10, 0.90, 0.126876583903, 0.558300204130),
    (4060, 11284, 0.90, 0.352404273041, 0.367265918777),
]

# statsmodels 0.15.0, confint_proportions_2indep(method="newcomb", compare="diff").
STATSMODELS_DIFFERENCE = [
    ((7, 34), (1, 34), 0.018921443886, 0.340368687033),
    ((84, 101), (89, 105), -0.117749649785, 0.085071351816),
    ((5, 56), (0, 29), -0.038137147904, 0.192560013855),
]

# Benjamini and Hochberg 1995, J. Royal Statistical Society B 57:289-300, section 3.2
# (p. 295): at .05 their procedure rejects four, Bonferroni's three.
THROMBOLYSIS = (
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459),
    *(0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0),
)

# Bioconductor's multtest, by the tests of statsmodels (test_multi.py, res_multtest1).
MULTTEST = {
    "none": (
        *(0.838541367553, 0.642193923795, 0.680845947633, 0.967833824309),
        *(0.71626938238, 0.177096952723, 5.23656777208e-05, 0.0202732688798),
        *(0.00028140506198, 0.0149877310796),
    ),
    "holm": (
        *(1, 1, 1, 1, 1, 1, 0.000523656777208, 0.1419128821586),
        *(0.00253264555782, 0.1199018486368),
    ),
    "bh": (
        *(0.9317126306144, 0.895336727975, 0.895336727975, 0.967833824309),
        *(0.895336727975, 0.354193905446, 0.000523656777208, 0.0506831721995),
        *(0.0014070253099, 0.0499591035987),
    ),
}

P_VALUES = st.lists(st.floats(P_MIN, 1.0), min_size=1, max_size=30)


def proportions(*counts: tuple[int, int]) -> Estimates:
    """Independent shares of single sentences: hits and number of each."""
    hits, n = np.array(counts, dtype=float).T
    share = hits / n
    many = np.full((len(n), 1), np.inf)
    return Estimates(
        share[:, None], np.diag(share * (1 - share) / n)[None], many, n[:, None]
    )


def corrected(
    share: list[float], spread: list[float], correlation: float = 0.0
) -> Estimates:
    """Corrected shares, whose intervals are symmetric but for the ends."""
    spreads = np.array(spread)
    alike = np.full((len(share), len(share)), correlation)
    np.fill_diagonal(alike, 1.0)
    column = np.array(share)[:, None]
    return Estimates(
        column,
        (alike * np.outer(spreads, spreads))[None],
        np.full_like(column, 30.0),
        np.full_like(column, np.nan),
    )


@pytest.mark.parametrize(("hits", "n", "low", "high"), NEWCOMBE_SINGLE)
def test_interval_of_a_share_is_newcombes(
    hits: int, n: int, low: float, high: float
) -> None:
    found = wilson(np.array(hits / n), np.array(n), Z)
    np.testing.assert_allclose(found, [low, high], rtol=0, atol=5.1e-5)


@pytest.mark.parametrize(("hits", "n", "level", "low", "high"), STATSMODELS_SINGLE)
def test_interval_of_a_share_is_that_of_statsmodels(
    hits: int, n: int, level: float, low: float, high: float
) -> None:
    found = proportions((hits, n)).bounds(level)
    np.testing.assert_allclose(np.ravel(found), [low, high], rtol=0, atol=1e-11)


@pytest.mark.parametrize(("a", "b", "low", "high"), NEWCOMBE_DIFFERENCE)
def test_interval_of_a_difference_is_newcombes(
    a: tuple[int, int], b: tuple[int, int], low: float, high: float
) -> None:
    found = contrast(proportions(a, b), DIFFERENCE, 0.95)
    both = [found.low.item(), found.high.item()]
    np.testing.assert_allclose(both, [low, high], rtol=0, atol=5.1e-5)


@pytest.mark.parametrize(("a", "b", "low", "high"), STATSMODELS_DIFFERENCE)
def test_interval_of_a_difference_is_that_of_statsmodels(
    a: tuple[int, int], b: tuple[int, int], low: float, high: float
) -> None:
    found = contrast(proportions(a, b), DIFFERENCE, 0.95)
    both = [found.low.item(), found.high.item()]
    np.testing.assert_allclose(both, [low, high], rtol=0, atol=1e-11)


def test_benjamini_and_hochberg_reject_four_and_holm_three() -> None:
    p = np.array(THROMBOLYSIS)
    assert (adjust(p, "bh") <= 0.05).sum() == 4
    assert (adjust(p, "holm") <= 0.05).sum() == 3
    np.testing.assert_allclose(
        adjust(p, "holm")[:9],
        [0.0015, 0.0056, 0.0247, 0.114, 0.2211, 0.278, 0.278, 0.278, 0.3213],
    )


@pytest.mark.parametrize("how", ["holm", "bh", "none"])
def test_adjusted_p_values_are_those_of_multtest(how: str) -> None:
    found = adjust(np.array(MULTTEST["none"]), how)
    np.testing.assert_allclose(found, MULTTEST[how], rtol=1e-10)


def test_p_value_that_is_not_there_stays_and_does_not_count() -> None:
    p = np.array([0.01, np.nan, 0.02, 0.9])
    for how in ("holm", "bh", "none"):
        found = adjust(p, how)
        assert np.isnan(found[1])
        np.testing.assert_allclose(found[[0, 2, 3]], adjust(p[[0, 2, 3]], how))


def test_unknown_adjustment_is_refused() -> None:
    with pytest.raises(ValueError, match="one of holm, bh, none"):
        adjust(np.array([0.1]), "bonferroni")


def test_nothing_asked_needs_no_adjustment() -> None:
    for how in ("holm", "bh", "none"):
        assert adjust(np.zeros(0), how).shape == (0,)


def test_degrees_of_freedom_are_those_of_the_guide() -> None:
    """JCGM 100:2008 ("GUM"), G.4.1: 19.0 with the combined uncertainty rounded."""
    parts = [(0.25**2, 9.0), (0.57**2, 4.0), (0.82**2, 14.0)]
    found = combine_df(*((np.array(v), np.array(df)) for v, df in parts))
    assert found == pytest.approx(18.998742314)


def test_one_article_that_makes_all_the_variance_leaves_few_degrees() -> None:
    even = np.tile([1.0, -1.0], 50)
    uneven = np.append(np.full(99, -1 / 99), 1.0)
    assert effective_df(even) == 99
    assert effective_df(uneven) < 3
    normal = np.random.default_rng(5).standard_normal(20_000)
    assert effective_df(normal) == pytest.approx(20_000, rel=0.05)


def test_many_degrees_of_freedom_make_the_normal_quantile() -> None:
    assert student(0.05, np.array(np.inf)) == pytest.approx(Z)
    assert student(0.05, np.array(10.0)) == pytest.approx(2.228138852)


@given(n=st.integers(1, 5000), part=st.floats(0, 1), level=st.sampled_from([0.8, 0.95]))
def test_interval_lies_in_range_around_the_share(
    n: int, part: float, level: float
) -> None:
    found = proportions((round(part * n), n))
    low, high = found.bounds(level)
    assert 0 <= low <= found.share + 1e-12
    assert found.share - 1e-12 <= high <= 1
    assert low < high


@given(share=st.floats(0, 1), spread=st.floats(0, 2))
def test_corrected_interval_lies_in_range_around_the_share(
    share: float, spread: float
) -> None:
    low, high = corrected([share], [spread]).bounds(0.95)
    assert 0 <= low <= share <= high <= 1


def agree(estimates: Estimates, alpha: float) -> None:
    """Interval and p-value say the same at a level."""
    found = contrast(estimates, DIFFERENCE, 1 - alpha)
    p = found.p.item()
    # Between the levels at which intervals are tried, p is interpolated.
    assume(abs(p - alpha) > 0.01 * alpha)
    excludes = not found.low.item() <= 0 <= found.high.item()
    assert excludes == (p < alpha)


LEVELS = st.sampled_from([0.1, 0.05, 0.01, 0.001])
COUNTS = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(a=COUNTS, b=COUNTS, alpha=LEVELS)
def test_p_is_small_just_where_the_interval_excludes_nought(
    a: tuple[int, int], b: tuple[int, int], alpha: float
) -> None:
    agree(proportions(a, b), alpha)


SHARES = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.005, 0.02, 0.1, 1.0]))
LOG_SPREADS = st.floats(-3, -0.5)


@given(
    share=st.tuples(SHARES, SHARES),
    spread=st.tuples(LOG_SPREADS, LOG_SPREADS),
    correlation=st.floats(-0.9, 0.98),
    alpha=LEVELS,
)
@example(share=(0.1, 0.005), spread=(-1.15, -2.62), correlation=0.806, alpha=0.05)
@example(share=(0.02, 0.005), spread=(-1.2, -2.66), correlation=0.857, alpha=0.05)
def test_p_of_corrected_shares_is_small_just_where_the_interval_excludes_nought(
    share: tuple[float, float],
    spread: tuple[float, float],
    correlation: float,
    alpha: float,
) -> None:
    """Also where an interval ends at 0 or 1 and errors go together.

    Spreads as powers of ten.
    """
    agree(corrected(list(share), [10**power for power in spread], correlation), alpha)


def test_difference_smaller_than_its_error_has_no_small_p() -> None:
    near_nought = corrected([0.02, 0.005], [0.0624, 0.0022], correlation=0.857)
    found = contrast(near_nought, DIFFERENCE, 0.95)
    assert found.p.item() > 0.5


@given(a=COUNTS, b=COUNTS)
def test_turned_around_a_difference_changes_its_sign_only(
    a: tuple[int, int], b: tuple[int, int]
) -> None:
    one = contrast(proportions(a, b), DIFFERENCE, 0.95)
    other = contrast(proportions(b, a), DIFFERENCE, 0.95)
    np.testing.assert_allclose(one.value, -other.value)
    np.testing.assert_allclose(one.low, -other.high, atol=1e-12)
    np.testing.assert_allclose(one.p, other.p)


def test_difference_with_an_unknown_share_is_unknown() -> None:
    some = corrected([0.2, np.nan, 0.4], [0.1, np.nan, 0.1])
    asked = np.array([[1.0, -1.0, 0.0], [1.0, 0.0, -1.0]])
    found = contrast(some, asked, 0.95)
    assert np.isnan(found.p[0])
    assert np.isnan(found.value[0])
    assert np.isfinite(found.p[1])


@given(p=P_VALUES)
def test_holm_is_stricter_than_benjamini_and_hochberg_and_they_than_nothing(
    p: list[float],
) -> None:
    raw = np.array(p)
    holm, bh = adjust(raw, "holm"), adjust(raw, "bh")
    assert (holm >= bh - 1e-15).all()
    assert (bh >= raw - 1e-15).all()
    assert (holm <= 1).all()
    np.testing.assert_allclose(bh, false_discovery_control(raw))


@given(p=P_VALUES)
def test_adjusted_p_values_keep_their_order(p: list[float]) -> None:
    raw = np.sort(p)
    for how in ("holm", "bh"):
        assert (np.diff(adjust(raw, how)) >= -1e-15).all()


@pytest.mark.parametrize(("gap", "seed"), [(0.0, 1), (0.06, 2), (0.09, 3), (0.12, 4)])
def test_p_is_near_that_of_permuted_articles(gap: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 80
    source = np.repeat([0, 1], n)
    leaning = rng.beta(2, 6, 2 * n) + gap * source
    sizes = rng.integers(10, 30, 2 * n)
    hits = rng.binomial(sizes, np.clip(leaning, 0, 1))
    article = np.repeat(np.arange(2 * n), sizes)
    decided = np.concatenate(
        [np.arange(m) < k for m, k in zip(sizes, hits, strict=True)]
    )
    tally = tally_arrays(
        source[article], article, decided[:, None] * 1.0, decided[:, None], ["row"]
    )
    found = compare_all(Evidence(tally), "count").iloc[0]
    orders = rng.permuted(np.tile(source, (4000, 1)), axis=1)
    shares = [((orders == s) @ hits) / ((orders == s) @ sizes) for s in (0, 1)]
    apart = np.abs(shares[0] - shares[1])
    by_permutation = (apart >= abs(found["difference"])).mean()
    assert found["p"] == pytest.approx(by_permutation, abs=0.025)
