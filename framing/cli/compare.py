"""`framing compare`: which outlets differ, by how much, and how sure that is."""

from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated, Any

import typer

from framing.cli import common, mixtable, opening
from framing.errors import shown
from framing.records import PERIODS

if TYPE_CHECKING:
    from framing.measuring import Compared, CompareOptions
    from framing.trust import Trust

MOST = 40
"""Rows shown; the rest is counted."""

ADJUSTED = {
    "holm": "Holm's method",
    "bh": "Benjamini and Hochberg's method",
    "none": "nothing",
}


def run(
    results: Annotated[
        Path, typer.Argument(metavar="RESULTS", help="Results folder of a scoring.")
    ],
    by: common.ByOption = "source",
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
    code: Annotated[
        str, typer.Option("--code", help="Ask only about these codes, with commas.")
    ] = "",
    method: common.MethodOption = "",
    labels: common.LabelsOption = None,
    adjust: Annotated[
        str,
        typer.Option(
            "--adjust", help="p-values for the number asked: holm, bh or none."
        ),
    ] = "holm",
    level: common.LevelOption = 0.95,
    unit: common.UnitOption = "sentence",
    control: common.ControlOption = "",
    census: common.CensusOption = False,
    min_articles: common.MinArticlesOption = 5,
    show_all: Annotated[
        bool, typer.Option("--all", help="Show all differences, however small.")
    ] = False,
    as_json: common.JsonOption = False,
    as_csv: common.CsvOption = False,
    project: common.ProjectOption = None,
    codebook: common.CodebookOption = "",
) -> None:
    """Print the differences between outlets, with intervals and p-values.

    By default all pairs of outlets and all codes. With a period in --by the trend of
    each outlet, with --event its change at a date and how the changes differ.

    Examples: framing compare results/ --reference "BBC News"
    framing compare results/ --by month --code sanctions
    """
    from framing.measuring import (
        CompareOptions,
        Measured,
        advise,
        compare_groups,
        keep_own,
    )

    if as_json and as_csv:
        msg = "choose one of --json and --csv"
        raise typer.BadParameter(msg, param_hint="--csv")
    study = common.open_study(project, codebook)
    scored, _ = opening.open_results(results, study)
    coded, labels_from = common.read_labels(study, labels)
    if not labels:
        coded = keep_own(scored, coded)
    mix = common.mix_options(
        by, method, level, unit, control, min_articles, census=census
    )
    options = CompareOptions(
        mix=mix,
        reference="the rest" if reference == "rest" else reference,
        event=event,
        codes=tuple(name.strip() for name in code.split(",") if name.strip()),
        adjust=adjust,
    )
    compared = compare_groups(scored, options, coded, labels_from=labels_from)
    measured: Measured = compared.measured
    trust = common.judge(scored, advise(scored, measured, options.mix))
    if as_json:
        _print_json(compared, options, trust)
    elif as_csv:
        from framing.results import csv_text

        typer.echo(csv_text(compared.table), nl=False)
    else:
        _print(compared, options, show_all=show_all)
        more = ("side of the event",) if event else ()
        mixtable.print_basis(measured, options.mix, more)
        mixtable.print_trust(trust)


def _print_json(
    compared: "Compared", options: "CompareOptions", trust: "Trust"
) -> None:
    common.print_json(
        {
            "kind": compared.kind,
            "level": options.mix.level,
            "adjusted": options.adjust,
            "n_asked": int(compared.table["p"].notna().sum()),
            "differences": common.records(compared.table),
            "shares": common.records(compared.measured.mix),
            "too_few": list(compared.too_few),
            "basis": common.basis_record(compared.measured.basis),
            "trust": common.trust_record(trust),
        }
    )


