"""`framing labels`: labels from other tools, and for them."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from framing.cli import audit, common, need
from framing.errors import LabelError, shown

if TYPE_CHECKING:
    from framing.exchange import Coders, Export, Import, Log, Rules

app = typer.Typer(
    help="Labels from other tools and for them, a second look, how many more.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

TOOL_NAMES = "doccano, labelstudio, prodigy, csv, activetigger or openframing"
N_SHOWN = 5
"""Decisions that `--dry-run` shows."""


@app.command("import")
def import_labels(
    file: Annotated[Path, typer.Argument(help="File, folder or zip of the tool.")],
    tool: Annotated[str, typer.Option("--from", help=f"{TOOL_NAMES}.")],
    coder: Annotated[
        list[str] | None,
        typer.Option(
            "--coder",
            metavar="NAME|OLD=NEW",
            help="Who coded, where the file does not say; or another name for one.",
        ),
    ] = None,
    code: Annotated[
        list[str] | None,
        typer.Option(
            "--code",
            metavar="OLD=NEW",
            help="Code that a label of the file stands for.",
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Show what was understood and write nothing."),
    ] = False,
    drop_empty: Annotated[
        bool,
        typer.Option(
            "--drop-empty",
            help="A text without any label is not coded yet; by default no code "
            "applies to it.",
        ),
    ] = False,
    text_column: common.TextColumn = "",
    label_column: Annotated[
        str, typer.Option("--label-column", help="Column or control of the codes.")
    ] = "",
    id_column: common.IdColumn = "",
    encoding: common.EncodingOption = "",
    as_json: common.JsonOption = False,
    project: common.ProjectOption = None,
    codebook: common.CodebookOption = "",
    quiet: common.QuietOption = False,
) -> None:
    """Add the decisions in a file of another tool to the labels of the study.

    Importing a file again adds nothing. What cannot be taken is listed.

    Example: framing labels import export.zip --from doccano --dry-run
    """
    _check_tool(tool, "--from")
    renames = _renames(code or [], "--code")
    from framing.exchange import Reading, plan_import, read_import, write_import

    coders = _read_coders(coder or [])
    study = common.open_own_study(project, codebook)
    rules = _make_rules(study, renames, drop_empty=drop_empty)
    how = Reading(rules.codes, text_column, label_column, id_column, encoding)
    log, taken = read_import(file, tool, how, rules, coders)
    plan = plan_import(log, taken, study.project.labels, rules)
    _say_log(log, quiet=quiet)
    if as_json:
        _print_json(plan, dry_run=dry_run)
    _stop_if_nothing(plan, file)
    if not as_json:
        _print(plan, study, preview=dry_run)
    if dry_run:
        common.say("Nothing was written (--dry-run).", quiet=quiet)
    else:
        write_import(plan, study.project.labels)
        where = common.place(study.project.labels)
        common.say(f"{len(plan.labels):,} labels added in {where}/", quiet=quiet)
    if log.skipped:
        raise typer.Exit(1)


@app.command("export")
def export_labels(
    tool: Annotated[str, typer.Option("--to", help=f"{TOOL_NAMES}.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File or zip to write; by default stdout."),
    ] = None,
    coder: Annotated[
        list[str] | None,
        typer.Option("--coder", help="Coder whose labels to export; by default all."),
    ] = None,
    project: common.ProjectOption = None,
    codebook: common.CodebookOption = "",
    quiet: common.QuietOption = False,
) -> None:
    """Write the labels of the study as another tool reads them.

    Example: framing labels export --to doccano -o labels.zip
    """
    _check_tool(tool, "--to")
    from framing.atomic import write_atomic
    from framing.exchange import export_bytes, make_export
    from framing.labelstore import read_labels

    study = common.open_study(project, codebook)
    found = read_labels(study.project.labels, study.codebook)
    for warning in found.warnings:
        common.say(warning, quiet=quiet)
    coders = sorted({label.coder for label in found.labels})
    unknown = sorted(set(coder or []) - set(coders))
    if unknown:
        msg = (
            f"{shown(study.project.labels)}: no labels of {shown(unknown[0], 40)} "
            f"(coders: {', '.join(coders)}). Check --coder."
        )
        raise LabelError(msg)
    labels = [label for label in found.labels if not coder or label.coder in coder]
    export = make_export(labels, tool, study.codebook)
    to_file = output is not None and str(output) != "-"
    data = export_bytes(export, output if to_file else None)
    if output is not None and to_file:
        write_atomic(output, data)
        place = f"in {shown(output)}"
    else:
        sys.stdout.write(data.decode())
        place = "written"
    _say_export(export, tool, place, quiet=quiet)


def _check_tool(tool: str, option: str) -> None:
    names = TOOL_NAMES.replace(" or ", ", ").split(", ")
    if tool not in names:
        msg = f"choose one of {', '.join(names)}"
        raise typer.BadParameter(msg, param_hint=option)


def _renames(pairs: Sequence[str], option: str) -> dict[str, str]:
    """Return new names by old ones."""
    found = {}
    for pair in pairs:
        old, sign, new = pair.rpartition("=")
        if not sign or not old or not new:
            msg = f"{shown(pair)!r} is not of the form OLD=NEW"
            raise typer.BadParameter(msg, param_hint=option)
        found[old] = new
    return found


def _read_coders(given: Sequence[str]) -> "Coders":
    from framing.exchange import Coders, check_names

    names = [name for name in given if "=" not in name]
    if names and len(given) > 1:
        msg = "give one NAME, or OLD=NEW for each coder to rename"
        raise typer.BadParameter(msg, param_hint="--coder")
    renamed = _renames([pair for pair in given if "=" in pair], "--coder")
    check_names([*names, *renamed.values()])
    return Coders(names[0] if names else "", renamed)


def _make_rules(
    study: "common.Study", renames: dict[str, str], *, drop_empty: bool
) -> "Rules":
    from framing.exchange import Rules, code_names
    from framing.project import read_codebook_targets

    codebook = study.codebook
    unknown = [name for name in renames.values() if name not in codebook.names]
    if unknown:
        there = ", ".join(codebook.names)
        msg = f"{shown(unknown[0], 40)!r} is no code of {codebook.name} ({there})"
        raise typer.BadParameter(msg, param_hint="--code")
    return Rules(
        codebook,
        code_names(codebook, renames),
        common.now(),
        read_codebook_targets(codebook).names,
        drop_empty,
    )


def _say_log(log: "Log", *, quiet: bool) -> None:
    """Print what was understood and left out; skips even when quiet."""
    for line in log.understood:
        common.say(f"read {line}", quiet=quiet)
    for reason, n in log.dropped.items():
        common.say(f"left out {n:,}: {reason}", quiet=quiet)
    if log.n_empty:
        common.say(
            f"without any label, taken as coded with no code: {log.n_empty:,}; if "
            "nobody has coded them yet: --drop-empty",
            quiet=quiet,
        )
    for skipped in log.skipped[: common.N_SKIPS_SHOWN]:
        common.say(f"skipped {skipped}")
    more = len(log.skipped) - common.N_SKIPS_SHOWN
    if more > 0:
        common.say(f"skipped {more:,} more; --json lists them all")


def _stop_if_nothing(plan: "Import", file: Path) -> None:
    if plan.n_taken:
        return
    n = len(plan.log.skipped)
    if n:
        msg = f"{shown(file)}: none of it could be taken, {n:,} skipped. Mend the file."
    else:
        msg = f"{shown(file)}: no decision in it. Check the file and --from."
    raise LabelError(msg)


def _print(plan: "Import", study: "common.Study", *, preview: bool) -> None:
    rows = [
        [
            shown(coder, 40),
            f"{len(added.new):,}",
            f"{len(added.changed):,}",
            f"{added.n_same:,}",
        ]
        for coder, added in sorted(plan.coders.items())
    ]
    common.print_table(["coder", "new", "changed", "there already"], rows)
    if not preview or not plan.labels:
        return
    counts = _count_codes(label.codes for label in plan.labels)
    codes = [[code, f"{counts.get(code, 0):,}"] for code in study.codebook.names]
    codes.append(["none", f"{counts.get('', 0):,}"])
    typer.echo("")
    common.print_table(["code", "units"], codes)
    typer.echo("")
    for label in plan.labels[:N_SHOWN]:
        names = ", ".join(label.codes) or "none"
        typer.echo(f"{names}: {shown(label.text, common.WIDTH - len(names) - 2)}")


def _count_codes(decisions: Iterable[tuple[str, ...]]) -> dict[str, int]:
    """Return how often each code is given; "" is none."""
    counts: dict[str, int] = {}
    for codes in decisions:
        for code in codes or ("",):
            counts[code] = counts.get(code, 0) + 1
    return counts


def _print_json(plan: "Import", *, dry_run: bool) -> None:
    log = plan.log
    common.print_json(
        {
            "written": not dry_run and bool(plan.n_taken),
            "coders": [
                {
                    "coder": coder,
                    "new": len(added.new),
                    "changed": len(added.changed),
                    "same": added.n_same,
                }
                for coder, added in sorted(plan.coders.items())
            ],
            "codes": _count_codes(label.codes for label in plan.labels),
            "understood": log.understood,
            "empty": log.n_empty,
            "dropped": dict(log.dropped),
            "skipped": [{"where": s.where, "reason": s.reason} for s in log.skipped],
        }
    )


def _say_export(export: "Export", tool: str, place: str, *, quiet: bool) -> None:
    common.say(f"{export.n_labels:,} labels {place}", quiet=quiet)
    if export.n_left_out:
        common.say(
            f"left out {export.n_left_out:,}: {tool} holds one code a text, they have "
            "several",
            quiet=quiet,
        )
    if export.lost:
        parts = ", ".join(f"{name} ({n:,})" for name, n in export.lost.items())
        common.say(f"{tool} cannot carry: {parts}", quiet=quiet)


app.command("audit")(audit.run)
app.command("need")(need.run)
