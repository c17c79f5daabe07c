"""What is given in Python, in the words of the rooms below."""

import os
from collections.abc import Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from framing.api.table import as_file
from framing.articles import Inputs
from framing.errors import InputError
from framing.project import Study, open_study

Place: TypeAlias = str | PathLike[str]
"""A file or a folder."""

Articles: TypeAlias = Place | Sequence[Place] | pd.DataFrame | pd.Series
"""Files and folders of articles, a table with one article per row, or texts."""


def the_study(project: Place | None, codebook: str) -> Study:
    """Return the study that is named, or the one we are in."""
    return open_study(path_of(project), codebook)


def path_of(place: Place | None) -> Path | None:
    """Return a path, if one is given."""
    return None if place is None else Path(name_of(place))


def name_of(place: Place) -> str:
    """Return the name of a file or folder, with `~` as the home folder."""
    # That of pathlib fails at `~name` where there is nobody of that name.
    return os.path.expanduser(fspath(place))  # noqa: PTH111


def inputs_of(articles: Articles) -> Inputs:
    """Return articles as the readers take them."""
    if isinstance(articles, pd.Series):
        articles = articles.to_frame("text")
    if isinstance(articles, pd.DataFrame):
        return as_file(articles)
    if isinstance(articles, str | PathLike):
        articles = [articles]
    if not articles:
        msg = "no articles are given. Name a file or a folder."
        raise InputError(msg)
    return [name_of(place) for place in articles]


def check_level(level: float) -> None:
    """Refuse a level that intervals cannot have.

    Raises
    ------
    InputError
        It is none.
    """
    if not 0.5 <= level <= 0.999:
        msg = f"level {level:g}: give a number between 0.5 and 0.999."
        raise InputError(msg)


def check_jobs(jobs: int) -> None:
    """Refuse a number of processes that cannot be.

    Raises
    ------
    InputError
        It is below none.
    """
    if jobs < 0:
        msg = f"jobs {jobs}: give a number of processes, or 0 for one on each core."
        raise InputError(msg)


def check_seed(seed: int) -> None:
    """Refuse a seed that no randomness begins with.

    Raises
    ------
    InputError
        It is below 0.
    """
    if seed < 0:
        msg = f"seed {seed}: give 0 or more."
        raise InputError(msg)


def names_of(given: str | Sequence[str]) -> tuple[str, ...]:
    """Return names that are given one by one or in a text with commas."""
    names = given.split(",") if isinstance(given, str) else given
    return tuple(name.strip() for name in names)


def annotated(table: pd.DataFrame, about: Mapping[str, Any]) -> pd.DataFrame:
    """Return a table whose `attrs` say what it rests on."""
    for name, value in about.items():
        table.attrs[name] = value
    return table