def _print(compared: "Compared", options: "CompareOptions", *, show_all: bool) -> None:
    """Print the differences, largest evidence first, effect before p-value."""
    table = compared.table
    asked = int(table["p"].notna().sum())
    alpha = 1 - options.mix.level
    sure = int((table["p_adjusted"] < alpha).sum())
    title = (
        f"{_title(compared.kind, options)}, in percentage points "
        f"({100 * options.mix.level:g}% interval), {asked:,} asked; p adjusted for "
        f"that by {ADJUSTED[options.adjust]}."
    )
    typer.echo(fill(title, common.WIDTH) + "\n")
    ordered = table.sort_values(["p", "difference"], kind="stable")
    chosen = ordered if show_all else ordered.head(max(MOST, sure))
    rows = [_row(row, compared.kind) for row in common.records(chosen)]
    common.print_table(_headers(compared), rows, text_columns=_n_text(compared))
    typer.echo("")
    if len(chosen) < len(table):
        typer.echo(
            f"{len(table) - len(chosen):,} more with larger p (--all shows them)."
        )
    typer.echo(
        f"{sure:,} of {asked:,} are beyond chance at {alpha:.2g} after adjustment."
    )
    if compared.too_few:
        names = ", ".join(shown(name, 24) for name in compared.too_few[:5])
        more = len(compared.too_few) - 5
        names += f" and {more} more" if more > 0 else ""
        least = f"{options.mix.min_articles} dated articles"
        why = {
            "pairs": f"Too few articles (fewer than {options.mix.min_articles})",
            "trend": f"No three periods with {least}",
            "event": f"Not {least} both before and after",
        }[compared.kind]
        few = f"{why}: {names}."
        typer.echo(fill(few, common.WIDTH))


def _title(kind: str, options: "CompareOptions") -> str:
    by = options.mix.by
    if kind == "trend":
        period = next(name for name in by if name in PERIODS)
        return f"Change of shares per {period}"
    if kind == "event":
        return f"Change of shares at {options.event}, and differences between changes"
    against = f" against {shown(options.reference)}" if options.reference else ""
    return f"Differences of shares between {_plural(by[0])}{against}"


def _plural(column: str) -> str:
    return "sources" if column == "source" else f"values of {shown(column)}"


def _within(compared: "Compared") -> list[str]:
    """Return the columns besides `a` and `b` that name a difference."""
    own = ("a", "b", "code", "share_a", "share_b", "difference")
    names = [str(name) for name in compared.table.columns]
    return [n for n in names[: names.index("code")] if n not in own]


def _n_text(compared: "Compared") -> int:
    return 2 if compared.kind == "trend" else 3 + len(_within(compared))


def _headers(compared: "Compared") -> list[str]:
    if compared.kind == "trend":
        return ["outlet", "code", "periods", "change", "interval", "p", "adj."]
    shares = ["a, b %"] if "share_a" in compared.table else []
    headers = ["a", "b", *_within(compared), "code", *shares]
    return [
        *headers,
        "a - b" if compared.kind == "pairs" else "change",
        "interval",
        "p",
        "adj.",
    ]


def _row(row: dict[str, Any], kind: str) -> list[str]:
    named = [shown(row["a"], 20)]
    names = list(row)
    if kind == "trend":
        named += [row["code"], str(row["periods"])]
    else:
        within = [n for n in names[: names.index("code")] if n not in ("a", "b")]
        named += [
            shown(row["b"], 20),
            *(shown(row[n], 16) for n in within),
            row["code"],
        ]
    if "share_a" in row:
        sides = (common.percent(row[name]) for name in ("share_a", "share_b"))
        named.append(", ".join(sides))
    return [
        *named,
        _points(row["difference"]),
        f"{_points(row['low'])} to {_points(row['high'])}",
        _p(row["p"]),
        _p(row["p_adjusted"]),
    ]


def _points(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:+.1f}"


def _p(value: float | None) -> str:
    if value is None:
        return "-"
    return "<.001" if value < 0.001 else f"{value:.3f}".removeprefix("0")
