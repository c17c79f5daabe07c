"""`framing score`: articles in, the framing mix of every source out."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated, Any

import typer

from framing.cli import common, mixtable, opening
from framing.cli.progress import progress
from framing.errors import shown

if TYPE_CHECKING:
    from framing.articles import ReadOptions
    from framing.cli.common import Study
    from framing.measuring import Measured, MixOptions, Scored
    from framing.model import Model
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
    show_all: Annotated[
        bool, typer.Option("--all", help="Show sources with too few articles too.")
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
    seed: common.SeedOption = 0,
    quiet: common.QuietOption = False,
) -> None:
    """Score articles and print the framing mix of every source.

    A results folder in place of articles is not scored again: its mix is shown anew,
    say by month, or corrected by labels.

    Examples: framing score articles/ -o results/
    framing score results/ --labels sheet.csv
    """
    if as_csv and (as_json or target):
        msg = "the mix alone can be had as CSV: leave out --json and --target"
        raise typer.BadParameter(msg, param_hint="--csv")
    study = common.open_study(project, codebook)
    options = common.mix_options(
        by, method, level, unit, control, min_articles, census=census
    )
    from framing.measuring import advise, keep_own, measure
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
    }
    if folder := opening.results_folder(inputs):
        if model or threshold or any(columns.values()):
            msg = f"{shown(folder)} is scored already: name articles to score anew"
            hint = "--model, --threshold and columns"
            raise typer.BadParameter(msg, param_hint=hint)
        found = _reopen(folder, study, target)
    else:
        reading = common.read_options(**columns)
        by_model = _open_model(study, model, threshold or [])
        found = _score(inputs, reading, by_model, target, seed=seed, quiet=quiet)
    if not labels:
        coded = keep_own(found.scored, coded)
    measured = measure(found.scored, options, coded, labels_from=labels_from)
    trust = common.judge(found.scored, advise(found.scored, measured, options))
    if output:
        _write(output, found, measured, options)
    if as_json:
        _print_json(found, measured, trust)
    elif as_csv:
        from framing.results import csv_text

        typer.echo(csv_text(measured.mix), nl=False)
    else:
        mixtable.print_mix(measured, options, found.scored.codes, show_all=show_all)
        if found.target:
            _print_stance(found, show_all=show_all)
        mixtable.print_basis(measured, options)
        mixtable.print_trust(trust)
        _say_notes(found, output, quiet=quiet)
    if found.is_new and found.run["skipped"]:
        raise typer.Exit(1)


@dataclass(frozen=True)
class Found:
    """A scoring, new or opened again, with its run and the target asked for."""

    scored: "Scored"
    run: dict[str, Any]
    target: str
    is_new: bool


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


def _reopen(folder: Path, study: "Study", target: str) -> Found:
    """Return an earlier scoring; items it skipped were told then."""
    scored, run = opening.open_results(folder, study)
    names = sorted(set(scored.stance["target"]))
    found = _find_target(target, names, {}) if target else ""
    return Found(scored, run, found, is_new=False)


def _score(
    inputs: list[str],
    columns: "ReadOptions",
    model: "Opened",
    target: str,
    *,
    seed: int,
    quiet: bool,
) -> Found:
    """Return the scoring of articles; say what was read."""
    from framing.measuring import scored_by, with_thresholds
    from framing.scoring import describe_run, score_inputs

    loaded, digest, place = model.model, model.digest, model.place
    known = loaded.targets
    target = _find_target(target, known.names, known.aliases) if target else ""
    common.say(
        f"{loaded.codebook}, model {digest[:12]} in {common.place(place)}", quiet=quiet
    )
    for code, value in model.thresholds.items():
        common.say(f"{code} is given from a score of {value:g} on", quiet=quiet)
    with progress("scoring", "articles", quiet=quiet) as advance:
        scoring = score_inputs(inputs, columns, loaded, advance=advance)
    common.say_what_was_read(scoring.log, quiet=quiet)
    about = {"folder": str(place), "sha256": digest, "codebook": loaded.codebook}
    run = describe_run(scoring, command=sys.argv[1:], model=about, seed=seed)
    run["thresholds"] = model.thresholds
    scored = scored_by(scoring.scores, scoring.articles, scoring.stance, place)
    scored = with_thresholds(scored, model.thresholds)
    return Found(scored, run, target, is_new=True)


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
    from framing.measuring import ARTICLES, SCORES, STANCE
    from framing.results import write_results

    tables = {
        SCORES: found.scored.scores,
        ARTICLES: found.scored.articles,
        STANCE: found.scored.stance,
        "mix.csv": measured.mix,
    }
    asked = asdict(options) | {"method": measured.basis.method.name}
    mix = asked | {"labels": measured.basis.labels_from, "by": list(options.by)}
    write_results(folder, tables, {**found.run, "mix": mix})


def _print_json(found: Found, measured: "Measured", trust: "Trust") -> None:
    from framing.scoring import stance_mix

    about = found.run["model"]
    content = {
        "codebook": about["codebook"],
        "model_sha256": about["sha256"],
        "counts": found.run["counts"],
        "mix": common.records(measured.mix),
        "basis": common.basis_record(measured.basis),
        "trust": common.trust_record(trust),
        "skipped": [f"{s['where']}: {s['reason']}" for s in found.run["skipped"]],
    }
    if found.target:
        table = stance_mix(found.scored.stance, found.target)
        content["stance"] = common.records(table)
    common.print_json(content)


def _print_stance(found: Found, *, show_all: bool) -> None:
    """Print the stance per source, those with enough articles, most sentences first."""
    from framing.prevalence import MIN_ARTICLES
    from framing.scoring import stance_mix

    table = stance_mix(found.scored.stance, found.target)
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


def _say_notes(found: Found, output: Path | None, *, quiet: bool) -> None:
    """Say what was counted, and where it is kept."""
    counts = found.run["counts"]
    left_out = sum(
        n for k, n in counts.items() if k.startswith("units_") and k != "units_sentence"
    )
    notes = [
        f"{counts['articles_read']:,} articles, {counts.get('units_sentence', 0):,} "
        f"sentences; {left_out:,} headings, captions, repeats and web debris are kept "
        "out of the mix."
    ]
    if output:
        notes.append(f"Written to {common.place(output.absolute())}/.")
    else:
        notes.append("Keep all scores with -o results/.")
    common.say("", quiet=quiet)
    for note in notes:
        common.say(fill(note, common.WIDTH), quiet=quiet)
