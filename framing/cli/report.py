"""`framing report`: results in, one HTML file to look at and to hand on."""

from pathlib import Path
from typing import Annotated

import typer

from framing.cli import common
from framing.errors import shown


def run(
    results: Annotated[
        Path, typer.Argument(metavar="RESULTS", help="Results folder of a scoring.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="HTML file to write.")
    ] = Path("report.html"),
    labels: common.LabelsOption = None,
    reference: Annotated[
        str,
        typer.Option(
            "--reference", help="Compare all with this source, or with the rest."
        ),
    ] = "",
    event: Annotated[
        str,
        typer.Option(
            "--event", metavar="DATE", help="Compare before and after a date."
        ),
    ] = "",
    period: Annotated[
        str,
        typer.Option(
            "--period",
            help="week, month, quarter or year; by default what the articles are "
            "enough for.",
        ),
    ] = "",
    method: common.MethodOption = "",
    census: common.CensusOption = False,
    copies: common.CopiesOption = "all",
    title: Annotated[str, typer.Option("--title", help="Title of the report.")] = "",
    figures: Annotated[
        Path | None,
        typer.Option(
            "--figures", metavar="DIR", help="Write each figure as SVG, PNG and PDF."
        ),
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", metavar="DIR", help="Write every table as CSV."),
    ] = None,
    project: common.ProjectOption = None,
    codebook: common.CodebookOption = "",
    seed: common.SeedOption = 0,
    quiet: common.QuietOption = False,
) -> None:
    """Write one HTML file with everything a scoring says; it needs no network.

    The mix of every outlet, who differs, change over time, actors, the sentences behind
    the numbers with the words that decided them, and a methods section for a paper.
    The same results and options give the same file.

    Example: framing report results/ -o report.html --event 2026-01-31
    """
    from framing.reporting import (
        ReportOptions,
        check_places,
        make_report,
        report_command,
        report_files,
        write_files,
    )

    check_places(figures, csv)
    study = common.open_study(project, codebook)

    options = ReportOptions(
        title=title,
        reference=reference,
        event=event,
        period=period,
        method=method,
        census=census,
        copies=copies,
        seed=seed,
        command=report_command(
            results,
            {
                "--labels": labels,
                "--reference": reference,
                "--event": event,
                "--period": period,
                "--method": method,
                "--census": census,
                "--copies": "" if copies == "all" else copies,
                "--title": title,
                "--project": project,
                "--codebook": codebook,
                "--seed": seed,
            },
        ),
    )
    report = make_report(results, study.project, options, sample=labels)
    written = report_files(report, output, figures=figures, tables=csv)
    write_files(written)
    size = len(written[output]) / 1e6
    common.say(f"{shown(output)}: {size:.1f} MB, open it in a browser.", quiet=quiet)
    for folder in filter(None, (figures, csv)):
        n = sum(path.parent == folder for path in written)
        common.say(f"{n} files in {shown(folder)}.", quiet=quiet)
