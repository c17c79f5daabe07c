"""Sums per article: all that shares and their variances are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import comb
from typing import Any

import numpy as np
import pandas as pd

from framing.intervals import Estimates, df_of_sums
from framing.model import Bools, Floats, Ints
from framing.prevalence.sums import Members, Numbers, Places, Sums, sum_at


@dataclass(frozen=True)
class Tally:
    """Sums by article and by cell, the smallest groups that are asked for.

    A cell lies within one source. A row sums up sentences of one article that lie in
    one cell; a sentence may have a row of its own, so sums of one and of many are
    treated alike.

    Attributes
    ----------
    codes : tuple of str
    cells : DataFrame, one row per cell: `source` and the other columns asked for
    cell, document, article : ndarray of int, shape (n_rows,)
        Of each row; copies of one text are one article in several documents.
    n, said, none : ndarray of shape (n_rows,)
        Sentences; those that the model can say something of, which alone count in
        shares; those of them without a code.
    weight : ndarray of shape (n_rows,)
        How much a sentence of the row counts.
    proba, decided : ndarray of shape (n_rows, n_codes)
        Sums over the sentences that the model can say something of.
    """

    codes: tuple[str, ...]
    cells: pd.DataFrame
    cell: Ints
    document: Ints
    article: Ints
    n: Numbers
    said: Numbers
    none: Numbers
    weight: Floats
    proba: Floats
    decided: Numbers

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of articles and cells."""
        return int(self.article.max(initial=-1)) + 1, len(self.cells)

    @property
    def source(self) -> Ints:
        """Number of the source of each cell, in order of the sources' names."""
        return np.asarray(pd.factorize(self.cells["source"], sort=True)[0])

    @property
    def sources(self) -> list[str]:
        """Names of the sources in order."""
        return sorted(set(self.cells["source"]))

    @property
    def n_said(self) -> Ints:
        """Sentences of each cell of which the model can say something."""
        return self.numbers(self.said)

    @property
    def is_of_sentences(self) -> bool:
        """Whether every row is a single sentence."""
        return bool(self.n.max(initial=0) <= 1)

    def numbers(self, amount: Numbers) -> Ints:
        """Return whole numbers summed by cell, shape (n_cells,), without weights."""
        sums = np.bincount(self.cell, amount, minlength=len(self.cells))
        return np.rint(sums).astype(np.int64)

    def sums(self, amount: Numbers) -> Sums:
        """Return weighted amounts summed by article and cell."""
        places, place = self._places
        return sum_places(places, place, self.weight * amount)

    @cached_property
    def _places(self) -> tuple[Places, Ints]:
        return Places.of(self.article, self.cell, self.shape)


@dataclass(frozen=True)
class LabelledSample:
    """Sentences of a random sample with their labels and scores.

    Arrays over labelled sentences: `coded`, `decided` (bool) and `proba` of shape
    (n_labels, n_codes), the scores by a model that was not trained on the label;
    `weight`, one by the chance of being drawn; `source` and `article` as in the tally.
    `unit_of_pair` and `cell_of_pair` say which cells a sentence lies in.
    """

    coded: Bools
    proba: Floats
    decided: Bools
    weight: Floats
    source: Ints
    article: Ints
    unit_of_pair: Ints
    cell_of_pair: Ints


@dataclass(frozen=True)
class Groups:
    """What shares are given for: cells put together, with the values that name them.

    `names` has a row per group. A cell may belong to several groups or none.
    """

    names: pd.DataFrame
    cells: Members

    def take(self, numbers: Ints) -> "Groups":
        """Return some of the groups, by their numbers."""
        names = self.names.iloc[numbers].reset_index(drop=True)
        return Groups(names, self.cells.take(numbers))

    @classmethod
    def by(cls, tally: Tally, columns: Sequence[str]) -> "Groups":
        """Return the groups of cells that agree in some columns, in their order."""
        keys = tally.cells[list(columns)]
        numbers = keys.groupby(list(columns), sort=True).ngroup().to_numpy()
        names = keys.drop_duplicates().sort_values(list(columns))
        return cls(
            names.reset_index(drop=True),
            Members.of_cells(np.asarray(numbers, dtype=np.int64), len(names)),
        )


