"""`framing report`: results in, one HTML file to look at and to hand on."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from framing.cli import common
from framing.errors import StorageError, shown

if TYPE_CHECKING:
    from framing.report.content import Report


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
    _refuse_results(figures, csv)
    study = common.open_study(project, codebook)
    from framing.reporting import ReportOptions, make_report

    options = ReportOptions(
        title=title,
        reference=reference,
        event=event,
        period=period,
        method=method,
        census=census,
        copies=copies,
        seed=seed,
        command=_command(
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
    written = _files(report, output, figures, csv)
    _write(written)
    size = len(written[output]) / 1e6
    common.say(f"{shown(output)}: {size:.1f} MB, open it in a browser.", quiet=quiet)
    for folder in filter(None, (figures, csv)):
        n = sum(path.parent == folder for path in written)
        common.say(f"{n} files in {shown(folder)}.", quiet=quiet)


def _refuse_results(*folders: Path | None) -> None:
    """Refuse to write among the tables of a scoring: `mix.csv` is one of them."""
    from framing.results import RUN_FILE

    for folder in filter(None, folders):
        if (folder / RUN_FILE).exists():
            msg = f"{shown(folder)}: holds results. Choose another folder."
            raise StorageError(msg)


def _command(results: Path, asked: dict[str, object]) -> list[str]:
    """Return the command that makes this report again, wherever it is written."""
    command = ["framing", "report", str(results), "-o", "report.html"]
    for option, value in asked.items():
        if value:
            command += [option] if value is True else [option, str(value)]
    return command


def _files(
    report: "Report", output: Path, figures: Path | None, csv: Path | None
) -> dict[Path, bytes]:
    """Return all files with their content: nothing is written before all is made."""
    from framing.report.page import render

    files: dict[Path, bytes] = {}
    if figures:
        from framing.report.figures import draw_figures

        for name, kinds in draw_figures(report).items():
            files |= {figures / f"{name}.{kind}": kinds[kind] for kind in kinds}
    if csv:
        from framing.report.tables import report_tables
        from framing.results import csv_text

        for name, table in report_tables(report).items():
            files[csv / f"{name}.csv"] = csv_text(table).encode()
    files[output] = render(report).encode()
    return files


def _write(files: dict[Path, bytes]) -> None:
    """Write files, the page last."""
    from framing.atomic import write_atomic

    for path, content in files.items():
        write_atomic(path, content)
