"""What commands share: their options, the study they work in, how they print."""

import json
import math
import re
import shlex
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from framing.errors import StorageError, shown
from framing.errors import place as place

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from framing.articles import ReadLog, ReadOptions
    from framing.measuring import MixOptions
    from framing.model import Model
    from framing.project import Study as Study
    from framing.trust import Trust

NOT_PRINTABLE = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""What JSON need not escape, but some terminals obey, or show in another order."""

WIDTH = 80
NARROW, NARROWEST = 14, 9
"""Columns that a name is left at least, and where there are too many names."""

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
SeedOption = Annotated[
    int, typer.Option("--seed", min=0, help="Seed of all randomness.")
]
InputsArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT...",
        help="Files, folders, addresses (s3://bucket/folder/), or - for stdin.",
    ),
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
TextFrom = Annotated[
    str,
    typer.Option(
        "--text-from",
        metavar="DIR|FILE",
        help="Texts of a Media Cloud list: files named by id, a table with url or id.",
    ),
]

ByOption = Annotated[
    str,
    typer.Option(
        "--by",
        metavar="COLUMNS",
        help="What makes a group: source, day, week, month, quarter, year, target, or "
        "any column of the articles; several with commas.",
    ),
]
MethodOption = Annotated[
    str,
    typer.Option(
        "--method",
        help="count, mean, ppi, acc, pacc, em or hierarchical; by default hierarchical "
        "with labels and count without.",
    ),
]
LabelsOption = Annotated[
    Path | None,
    typer.Option(
        "--labels",
        help="Coding sheet or label file of a random sample of these sentences; by "
        "default the sample labelled in the study.",
    ),
]
LevelOption = Annotated[
    float, typer.Option("--level", min=0.5, max=0.999, help="Of the intervals.")
]
UnitOption = Annotated[
    str,
    typer.Option(
        "--unit", help="Shares of sentences, or of each article that carries a code."
    ),
]
ControlOption = Annotated[
    str,
    typer.Option(
        "--control",
        metavar="COLUMN",
        help="Give every source the same mix of this column, say topic.",
    ),
]
CensusOption = Annotated[
    bool,
    typer.Option(
        "--census",
        help="The articles are all there are, not a sample of what the outlets write.",
    ),
]
MinArticlesOption = Annotated[
    int,
    typer.Option(
        "--min-articles",
        min=5,
        help="Compare, or make alike, sources with at least these.",
    ),
]
CopiesOption = Annotated[
    str,
    typer.Option(
        "--copies",
        help="What counts: all; own, no copies of what other outlets or agencies "
        "wrote; or first, each text once.",
    ),
]
CsvOption = Annotated[bool, typer.Option("--csv", help="Print the table as CSV.")]


def open_study(folder: Path | None, name: str) -> "Study":
    """Return the study in `folder`, or the one around the current folder."""
    from framing.project import open_study

    return open_study(folder, name)


def open_own_study(folder: Path | None, name: str) -> "Study":
    """Return the study to write labels to; never the shipped one from outside it.

    Raises
    ------
    StorageError
        We are in no study.
    """
    from framing.project import shipped_root

    study = open_study(folder, name)
    here, shipped = Path.cwd(), shipped_root()
    from_outside = not here.is_relative_to(shipped)
    if folder is None and study.project.root == shipped and from_outside:
        msg = f"{shown(here)}: no study here. Make one: framing init, or --project."
        raise StorageError(msg)
    return study


def now() -> str:
    """Return the time of a decision: ISO and UTC, to the millisecond."""
    text = datetime.now(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def open_model(study: "Study", folder: Path | None) -> "tuple[Model, str, Path]":
    """Return the model in `folder`, or that of the study, its hash and its place."""
    from framing.modelstore import load_model

    place = folder or study.project.model
    model, digest = load_model(place, study.codebook)
    return model, digest, place


def mix_options(
    by: str,
    method: str,
    level: float,
    unit: str,
    control: str,
    min_articles: int,
    *,
    census: bool,
    copies: str = "all",
) -> "MixOptions":
    """Return what the user asks of the mix."""
    from framing.measuring import MixOptions

    columns = tuple(name.strip() for name in by.split(","))
    return MixOptions(
        columns,
        method,
        level,
        unit,
        control,
        census,
        min_articles,
        copies=copies,
    )


def trust_record(trust: "Trust") -> list[dict[str, Any]]:
    """Return the checks of a trust block for JSON."""
    rows = [asdict(check) for check in trust.checks]
    return [{**row, "usual": _null(row["usual"])} for row in rows]


def _null(value: float) -> float | None:
    return None if math.isnan(value) else value


def percent(share: float | None) -> str:
    """Return a share in per cent as it stands in tables."""
    return "-" if share is None else f"{100 * share:.0f}"


def read_options(**columns: str) -> "ReadOptions":
    """Return what the user said about columns and encoding."""
    from framing.articles import ReadOptions

    return ReadOptions(**columns)


def say(text: str, *, quiet: bool = False) -> None:
    """Print a line for the person on standard error."""
    if not quiet:
        typer.echo(text, err=True)


def say_next(command: str, why: str, *, quiet: bool = False) -> None:
    """Name the next useful command, in one line on standard error.

    Where the line is too long for a reason, the command alone.
    """
    line = f"Next: {command}  ({why})"
    say(line if cells(line) <= WIDTH else f"Next: {command}", quiet=quiet)


def argument(path: Path) -> str:
    """Return a path as it is typed in a command."""
    return shlex.quote(shown(path))


def say_what_was_read(log: "ReadLog", *, quiet: bool) -> None:
    """Print what was understood and what was left out; skips even when quiet."""
    for line in (*log.understood, *log.warnings):
        say(f"read {line}", quiet=quiet)
    if log.n_undated:
        say(f"{log.n_undated:,} of {log.n_read:,} articles have no date", quiet=quiet)
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
    """Print rows under headers; numbers stand to the right and are never cut.

    Where there is too little room, names in the text columns are.
    """
    from rich.markup import escape
    from rich.table import Table

    headers = [shown(header) for header in headers]
    columns = list(zip(headers, *rows, strict=True))
    widths = [max(map(cells, column)) for column in columns]
    screen = console()
    _shrink(widths, text_columns, screen.width)
    screen.width = max(screen.width, sum(widths) + len(widths))
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    for number, (header, width) in enumerate(zip(headers, widths, strict=True)):
        table.add_column(
            escape(header),
            justify="left" if number < text_columns else "right",
            overflow="ellipsis",
            no_wrap=True,
            width=width,
        )
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    screen.print(table)


def cells(text: str) -> int:
    """Return how many columns of a terminal a text takes; some letters take two."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def fill(text: str, hanging: str = "") -> str:
    """Return a text in lines that fit, the second and those after it indented."""
    if text.isascii():
        return textwrap.fill(text, WIDTH, subsequent_indent=hanging)
    from rich.console import Console
    from rich.text import Text

    screen = Console(width=WIDTH)
    lines = Text(text).wrap(screen, WIDTH - len(hanging), tab_size=1)
    return f"\n{hanging}".join(line.plain.rstrip() for line in lines)


def _shrink(widths: list[int], n: int, room: int) -> None:
    """Make the first n columns narrower, the widest first, until all fit."""
    for least in (NARROW, NARROWEST):
        while sum(widths) + len(widths) - 1 > room:
            widest = max(range(n), key=lambda k: widths[k])
            if widths[widest] <= least:
                break
            widths[widest] -= 1


def print_json(content: dict[str, Any]) -> None:
    """Print one JSON object with stable keys; what moves a cursor is escaped."""
    content = {"schema_version": 1, **content}
    text = json.dumps(content, ensure_ascii=False, indent=1)
    typer.echo(NOT_PRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


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
        line = [str(row["code"]), f"{row['n']:,}"]
        for measure in held:
            line.append("" if row[measure] is None else f"{row[measure]:.2f}")
            if measure == "f1":
                line.append(f"{row['f1_low']:.2f} to {row['f1_high']:.2f}")
        rows.append(line)
    print_table(headers, rows)
