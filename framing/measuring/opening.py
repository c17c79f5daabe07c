"""Scorings to measure: a results folder, with the model that made it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from framing.codebook import Codebook
from framing.copies import COPY_COLUMNS
from framing.errors import InputError, ModelError, shown
from framing.measuring.options import Scored
from framing.modelstore import read_card, read_out_of_fold
from framing.prevalence import Counts
from framing.results import (
    ARTICLES,
    COUNTS,
    HIGHEST,
    RUN_FILE,
    SCORES,
    STANCE,
    TARGETS,
    read_columns,
    read_documents,
    read_run,
    read_table,
)

ARTICLE_COLUMNS = (
    "doc_id",
    "source",
    "date",
    "n_sentences",
    "text_hash",
    *COPY_COLUMNS,
)
"""Columns of the articles that every answer needs, where they are there."""

Known: TypeAlias = tuple[dict[str, Any], pd.DataFrame]
"""What a model says of itself: its card and its out-of-fold scores."""


def open_results(
    folder: Path,
    models: Iterable[Path] = (),
    *,
    documents: Collection[str] | None = None,
    columns: Sequence[str] = (),
) -> tuple[Scored, dict[str, Any]]:
    """Return the tables of a results folder with its run.

    Parameters
    ----------
    models : iterable of Path
        Where the model that made the results may be, besides where it was.
    documents : collection of str
        Read only the sentences of these documents, and of those that trained the
        model; all else is counted already. By default everything is read.
    columns : sequence of str
        Columns of the articles that will be asked for, with `documents`.

    Raises
    ------
    InputError
        The folder is none that framing wrote, or damaged.
    """
    run = read_run(folder)
    about: Any = run.get("model")
    given: Any = run.get("thresholds", {})
    whole = _says_what_it_was(about) and isinstance(run.get("counts"), dict)
    if not whole or not _are_thresholds(given):
        msg = f"{shown(folder / RUN_FILE)}: damaged. Score the articles again."
        raise InputError(msg)
    card, out_of_fold = _find_model(about, models)
    card = with_thresholds(card, given)
    if documents is None or COUNTS not in run["files"]:
        scores, articles, stance = (
            read_table(folder, name) for name in (SCORES, ARTICLES, STANCE)
        )
        return Scored(scores, articles, stance, card, out_of_fold), run
    named = named_documents(documents, out_of_fold)
    scores, stance = (read_documents(folder, name, named) for name in (SCORES, STANCE))
    articles = read_table(folder, ARTICLES, article_columns(columns))
    names = tuple(read_columns(folder, ARTICLES))
    counts = Counts(*(read_table(folder, n) for n in (COUNTS, TARGETS, HIGHEST)))
    return Scored(scores, articles, stance, card, out_of_fold, counts, names), run


def check_codebook(folder: Path, run: Mapping[str, Any], codebook: Codebook) -> None:
    """Refuse results that were made with another codebook.

    Raises
    ------
    ModelError
        They were.
    """
    made_with = run["model"]["codebook"]
    if not codebook.accepts_signature(made_with):
        msg = (
            f"{shown(folder)}: scored by {shown(made_with)}, this study is "
            f"{codebook.signature}. Name its study by --project."
        )
        raise ModelError(msg)


def article_columns(asked: Sequence[str]) -> list[str]:
    """Return the columns of the articles that an answer needs."""
    own = [name for column in asked for name in (column, f"x_{column}")]
    return list(dict.fromkeys([*ARTICLE_COLUMNS, *own]))


def named_documents(
    documents: Collection[str], out_of_fold: pd.DataFrame
) -> frozenset[str]:
    """Return the documents whose sentences are needed one by one.

    Where there are labels, those that trained the model are, too.
    """
    if not documents or "doc_id" not in out_of_fold:
        return frozenset(documents)
    return frozenset({*documents, *out_of_fold["doc_id"]})


def _find_model(about: dict[str, str], models: Iterable[Path]) -> Known:
    """Return what the model that made results says of itself, if it can be found."""
    for place in (Path(about["folder"]), *models):
        card, out_of_fold = read_model(place)
        if card and card.get("model_sha256") == about["sha256"]:
            return card, out_of_fold
    return {}, pd.DataFrame()


def read_model(folder: Path) -> Known:
    """Return what the model in a folder says of itself, if it is there."""
    try:
        return read_card(folder), read_out_of_fold(folder)
    except ModelError:
        return {}, pd.DataFrame()


def _says_what_it_was(model: Any) -> bool:
    keys = ("folder", "sha256", "codebook")
    return isinstance(model, dict) and all(isinstance(model.get(k), str) for k in keys)


def _are_thresholds(given: Any) -> bool:
    return isinstance(given, dict) and all(
        type(value) is float and 0 <= value <= 1 for value in given.values()
    )


def with_thresholds(
    card: Mapping[str, Any], given: Mapping[str, float]
) -> dict[str, Any]:
    """Return a card that knows by which thresholds a scoring was decided.

    How far shares of decisions were off with those of the model says nothing of other
    ones: these figures are left out.
    """
    if not given or not card:
        return dict(card)
    frames = dict(card.get("frames", {}))
    frames["thresholds"] = {**frames.get("thresholds", {}), **given}
    frames["sources"] = {
        name: {**own, "share_error": _without(own.get("share_error", {}), given)}
        for name, own in frames.get("sources", {}).items()
    }
    return {**card, "frames": frames}


def _without(
    errors: Mapping[str, float], given: Mapping[str, float]
) -> dict[str, float]:
    return {code: error for code, error in errors.items() if code not in given}


def scored_by(
    scores: pd.DataFrame, articles: pd.DataFrame, stance: pd.DataFrame, model: Path
) -> Scored:
    """Return tables with what the model in a folder says of itself, if it is there."""
    return Scored(scores, articles, stance, *read_model(model))
