"""Scorings to measure: a results folder, with the model that made it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from framing.errors import InputError, ModelError, shown
from framing.measuring.options import Scored
from framing.modelstore import read_card, read_out_of_fold
from framing.results import RUN_FILE, read_run, read_table

SCORES, ARTICLES, STANCE = "scores.parquet", "articles.parquet", "stance.parquet"


def open_results(
    folder: Path, models: Iterable[Path] = ()
) -> tuple[Scored, dict[str, Any]]:
    """Return the tables of a results folder with its run.

    Parameters
    ----------
    models : iterable of Path
        Where the model that made the results may be, besides where it was.

    Raises
    ------
    InputError
        The folder is none that framing wrote, or damaged.
    """
    run = read_run(folder)
    scores, articles, stance = (
        read_table(folder, name) for name in (SCORES, ARTICLES, STANCE)
    )
    about: Any = run.get("model")
    given: Any = run.get("thresholds", {})
    whole = _says_what_it_was(about) and isinstance(run.get("counts"), dict)
    if not whole or not _are_thresholds(given):
        msg = f"{shown(folder / RUN_FILE)}: damaged. Score the articles again."
        raise InputError(msg)
    for place in (Path(about["folder"]), *models):
        scored = scored_by(scores, articles, stance, place)
        if scored.card and scored.card.get("model_sha256") == about["sha256"]:
            return with_thresholds(scored, given), run
    return Scored(scores, articles, stance), run


def _says_what_it_was(model: Any) -> bool:
    keys = ("folder", "sha256", "codebook")
    return isinstance(model, dict) and all(isinstance(model.get(k), str) for k in keys)


def _are_thresholds(given: Any) -> bool:
    return isinstance(given, dict) and all(
        type(value) is float and 0 <= value <= 1 for value in given.values()
    )


def with_thresholds(scored: Scored, given: Mapping[str, float]) -> Scored:
    """Return a scoring with a card that knows by which thresholds it was decided.

    How far shares of decisions were off with those of the model says nothing of other
    ones: these figures are left out.
    """
    if not given or not scored.card:
        return scored
    frames = dict(scored.card.get("frames", {}))
    frames["thresholds"] = {**frames.get("thresholds", {}), **given}
    frames["sources"] = {
        name: {**own, "share_error": _without(own.get("share_error", {}), given)}
        for name, own in frames.get("sources", {}).items()
    }
    return replace(scored, card={**scored.card, "frames": frames})


def _without(
    errors: Mapping[str, float], given: Mapping[str, float]
) -> dict[str, float]:
    return {code: error for code, error in errors.items() if code not in given}


def scored_by(
    scores: pd.DataFrame, articles: pd.DataFrame, stance: pd.DataFrame, model: Path
) -> Scored:
    """Return tables with what the model in a folder says of itself, if it is there."""
    try:
        return Scored(
            scores, articles, stance, read_card(model), read_out_of_fold(model)
        )
    except ModelError:
        return Scored(scores, articles, stance)
