"""What commands share: their options, the study they work in, how they print."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from framing.errors import shown

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from framing.articles import ReadLog, ReadOptions
    from framing.codebook import Codebook
    from framing.model import Model
    from framing.project import Project

WIDTH = 80

ProjectOption = Annotated[
    Path | None,
    typer.Option(
        "--project", help="Folder of the study; by default the one we are in."
    ),
]
CodebookOption = Annotated[
    str, typer.Option("--codebook", help="Codebook, where the study has several.")
]
ModelOption = Annotated[
    Path | None, typer.Option("--model", help="Folder of another model.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
QuietOption = Annotated[
    bool, typer.Option("--quiet", "-q", help="Say nothing but the result and errors.")
]
SeedOption = Annotated[int, typer.Option("--seed", help="Seed of all randomness.")]
InputsArgument = Annotated[
    list[str],
    typer.Argument(metavar="INPUT...", help="Files, folders, or - for standard input."),
]
TextColumn = Annotated[str, typer.Option("--text-column", help="Column of the text.")]
SourceColumn = Annotated[
    str, typer.Option("--source-column", help="Column of the outlet.")
]
DateColumn = Annotated[str, typer.Option("--date-column", help="Column of the date.")]
TitleColumn = Annotated[
    str, typer.Option("--title-column", help="Column of the headline.")
]
IdColumn = Annotated[str, typer.Option("--id-column", help="Column of the article id.")]
EncodingOption = Annotated[
    str, typer.Option("--encoding", help="Encoding of text files, if not UTF-8.")
]


@dataclass(frozen=True, slots=True)
class Study:
    """The project a command works in, with its codebook."""

    project: "Project"
    codebook: "Codebook"


def open_study(folder: Path | None, name: str) -> Study:
    """Return the study in `folder`, or the one around the current folder."""
    from framing.project import find_project, open_project

    if folder:
        project = open_project(folder.absolute(), name)
    else:
        project = find_project(Path.cwd(), name)
    return Study(project, project.read_codebook())


def open_model(study: Study, folder: Path | None) -> "tuple[Model, str, Path]":
    """Return the model in `folder`, or that of the study, its hash and its place."""
    from framing.modelstore import load_model

    place = folder or study.project.model
    model, digest = load_model(place, study.codebook)
    return model, digest, place


def read_options(**columns: str) -> "ReadOptions":
    """Return what the user said about columns and encoding."""
    from framing.articles import ReadOptions

    return ReadOptions(**columns)


def say(text: str, *, quiet: bool = False) -> None:
    """Print a line for the person on standard error."""
    if not quiet:
        typer.echo(text, err=True)


def say_what_was_read(log: "ReadLog", *, quiet: bool) -> None:
    """Print what was understood and what was left out; skips even when quiet."""
    for line in (*log.understood, *log.warnings):
        say(f"read {line}", quiet=quiet)
    for skipped in log.skipped[:N_SKIPS_SHOWN]:
        say(f"skipped {skipped}")
    more = len(log.skipped) - N_SKIPS_SHOWN
    if more > 0:
        say(f"skipped {more} more; run.json of -o lists them all")


N_SKIPS_SHOWN = 10


def stop_if_skipped(log: "ReadLog") -> None:
    """End with exit code 1 if anything was left out."""
    if log.skipped:
        raise typer.Exit(1)


def console() -> "Console":
    """Return where tables are printed; 80 columns where there is no terminal."""
    from rich.console import Console

    return Console(
        width=None if sys.stdout.isatty() else WIDTH, highlight=False, soft_wrap=False
    )


def print_table(
    headers: Sequence[str], rows: Sequence[Sequence[str]], *, text_columns: int = 1
) -> None:
    """Print rows under headers; numbers stand to the right and are never cut."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    for number, header in enumerate(headers):
        widest = max(len(cells[number]) for cells in [headers, *rows])
        is_text = number < text_columns
        table.add_column(
            header,
            justify="left" if is_text else "right",
            overflow="ellipsis",
            no_wrap=True,
            min_width=None if is_text else widest,
        )
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    console().print(table)


def print_json(content: dict[str, Any]) -> None:
    """Print one JSON object with stable keys."""
    content = {"schema_version": 1, **content}
    typer.echo(json.dumps(content, ensure_ascii=False, indent=1))


def records(table: "pd.DataFrame") -> list[dict[str, Any]]:
    """Return a table as JSON records; a missing number is null."""
    text = table.to_json(orient="records", double_precision=6)
    return list(json.loads(text or "[]"))


MEASURES = {
    "precision": "prec.",
    "recall": "recall",
    "f1": "F1",
    "average_precision": "av.prec.",
    "calibration_error": "cal.err.",
}


def print_measures(table: "pd.DataFrame") -> None:
    """Print precision, recall and F1 per code, and what else the table holds."""
    held = [m for m in MEASURES if m in table and not table[m].isna().all()]
    headers = ["code", "n"]
    for measure in held:
        headers += [MEASURES[measure]] + ["95 % of F1"] * (measure == "f1")
    rows = []
    for row in records(table):
        cells = [str(row["code"]), f"{row['n']:,}"]
        for measure in held:
            cells.append("" if row[measure] is None else f"{row[measure]:.2f}")
            if measure == "f1":
                cells.append(f"{row['f1_low']:.2f} to {row['f1_high']:.2f}")
        rows.append(cells)
    print_table(headers, rows)


def place(path: Path) -> str:
    """Return a path as it is shown: from here if it lies below."""
    here = Path.cwd()
    return shown(path.relative_to(here) if path.is_relative_to(here) else path)
