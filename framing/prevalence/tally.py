"""Sums per article: all that shares and their variances are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
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
    """Scored sentences by article and by cell, the smallest groups that are asked for.

    A cell lies within one source.

    Attributes
    ----------
    codes : tuple of str
    cells : DataFrame, one row per cell: `source` and the other columns asked for
    cell, document, article : ndarray of int, shape (n_sentences,)
        Of each sentence; copies of one text are one article in several documents.
    said : ndarray of bool, shape (n_sentences,)
        Whether the model can say anything; only then a sentence counts in shares.
    weight : ndarray of shape (n_sentences,)
    proba, decided : ndarray of shape (n_sentences, n_codes)
    """

    codes: tuple[str, ...]
    cells: pd.DataFrame
    cell: Ints
    document: Ints
    article: Ints
    said: Bools
    weight: Floats
    proba: Floats
    decided: Bools

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
        return np.bincount(self.cell[self.said], minlength=len(self.cells))

    def sums(self, values: Numbers | None = None) -> Matrix:
        """Return weighted sums of values (of ones), shape (n_articles, n_cells).

        Over the sentences of which the model can say something.
        """
        amount = self.weight if values is None else self.weight * values
        at = self.said
        return sum_cells(amount[at], self.article[at], self.cell[at], self.shape)


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
    """Return the tally of scored sentences.

    Parameters
    ----------
    scores : DataFrame
        One row per sentence: `source, doc_id, cannot_say`, the columns of `by`, and
        `p_<code>` and `<code>` per code. `cluster`, where there is such a column, names
        the text of the article, one for all its copies; `weight` counts a sentence.
    """
    columns = ["source", *(name for name in by if name != "source")]
    keys = scores[columns]
    cell = keys.groupby(columns, sort=True, observed=True).ngroup().to_numpy()
    cells = keys.drop_duplicates().sort_values(columns).reset_index(drop=True)
    text = "cluster" if "cluster" in scores else "doc_id"
    weight = scores["weight"] if "weight" in scores else pd.Series(1.0, scores.index)
    return Tally(
        codes=tuple(codes),
        cells=cells,
        cell=np.asarray(cell, dtype=np.int64),
        document=pd.factorize(scores["doc_id"])[0],
        article=pd.factorize(scores[text], sort=True)[0],
        said=~scores["cannot_say"].to_numpy(dtype=bool),
        weight=np.asarray(weight, dtype=np.float64),
        proba=scores[[f"p_{code}" for code in codes]].to_numpy(dtype=np.float64),
        decided=scores[list(codes)].to_numpy(dtype=bool),
    )


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
    x, n = part @ groups.T, base @ groups.T
    total = np.asarray(n.sum(axis=0)).ravel()
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.asarray(x.sum(axis=0)).ravel() / total
    safe = np.where(total > 0, total, 1.0)
    error = (x - n * np.nan_to_num(share)) / safe
    articles = (n > 0).sum(axis=0).ravel().astype(np.float64)
    covariance, df = spread(error, articles)
    variance = np.diagonal(covariance)
    flat = (variance <= 0) | (share <= 0) | (share >= 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        size = np.where(flat, articles, share * (1 - share) / variance)
    # Where every article says the same, there is no variance to have degrees of.
    df = np.where(flat, np.inf, df)
    size = np.maximum(size, 1.0)
    return Estimates(share[:, None], covariance[None], df[:, None], size[:, None])


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
