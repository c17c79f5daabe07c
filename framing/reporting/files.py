"""A report as files: the page, its figures and its tables, and what makes it again."""

from collections.abc import Mapping
from pathlib import Path

from framing.atomic import write_atomic
from framing.errors import StorageError, shown
from framing.report.content import Report
from framing.results import RUN_FILE, csv_text


def report_command(results: Path, asked: Mapping[str, object]) -> list[str]:
    """Return the command that makes a report again, wherever it is written.

    Parameters
    ----------
    asked : mapping of option to value
        Those without a value, as by default, are left out.
    """
    command = ["framing", "report", str(results), "-o", "report.html"]
    for option, value in asked.items():
        if value:
            command += [option] if value is True else [option, str(value)]
    return command


def check_places(*folders: Path | None) -> None:
    """Refuse to write among the tables of a scoring: `mix.csv` is one of them.

    Raises
    ------
    StorageError
        A folder holds results.
    """
    for folder in filter(None, folders):
        if (folder / RUN_FILE).exists():
            msg = f"{shown(folder)}: holds results. Choose another folder."
            raise StorageError(msg)


def report_files(
    report: Report, output: Path, *, figures: Path | None, tables: Path | None
) -> dict[Path, bytes]:
    """Return all files with their content: nothing is written before all is made.

    Parameters
    ----------
    figures, tables : Path or None
        Folders for each figure as SVG, PNG and PDF, and for each table as CSV.
    """
    from framing.report.page import render

    files: dict[Path, bytes] = {}
    if figures:
        from framing.report.figures import draw_figures

        for name, kinds in draw_figures(report).items():
            files |= {figures / f"{name}.{kind}": kinds[kind] for kind in kinds}
    if tables:
        from framing.report.tables import report_tables

        for name, table in report_tables(report).items():
            files[tables / f"{name}.csv"] = csv_text(table).encode()
    files[output] = render(report).encode()
    return files


def write_files(files: Mapping[Path, bytes]) -> None:
    """Write files, the page last.

    Raises
    ------
    StorageError
        One of them cannot be written.
    """
    for path, content in files.items():
        write_atomic(path, content)
