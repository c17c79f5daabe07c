"""Articles of a study scored by its model, and the results folder written."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from framing.articles import Inputs, ReadLog, ReadOptions, survey
from framing.errors import InputError, shown
from framing.measuring import (
    Measured,
    MixOptions,
    Scored,
    article_columns,
    named_documents,
    read_model,
    with_thresholds,
)
from framing.parts import Manifest, Parts, open_parts
from framing.results import (
    ARTICLES,
    COUNTS,
    HIGHEST,
    SCORES,
    STANCE,
    TARGETS,
    clear_leavings,
    list_skipped,
    write_results,
)
from framing.scoring import (
    Scoring,
    Wanted,
    Way,
    by_processes,
    connect,
    describe_run,
    make_manifest,
    score_inputs,
)
from framing.study.opening import Opened
from framing.tablefile import DamagedTableError


@dataclass(frozen=True)
class Asked:
    """What is to be scored, how it is read, with which model, in which language.

    `command` is what the run will say made it, without the name of the program.
    """

    inputs: Inputs
    reading: ReadOptions
    model: Opened
    language: str = ""
    seed: int = 0
    command: Sequence[str] = ()


@dataclass(frozen=True)
class Needed:
    """Whose sentences, and which columns of the articles, an answer needs.

    None for all there are.
    """

    documents: set[str] | None = None
    columns: Sequence[str] | None = None


@dataclass(frozen=True)
class Work:
    """Where results are kept, who does the work, and whether to go on."""

    output: Path | None = None
    jobs: int = 1
    cluster: str = ""
    resume: bool = True


@dataclass(frozen=True)
class Found:
    """A scoring, new or opened again, with its run.

    `files` has its long tables, each in one file or several.
    """

    scored: Scored
    run: dict[str, Any]
    files: Mapping[str, Sequence[Path]]
    log: ReadLog = field(default_factory=ReadLog)
    is_new: bool = True


class Watcher:
    """Is told how a run goes; this one keeps it to itself."""

    def guard(self, parts: Parts | None) -> AbstractContextManager[None]:
        """Return what is entered once it is known what is kept, None if nothing."""
        return nullcontext()

    def watch(
        self, log: ReadLog, n_bytes: int
    ) -> AbstractContextManager[Callable[[int], None]]:
        """Give the function that is told how many articles were just done."""
        return nullcontext(lambda n: None)


@contextmanager
def score_study(
    asked: Asked, needed: Needed, work: Work, watcher: Watcher | None = None
) -> Iterator[Found]:
    """Give the scoring of articles.

    What is kept to go on with is thrown away only once the results are written.

    Raises
    ------
    ClusterError, InputError, StorageError
        See `framing.scoring.score_inputs` and `framing.parts.open_parts`.
    """
    watcher = watcher or Watcher()
    log = ReadLog()
    card, out_of_fold = read_model(asked.model.place)
    with ExitStack() as stack:
        # First: hashing may take long, and a wrong address is soon told.
        way = stack.enter_context(_way(work))
        there = survey(asked.inputs, hashed=work.output is not None)
        given = asked.model.thresholds
        manifest = make_manifest(
            there.hashes, asked.reading, asked.model.digest, given, asked.language
        )
        parts = stack.enter_context(_kept(work, manifest))
        stack.enter_context(watcher.guard(parts))
        with watcher.watch(log, there.n_bytes) as advance:
            scoring = score_inputs(
                asked.inputs,
                asked.reading,
                asked.model.model,
                parts=parts,
                wanted=_wanted(needed, out_of_fold),
                way=way,
                language=asked.language,
                log=log,
                advance=advance,
            )
        scored = Scored(
            scoring.scores,
            scoring.articles,
            scoring.stance,
            with_thresholds(card, given),
            out_of_fold,
            scoring.counts,
            scoring.columns,
        )
        yield Found(scored, _describe(asked, scoring), scoring.files, log)
        if parts:
            parts.remove()


def _way(work: Work) -> AbstractContextManager[Way]:
    """Return who scores the parts."""
    if work.cluster:
        return connect(work.cluster, work.jobs)
    return nullcontext(by_processes(work.jobs))


@contextmanager
def _kept(work: Work, manifest: Manifest) -> Iterator[Parts | None]:
    """Give the place for what is done, if anything is kept."""
    if work.output is None:
        yield None
        return
    with open_parts(work.output, manifest, restart=not work.resume) as parts:
        clear_leavings(work.output)
        yield parts


def _wanted(needed: Needed, out_of_fold: Any) -> Wanted:
    documents, columns = None, None
    if needed.documents is not None:
        documents = named_documents(needed.documents, out_of_fold)
    if needed.columns is not None:
        columns = tuple(article_columns(needed.columns))
    return Wanted(documents, columns, columns is None or "target" in columns)


def _describe(asked: Asked, scoring: Scoring) -> dict[str, Any]:
    """Return what `run.json` says."""
    opened = asked.model
    about = {
        "folder": str(opened.place),
        "sha256": opened.digest,
        "codebook": opened.model.codebook,
    }
    run = describe_run(scoring, command=asked.command, model=about, seed=asked.seed)
    return run | {"thresholds": dict(opened.thresholds)}


def write_study(
    folder: Path, found: Found, measured: Measured, options: MixOptions
) -> None:
    """Write the results folder, with what was asked of the mix.

    Raises
    ------
    InputError
        Tables of the earlier results are damaged.
    StorageError
        The folder holds something else, or cannot be written.
    """
    counts = found.scored.counts
    tables = {
        # Those of a release without counts have none in files.
        COUNTS: found.files.get(COUNTS, counts.articles),
        TARGETS: found.files.get(TARGETS, counts.targets),
        **{name: found.files[name] for name in (SCORES, ARTICLES, STANCE)},
        HIGHEST: counts.highest,
        "mix.csv": measured.mix,
        "skipped.csv": list_skipped(found.run),
    }
    asked = asdict(options) | {"method": measured.basis.method.name}
    mix = asked | {"labels": measured.basis.labels_from, "by": list(options.by)}
    try:
        write_results(folder, tables, {**found.run, "mix": mix})
    except DamagedTableError as error:
        if found.is_new:  # those who keep the parts know what to do
            raise
        msg = f"{shown(error)}: missing or damaged. Run `framing score` again."
        raise InputError(msg) from error