def tally_scores(
    scores: pd.DataFrame, codes: Sequence[str], by: Sequence[str] = ("source",)
) -> Tally:
    """Return the tally of scored sentences, a row for each.

    Parameters
    ----------
    scores : DataFrame
        One row per sentence: `source, doc_id, cannot_say`, the columns of `by`, and
        `p_<code>` and `<code>` per code. `cluster`, where there is such a column, names
        the text of the article, one for all its copies; `weight` counts a sentence.
    """
    said = ~scores["cannot_say"].to_numpy(dtype=bool)
    proba = scores[[f"p_{code}" for code in codes]].to_numpy(dtype=np.float64)
    decided = scores[list(codes)].to_numpy(dtype=bool) & said[:, None]
    return Tally(
        codes=tuple(codes),
        **_places(scores, by),
        n=np.ones(len(scores), dtype=np.int64),
        said=said,
        none=said & ~decided.any(axis=1),
        proba=np.where(said[:, None], proba, 0.0),
        decided=decided,
    )


def tally_counts(
    rows: pd.DataFrame, codes: Sequence[str], by: Sequence[str] = ("source",)
) -> Tally:
    """Return the tally of articles that were counted.

    Rows of several parts of a corpus may simply be put together.

    Parameters
    ----------
    rows : DataFrame
        Rows as of `framing.prevalence.counts`, with the columns of `by` and, as for
        `tally_scores`, `cluster` and `weight`.
    """
    n = rows["n_sentences"].to_numpy(dtype=np.int64)
    return Tally(
        codes=tuple(codes),
        **_places(rows, by),
        n=n,
        said=n - rows["cannot_say"].to_numpy(dtype=np.int64),
        none=rows["none"].to_numpy(dtype=np.int64),
        proba=rows[[f"p_{code}" for code in codes]].to_numpy(dtype=np.float64),
        decided=rows[[f"d_{code}" for code in codes]].to_numpy(dtype=np.int64),
    )


def _places(rows: pd.DataFrame, by: Sequence[str]) -> dict[str, Any]:
    """Return which cell, document and article each row belongs to, and its weight."""
    columns = ["source", *(name for name in by if name != "source")]
    keys = rows[columns]
    cell = keys.groupby(columns, sort=True, observed=True).ngroup().to_numpy()
    cells = keys.drop_duplicates().sort_values(columns).reset_index(drop=True)
    text = "cluster" if "cluster" in rows else "doc_id"
    weight = rows["weight"] if "weight" in rows else pd.Series(1.0, rows.index)
    return {
        "cells": cells,
        "cell": np.asarray(cell, dtype=np.int64),
        "document": pd.factorize(rows["doc_id"])[0],
        "article": pd.factorize(rows[text], sort=True)[0],
        "weight": np.asarray(weight, dtype=np.float64),
    }


def sum_places(places: Places, place: Ints, amount: Numbers) -> Sums:
    """Return amounts of rows summed by the places of the rows."""
    return Sums(places, sum_at(place, amount, len(places.cell)))


