"""Sums per article: all that shares and their variances are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from framing.intervals import Estimates, df_of_sums
from framing.model import Bools, Floats, Ints

Matrix: TypeAlias = Any
"""A sparse array of scipy, which says nothing of its types."""

Numbers: TypeAlias = NDArray[Any]
"""An array of numbers of any kind."""


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

    def sums(self, amount: Numbers) -> Matrix:
        """Return weighted amounts summed, shape (n_articles, n_cells)."""
        return sum_cells(self.weight * amount, self.article, self.cell, self.shape)


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

    `names` has a row per group; `cells` is 1 where a cell belongs to a group, shape
    (n_groups, n_cells). A cell may belong to several groups or none.
    """

    names: pd.DataFrame
    cells: Matrix

    def take(self, numbers: Ints) -> "Groups":
        """Return some of the groups, by their numbers."""
        names = self.names.iloc[numbers].reset_index(drop=True)
        return Groups(names, self.cells[numbers])

    @classmethod
    def by(cls, tally: Tally, columns: Sequence[str]) -> "Groups":
        """Return the groups of cells that agree in some columns, in their order."""
        keys = tally.cells[list(columns)]
        numbers = keys.groupby(list(columns), sort=True).ngroup().to_numpy()
        names = keys.drop_duplicates().sort_values(list(columns))
        ones = np.ones(len(numbers))
        at = (numbers, np.arange(len(numbers)))
        return cls(
            names.reset_index(drop=True),
            sparse.csr_array((ones, at), shape=(len(names), len(numbers))),
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


def sum_cells(
    amount: Numbers, article: Ints, cell: Ints, shape: tuple[int, int]
) -> Matrix:
    """Return amounts summed by article and cell, shape (n_articles, n_cells)."""
    return sparse.coo_array((amount, (article, cell)), shape=shape).tocsr()


def ratio(part: Matrix, base: Matrix, groups: Matrix) -> Estimates:
    """Return shares of groups as ratios of sums, one code, with their variance.

    The variance is that of the linearised ratio over articles (Saerndal, Swensson and
    Wretman 1992, section 5.6), times n / (n - 1) articles; the covariance of two
    groups comes from articles, or copies of one text, that both hold.

    Parameters
    ----------
    part, base : sparse array of shape (n_articles, n_cells)
    groups : sparse array of shape (n_groups, n_cells)
    """
    total = groups @ _by_cell(base)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = groups @ _by_cell(part) / total
    articles = count_in(base > 0, groups).astype(np.float64)
    covariance, df = _spread_ratio(part, base, groups, share, articles)
    variance = np.diagonal(covariance)
    flat = (variance <= 0) | (share <= 0) | (share >= 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        size = np.where(flat, articles, share * (1 - share) / variance)
    # Where every article says the same, there is no variance to have degrees of.
    df = np.where(flat, np.inf, df)
    size = np.maximum(size, 1.0)
    return Estimates(share[:, None], covariance[None], df[:, None], size[:, None])


def count_in(there: Matrix, groups: Matrix) -> Ints:
    """Return how many articles each group holds.

    Parameters
    ----------
    there : sparse array of bool, shape (n_articles, n_cells)
    groups : sparse array of shape (n_groups, n_cells)
    """
    lone = np.diff(there.indptr) <= 1
    of_one = groups @ _by_cell(there[lone].astype(np.int64))
    several = (there[~lone].astype(np.int64) @ groups.T > 0).sum(axis=0)
    return np.asarray(np.rint(of_one).astype(np.int64) + np.ravel(several))


def _by_cell(amounts: Matrix) -> Numbers:
    return np.ravel(amounts.sum(axis=0))


NO_SPREAD = 1e-12
"""Part of the squares below which what is left of them is the error of rounding."""


def _spread_ratio(
    part: Matrix, base: Matrix, groups: Matrix, share: Floats, articles: Floats
) -> tuple[Floats, Floats]:
    """Return the covariance of shares and their degrees of freedom.

    They are those of `spread` for what each article adds to the error of each group,
    `(part - share * base) / total`. As a table that would be full where groups overlap,
    as "all but one" do; but sums of products over articles can be had cell by cell. The
    products are of distances to the share of all, so that few digits are lost.
    """
    total = groups @ _by_cell(base)
    safe = np.where(total > 0, total, 1.0)
    middle = part.sum() / max(base.sum(), 1e-300)
    shift = np.where(np.isnan(share), 0.0, share - middle)
    apart = part - middle * base

    def products(one: Matrix, two: Matrix) -> Floats:
        return np.asarray((groups @ (one.T @ two) @ groups.T).toarray())

    own, crossed = products(apart, apart), products(apart, base) * shift
    shifted = products(base, base) * np.outer(shift, shift)
    covariance = own - crossed - crossed.T + shifted
    scale = np.diagonal(own) + 2 * abs(np.diagonal(crossed)) + np.diagonal(shifted)
    second = np.diagonal(covariance)
    second = np.where(second <= NO_SPREAD * scale, 0.0, second)
    np.fill_diagonal(covariance, second)
    fourth = _fourth_powers(apart, base, groups, shift)
    inflate = np.sqrt(articles / np.maximum(articles - 1, 1)) / safe
    return covariance * np.outer(inflate, inflate), df_of_sums(second, fourth, articles)


def _fourth_powers(
    apart: Matrix, base: Matrix, groups: Matrix, shift: Floats
) -> Floats:
    """Return the sums of `(apart - shift * base) ** 4` over the articles of groups."""
    there = abs(apart) + abs(base)
    n_cells = np.diff(there.indptr)
    # Of articles in one cell by the binomial theorem, of copies in several one by one.
    lone = n_cells == 1
    cell = there.indices[there.indptr[:-1][lone]]
    x, n = (np.ravel(sums.sum(axis=1))[lone] for sums in (apart, base))
    xx, xn, nn = x * x, x * n, n * n
    total = np.zeros(len(shift))
    for k, terms in enumerate((xx * xx, xx * xn, xx * nn, xn * nn, nn * nn)):
        sums = np.bincount(cell, terms, minlength=groups.shape[1])
        total += comb(4, k) * (-shift) ** k * (groups @ sums)
    several = n_cells > 1
    x, n = apart[several] @ groups.T, base[several] @ groups.T
    return total + _by_cell((x - n * shift).power(4))


def spread(error: Matrix, articles: Floats) -> tuple[Floats, Floats]:
    """Return the covariance of group estimates and their degrees of freedom.

    Parameters
    ----------
    error : sparse array of shape (n_articles, n_groups)
        What each article adds to the error of an estimate (linearised).
    articles : ndarray of shape (n_groups,)
        Number of articles of each group.
    """
    inflate = np.sqrt(articles / np.maximum(articles - 1, 1))
    covariance = (error.T @ error).toarray() * np.outer(inflate, inflate)
    squared = error.multiply(error)
    second = np.asarray(squared.sum(axis=0)).ravel()
    fourth = np.asarray(squared.multiply(squared).sum(axis=0)).ravel()
    return covariance, df_of_sums(second, fourth, articles)


def stack(parts: Sequence[Estimates]) -> Estimates:
    """Return estimates of single codes as one."""
    return Estimates(
        np.column_stack([part.share for part in parts]),
        np.concatenate([part.covariance for part in parts]),
        np.column_stack([part.df for part in parts]),
        np.column_stack([part.size for part in parts]),
    )
