"""A whole run: parts of a stream of articles, scored, counted and kept."""

import platform
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from framing import __version__
from framing.articles import (
    Inputs,
    ReadLog,
    ReadOptions,
    read_articles,
    without_secrets,
)
from framing.errors import InputError, shown
from framing.heap import give_back
from framing.language import forget_languages
from framing.model import Model
from framing.parts import Manifest, Parts
from framing.prevalence import Counts, join_counts, measure_stance
from framing.records import Article
from framing.results import ARTICLES, COUNTS, HIGHEST, SCORES, STANCE, TARGETS
from framing.scoring.admitted import Admission
from framing.scoring.copied import mark_parts
from framing.scoring.overlong import warn_of_long
from framing.scoring.part import Task, Work
from framing.scoring.workers import FEW, Way, by_processes
from framing.tablefile import column_names, read_rows, read_tables

PART = 200
"""Articles scored at once: enough for arrays to pay, little enough for memory."""


@dataclass(frozen=True)
class Wanted:
    """What is wanted of the tables besides counts; None for all there is.

    `documents` are those whose sentences are wanted one by one, `columns` those of the
    articles. Without `targets` the counts know of no target that articles name.
    """

    documents: frozenset[str] | None = None
    columns: tuple[str, ...] | None = None
    targets: bool = True


@dataclass(frozen=True)
class Scoring:
    """What one run made: its counts, what was wanted of its tables, what was read.

    Attributes
    ----------
    scores, articles, stance : DataFrame
        What was wanted of them.
    columns : tuple of str
        All columns that the articles have.
    files : mapping of table to its files, part by part; empty if none were kept
    n_others : int
        Articles in another language that were left out.
    """

    counts: Counts
    scores: pd.DataFrame
    articles: pd.DataFrame
    stance: pd.DataFrame
    columns: tuple[str, ...]
    log: ReadLog
    files: Mapping[str, Sequence[Path]]
    n_others: int = 0

    @property
    def totals(self) -> dict[str, int]:
        """What was read and made, in numbers."""
        kinds = {f"units_{kind}": n for kind, n in self.counts.kinds.items()}
        return {
            "articles_read": len(self.counts.articles),
            "articles_undated": self.log.n_undated,
            "items_skipped": len(self.log.skipped),
            "other_language": self.n_others,
            "cannot_say": int(self.counts.articles["cannot_say"].sum()),
            **kinds,
        }


def make_manifest(
    inputs: Mapping[str, str],
    options: ReadOptions,
    model: str,
    thresholds: Mapping[str, float],
    language: str,
) -> Manifest:
    """Return what parts are made from.

    Parameters
    ----------
    inputs : mapping of path to hash
    model : str
        The hash of the model.
    thresholds : mapping of code to threshold
        Those given in place of the model's.
    language : str
        The only one that is scored, empty for any.
    """
    asked = asdict(options) | {"any_language": language or "yes"}
    asked["threshold"] = ", ".join(f"{c}={v!r}" for c, v in sorted(thresholds.items()))
    return Manifest(__version__, model, PART, asked, inputs)


def score_inputs(
    inputs: Inputs,
    options: ReadOptions,
    model: Model,
    *,
    parts: Parts | None = None,
    wanted: Wanted | None = None,
    way: Way | None = None,
    language: str = "",
    log: ReadLog | None = None,
    advance: Callable[[int], None] = lambda n: None,
) -> Scoring:
    """Return the scoring of the articles in `inputs`.

    Parameters
    ----------
    parts : Parts
        Where to keep all tables, and where some may be already; by default they go
        once what is wanted of them is read.
    wanted : Wanted
        What of the tables is wanted besides the counts, by default everything.
    way : Way
        Who scores the parts, by default this process.
    language : str
        Articles plainly in another one are skipped; by default none is.
    log : ReadLog
        Filled on the way.
    advance : callable
        Told how many articles were just done.

    Raises
    ------
    InputError
        No article could be read, or a file was changed meanwhile.
    """
    log = ReadLog() if log is None else log
    admission = Admission(language)
    articles = admission.pass_on(read_articles(inputs, options, log), log)
    with ExitStack() as stack:
        kept = parts or stack.enter_context(_passing_parts())
        work = Work(model, kept.folder, lasting=parts is not None)
        names = _score_parts(articles, kept, work, way, advance)
        if not names:
            reason = f" ({log.skipped[0]})" if log.skipped else ""
            msg = f"no article to score{reason}. Check the input; try another column."
            raise InputError(msg)
        _check_unchanged(log, kept.manifest)
        if len(names) > FEW:  # what gathers many parts needs the room
            forget_languages()
            give_back()
        found = _gather(kept, names, wanted or Wanted(), log)
    files = found.files if parts else {}
    return replace(found, files=files, n_others=admission.n_others)


