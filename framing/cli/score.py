"""`framing score`: articles in, the framing mix of every source out."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated, Any

import typer

from framing.cli import common, mixtable, opening
from framing.cli.progress import progress
from framing.cli.stopping import stoppable, stopped
from framing.errors import InputError, shown

if TYPE_CHECKING:
    from framing.articles import ReadOptions
    from framing.cli.common import Study
    from framing.measuring import Measured, MixOptions, Scored
    from framing.model import Model
    from framing.parts import Manifest, Parts
    from framing.scoring import Scoring, Wanted, Way
    from framing.trust import Trust


def run(
    inputs: common.InputsArgument,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Results folder to write.")
    ] = None,
    as_json: common.JsonOption = False,
    as_csv: common.CsvOption = False,
    by: common.ByOption = "source",
    method: common.MethodOption = "",
    labels: common.LabelsOption = None,
    target: Annotated[
        str, typer.Option("--target", help="Also show the stance towards this actor.")
    ] = "",
    level: common.LevelOption = 0.95,
    unit: common.UnitOption = "sentence",
    threshold: Annotated[
        list[str] | None,
        typer.Option(
            "--threshold",
            metavar="CODE=VALUE",
            help="Give a code from this score on; see framing evaluate --thresholds.",
        ),
    ] = None,
    control: common.ControlOption = "",
    census: common.CensusOption = False,
    min_articles: common.MinArticlesOption = 5,
    copies: common.CopiesOption = "all",
    show_all: Annotated[
        bool, typer.Option("--all", help="Show sources with too few articles too.")
    ] = False,
    keep_all: Annotated[
        bool,
        typer.Option(
            "--keep-all",
            help="Count headings, captions, repeats and web debris too.",
        ),
    ] = False,
    any_language: Annotated[
        bool,
        typer.Option(
            "--any-language",
            help="Score articles in other languages than the codebook's too.",
        ),
    ] = False,
    model: common.ModelOption = None,
    project: common.ProjectOption = None,
    codebook: common.CodebookOption = "",
    text_column: common.TextColumn = "",
    source_column: common.SourceColumn = "",
    date_column: common.DateColumn = "",
    title_column: common.TitleColumn = "",
    id_column: common.IdColumn = "",
    encoding: common.EncodingOption = "",
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs",
            "-j",
            min=0,
            help="Processes; by default one on each core if there is much to do.",
        ),
    ] = 0,
    cluster: Annotated[
        str,
        typer.Option(
            "--cluster",
            metavar="ADDRESS|local",
            help="Score on the Dask cluster with this scheduler; see docs/scale.md.",
        ),
    ] = "",
    resume: Annotated[
        bool,
        typer.Option(
            "--resume/--restart",
            help="Go on with a run of -o that was broken off, or throw it away.",
        ),
    ] = True,
    text_from: common.TextFrom = "",
    seed: common.SeedOption = 0,
    quiet: common.QuietOption = False,
) -> None:
    """Score articles and print the framing mix of every source.

    A results folder in place of articles is not scored again: its mix is shown anew,
    say by month, or corrected by labels. With -o nothing is lost: the same command goes
    on where the last one stopped.

    Examples: framing score articles/ -o results/
    framing score results/ --labels sheet.csv
    """
    if as_csv and (as_json or target):
        msg = "the mix alone can be had as CSV: leave out --json and --target"
        raise typer.BadParameter(msg, param_hint="--csv")
    if cluster:
        _check_cluster(cluster, output, jobs)
    study = common.open_study(project, codebook)
    options = common.mix_options(
        by, method, level, unit, control, min_articles, census=census, copies=copies
    )
    options = replace(options, all_kinds=keep_all)
    from framing.measuring import advise, judge, keep_own, measure
    from framing.results import check_folder

    coded, labels_from = common.read_labels(study, labels)
    if output:
        check_folder(output)
    columns = {
        "text_column": text_column,
        "source_column": source_column,
        "date_column": date_column,
        "title_column": title_column,
        "id_column": id_column,
        "encoding": encoding,
        "text_from": text_from,
    }
    folder = opening.results_folder(inputs)
    if folder and (model or threshold or any_language or any(columns.values())):
        msg = f"{shown(folder)} is scored already: name articles to score anew"
        hint = "--model, --threshold, --any-language and columns"
        raise typer.BadParameter(msg, param_hint=hint)
    documents = opening.needed_documents(coded, options)
    needed = Needed(documents, (*options.by, control, "target" if target else ""))
    with ExitStack() as stack:
        if folder:
            found = _reopen(folder, study, target, needed)
        else:
            by_model = _open_model(study, model, threshold or [])
            reading = common.read_options(**columns)
            language = "" if any_language else study.codebook.language
            asked = Asked(inputs, reading, by_model, language, seed, quiet)
            work = Work(output, jobs, cluster, resume)
            found = stack.enter_context(_score(asked, target, needed, work))
        if not labels:
            coded = keep_own(found.scored, coded)
        measured = measure(found.scored, options, coded, labels_from=labels_from)
        if output:
            _write(output, found, measured, options)
    trust = judge(found.scored, advise(found.scored, measured, options))
    if as_json:
        _print_json(found, measured, trust, copies)
    elif as_csv:
        from framing.results import csv_text

        typer.echo(csv_text(measured.mix), nl=False)
    else:
        mixtable.print_mix(measured, options, found.scored.codes, show_all=show_all)
        if found.target:
            _print_stance(found, copies, show_all=show_all)
        mixtable.print_copied(found.scored, options)
        mixtable.print_basis(measured, options)
        mixtable.print_trust(trust)
        _say_notes(found, output, all_kinds=keep_all, quiet=quiet)
        mixtable.say_next(output or folder, quiet=quiet)
    if found.is_new and found.run["skipped"]:
        raise typer.Exit(1)


@dataclass(frozen=True)
class Found:
    """A scoring, new or opened again, with its run and the target asked for.

    `files` has its long tables, each in one file or several.
    """

    scored: "Scored"
    run: dict[str, Any]
    target: str
    files: "Mapping[str, Sequence[Path]]"
    is_new: bool = True


@dataclass(frozen=True)
class Needed:
    """Whose sentences, and which columns of the articles, an answer needs."""

    documents: set[str] | None
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """What is to be scored, how it is read, with which model, in which language."""

    inputs: list[str]
    reading: "ReadOptions"
    model: "Opened"
    language: str
    seed: int
    quiet: bool


@dataclass(frozen=True)
class Work:
    """Where results are kept, who does the work, and whether to go on."""

    output: Path | None
    jobs: int
    cluster: str
    resume: bool


@dataclass(frozen=True)
class Opened:
    """The model to score by, and the thresholds that were asked for."""

    model: "Model"
    digest: str
    place: Path
    thresholds: dict[str, float]


def _open_model(study: "Study", folder: Path | None, texts: Sequence[str]) -> Opened:
    """Return the model to score by, with the thresholds asked for."""
    from framing.scoring import set_thresholds

    model, digest, place = common.open_model(study, folder)
    if texts and model.frames.single:
        msg = "with exactly one code a unit the likeliest is taken, by no threshold"
        raise typer.BadParameter(msg, param_hint="--threshold")
    given = dict(_read_threshold(text, model.frames.classes) for text in texts)
    return Opened(set_thresholds(model, given), digest, place, given)


def _read_threshold(text: str, codes: Sequence[str]) -> tuple[str, float]:
    """Return the code and the threshold of `CODE=VALUE`."""
    code, _, number = text.partition("=")
    code = code.strip()
    try:
        value = float(number)
    except ValueError:
        value = -1.0
    if code not in codes:
        msg = f"{shown(code)!r} is no code (codes: {', '.join(codes)})"
    elif not 0 <= value <= 1:
        msg = f"{shown(text)}: give a number between 0 and 1, as in {code}=0.6"
    else:
        return code, value
    raise typer.BadParameter(msg, param_hint="--threshold")


def _reopen(folder: Path, study: "Study", target: str, needed: Needed) -> Found:
    """Return an earlier scoring; items it skipped were told then."""
    scored, run = opening.open_results(
        folder, study, documents=needed.documents, columns=needed.columns
    )
    names = sorted(set(scored.counts.targets["target"]))
    found = _find_target(target, names, {}) if target else ""
    files = {
        name: [folder / name] for name in run["files"] if name.endswith(".parquet")
    }
    return Found(scored, run, found, files, is_new=False)


@contextmanager
def _score(asked: Asked, target: str, needed: Needed, work: Work) -> "Iterator[Found]":
    """Give the scoring of articles; say what was read.

    What is kept to go on with is thrown away only once the results are written.
    """
    from framing.articles import survey
    from framing.measuring import (
        Scored,
        article_columns,
        named_documents,
        read_model,
        with_thresholds,
    )
    from framing.scoring import Wanted, describe_run, make_manifest

    given = asked.model.thresholds
    loaded, digest, place = asked.model.model, asked.model.digest, asked.model.place
    known = loaded.targets
    target = _find_target(target, known.names, known.aliases) if target else ""
    common.say(
        f"{loaded.codebook}, model {digest[:12]} in {common.place(place)}",
        quiet=asked.quiet,
    )
    for code, value in given.items():
        common.say(f"{code} is given from a score of {value:g} on", quiet=asked.quiet)
    card, out_of_fold = read_model(place)
    documents = None
    if needed.documents is not None:
        documents = named_documents(needed.documents, out_of_fold)
    columns = tuple(article_columns(needed.columns))
    wanted = Wanted(documents, columns, "target" in columns)
    with ExitStack() as stack:
        # First: hashing may take long, and a wrong address is soon told.
        way = stack.enter_context(_way(work))
        there = survey(asked.inputs, hashed=work.output is not None)
        manifest = make_manifest(
            there.hashes, asked.reading, digest, given, asked.language
        )
        parts = stack.enter_context(_kept(work, manifest, quiet=asked.quiet))
        scoring = _run(asked, loaded, wanted, parts, way, there.n_bytes)
        common.say_what_was_read(scoring.log, quiet=asked.quiet)
        _say_languages(scoring.n_others, asked.language)
        about = {"folder": str(place), "sha256": digest, "codebook": loaded.codebook}
        run = describe_run(scoring, command=sys.argv[1:], model=about, seed=asked.seed)
        run["thresholds"] = given
        scored = Scored(
            scoring.scores,
            scoring.articles,
            scoring.stance,
            with_thresholds(card, given),
            out_of_fold,
            scoring.counts,
            scoring.columns,
        )
        yield Found(scored, run, target, scoring.files)
        if parts:
            parts.remove()


def _check_cluster(cluster: str, output: Path | None, jobs: int) -> None:
    """Refuse options that a cluster can do nothing with."""
    if output is None:
        msg = "workers write to a folder that all share: name it with -o RESULTS"
        raise typer.BadParameter(msg, param_hint="--cluster")
    if jobs and cluster != "local":
        msg = "a cluster has the workers that were started for it: leave out --jobs"
        raise typer.BadParameter(msg, param_hint="--jobs")


def _way(work: Work) -> "AbstractContextManager[Way]":
    """Return who scores the parts."""
    from framing.scoring import by_processes, connect

    if work.cluster:
        return connect(work.cluster, work.jobs)
    return nullcontext(by_processes(work.jobs))


@contextmanager
def _kept(work: Work, manifest: "Manifest", *, quiet: bool) -> "Iterator[Parts | None]":
    """Give the place for what is done, if anything is kept; say how to go on."""
    from framing.parts import open_parts
    from framing.results import clear_leavings

    if work.output is None:
        try:
            yield None
        except KeyboardInterrupt as error:
            msg = "stopped, nothing is kept. With -o RESULTS you could go on."
            raise stopped(error, msg) from error
        return
    with (
        stoppable(),
        open_parts(work.output, manifest, restart=not work.resume) as parts,
    ):
        clear_leavings(work.output)
        if n := parts.count():
            done = n * manifest.part_size
            common.say(f"going on: about {done:,} articles are done", quiet=quiet)
        try:
            yield parts
        except KeyboardInterrupt as error:
            done = parts.count() * manifest.part_size
            where = common.place(parts.folder)
            msg = (
                f"stopped, about {done:,} articles are done and kept in {where}. Give "
                "the same command to go on."
            )
            raise stopped(error, msg) from error


def _run(
    asked: Asked,
    model: "Model",
    wanted: "Wanted",
    parts: "Parts | None",
    way: "Way",
    n_bytes: int,
) -> "Scoring":
    """Return the scoring, with a progress bar."""
    from framing.articles import ReadLog
    from framing.scoring import score_inputs

    log = ReadLog()
    part = (lambda: min(log.n_bytes / n_bytes, 1.0)) if n_bytes else None
    with progress("scoring", "articles", quiet=asked.quiet, part=part) as advance:
        return score_inputs(
            asked.inputs,
            asked.reading,
            model,
            parts=parts,
            wanted=wanted,
            way=way,
            language=asked.language,
            log=log,
            advance=advance,
        )


def _say_languages(n: int, language: str) -> None:
    """Say how many articles were left out for their language; also when quiet."""
    if n:
        which = "articles that are" if n > 1 else "article that is"
        common.say(
            f"left out {n:,} {which} not in the language of the codebook "
            f"({language}); --any-language scores them"
        )


def _find_target(name: str, names: Sequence[str], aliases: Mapping[str, str]) -> str:
    """Return the target of that name or alias, in any case."""
    import difflib

    known = {alias.casefold(): actor for alias, actor in aliases.items()}
    known = {alias: actor for alias, actor in known.items() if actor in names}
    known |= {target.casefold(): target for target in names}
    if name.casefold() in known:
        return known[name.casefold()]
    if not known:
        msg = "the codebook has no targets"
    else:
        near = difflib.get_close_matches(name, names, 3, 0.4)
        near = near or list(names[:5])
        msg = f"{shown(name)} is no target; perhaps {', '.join(near)}?"
    raise typer.BadParameter(msg, param_hint="--target")


def _write(
    folder: Path, found: Found, measured: "Measured", options: "MixOptions"
) -> None:
    """Write the results folder, with what was asked of the mix."""
    from framing.results import (
        ARTICLES,
        COUNTS,
        HIGHEST,
        SCORES,
        STANCE,
        TARGETS,
        list_skipped,
        write_results,
    )
    from framing.tablefile import DamagedTableError

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


def _print_json(
    found: Found, measured: "Measured", trust: "Trust", copies: str
) -> None:
    from framing.copies import measure_copying
    from framing.measuring import keep_counted
    from framing.scoring import stance_mix

    about = found.run["model"]
    content = {
        "codebook": about["codebook"],
        "model_sha256": about["sha256"],
        "counts": found.run["counts"],
        "mix": common.records(measured.mix),
        "copied": common.records(measure_copying(found.scored.articles)),
        "basis": common.basis_record(measured.basis),
        "trust": common.trust_record(trust),
        "skipped": [f"{s['where']}: {s['reason']}" for s in found.run["skipped"]],
    }
    if found.target:
        counted = keep_counted(found.scored.counts.targets, found.scored, copies)
        table = stance_mix(counted, found.target)
        content["stance"] = common.records(table)
    common.print_json(content)


def _print_stance(found: Found, copies: str, *, show_all: bool) -> None:
    """Print the stance per source, those with enough articles, most sentences first."""
    from framing.measuring import keep_counted
    from framing.prevalence import MIN_ARTICLES
    from framing.scoring import stance_mix

    counted = keep_counted(found.scored.counts.targets, found.scored, copies)
    table = stance_mix(counted, found.target)
    enough = table["n_articles"] >= MIN_ARTICLES
    chosen = table if show_all or not enough.any() else table[enough]
    typer.echo(f"\nStance of sentences that name {shown(found.target)}, %\n")
    values = list(table.columns[4:])
    rows = [
        [
            shown(row["source"], 24),
            str(row["n_articles"]),
            str(row["n"]),
            *(common.percent(row[value]) for value in values),
        ]
        for row in common.records(chosen.sort_values("n", ascending=False))
    ]
    common.print_table(["source", "art.", "sent.", *values], rows)
    if len(chosen) < len(table):
        typer.echo(
            f"\n{len(table) - len(chosen)} more sources name it in fewer than "
            f"{MIN_ARTICLES} articles (--all shows them)."
        )


def _say_notes(
    found: Found, output: Path | None, *, all_kinds: bool, quiet: bool
) -> None:
    """Say what was counted, and where it is kept."""
    counts = found.run["counts"]
    left_out = sum(
        n for k, n in counts.items() if k.startswith("units_") and k != "units_sentence"
    )
    notes = [
        f"{counts['articles_read']:,} articles, {counts.get('units_sentence', 0):,} "
        f"sentences; {left_out:,} headings, captions, repeats and web debris are "
        f"{'counted too (--keep-all)' if all_kinds else 'kept out of the mix'}."
    ]
    if output:
        notes.append(f"Written to {common.place(output.absolute())}/.")
    else:
        notes.append("Keep all scores with -o results/.")
    common.say("", quiet=quiet)
    for note in notes:
        common.say(fill(note, common.WIDTH), quiet=quiet)
