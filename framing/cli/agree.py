"""`framing agree`: how far coders agree, and where they do not."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from framing.cli import common
from framing.errors import InputError, LabelError, StorageError, shown

if TYPE_CHECKING:
    from framing.agreement import Reliability
    from framing.records import Label

MOST_PAIRS = 10
"""Pairs of coders shown; the rest is counted."""

MOST_CODERS = 6
"""Coders whose shares are shown; all are in --json."""


def run(
    coders: Annotated[
        str,
        typer.Option(
            "--coders",
            help="Only these, with commas; by default all but adjudicated and "
            "seed-words.",
        ),
    ] = "",
    disagreements: Annotated[
        Path | None,
        typer.Option(
            "--disagreements", help="CSV file for the units that coders differ on."
        ),
    ] = None,
    recal: Annotated[
        Path | None,
        typer.Option(
            "--recal", help="CSV file for ReCal; one per code, named after it."
        ),
    ] = None,
    level: common.LevelOption = 0.95,
    as_json: common.JsonOption = False,
    project: common.ProjectOption = None,
    codebook: common.CodebookOption = "",
    seed: common.SeedOption = 0,
    quiet: common.QuietOption = False,
) -> None:
    """Print Krippendorff's alpha and agreement per code, with intervals.

    Counted are units that two or more coders coded. How to read alpha:
    docs/reliability.md.

    Example: framing agree --disagreements differ.csv
    """
    from framing.agreement import (
        check_shared,
        list_disagreements,
        measure_reliability,
        recal_tables,
    )
    from framing.labelstore import read_labels

    _refuse_existing(disagreements)
    study = common.open_study(project, codebook)
    folder = study.project.labels
    read = read_labels(folder, study.codebook)
    for warning in read.warnings:
        common.say(warning, quiet=quiet)
    chosen = _choose(read.labels, coders, folder)
    found = measure_reliability(
        read.labels, study.codebook, coders=chosen, level=level, seed=seed
    )
    check_shared(found, folder)
    differ = list_disagreements(read.labels, study.codebook, coders=chosen)
    if as_json:
        _print_json(found, study.codebook.signature, level, len(differ))
    else:
        _print(found, study.codebook.name, level, len(differ))
    if disagreements:
        from framing.atomic import write_atomic
        from framing.results import csv_text

        write_atomic(disagreements, csv_text(differ).encode())
        common.say(f"{len(differ):,} units in {shown(disagreements)}.", quiet=quiet)
    if recal:
        tables = recal_tables(read.labels, study.codebook, coders=chosen)
        _write_recal(recal, tables, chosen, quiet=quiet)
    if not (as_json or disagreements):
        _say_next(len(differ), quiet=quiet)


def _say_next(n_differ: int, *, quiet: bool) -> None:
    """Name how to settle what coders differ on, or the training where they agree."""
    if n_differ:
        listing = "framing agree --disagreements differ.csv"
        common.say_next(listing, "what to settle before training", quiet=quiet)
    else:
        common.say_next("framing train", "all agree", quiet=quiet)


def _refuse_existing(path: Path | None) -> None:
    if path and path.exists():
        msg = f"{shown(path)}: there already, maybe with notes. Choose another name."
        raise StorageError(msg)


def _choose(labels: "list[Label]", wanted: str, folder: Path) -> list[str]:
    """Return the coders asked about: those named, else all that are people."""
    from framing.agreement import pick_coders

    names = list(dict.fromkeys(n.strip() for n in wanted.split(",") if n.strip()))
    try:
        return pick_coders(labels, names, folder)
    except InputError as error:
        raise typer.BadParameter(str(error), param_hint="--coders") from error


def _print_json(found: "Reliability", codebook: str, level: float, n: int) -> None:
    from framing.agreement.alpha import N_RESAMPLES

    common.print_json(
        {
            "codebook": codebook,
            "coders": list(found.coders),
            "level": level,
            "resamples": N_RESAMPLES,
            "n_units": found.n_units,
            "n_shared": found.n_shared,
            "n_articles": found.n_articles,
            "n_differ": n,
            "agreement": common.records(found.variables),
            "prevalence": common.records(found.prevalence),
            "overlap": common.records(found.overlap),
        }
    )


def _print(found: "Reliability", codebook: str, level: float, n: int) -> None:
    coders = shown(", ".join(found.coders), 60)
    intro = (
        f"{codebook}: {found.n_shared:,} of {found.n_units:,} units in "
        f"{found.n_articles:,} articles are coded by two or more of {coders}; they "
        f"differ on {n:,}."
    )
    typer.echo(common.fill(intro) + "\n")
    rows = [_row(row) for row in common.records(found.variables)]
    headers = ["", "units", "agree %", "alpha", f"{level:.0%} interval", "reading"]
    common.print_table(headers, rows)
    typer.echo(f"\n{_legend(found)}\n")
    _print_shares(found)
    _print_overlap(found)


def _row(row: dict[str, Any]) -> list[str]:
    agreement = row["agreement"]
    return [
        row["name"],
        f"{row['n_units']:,}",
        "-" if agreement is None else f"{100 * agreement:.1f}",
        _figure(row["alpha"]),
        "-"
        if row["low"] is None
        else f"{_figure(row['low'])} to {_figure(row['high'])}",
        row["reading"],
    ]


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _legend(found: "Reliability") -> str:
    """Return what the words of the table mean, as far as they occur."""
    from framing.agreement.reliability import FEW_ARTICLES

    table = found.variables
    lines = [
        "alpha: Krippendorff's, nominal; all codes: over sets of codes, MASI distance. "
        "From .80 reliable, from .667 for tentative conclusions (Krippendorff 2004). "
        "Intervals: bootstrap over articles."
    ]
    if table["reading"].str.endswith("?").any():
        lines.append("?: the interval reaches a lower class.")
    if (table["reading"] == "no variation").any():
        lines.append("no variation: all decisions are the same, alpha is not defined.")
    if (table["alpha"].notna() & table["low"].isna()).any():
        lines.append("No interval where nobody differed, or in a single article.")
    if 1 < found.n_articles < FEW_ARTICLES:
        lines.append(f"{found.n_articles} articles are few: take intervals as rough.")
    return "\n".join(common.fill(line) for line in lines)


def _print_shares(found: "Reliability") -> None:
    """Print how often each coder gave each code, on units coded twice."""
    table = found.prevalence
    coders = found.coders[:MOST_CODERS]
    rows = []
    for (_, name), part in table.groupby(["kind", "name"], sort=False):
        share = dict(zip(part["coder"], common.records(part), strict=True))
        cells = [common.percent(share[c]["share_shared"]) for c in coders]
        rows.append([str(name), *cells])
    typer.echo("Share of those units that each coder gave it, in per cent\n")
    common.print_table(["", *(shown(c, 16) for c in coders)], rows)
    if len(found.coders) > len(coders):
        typer.echo(f"{len(found.coders) - len(coders)} more coders in --json.")


def _print_overlap(found: "Reliability") -> None:
    """Print which coders coded the same units, where there are more than two."""
    if len(found.coders) < 3:
        return
    table = found.overlap.sort_values("n_units", ascending=False, kind="stable")
    typer.echo("\nUnits that two coders share, and alpha (all codes) on them\n")
    rows = [
        [shown(r["a"], 24), shown(r["b"], 24), f"{r['n_units']:,}", _figure(r["alpha"])]
        for r in common.records(table.head(MOST_PAIRS))
    ]
    common.print_table(["", "", "units", "alpha"], rows, text_columns=2)
    if len(table) > MOST_PAIRS:
        typer.echo(f"{len(table) - MOST_PAIRS} more pairs in --json.")


def _write_recal(
    path: Path, tables: dict[str, str], coders: list[str], *, quiet: bool
) -> None:
    """Write one file per code beside `path`, named after it."""
    from framing.atomic import write_atomic

    full = {name: text for name, text in tables.items() if text}
    if not full:
        msg = (
            f"{shown(path)}: not written; no unit is coded by all of "
            f"{shown(', '.join(coders))}. Name those who share some by --coders."
        )
        raise LabelError(msg)
    for name, text in full.items():
        write_atomic(path.with_name(f"{path.stem}-{name}.csv"), text.encode())
    common.say(
        f"ReCal: {', '.join(f'{path.stem}-{name}.csv' for name in full)}, columns "
        f"{shown(', '.join(coders))}; units that all of them coded.",
        quiet=quiet,
    )