@contextmanager
def _passing_parts() -> Iterator[Parts]:
    """Give a place for parts that nobody wants to keep: no corpus fills the memory."""
    with TemporaryDirectory(prefix="framing-") as folder:
        yield Parts(Path(folder), Manifest(__version__, "", PART))


def _score_parts(
    articles: Iterable[Article],
    parts: Parts,
    work: Work,
    way: Way | None,
    advance: Callable[[int], None],
) -> list[str]:
    """Have the parts scored that are not there yet; return the names of all."""
    names: list[str] = []
    tasks = _tasks(articles, parts, names, advance)
    with closing((way or by_processes(1))(tasks, work)) as stream:
        for done in stream:
            advance(done.n_articles)
    return names


def _tasks(
    articles: Iterable[Article],
    parts: Parts,
    names: list[str],
    advance: Callable[[int], None],
) -> Iterator[Task]:
    """Yield the parts that are not done yet; add the name of every part to `names`."""
    for number, own in enumerate(_cut(articles)):
        name = parts.name(number, own)
        names.append(name)
        if parts.is_done(name):
            advance(len(own))
        else:
            yield Task(name, own)


def _cut(articles: Iterable[Article]) -> Iterator[list[Article]]:
    stream = iter(articles)
    while part := list(islice(stream, PART)):
        yield part


def _check_unchanged(log: ReadLog, manifest: Manifest) -> None:
    """Refuse files that were changed between being hashed and being read."""
    for path, digest in log.files:
        known = log.marks.get(path, digest)
        if manifest.inputs.get(path, known) not in ("", known):
            msg = f"{shown(path)}: changed while it was scored. Run with --restart."
            raise InputError(msg)


def _gather(
    parts: Parts, names: Sequence[str], wanted: Wanted, log: ReadLog
) -> Scoring:
    """Return what was made of all parts."""
    files = {
        table: parts.files(names, table)
        for table in (SCORES, ARTICLES, STANCE, COUNTS, TARGETS, HIGHEST)
    }
    warn_of_long([parts.folder / name for name in names], log)
    files[ARTICLES] = mark_parts(parts, names)
    counts = _join(files, wanted)
    scores, stance = (
        read_rows(files[name], wanted.documents) for name in (SCORES, STANCE)
    )
    articles = read_tables(files[ARTICLES], wanted.columns)
    columns = {c: None for path in files[ARTICLES] for c in column_names(path)}
    return Scoring(counts, scores, articles, stance, tuple(columns), log, files)


def _join(files: Mapping[str, Sequence[Path]], wanted: Wanted) -> Counts:
    """Return the counts of all parts; those of targets, the most, only if wanted."""
    none = None if wanted.targets else frozenset[str]()
    articles, highest = (read_tables(files[name]) for name in (COUNTS, HIGHEST))
    return join_counts([Counts(articles, read_rows(files[TARGETS], none), highest)])


def stance_mix(targets: pd.DataFrame, target: str) -> pd.DataFrame:
    """Return how each source speaks of one target; see `measure_stance`."""
    own = targets.loc[targets["target"] == target]
    values = [c.removeprefix("s_") for c in own.columns if c.startswith("s_")]
    return measure_stance(own, values)


def describe_run(
    scoring: Scoring, *, command: Sequence[str], model: Mapping[str, str], seed: int
) -> dict[str, Any]:
    """Return what `run.json` says of a scoring."""
    return {
        "command": [without_secrets(word) for word in command],
        "framing": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "pandas": pd.__version__,
        "model": dict(model),
        "inputs": [{"path": p, "sha256": digest} for p, digest in scoring.log.files],
        "understood": scoring.log.understood,
        "counts": scoring.totals,
        "skipped": [
            {"where": s.where, "reason": s.reason} for s in scoring.log.skipped
        ],
        "warnings": scoring.log.warnings,
        "seed": seed,
    }
