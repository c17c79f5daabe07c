"""`framing score`: articles in, the framing mix of every source out."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated

import typer

from framing.cli import common, mixtable, opening
from framing.errors import InputError, shown

if TYPE_CHECKING:
    from framing.measuring import Measured
    from framing.project import Study
    from framing.study.opening import Opened
    from framing.study.run import Asked, Found, Needed, Work
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
    say by month, or corrected by labels; several are put together. With -o nothing is
    lost: the same command goes on where the last one stopped.

    \b
    Examples:
      framing score articles/ -o results/
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
    from framing.study.opening import needed_documents, read_sample
    from framing.study.run import Asked, Needed, Work, write_study

    coded, labels_from = read_sample(study, labels)
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
    folders = opening.results_folders(inputs)
    if folders and (model or threshold or any_language or any(columns.values())):
        msg = f"{shown(folders[0])} is scored already: name articles to score anew"
        hint = "--model, --threshold, --any-language and columns"
        raise typer.BadParameter(msg, param_hint=hint)
    documents = needed_documents(coded, options)
    needed = Needed(documents, (*options.by, control, "target" if target else ""))
    with ExitStack() as stack:
        if folders:
            found = _reopen(folders, study, needed)
            target = _find_target(found, study, target) if target else ""
        else:
            opened = _open_model(study, model, threshold or [])
            known = opened.model.targets
            if target:
                target = _target_of(target, known.names, known.aliases)
            language = "" if any_language else study.codebook.language
            reading = common.read_options(**columns)
            command = sys.argv[1:]
            asked = Asked(inputs, reading, opened, language, seed, command)
            work = Work(output, jobs, cluster, resume)
            found = stack.enter_context(_score(asked, needed, work, quiet=quiet))
        if not labels:
            coded = keep_own(found.scored, coded)
        measured = measure(found.scored, options, coded, labels_from=labels_from)
        if output:
            write_study(output, found, measured, options)
    trust = judge(found.scored, advise(found.scored, measured, options))
    if as_json:
        _print_json(found, target, measured, trust, copies)
    elif as_csv:
        from framing.results import csv_text

        typer.echo(csv_text(measured.mix), nl=False)
    else:
        mixtable.print_mix(measured, options, found.scored.codes, show_all=show_all)
        if target:
            _print_stance(found, target, copies, show_all=show_all)
        mixtable.print_copied(found.scored, options)
        mixtable.print_basis(measured, options)
        mixtable.print_trust(trust)
        _say_notes(found, output, all_kinds=keep_all, quiet=quiet)
        shown_again = folders[0] if len(folders) == 1 else None
        mixtable.say_next(output or shown_again, quiet=quiet)
        if len(folders) > 1:
            common.say(f"Put together: {found.run['warnings'][-1]}.", quiet=quiet)
    if found.is_new and found.run["skipped"]:
        raise typer.Exit(1)


def _open_model(study: "Study", folder: Path | None, texts: Sequence[str]) -> "Opened":
    """Return the model to score by, with the thresholds asked for."""
    from framing.study.opening import open_model

    given = dict(_read_threshold(text) for text in texts)
    try:
        return open_model(study, folder, given)
    except InputError as error:
        raise typer.BadParameter(str(error), param_hint="--threshold") from error


def _read_threshold(text: str) -> tuple[str, float]:
    """Return the code and the threshold of `CODE=VALUE`."""
    code, _, number = text.partition("=")
    code = code.strip()
    try:
        value = float(number)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        msg = f"{shown(text)}: give a number between 0 and 1, as in {shown(code)}=0.6"
        raise typer.BadParameter(msg, param_hint="--threshold")
    return code, value


def _reopen(folders: Sequence[Path], study: "Study", needed: "Needed") -> "Found":
    """Return earlier scorings as one; items they skipped were told then."""
    from framing.study.opening import open_results
    from framing.study.run import Found

    scored, run = open_results(
        folders, study, documents=needed.documents, columns=needed.columns or ()
    )
    files = {
        name: [folder / name for folder in folders]
        for name in run["files"]
        if name.endswith(".parquet")
    }
    return Found(scored, run, files, is_new=False)


def _find_target(found: "Found", study: "Study", name: str) -> str:
    """Return the target of an earlier scoring."""
    from framing.project import read_codebook_targets

    names = sorted(set(found.scored.counts.targets["target"]))
    return _target_of(name, names, read_codebook_targets(study.codebook).aliases)


def _target_of(name: str, names: Sequence[str], aliases: Mapping[str, str]) -> str:
    """Return the target of that name or alias."""
    from framing.study.opening import find_target

    try:
        return find_target(name, names, aliases)
    except InputError as error:
        raise typer.BadParameter(str(error), param_hint="--target") from error


@contextmanager
def _score(
    asked: "Asked", needed: "Needed", work: "Work", *, quiet: bool
) -> "Iterator[Found]":
    """Give the scoring of articles; say what was read."""
    from framing.cli.watching import Terminal
    from framing.study.run import score_study

    opened = asked.model
    common.say(
        f"{opened.model.codebook}, model {opened.digest[:12]} in "
        f"{common.place(opened.place)}",
        quiet=quiet,
    )
    for code, value in opened.thresholds.items():
        common.say(f"{code} is given from a score of {value:g} on", quiet=quiet)
    with score_study(asked, needed, work, Terminal(quiet=quiet)) as found:
        common.say_what_was_read(found.log, quiet=quiet)
        _say_languages(found.run["counts"]["other_language"], asked.language)
        yield found


def _check_cluster(cluster: str, output: Path | None, jobs: int) -> None:
    """Refuse options that a cluster can do nothing with."""
    if output is None:
        msg = "workers write to a folder that all share: name it with -o RESULTS"
        raise typer.BadParameter(msg, param_hint="--cluster")
    if jobs and cluster != "local":
        msg = "a cluster has the workers that were started for it: leave out --jobs"
        raise typer.BadParameter(msg, param_hint="--jobs")


def _say_languages(n: int, language: str) -> None:
    """Say how many articles were left out for their language; also when quiet."""
    if n:
        which = "articles that are" if n > 1 else "article that is"
        common.say(
            f"left out {n:,} {which} not in the language of the codebook "
            f"({language}); --any-language scores them"
        )


def _print_json(
    found: "Found", target: str, measured: "Measured", trust: "Trust", copies: str
) -> None:
    from framing.copies import measure_copying
    from framing.measuring import describe_basis, keep_counted
    from framing.scoring import stance_mix

    about = found.run["model"]
    content = {
        "codebook": about["codebook"],
        "model_sha256": about["sha256"],
        "counts": found.run["counts"],
        "mix": common.records(measured.mix),
        "copied": common.records(measure_copying(found.scored.articles)),
        "basis": describe_basis(measured.basis),
        "trust": common.trust_record(trust),
        "skipped": [f"{s['where']}: {s['reason']}" for s in found.run["skipped"]],
    }
    if target:
        counted = keep_counted(found.scored.counts.targets, found.scored, copies)
        table = stance_mix(counted, target)
        content["stance"] = common.records(table)
    common.print_json(content)


def _print_stance(found: "Found", target: str, copies: str, *, show_all: bool) -> None:
    """Print the stance per source, those with enough articles, most sentences first."""
    from framing.measuring import keep_counted
    from framing.prevalence import MIN_ARTICLES
    from framing.scoring import stance_mix

    counted = keep_counted(found.scored.counts.targets, found.scored, copies)
    table = stance_mix(counted, target)
    enough = table["n_articles"] >= MIN_ARTICLES
    chosen = table if show_all or not enough.any() else table[enough]
    typer.echo(f"\nStance of sentences that name {shown(target)}, %\n")
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
    found: "Found", output: Path | None, *, all_kinds: bool, quiet: bool
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
