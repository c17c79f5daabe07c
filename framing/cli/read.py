"""`framing read`: what would be read of some files, and the articles in one format."""

import sys
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated, Any

import typer

from framing.cli import common
from framing.cli.progress import progress
from framing.errors import shown, shown_end

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from framing.articles import FileRead, ReadLog
    from framing.articles.glance import Glance
    from framing.records import Article

N_FILES = 12
"""Files listed one by one; of more, a line per format."""

N_SOURCES = 10
STDOUT = Path("-")


def run(
    inputs: common.InputsArgument,
    preview: Annotated[
        bool,
        typer.Option("--preview", help="Show what would be read; done without -o."),
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Write the articles: FILE.jsonl, FILE.csv, FILE.parquet, or - for "
            "JSON lines on standard output.",
        ),
    ] = None,
    skipped: Annotated[
        Path | None,
        typer.Option("--skipped", help="Write what was left out, and why, as CSV."),
    ] = None,
    as_json: common.JsonOption = False,
    text_column: common.TextColumn = "",
    source_column: common.SourceColumn = "",
    date_column: common.DateColumn = "",
    title_column: common.TitleColumn = "",
    id_column: common.IdColumn = "",
    encoding: common.EncodingOption = "",
    text_from: common.TextFrom = "",
    quiet: common.QuietOption = False,
) -> None:
    """Show what would be read of files and folders, or write it as one file.

    \b
    Examples:
      framing read downloads/ --preview
      framing read downloads/ -o articles.csv --skipped skipped.csv
    """
    if output == STDOUT and (preview or as_json):
        msg = "standard output can take the articles or the preview: leave out one"
        raise typer.BadParameter(msg, param_hint="-o -")
    from framing.articles import ReadLog, read_articles
    from framing.articles.glance import Glance
    from framing.articles.writing import check_output, write_articles, write_lines

    if output and output != STDOUT:
        check_output(output)
    columns = {
        "text_column": text_column,
        "source_column": source_column,
        "date_column": date_column,
        "title_column": title_column,
        "id_column": id_column,
        "encoding": encoding,
        "text_from": text_from,
    }
    log, glance = ReadLog(), Glance()
    articles = read_articles(inputs, common.read_options(**columns), log)
    articles = glance.passing(articles)
    if output == STDOUT:
        write_lines(articles, sys.stdout.buffer)
    else:
        with progress("reading", "articles", quiet=quiet) as advance:
            counted = _counting(articles, advance)
            if output:
                write_articles(counted, output)
            else:
                for _ in counted:
                    pass
    if skipped:
        from framing.articles.writing import write_skipped

        write_skipped(log.skipped, skipped)
    if as_json:
        _print_json(log, glance)
    elif preview or not output:
        _print_preview(log, glance, skipped)
    else:
        common.say_what_was_read(log, quiet=quiet)
        if output != STDOUT:
            n = f"{log.n_read:,} article{'s' * (log.n_read != 1)}"
            common.say(f"{n} written to {common.place(output.absolute())}", quiet=quiet)
    common.stop_if_skipped(log)


def _counting(
    articles: "Iterator[Article]", advance: "Callable[[int], None]"
) -> "Iterator[Article]":
    """Yield the articles and tell how many there were."""
    for article in articles:
        advance(1)
        yield article


def _print_preview(log: "ReadLog", glance: "Glance", skipped: Path | None) -> None:
    """Print files, columns, sources, dates, the first articles and what was skipped."""
    _print_files(log)
    lines = [f"Read {line}" for line in log.understood]
    lines += [f"Note {line}" for line in log.warnings]
    _print_lines("", lines)
    if glance.sources:
        _print_sources(glance)
        typer.echo(f"\nDates: {_dates(log, glance)}")
    for number, article in enumerate(glance.first, 1):
        _print_article(number, article)
    lines = [str(item) for item in log.skipped[: common.N_SKIPS_SHOWN]]
    more = len(log.skipped) - len(lines)
    if more > 0:
        way = f"in {shown(skipped)}" if skipped else "named by --skipped FILE.csv"
        lines.append(f"and {more:,} more, {way}")
    _print_lines(f"Skipped ({len(log.skipped):,})", lines)


