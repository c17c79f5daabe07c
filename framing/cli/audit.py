"""`framing labels audit`: which labels are worth a second look."""

from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated, Any

import typer

from framing.cli import common
from framing.errors import shown

if TYPE_CHECKING:
    from framing.audit import Audit

WIDE = 36
"""Columns of a sentence in a table."""


def run(
    csv_file: Annotated[
        Path | None,
        typer.Option("--csv", help="CSV file for the whole list, replaced if there."),
    ] = None,
    n: Annotated[
        int, typer.Option("-n", min=1, help="Labels shown of each kind.")
    ] = 10,
    level: common.LevelOption = 0.95,
    as_json: common.JsonOption = False,
    model: common.ModelOption = None,
    project: common.ProjectOption = None,
    codebook: common.CodebookOption = "",
    quiet: common.QuietOption = False,
) -> None:
    """Print which labels are worth a second look, and why.

    Coders whose shares drift over time; gold labels that a model contradicts which had
    not seen their article; copies of a text labelled differently; units that a coder
    decided again and otherwise. None of it proves an error: docs/reliability.md.

    Example: framing labels audit --csv look-again.csv
    """
    from framing.audit import audit_labels, read_history
    from framing.labelstore import read_labels
    from framing.modelstore import read_out_of_fold

    study = common.open_study(project, codebook)
    folder = study.project.labels
    labels = read_labels(folder, study.codebook).labels
    scores = read_out_of_fold(model or study.project.model)
    found = audit_labels(
        labels, read_history(folder), scores, study.codebook, level=level
    )
    if as_json:
        common.print_json(_record(found, level))
    else:
        _print(found, n, level)
    if csv_file:
        from framing.atomic import write_atomic
        from framing.results import csv_text

        write_atomic(csv_file, csv_text(found.listed).encode())
        common.say(f"{len(found.listed):,} rows in {shown(csv_file)}.", quiet=quiet)


def _record(found: "Audit", level: float) -> dict[str, Any]:
    return {
        "level": level,
        "drift": common.records(found.drift),
        "no_drift": found.no_drift,
        "n_gold": found.n_gold,
        "n_scored": found.n_scored,
        "n_copies": found.n_copies,
        "n_again": found.n_again,
        "listed": common.records(found.listed),
    }


def _print(found: "Audit", n: int, level: float) -> None:
    _print_drift(found, level)
    rows = common.records(found.listed)
    _print_suspects(found, [r for r in rows if r["kind"] == "suspect"], n)
    _print_copies(found, [r for r in rows if r["kind"] == "copies"], n)
    _print_changed(found, [r for r in rows if r["kind"] == "changed"], n)


def _print_suspects(found: "Audit", suspects: list[dict[str, Any]], n: int) -> None:
    if not found.n_scored:
        typer.echo("Gold that the model contradicts: no scores of it. framing train\n")
        return
    units = len({(r["doc_id"], r["start"], r["end"]) for r in suspects})
    without = found.n_gold - found.n_scored
    rest = f" ({without:,} have none: train again)." if without else "."
    typer.echo(
        _filled(
            f"Gold that the model contradicts: {units:,} of {found.n_scored:,} units "
            f"with out-of-fold scores{rest}"
        )
    )
    rows = [
        [
            r["decision"],
            r["against"].removeprefix("score "),
            shown(r["coder"], 20),
            shown(r["text"], WIDE),
        ]
        for r in suspects[:n]
    ]
    _print_list(["gold", "score", "as decided by", "sentence"], rows, len(suspects))


def _print_copies(found: "Audit", copies: list[dict[str, Any]], n: int) -> None:
    groups = len({row["group"] for row in copies})
    typer.echo(
        f"Copies of a text labelled differently: {groups:,} "
        f"({found.n_copies:,} texts occur more than once).\n"
    )
    rows = [
        [shown(r["coder"], 16), shown(r["decision"], 24), shown(r["text"], WIDE)]
        for r in copies[:n]
    ]
    _print_list(["coder", "decision", "sentence"], rows, len(copies))


def _print_changed(found: "Audit", changed: list[dict[str, Any]], n: int) -> None:
    typer.echo(
        f"Units decided again and otherwise: {len(changed):,} of {found.n_again:,} "
        "decided again.\n"
    )
    rows = [
        [
            shown(r["coder"], 16),
            shown(r["decision"], 20),
            shown(r["against"], 20),
            shown(r["text"], WIDE),
        ]
        for r in changed[:n]
    ]
    _print_list(["coder", "now", "before", "sentence"], rows, len(changed))


def _filled(text: str) -> str:
    return fill(text, common.WIDTH) + "\n"


def _print_list(headers: list[str], rows: list[list[str]], n: int) -> None:
    if not rows:
        return
    common.print_table(headers, rows, text_columns=len(headers))
    if n > len(rows):
        typer.echo(f"{n - len(rows):,} more rows: -n, --csv FILE or --json.")
    typer.echo("")


def _print_drift(found: "Audit", level: float) -> None:
    """Print how each coder's shares changed, in percentage points."""
    for coder, why in found.no_drift.items():
        typer.echo(f"Drift of {shown(coder, 24)}: not looked at, {why}.")
    if found.no_drift:
        typer.echo("")
    table = found.drift
    if table.empty:
        return
    known = table["expected"].notna().all()
    typer.echo(
        _filled(
            "Drift: share of each code in the first, middle and last third of a "
            "coder's labels, in per cent, and the change in percentage points"
            + (
                ". Drift is the change beyond what the texts let expect, by "
                "out-of-fold scores; p by Holm's method."
                if known
                else ". Without scores of all units, other texts may be why; p by "
                "Holm's method."
            )
        )
    )
    rows = [_drift_row(row) for row in common.records(table)]
    headers = ["coder", "code", "thirds", "change", "expected"]
    headers += [f"drift, {level:.0%} interval", "p"]
    common.print_table(headers, rows, text_columns=2)
    typer.echo("")


def _drift_row(row: dict[str, Any]) -> list[str]:
    thirds = (common.percent(row[name]) for name in ("first", "middle", "last"))
    expected = row["expected"]
    drift = row["change"] - (expected or 0.0)
    interval = "-"
    if row["low"] is not None:
        reach = f"{_points(row['low'])} to {_points(row['high'])}"
        interval = f"{_points(drift)}, {reach}"
    return [
        shown(row["coder"], 16),
        row["code"],
        " ".join(thirds),
        _points(row["change"]),
        _points(expected),
        interval,
        "-" if row["p_adjusted"] is None else f"{row['p_adjusted']:.3f}",
    ]


def _points(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:+.1f}"
