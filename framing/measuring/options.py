"""What is asked of a scoring, and what the answer rests on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from framing.errors import InputError, shown
from framing.prevalence import METHODS, MIN_ARTICLES, Counts, Method, count_scores

UNITS = ("sentence", "article")


@dataclass(frozen=True, slots=True)
class MixOptions:
    """What is asked of a scoring.

    Attributes
    ----------
    by : tuple of str
        What makes a group: `source`, a period of `PERIODS`, `target`, or a column of
        the articles.
    method : str
        One of `framing.prevalence.METHODS`; by default "hierarchical" where labels of
        the corpus allow it, else "count".
    level : float
        Coverage of the intervals.
    unit : str
        "sentence", or "article": shares of articles that carry a code at all.
    control : str
        Column whose mix is made the same for every source.
    min_articles : int
        Articles below which a source is not compared, nor made alike by `control`.
    census : bool
        The articles are all there are, not a sample of what the outlets write.
    all_kinds : bool
        Count headings, captions, repeats and web debris as if they were sentences.
    copies : str
        One of `framing.copies.CHOICES`: "all" articles count; or the outlets' "own",
        no copies of what others wrote; or each text once, where it was "first".
    """

    by: tuple[str, ...] = ("source",)
    method: str = ""
    level: float = 0.95
    unit: str = "sentence"
    control: str = ""
    census: bool = False
    min_articles: int = MIN_ARTICLES
    all_kinds: bool = False
    copies: str = "all"


@dataclass(frozen=True)
class Scored:
    """The tables of one scoring, with what is known of the model that made them.

    Shares rest on what is counted per article. Where `known` has that, `scores` and
    `stance` need only hold the sentences of the documents that labels name, and
    `articles` the columns that were asked for; `columns` then names all there are.

    `out_of_fold` has the scores of the model's training units by fits that did not see
    them; `card` may be empty.
    """

    scores: pd.DataFrame
    articles: pd.DataFrame
    stance: pd.DataFrame
    card: Mapping[str, Any] = field(default_factory=dict)
    out_of_fold: pd.DataFrame = field(default_factory=pd.DataFrame)
    known: Counts | None = None
    columns: tuple[str, ...] = ()

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The codes of the codebook, in the order of the columns."""
        columns = map(str, self.scores.columns)
        named = [c.removeprefix("p_") for c in columns if c.startswith("p_")]
        return tuple(code for code in named if code in self.scores)

    @cached_property
    def counts(self) -> Counts:
        """What is counted per article."""
        return self.known or count_scores(self.scores, self.stance, self.codes)

    @property
    def is_whole(self) -> bool:
        """Whether all sentences are here, and not only their counts."""
        n = int((self.scores["kind"] == "sentence").sum())
        return n == int(self.counts.articles["n_sentences"].sum())

    @property
    def single(self) -> bool:
        """Whether a sentence has exactly one code."""
        return bool(self.card.get("coding") == "single")


@dataclass
class Basis:
    """What shares rest on, for the words under the table.

    `n_labels` labels of `n_labelled_sources` sources, kept in `labels_from`, were used;
    `dropped` says in words what was left out and why, `copies` what is copied.
    """

    method: Method
    n_labels: int = 0
    n_labelled_sources: int = 0
    labels_from: str = ""
    dropped: list[str] = field(default_factory=list)
    copies: str = ""


def describe_basis(basis: Basis) -> dict[str, Any]:
    """Return what shares rest on, under names that stay."""
    return {
        "method": basis.method.name,
        "assumes": basis.method.assumes,
        "n_labels": basis.n_labels,
        "n_labelled_sources": basis.n_labelled_sources,
        "labels_from": basis.labels_from,
        "left_out": basis.dropped,
        "copies": basis.copies,
    }


def check_options(options: MixOptions) -> None:
    """Refuse what cannot be asked.

    Raises
    ------
    InputError
        An unknown method or unit, or a column named twice.
    """
    if options.method and options.method not in METHODS:
        msg = f"method {shown(options.method)} is none of {', '.join(METHODS)}."
        raise InputError(msg)
    if options.unit not in UNITS:
        msg = f"unit {shown(options.unit)} is none of {', '.join(UNITS)}."
        raise InputError(msg)
    if options.unit == "article" and options.method not in ("", "count"):
        msg = (
            f"articles can only be counted, not estimated by {options.method}. Leave "
            "out --method, or --unit article."
        )
        raise InputError(msg)
    if options.all_kinds and options.method and METHODS[options.method].needs_labels:
        msg = (
            f"labels are of sentences: {options.method} cannot correct shares of all "
            "kinds. Leave out --method, or --keep-all."
        )
        raise InputError(msg)
    if len(set(options.by)) < len(options.by) or not options.by:
        msg = f"by {shown(', '.join(options.by))}: name each column once."
        raise InputError(msg)


def choose_method(options: MixOptions, *, with_labels: bool) -> Method:
    """Return the method asked for, else the best that the labels allow.

    Raises
    ------
    InputError
        The method needs labels and there are none.
    """
    if options.unit == "article":
        return METHODS["count"]
    if options.all_kinds:
        with_labels = False
    method = METHODS[options.method or ("hierarchical" if with_labels else "count")]
    if method.needs_labels and not with_labels:
        msg = (
            f"{method.name} needs labels of this corpus, drawn at random. Get a coding "
            "sheet by `framing annotate RESULTS --sheet FILE`, then --labels FILE."
        )
        raise InputError(msg)
    return method
