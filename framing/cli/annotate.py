"""`framing annotate`: sentences to label."""

from pathlib import Path
from typing import Annotated

import typer

from framing.cli import common


def run(
    results: Annotated[
        Path, typer.Argument(metavar="RESULTS", help="Results folder of a scoring.")
    ],
    sheet: Annotated[
        Path, typer.Option("--sheet", help="Coding sheet to write, a CSV file.")
    ],
    order: Annotated[
        str,
        typer.Option(
            "--order", help="sample: at random, equal numbers of each source."
        ),
    ] = "sample",
    n: Annotated[int, typer.Option("-n", min=1, help="Sentences in all.")] = 200,
    seed: common.SeedOption = 0,
    quiet: common.QuietOption = False,
) -> None:
    """Draw sentences of a scoring at random and write a coding sheet.

    Put 1 under each code that a sentence carries, or 1 under none; rows left empty do
    not count. `framing score RESULTS --labels SHEET` then corrects the shares.

    Example: framing annotate results/ -n 400 --sheet sheet.csv
    """
    from framing.atomic import write_atomic
    from framing.coding import make_sheet
    from framing.errors import StorageError, shown
    from framing.measuring import open_results
    from framing.results import csv_text

    if order != "sample":
        msg = "only sample: other sentences than random ones cannot correct shares"
        raise typer.BadParameter(msg, param_hint="--order")
    if sheet.exists():
        msg = f"{shown(sheet)}: there already, maybe with codes. Choose another name."
        raise StorageError(msg)
    scored, _ = open_results(results)
    table = make_sheet(scored.scores, scored.articles, scored.codes, n, seed=seed)
    write_atomic(sheet, csv_text(table).encode())
    common.say(
        f"{len(table):,} sentences of {table['source'].nunique()} sources in "
        f"{shown(sheet)}.",
        quiet=quiet,
    )