def _print_files(log: "ReadLog") -> None:
    """Print the counts of each file, or of each format if there are many files."""
    if 0 < len(log.reads) <= N_FILES:
        reads, headers, n = log.reads, ["file", "format"], 2
        rows = [[shown_end(r.where, 40), r.format] for r in reads]
    else:
        reads, headers, n = list(log.totals.values()), ["format", "files"], 1
        rows = [[r.format, str(r.n_files)] for r in reads]
    counts = ["announced", "found", "read", "skipped"]
    if all(r.announced is None for r in reads):
        counts.remove("announced")
    headers += counts
    rows = [[*row, *_counts(r, counts)] for row, r in zip(rows, reads, strict=True)]
    if rows:
        common.print_table(headers, rows, text_columns=n)
    typer.echo(
        f"\n{log.n_read:,} article{'s' * (log.n_read != 1)} read, "
        f"{len(log.skipped):,} item{'s' * (len(log.skipped) != 1)} skipped."
    )


def _counts(read: "FileRead", names: list[str]) -> list[str]:
    record = _record(read)
    return ["" if record[n] is None else f"{record[n]:,}" for n in names]


def _print_sources(glance: "Glance") -> None:
    typer.echo()
    chosen = glance.sources.most_common(N_SOURCES)
    rows = [[shown(source, 50), f"{n:,}"] for source, n in chosen]
    common.print_table(["source", "articles"], rows)
    more = len(glance.sources) - len(chosen)
    if more > 0:
        typer.echo(f"and {more:,} more sources")


def _dates(log: "ReadLog", glance: "Glance") -> str:
    """Return the span of the dates, and how many articles have none."""
    if not glance.first_date:
        return "none"
    span = f"{glance.first_date} to {glance.last_date}"
    if not log.n_undated:
        return span
    return f"{span}; {log.n_undated:,} of {log.n_read:,} articles have none"


def _print_article(number: int, article: "Article") -> None:
    """Print the head of an article and its first line, each in one line."""
    about = [article.doc_id, article.source, article.date or "no date"]
    lines = [" | ".join(about), article.title, article.text.strip()]
    typer.echo(f"\nArticle {number}")
    for line in filter(None, lines):
        typer.echo("  " + shown(" ".join(line[:400].split()), common.WIDTH - 2))


def _print_lines(header: str, lines: list[str]) -> None:
    """Print lines under a header, if there are any."""
    if lines:
        typer.echo(f"\n{header}" if header else "")
    for line in lines:
        typer.echo(
            fill(line, common.WIDTH, subsequent_indent="  ", break_long_words=False)
        )


def _print_json(log: "ReadLog", glance: "Glance") -> None:
    common.print_json(
        {
            "files": [_record(read) for read in log.reads],
            "formats": [_record(read) for read in log.totals.values()],
            "n_articles": log.n_read,
            "n_skipped": len(log.skipped),
            "n_undated": log.n_undated,
            "understood": log.understood,
            "warnings": log.warnings,
            "sources": dict(glance.sources.most_common()),
            "first_date": glance.first_date,
            "last_date": glance.last_date,
            "first": [
                {
                    "doc_id": article.doc_id,
                    "source": article.source,
                    "date": article.date,
                    "title": article.title,
                    "text": article.text[: common.WIDTH],
                    "where": article.where,
                }
                for article in glance.first
            ],
            "skipped": [{"where": s.where, "reason": s.reason} for s in log.skipped],
        }
    )


def _record(read: "FileRead") -> dict[str, Any]:
    return {
        "where": read.where,
        "format": read.format,
        "n_files": read.n_files,
        "found": read.n_found,
        "read": read.n_articles,
        "skipped": read.n_skipped,
        "announced": read.announced,
    }
