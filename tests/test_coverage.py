"""How often intervals hold the truth, in corpora whose truth is known.

The fast tests make few corpora and leave room for their chance; the slow ones make
enough for the figures of docs/methods.md (python -m benchmarks.shares simulate).
"""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from framing.prevalence import METHODS
from tests.simulation import (
    ALONE,
    BASE_RATES,
    compare_all,
    simulate,
    split_outlet,
    summarise,
)

FEW, MANY = 40, 200
"""Corpora, of eight sources each."""

ROOM = {FEW: 0.035, MANY: 0.01}
"""What chance may take off a coverage, or add, in so many corpora."""

EXACT = [("count", "unerring"), ("mean", "calibrated"), ("em", "kept")]
"""Methods without labels, where what they assume holds."""

BY_LABELS = [
    ("acc", "kept"),
    ("pacc", "kept"),
    *((m, w) for m in ("ppi", "hierarchical", ALONE) for w in ("kept", "broken")),
    ("hierarchical", "calibrated"),
]
"""Methods with labels, where what they assume holds. They may be cautious: a handful of
labels that carry a rare code say little of how sure they are, and the hierarchical
prior expects sources to differ even where they do not."""


@cache
def found(world: str, method: str, n: int, census: bool = False) -> pd.DataFrame:
    """Return bias, error, coverage and width by base rate."""
    rows = simulate(world, n, seed=1, census=census, methods=[method])
    return summarise(rows, ["code"])


def check_exact(method: str, world: str, n: int) -> None:
    coverage = found(world, method, n)["coverage"]
    assert (coverage >= 0.93 - ROOM[n]).all(), coverage
    assert (coverage <= 0.97 + ROOM[n]).all(), coverage
    assert 0.935 <= coverage.mean() <= 0.965, coverage


def check_labelled(method: str, world: str, n: int, *, census: bool) -> None:
    coverage = found(world, method, n, census)["coverage"]
    assert (coverage >= 0.93 - ROOM[n]).all(), coverage
    assert coverage.mean() >= 0.93, coverage


@pytest.mark.parametrize(("method", "world"), EXACT)
def test_interval_holds_the_truth_where_the_assumption_holds(
    method: str, world: str
) -> None:
    check_exact(method, world, FEW)


@pytest.mark.parametrize(("method", "world"), BY_LABELS)
def test_interval_from_labels_holds_the_truth(method: str, world: str) -> None:
    check_labelled(method, world, FEW, census=False)


def test_interval_from_labels_holds_the_share_of_the_articles_themselves() -> None:
    check_labelled("hierarchical", "broken", FEW, census=True)


@pytest.mark.parametrize(
    ("method", "world"), [("acc", "broken"), ("pacc", "broken"), ("em", "calibrated")]
)
def test_broken_assumption_is_not_held_by_the_interval(method: str, world: str) -> None:
    assert found(world, method, FEW)["coverage"].mean() < 0.85


def test_mean_score_is_wrong_where_the_code_is_rarer_than_in_training() -> None:
    assert found("kept", "mean", FEW).loc[0.01, "coverage"] < 0.1


def test_correction_at_least_halves_the_error_of_counting() -> None:
    errors = {
        method: found("kept", method, FEW)["error"]
        for method in ("count", "hierarchical")
    }
    assert errors["hierarchical"].mean() <= errors["count"].mean() / 2


@pytest.mark.parametrize("world", ["kept", "calibrated", "broken"])
def test_borrowing_makes_smaller_errors_than_labels_alone_or_each_by_itself(
    world: str,
) -> None:
    error, width = (
        pd.DataFrame(
            {m: found(world, m, FEW)[what] for m in ("hierarchical", "ppi", ALONE)}
        )
        for what in ("error", "width")
    )
    for table in (error, width):
        assert (table["hierarchical"] < table["ppi"]).all()
        assert table["ppi"].mean() < table[ALONE].mean()


def alarms(
    n: int, method: str, *, n_sources: int, seed: int = 1, articles: int = 60
) -> pd.DataFrame:
    """Return p-values of sources that differ by chance alone: trial by code, least."""
    rng = np.random.default_rng(seed)
    labelled = METHODS[method].needs_labels
    trials = [
        compare_all(
            split_outlet(
                rng, n_sources=n_sources, articles=articles, labelled=labelled
            ),
            method,
        ).assign(trial=number)
        for number in range(n)
    ]
    by = ["trial", "code"]
    return pd.concat(trials).groupby(by, sort=False)[["p", "p_adjusted"]].min()


@pytest.mark.parametrize(("method", "n"), [("count", 60), ("hierarchical", 50)])
def test_sources_that_differ_by_chance_seldom_differ(method: str, n: int) -> None:
    rate = (alarms(n, method, n_sources=2)["p"] < 0.05).mean()
    chance = 2 * np.sqrt(0.05 * 0.95 / (n * len(BASE_RATES)))
    assert rate <= 0.05 + chance


@pytest.mark.parametrize("method", ["count", "hierarchical"])
def test_all_pairs_of_sources_that_differ_by_chance_seldom_give_an_alarm(
    method: str,
) -> None:
    least = alarms(12, method, n_sources=10)["p_adjusted"].groupby("trial").min()
    assert (least < 0.05).sum() <= 2  # more in 2 % of such dozens


@pytest.mark.slow
@pytest.mark.parametrize(("method", "world"), EXACT)
def test_many_intervals_hold_the_truth_where_the_assumption_holds(
    method: str, world: str
) -> None:
    check_exact(method, world, MANY)


@pytest.mark.slow
@pytest.mark.parametrize("census", [False, True])
@pytest.mark.parametrize(("method", "world"), BY_LABELS)
def test_many_intervals_from_labels_hold_the_truth(
    method: str, world: str, census: bool
) -> None:
    check_labelled(method, world, MANY, census=census)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["count", "mean", "hierarchical"])
def test_in_a_thousand_trials_sources_that_differ_by_chance_seldom_differ(
    method: str,
) -> None:
    alarm = alarms(1000, method, n_sources=2)["p"] < 0.05
    assert alarm.mean() <= 0.05
    assert alarm.groupby("code").mean().max() <= 0.065


@pytest.mark.slow
@pytest.mark.parametrize("method", ["count", "mean", "hierarchical"])
def test_of_many_families_of_pairs_few_give_an_alarm(method: str) -> None:
    least = alarms(200, method, n_sources=10)["p_adjusted"].groupby("trial").min()
    assert (least < 0.05).mean() <= 0.05
