"""`framing compare`: which outlets differ, by how much, and how sure that is."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from framing.cli import common, mixtable
from framing.errors import shown
from framing.records import PERIODS

if TYPE_CHECKING:
    import pandas as pd

    from framing.measuring import Compared, CompareOptions
    from framing.trust import Trust

MOST, MOST_SURE = 20, 40
"""Rows shown, and shown at most where more than that are beyond chance; the rest is
counted."""

MOST_NAMED = 40
"""Groups whose numbers of articles are listed."""

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
    copies: common.CopiesOption = "all",
    show_all: Annotated[
        bool, typer.Option("--all", help="Show all differences, however small.")
    ] = False,
    as_json: common.JsonOption = False,
    as_csv: common.CsvOption = False,
    project: common.ProjectOption = None,
    codebook: common.CodebookOption = "",
    quiet: common.QuietOption = False,
) -> None:
    """Print the differences between outlets, with intervals and p-values.

    By default all pairs of outlets and all codes. With a period in --by the trend of
    each outlet, with --event its change at a date and how the changes differ.

    \b
    Examples:
      framing compare results/ --reference "BBC News"
      framing compare results/ --by month --code sanctions
    """
    from framing.measuring import (
        CompareOptions,
        Measured,
        advise,
        compare_groups,
        judge,
        keep_own,
        reference_of,
    )
    from framing.study.opening import needed_documents, open_results, read_sample

    if as_json and as_csv:
        msg = "choose one of --json and --csv"
        raise typer.BadParameter(msg, param_hint="--csv")
    study = common.open_study(project, codebook)
    mix = common.mix_options(
        by, method, level, unit, control, min_articles, census=census, copies=copies
    )
    coded, labels_from = read_sample(study, labels)
    scored, _ = open_results(
        [results],
        study,
        documents=needed_documents(coded, mix),
        columns=[*mix.by, control],
    )
    if not labels:
        coded = keep_own(scored, coded)
    options = CompareOptions(
        mix=mix,
        reference=reference_of(reference),
        event=event,
        codes=tuple(name.strip() for name in code.split(",") if name.strip()),
        adjust=adjust,
    )
    compared = compare_groups(scored, options, coded, labels_from=labels_from)
    measured: Measured = compared.measured
    trust = judge(scored, advise(scored, measured, options.mix))
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
        _say_next(results, compared, quiet=quiet)


def _print_json(
    compared: "Compared", options: "CompareOptions", trust: "Trust"
) -> None:
    from framing.measuring import describe_basis

    common.print_json(
        {
            "kind": compared.kind,
            "level": options.mix.level,
            "adjusted": options.adjust,
            "n_asked": int(compared.table["p"].notna().sum()),
            "differences": common.records(compared.table),
            "shares": common.records(compared.measured.mix),
            "too_few": list(compared.too_few),
            "basis": describe_basis(compared.measured.basis),
            "trust": common.trust_record(trust),
        }
    )


def _print(compared: "Compared", options: "CompareOptions", *, show_all: bool) -> None:
    """Print the differences, largest evidence first, effect before p-value."""
    table = compared.table
    asked = int(table["p"].notna().sum())
    alpha = 1 - options.mix.level
    sure = table["p_adjusted"] < alpha
    title = (
        f"{_title(compared.kind, options)}, in percentage points "
        f"({100 * options.mix.level:g}% interval), {asked:,} asked; p adjusted for "
        f"that by {ADJUSTED[options.adjust]}."
    )
    typer.echo(common.fill(title))
    typer.echo(
        f"{int(sure.sum()):,} of {asked:,} are beyond chance at {alpha:.2g} after "
        "adjustment.\n"
    )
    ordered = table.assign(sure=sure).sort_values(["p", "difference"], kind="stable")
    shown_ones = [
        _print_rows(part, rows, compared, show_all=show_all)
        for part, rows in _parts(ordered, compared.kind)
    ]
    if compared.kind != "event":
        _print_articles(shown_ones[0], compared)
    if compared.too_few:
        typer.echo(common.fill(_too_few(compared, options)))


def _parts(ordered: "pd.DataFrame", kind: str) -> "list[tuple[str, pd.DataFrame]]":
    """Return the tables to print: at an event, changes and how they differ."""
    if kind != "event":
        return [(kind, ordered)]
    from framing.comparison import BEFORE

    is_change = ordered["b"] == BEFORE
    parts = [("change", ordered[is_change]), ("changes", ordered[~is_change])]
    return [(part, rows) for part, rows in parts if len(rows)]


def _print_rows(
    part: str, ordered: "pd.DataFrame", compared: "Compared", *, show_all: bool
) -> list[dict[str, Any]]:
    """Print the rows with most evidence, and return them."""
    most = min(max(MOST, int(ordered["sure"].sum())), MOST_SURE)
    chosen = ordered if show_all else ordered.head(most)
    rows = common.records(chosen.drop(columns="sure"))
    if part == "changes":
        typer.echo("Differences between two such changes\n")
    if part == "change":
        sides = _sides(compared)
        cells = [_change(row, sides) for row in rows]
    else:
        cells = [_row(row, compared.kind) for row in rows]
    headers = CHANGE if part == "change" else _headers(compared)
    n_text = 2 if part == "change" else _n_text(compared)
    common.print_table(headers, cells, text_columns=n_text)
    typer.echo("")
    if len(chosen) < len(ordered):
        left = len(ordered) - len(chosen)
        typer.echo(f"{left:,} more with larger p (--all shows them).\n")
    return rows


CHANGE = [
    "outlet",
    "code",
    "art.",
    "before, after %",
    "change",
    "interval",
    "p",
    "adj.",
]
"""Columns of changes at an event; articles are those of both sides."""

Sides = dict[tuple[str, str, str], dict[str, Any]]


def _sides(compared: "Compared") -> Sides:
    """Return the share and the articles of each source, code and side of an event."""
    from framing.measuring.comparing import SIDE

    mix = compared.measured.mix
    by = str(mix.columns[0])
    return {(r[by], r["code"], r[SIDE]): r for r in common.records(mix)}


def _change(row: dict[str, Any], sides: Sides) -> list[str]:
    """Return the line of a change, with what it was before and after."""
    from framing.comparison import AFTER, BEFORE

    both = [sides[row["a"], row["code"], side] for side in (BEFORE, AFTER)]
    return [
        shown(row["a"], 20),
        row["code"],
        ", ".join(f"{side['n_articles']:,}" for side in both),
        ", ".join(common.percent(side["share"]) for side in both),
        *_figures(row),
    ]


def _print_articles(rows: list[dict[str, Any]], compared: "Compared") -> None:
    """Print how many articles each side of the differences shown rests on."""
    counts = _count_articles(compared)
    within = _within(compared) if compared.kind == "pairs" else []
    named = {
        (row[side], *(row[name] for name in within))
        for side in ("a", "b")
        for row in rows
        if side in row
    }
    known = sorted(named & set(counts), key=lambda key: (-counts[key], key))
    told = [
        f"{', '.join(shown(part, 24) for part in key)} {counts[key]:,}"
        for key in known[:MOST_NAMED]
    ]
    if len(known) > MOST_NAMED:
        told.append(f"{len(known) - MOST_NAMED:,} more in --json")
    rest = len(named) > len(known) and not within  # others, all together
    total = f", of {sum(counts.values()):,} in all" if rest else ""
    typer.echo(common.fill(f"Articles{total}: {'; '.join(told)}."))


def _count_articles(compared: "Compared") -> dict[tuple[str, ...], int]:
    """Return the articles of each group, of a trend in all its periods."""
    counts: dict[tuple[str, ...], int] = {}
    mix = compared.measured.mix
    columns = list(mix.columns[: mix.columns.get_loc("code")])
    if compared.kind == "trend":
        columns = [name for name in columns if name not in PERIODS]
    for row in common.records(mix[mix["code"] == mix["code"].iloc[0]]):
        key = tuple(row[name] for name in columns)
        counts[key] = counts.get(key, 0) + row["n_articles"]
    return counts


def _too_few(compared: "Compared", options: "CompareOptions") -> str:
    """Return which groups are not compared, and why."""
    names = ", ".join(shown(name, 24) for name in compared.too_few[:5])
    more = len(compared.too_few) - 5
    names += f" and {more} more" if more > 0 else ""
    least = f"{options.mix.min_articles} dated articles"
    why = {
        "pairs": f"Too few articles (fewer than {options.mix.min_articles})",
        "trend": f"No three periods with {least}",
        "event": f"Not {least} both before and after",
    }[compared.kind]
    return f"{why}: {names}."


def _say_next(results: Path, compared: "Compared", *, quiet: bool) -> None:
    """Name what helps most: labels where there are none, else the report."""
    place = common.argument(results)
    if compared.measured.basis.n_labels:
        report = f"framing report {place} -o report.html"
        common.say_next(report, "all of it to look at", quiet=quiet)
        return
    sheet = f"framing annotate {place} --order sample --sheet sheet.csv"
    common.say_next(sheet, "to correct shares", quiet=quiet)


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
    return [*named, *_figures(row)]


def _figures(row: dict[str, Any]) -> list[str]:
    return [
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
