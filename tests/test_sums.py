from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from framing.prevalence.sums import Members, Places

N_ARTICLES, N_CELLS = 6, 5


@st.composite
def _tables(draw: Any) -> tuple[Any, Any, Any, Any]:
    """Return places, two amounts of them, and which cells some groups have."""
    rows = draw(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4)), max_size=20))
    article, cell = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    places, _ = Places.of(article, cell, (N_ARTICLES, N_CELLS))
    amounts = arrays.arrays(np.float64, len(places.cell), elements=st.integers(-9, 9))
    groups = draw(arrays.arrays(np.bool_, (draw(st.integers(1, 4)), N_CELLS)))
    if draw(st.booleans()):  # no cell in two groups
        groups &= groups.cumsum(axis=0) == 1
    return places, draw(amounts), draw(amounts), groups


def _dense(places: Places, amounts: Any) -> Any:
    table = np.zeros(places.shape)
    table[places.article, places.cell] = amounts
    return table


@settings(max_examples=200, deadline=None)
@given(_tables())
def test_products_of_groups_are_those_of_whole_tables(tables: Any) -> None:
    places, a, b, groups = tables
    one, two, (found, other) = Members.of_table(groups).products(
        places, [(a, b), (a, a)]
    )
    for sums, second in ((found, b), (other, a)):
        table = np.zeros((len(groups), len(groups)))
        table[one, two] = sums
        wanted = (_dense(places, a) @ groups.T).T @ (_dense(places, second) @ groups.T)
        assert np.array_equal(table, wanted)


@settings(max_examples=200, deadline=None)
@given(_tables())
def test_sums_of_groups_are_those_of_whole_tables(tables: Any) -> None:
    places, a, b, groups = tables
    members = Members.of_table(groups)
    group, (found, _) = members.by_article(places, (a, b))
    sums = np.bincount(group, found**2, minlength=len(groups))
    assert np.array_equal(sums, ((_dense(places, a) @ groups.T) ** 2).sum(axis=0))
    n_articles = np.bincount(group, minlength=len(groups))
    there = _dense(places, 1) @ groups.T > 0
    assert np.array_equal(n_articles, there.sum(axis=0))
    assert np.array_equal(
        members @ places.by_cell(a), groups @ _dense(places, a).sum(0)
    )


@settings(max_examples=100, deadline=None)
@given(_tables(), st.data())
def test_groups_are_taken_and_put_together(tables: Any, data: Any) -> None:
    groups = tables[3]
    some = data.draw(st.permutations(range(len(groups))))
    members = Members.of_table(groups)
    both = members.followed_by(members.take(np.array(some)))
    per_cell = np.arange(1.0, N_CELLS + 1)
    wanted = np.concatenate([groups @ per_cell, groups[some] @ per_cell])
    assert both.shape == (2 * len(groups), N_CELLS)
    assert np.array_equal(both @ per_cell, wanted)
