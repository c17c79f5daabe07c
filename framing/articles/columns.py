"""Which column of a table is the text, the source, the date, the title, the id."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NoReturn

from framing.articles.options import ReadOptions
from framing.errors import InputError, shown

ALIASES = {
    "text": "text body content article fulltext articletext maintext",
    "source": "source outlet publication publicationtitle medianame newspaper "
    "publisher sn",
    "date": "date published publishdate publishedat publicationdate pubdate pd",
    "title": "title headline hd",
    "doc_id": "docid id guid an proquestdocumentid",
}
"""Usual names of each field in order of preference, as `plain_name` writes them.

Media Cloud, Nexis (LexisNexisTools), Factiva's two letters, ProQuest, news-please.
"""

N_SHOWN = 20
"""Columns that an error lists; an export can have hundreds."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The column that holds each field of an article; "" where there is none."""

    text: str = ""
    source: str = ""
    date: str = ""
    title: str = ""
    doc_id: str = ""

    @property
    def used(self) -> dict[str, str]:
        """The columns that were found, by field."""
        named = {name: getattr(self, name) for name in ALIASES}
        return {name: column for name, column in named.items() if column}

    def __str__(self) -> str:
        return ", ".join(f"{k}={shown(v, 40)}" for k, v in self.used.items())


def plain_name(column: str) -> str:
    """Return a column's name in small letters without spaces, `_` and `-`."""
    return re.sub(r"[\s_-]", "", column).casefold()


@lru_cache(maxsize=256)
def map_columns(names: tuple[str, ...], options: ReadOptions) -> Columns:
    """Return which of `names` is what; the user's choice goes first.

    A named column that does not exist counts as absent: `check_columns` refuses it.
    """
    found = {}
    for name, wanted in options.overrides.items():
        if column := _find(wanted, names):
            found[name] = column
    free = [name for name in names if name not in found.values()]
    for name, aliases in ALIASES.items():
        if name in options.overrides:
            continue
        columns = (_find_plain(alias, free) for alias in aliases.split())
        found[name] = next(filter(None, columns), "")
    return Columns(**found)


def check_columns(names: Sequence[str], options: ReadOptions, where: str) -> Columns:
    """Return the columns of a table with a header.

    Raises
    ------
    InputError
        A name stands twice, a column that the user named is missing, or there is no
        text column.
    """
    if twice := [name for name, n in Counter(filter(None, names)).items() if n > 1]:
        message = f"{where}: column name given twice: {_listed(twice)}. Rename one."
        raise InputError(message)
    columns = map_columns(tuple(names), options)
    for name in options.overrides:
        if name not in columns.used:
            refuse_missing(name, names, options, where)
    if not columns.text:
        refuse_missing("text", names, options, where)
    return columns


def refuse_missing(
    name: str, names: Iterable[str], options: ReadOptions, where: str
) -> NoReturn:
    """Raise the error about a field whose column is not among `names`."""
    listed = _listed([n for n in names if n])
    if wanted := options.overrides.get(name):
        option = f"--{name.removeprefix('doc_')}-column"
        message = (
            f"{where}: no column {shown(wanted, 40)!r} (columns: {listed}). "
            f"Name another with {option}."
        )
    elif any(plain_name(n) == "url" for n in names):
        message = (
            f"{where}: this export has no article text (columns: {listed}). Add the "
            "texts to it as a column, or name their column with --text-column."
        )
    else:
        message = (
            f"{where}: no text column (columns: {listed}). Name it with --text-column."
        )
    raise InputError(message)


def _find(wanted: str, names: Sequence[str]) -> str:
    """Return the column with this name, or else with this name loosely written."""
    return wanted if wanted in names else _find_plain(plain_name(wanted), names)


def _find_plain(wanted: str, names: Sequence[str]) -> str:
    """Return the first column whose plain name is `wanted`, or ""."""
    return next((n for n in names if plain_name(n) == wanted), "") if wanted else ""


def _listed(names: Sequence[str]) -> str:
    """Return the names with commas, at most `N_SHOWN` of them."""
    listed = ", ".join(shown(name, 40) for name in names[:N_SHOWN])
    more = len(names) - N_SHOWN
    return f"{listed} and {more} more" if more > 0 else listed
