"""Tables of articles by cells and of cells by groups, of which only what there is.

As entries in rising order, and not as scipy's sparse arrays: to load these takes as
long as to score some articles, and where groups do not overlap a count does the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from framing.arrays import spread
from framing.model import Bools, Floats, Ints

Numbers: TypeAlias = NDArray[Any]
"""An array of numbers of any kind."""


def sum_at(place: Ints, amounts: Numbers, n: int) -> Floats:
    """Return the sums of amounts by the number of their place, of `n`."""
    return np.asarray(np.bincount(place, amounts, minlength=n), dtype=np.float64)


@dataclass(frozen=True)
class Places:
    """Pairs of article and cell, each once, by article and then by cell."""

    article: Ints
    cell: Ints
    shape: tuple[int, int]

    @classmethod
    def of(
        cls, article: Ints, cell: Ints, shape: tuple[int, int]
    ) -> "tuple[Places, Ints]":
        """Return the places of some rows, and the number of the place of each row."""
        n = max(shape[1], 1)
        keys, place = np.unique(article * np.int64(n) + cell, return_inverse=True)
        return cls(*np.divmod(keys, n), shape), np.ravel(place)

    def keep(self, chosen: Bools) -> "Places":
        """Return some of the places."""
        return Places(self.article[chosen], self.cell[chosen], self.shape)

    @property
    def lone(self) -> Bools:
        """Whether each is the only place of its article."""
        counts = np.bincount(self.article, minlength=self.shape[0])
        return np.asarray(counts[self.article] == 1)

    def by_cell(self, amounts: Numbers) -> Floats:
        """Return amounts of the places summed by cell."""
        return sum_at(self.cell, amounts, self.shape[1])

    def by_article(self, amounts: Numbers) -> Floats:
        """Return amounts of the places summed by article."""
        return sum_at(self.article, amounts, self.shape[0])

    def pairs(self) -> tuple[Ints, Ints]:
        """Return each two places of one article, both ways round, by number."""
        several = np.flatnonzero(~self.lone)
        _, starts, counts = np.unique(
            self.article[several], return_index=True, return_counts=True
        )
        first = np.repeat(np.arange(len(several)), np.repeat(counts, counts))
        second = spread(np.repeat(starts, counts), np.repeat(counts, counts))
        apart = first != second
        return several[first[apart]], several[second[apart]]


@dataclass(frozen=True)
class Sums:
    """Amounts summed by article and cell, one for each place."""

    places: Places
    amount: Numbers

    @property
    def there(self) -> Places:
        """The places with more than nothing."""
        return self.places.keep(self.amount > 0)


@dataclass(frozen=True)
class Members:
    """Which cells each group has: pairs of group and cell, by group and then by cell.

    A cell may belong to several groups or none; `shape` is (n_groups, n_cells).
    """

    group: Ints
    cell: Ints
    shape: tuple[int, int]

    @classmethod
    def of_cells(cls, group: Ints, n_groups: int) -> "Members":
        """Return the members where each cell belongs to one group."""
        order = np.argsort(group, kind="stable")
        return cls(group[order], order, (n_groups, len(group)))

    @classmethod
    def of_table(cls, table: Bools) -> "Members":
        """Return the members from a table that says of each group and cell."""
        group, cell = np.nonzero(table)
        return cls(group, cell, (table.shape[0], table.shape[1]))

    def __matmul__(self, amounts: Numbers) -> Floats:
        """Return amounts of cells, in one or several columns, summed by group."""
        if amounts.ndim > 1:
            return np.column_stack([self @ column for column in amounts.T])
        return sum_at(self.group, amounts[self.cell], self.shape[0])

    def take(self, numbers: Ints) -> "Members":
        """Return those of some groups, by their numbers."""
        place = np.full(self.shape[0], -1)
        place[numbers] = np.arange(len(numbers))
        group = place[self.group]
        kept = np.flatnonzero(group >= 0)
        kept = kept[np.argsort(group[kept], kind="stable")]
        return Members(group[kept], self.cell[kept], (len(numbers), self.shape[1]))

    def followed_by(self, others: "Members") -> "Members":
        """Return these groups and then others of the same cells."""
        n, n_cells = self.shape
        return Members(
            np.concatenate([self.group, others.group + n]),
            np.concatenate([self.cell, others.cell]),
            (n + others.shape[0], n_cells),
        )

    @cached_property
    def group_of_cell(self) -> Ints | None:
        """The group of each cell, -1 for none; None if a cell has several."""
        if len(np.unique(self.cell)) < len(self.cell):
            return None
        group = np.full(self.shape[1], -1)
        group[self.cell] = self.group
        return group

    def by_article(
        self, places: Places, amounts: Sequence[Numbers]
    ) -> tuple[Ints, list[Floats]]:
        """Return for each article and group of its places the group, and the sums."""
        group = self.group_of_cell
        if group is None:
            return self._by_article_overlapping(places, amounts)
        own = group[places.cell] >= 0
        found, place = Places.of(
            places.article[own],
            group[places.cell[own]],
            (places.shape[0], self.shape[0]),
        )
        n = len(found.cell)
        return found.cell, [sum_at(place, a[own], n) for a in amounts]

    def products(
        self, places: Places, pairs: Sequence[tuple[Numbers, Numbers]]
    ) -> tuple[Ints, Ints, list[Floats]]:
        """Return sums over articles of products of what two groups have of each.

        For each pair of amounts of the places: of the first in one group by the second
        in another. Given back are both groups of each product that is not nought, among
        them every group with itself.
        """
        here, there = places.pairs()
        # From the last cell on: the order of a sum is in its last digit, and the digits
        # of results stay what they are.
        itself = np.arange(self.shape[1])[::-1]
        cells = [
            np.concatenate([itself, places.cell[which]]) for which in (here, there)
        ]
        sums = [
            np.concatenate([places.by_cell(a * b)[::-1], a[here] * b[there]])
            for a, b in pairs
        ]
        group = self.group_of_cell
        if group is None:
            return self._products_overlapping(cells, sums)
        one, two = group[cells[0]], group[cells[1]]
        own = (one >= 0) & (two >= 0)
        n = self.shape[0]
        diagonal = np.arange(n)
        found, place = Places.of(
            np.concatenate([diagonal, one[own]]),
            np.concatenate([diagonal, two[own]]),
            (n, n),
        )
        place = place[n:]
        return (
            found.article,
            found.cell,
            [sum_at(place, s[own], len(found.cell)) for s in sums],
        )

    # Groups that overlap, "all but one", have too many pairs for entries one by one.

    def _by_article_overlapping(
        self, places: Places, amounts: Sequence[Numbers]
    ) -> tuple[Ints, list[Floats]]:
        from scipy import sparse

        at = (places.article, places.cell)
        ones = np.ones(len(places.cell))
        groups = self._sparse.T
        found = (sparse.csr_array((ones, at), shape=places.shape) @ groups).tocoo()
        sums = [
            (sparse.csr_array((a, at), shape=places.shape) @ groups)[found.coords]
            for a in amounts
        ]
        return found.col, [np.ravel(s) for s in sums]

    def _products_overlapping(
        self, cells: Sequence[Ints], sums: Sequence[Floats]
    ) -> tuple[Ints, Ints, list[Floats]]:
        from scipy import sparse

        n, n_cells = self.shape
        tables = [
            sparse.coo_array((s, tuple(cells)), shape=(n_cells, n_cells)) for s in sums
        ]
        one, two = np.ogrid[:n, :n]
        groups = self._sparse
        return one, two, [(groups @ t.tocsr() @ groups.T).toarray() for t in tables]

    @cached_property
    def _sparse(self) -> Any:
        from scipy import sparse

        ones = np.ones(len(self.cell))
        return sparse.csr_array((ones, (self.group, self.cell)), shape=self.shape)
