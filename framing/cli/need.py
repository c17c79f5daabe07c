"""`framing labels need`: how many labels bring shares within a distance."""

from pathlib import Path
from typing import Annotated

import typer

from framing.cli import common
from framing.errors import shown


def run(
    results: Annotated[
        Path, typer.Argument(metavar="RESULTS", help="Results folder of a scoring.")
    ],
    width: Annotated[
        float,
        typer.Option(
            "--width", min=0.005, max=0.5, help="Half width of the intervals, as share."
        ),
    ] = 0.05,
    labels: common.LabelsOption = None,
    level: common.LevelOption = 0.95,
    as_json: common.JsonOption = False,
    project: common.ProjectOption = None,
    codebook: common.CodebookOption = "",
) -> None:
    """Print about how many random labels each source needs, and has.

    For its code with the widest interval, by the source's own labels; what other
    sources lend makes it fewer.

    Example: framing labels need results/ --width 0.05
    """
    from framing.measuring import count_needed, keep_own
    from framing.study.opening import open_results, read_sample

    study = common.open_study(project, codebook)
    coded, _ = read_sample(study, labels)
    named = {unit.doc_id for unit in coded}
    scored, _ = open_results([results], study, documents=named)
    if not labels:
        coded = keep_own(scored, coded)
    table = count_needed(scored, coded, width, level=level)
    if as_json:
        common.print_json({"width": width, "sources": common.records(table)})
        return
    typer.echo(
        f"Labels for shares within ± {100 * width:g} points (the sampling of articles "
        "adds its own)\n"
    )
    rows = [
        [shown(row["source"], 40), *(f"{row[c]:,}" for c in table.columns[1:])]
        for row in common.records(table)
    ]
    common.print_table(["source", "sentences", "needed", "labelled", "to go"], rows)
    total = int(table["to_go"].sum())
    typer.echo(
        f"\n{total:,} more in all: framing annotate RESULTS --order sample --coder NAME"
    )
