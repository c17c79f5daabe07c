"""Several scorings as one: the runs that a large corpus was split into."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from framing.errors import InputError, shown
from framing.measuring.opening import open_results
from framing.measuring.options import Scored
from framing.prevalence import join_counts
from framing.tablefile import join_tables

LISTS = ("inputs", "understood", "skipped", "warnings")
"""What the runs have to say, one after the other."""

APART = "copies across the results put together were not looked for"


def open_joined(
    folders: Sequence[Path],
    models: Iterable[Path] = (),
    *,
    documents: Collection[str] | None = None,
    columns: Sequence[str] = (),
) -> tuple[Scored, dict[str, Any]]:
    """Return the tables of several results folders as one scoring, with its run.

    Parameters are those of `open_results`.

    Raises
    ------
    InputError
        They differ in model, codebook, thresholds, release of framing or the files they
        have, an article is in two of them, or one is no results folder.
    """
    models = list(models)
    found = [
        open_results(folder, models, documents=documents, columns=columns)
        for folder in folders
    ]
    if len(found) == 1:
        return found[0]
    scorings, runs = zip(*found, strict=True)
    for folder, run in zip(folders, runs, strict=True):
        if different := _difference(runs[0], run):
            msg = (
                f"{shown(folder)}: {different} than {shown(folders[0])}. Put together "
                "what was scored in the same way."
            )
            raise InputError(msg)
    _check_ids(folders, [scored.articles["doc_id"] for scored in scorings])
    names = (name for s in scorings for name in s.columns or s.articles.columns)
    joined = Scored(
        join_tables(scored.scores for scored in scorings),
        join_tables(scored.articles for scored in scorings),
        join_tables(scored.stance for scored in scorings),
        scorings[0].card,
        scorings[0].out_of_fold,
        join_counts(scored.counts for scored in scorings),
        tuple(dict.fromkeys(map(str, names))),
    )
    return joined, _join_runs(folders, runs)


def _difference(one: Mapping[str, Any], two: Mapping[str, Any]) -> str:
    """Return in what two runs differ that must be alike, or ""."""
    if one["model"]["sha256"] != two["model"]["sha256"]:
        return "another model"
    if one["model"]["codebook"] != two["model"]["codebook"]:
        return "another codebook"
    if one.get("thresholds", {}) != two.get("thresholds", {}):
        return "other thresholds"
    if one.get("framing") != two.get("framing"):
        return "another release of framing"
    return "" if set(one["files"]) == set(two["files"]) else "other files"


def _check_ids(folders: Sequence[Path], ids: Sequence["pd.Series[str]"]) -> None:
    """Refuse an article that is in two of the folders."""
    known = pd.concat(ids, keys=range(len(ids)))
    again = known[known.duplicated()]
    if again.empty:
        return
    doc_id = again.iloc[0]
    first, second = (folders[at] for at, _ in known.index[known == doc_id][:2])
    msg = (
        f"{shown(second)}: article {shown(doc_id)!r} is in {shown(first)} too. Split "
        "the corpus so that each is scored once, or make the ids unique."
    )
    raise InputError(msg)


def _join_runs(
    folders: Sequence[Path], runs: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return what `run.json` says of results put together."""
    counts: Counter[str] = Counter()
    for run in runs:
        counts.update({k: n for k, n in run["counts"].items() if isinstance(n, int)})
    lists = {name: [item for r in runs for item in r.get(name, [])] for name in LISTS}
    lists["warnings"].append(APART)
    parts = [
        {"folder": str(folder), "command": run.get("command", [])}
        for folder, run in zip(folders, runs, strict=True)
    ]
    command = ["score", *map(str, folders)]
    return {
        **runs[0],
        **lists,
        "command": command,
        "counts": dict(counts),
        "joined": parts,
    }