def ratio(part: Sums, base: Sums, groups: Members) -> Estimates:
    """Return shares of groups as ratios of sums, one code, with their variance.

    The variance is that of the linearised ratio over articles (Saerndal, Swensson and
    Wretman 1992, section 5.6), times n / (n - 1) articles; the covariance of two
    groups comes from articles, or copies of one text, that both hold.

    Parameters
    ----------
    part, base : Sums
        Of the same places.
    """
    places = base.places
    total = groups @ places.by_cell(base.amount)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = groups @ places.by_cell(part.amount) / total
    articles = count_in(base.there, groups).astype(np.float64)
    covariance, df = _spread_ratio(part, base, groups, share, articles)
    variance = np.diagonal(covariance)
    flat = (variance <= 0) | (share <= 0) | (share >= 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        size = np.where(flat, articles, share * (1 - share) / variance)
    # Where every article says the same, there is no variance to have degrees of.
    df = np.where(flat, np.inf, df)
    size = np.maximum(size, 1.0)
    return Estimates(share[:, None], covariance[None], df[:, None], size[:, None])


def count_in(there: Places, groups: Members) -> Ints:
    """Return how many articles each group holds."""
    lone = there.lone
    n_cells, n_groups = there.shape[1], groups.shape[0]
    of_one = groups @ np.bincount(there.cell[lone], minlength=n_cells)
    several, _ = groups.by_article(there.keep(~lone), ())
    found = np.rint(of_one).astype(np.int64)
    return np.asarray(found + np.bincount(several, minlength=n_groups))


NO_SPREAD = 1e-12
"""Part of the squares below which what is left of them is the error of rounding."""


def _spread_ratio(
    part: Sums, base: Sums, groups: Members, share: Floats, articles: Floats
) -> tuple[Floats, Floats]:
    """Return the covariance of shares and their degrees of freedom.

    What each article adds to the error of each group is
    `(part - share * base) / total`. As a table that would be full where groups overlap,
    as "all but one" do; but sums of products over articles can be had cell by cell. The
    products are of distances to the share of all, so that few digits are lost.
    """
    places, n = base.places, base.amount
    total = groups @ places.by_cell(n)
    safe = np.where(total > 0, total, 1.0)
    whole = [places.by_article(amount).sum() for amount in (part.amount, n)]
    middle = whole[0] / max(whole[1], 1e-300)
    shift = np.where(np.isnan(share), 0.0, share - middle)
    apart = part.amount - middle * n
    one, two, (own, crossed, back, both) = groups.products(
        places, [(apart, apart), (apart, n), (n, apart), (n, n)]
    )
    crossed, back = crossed * shift[two], back * shift[one]
    shifted = both * (shift[one] * shift[two])
    inflate = np.sqrt(articles / np.maximum(articles - 1, 1)) / safe
    covariance = np.zeros((len(share), len(share)))
    covariance[one, two] = own - crossed - back + shifted
    second = _without_rounding(covariance, one == two, own, crossed, shifted)
    np.fill_diagonal(covariance, second)
    covariance[one, two] *= inflate[one] * inflate[two]
    fourth = _fourth_powers(places, apart, n, groups, shift)
    return covariance, df_of_sums(second, fourth, articles)


def _without_rounding(
    covariance: Floats, itself: Bools, own: Floats, crossed: Floats, shifted: Floats
) -> Floats:
    """Return the variances; nought where no more than the error of rounding is left."""
    scale = own[itself] + 2 * abs(crossed[itself]) + shifted[itself]
    second = np.diagonal(covariance)
    return np.where(second <= NO_SPREAD * scale, 0.0, second)


def _fourth_powers(
    places: Places, apart: Floats, base: Floats, groups: Members, shift: Floats
) -> Floats:
    """Return the sums of `(apart - shift * base) ** 4` over the articles of groups."""
    some = (apart != 0) | (base != 0)
    places, apart, base = places.keep(some), apart[some], base[some]
    # Of articles in one cell by the binomial theorem, of copies in several one by one.
    lone = places.lone
    x, n = apart[lone], base[lone]
    xx, xn, nn = x * x, x * n, n * n
    total = np.zeros(len(shift))
    for k, terms in enumerate((xx * xx, xx * xn, xx * nn, xn * nn, nn * nn)):
        sums = sum_at(places.cell[lone], terms, groups.shape[1])
        total += comb(4, k) * (-shift) ** k * (groups @ sums)
    group, (x, n) = groups.by_article(places.keep(~lone), (apart[~lone], base[~lone]))
    powers = (x - n * shift[group]) ** 4
    return total + sum_at(group, powers, len(shift))


def stack(parts: Sequence[Estimates]) -> Estimates:
    """Return estimates of single codes as one."""
    return Estimates(
        np.column_stack([part.share for part in parts]),
        np.concatenate([part.covariance for part in parts]),
        np.column_stack([part.df for part in parts]),
        np.column_stack([part.size for part in parts]),
    )
