"""`framing label`: a first labelling by seed words, and how good those are."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from framing.cli import common
from framing.errors import InputError, shown

if TYPE_CHECKING:
    from framing.labelling import Tagged
    from framing.tagger import Tagger

N_WORDS = 30
"""Seed words that `--check` lists; -o has them all."""


def run(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(metavar="INPUT...", help="Files, folders, or -."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="CSV file to write.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Measure every seed word against gold.")
    ] = False,
    write_labels: Annotated[
        bool,
        typer.Option("--write-labels", help="Add them as labels of coder seed-words."),
    ] = False,
    as_json: common.JsonOption = False,
    project: common.ProjectOption = None,
    codebook: common.CodebookOption = "",
    text_column: common.TextColumn = "",
    source_column: common.SourceColumn = "",
    date_column: common.DateColumn = "",
    title_column: common.TitleColumn = "",
    id_column: common.IdColumn = "",
    encoding: common.EncodingOption = "",
    text_from: common.TextFrom = "",
    quiet: common.QuietOption = False,
) -> None:
    """Tag sentences by the seed words of the codebook.

    Example: framing label articles/ -o tags.csv
    """
    if bool(inputs) == check:
        msg = "give either INPUT... to tag, or --check alone"
        raise typer.BadParameter(msg)
    open_it = common.open_own_study if write_labels else common.open_study
    study = open_it(project, codebook)
    from framing.labelling import make_tagger
    from framing.project import read_codebook_targets

    seeds = study.project.read_seed_words(study.codebook)
    targets = read_codebook_targets(study.codebook)
    tagger = make_tagger(study.codebook, seeds, targets)
    if check:
        _check(study, tagger, output, as_json=as_json)
        return
    from framing.articles import ReadLog
    from framing.labelling import tag_inputs

    options = common.read_options(
        text_column=text_column,
        source_column=source_column,
        date_column=date_column,
        title_column=title_column,
        id_column=id_column,
        encoding=encoding,
        text_from=text_from,
    )
    log = ReadLog()
    tagged = list(tag_inputs(inputs or [], options, tagger, log))
    common.say_what_was_read(log, quiet=quiet)
    if not tagged:
        msg = f"{shown(', '.join(inputs or []))}: no sentence in it. Check the input."
        raise InputError(msg)
    _write(study, tagged, output, write_labels=write_labels, quiet=quiet)
    if as_json:
        _print_json(tagged)
    elif output is None:
        _print(tagged)
    common.stop_if_skipped(log)


def _write(
    study: "common.Study",
    tagged: "list[Tagged]",
    output: Path | None,
    *,
    write_labels: bool,
    quiet: bool,
) -> None:
    from framing.atomic import write_atomic
    from framing.labelling import tag_labels, tag_table
    from framing.labelstore import append_labels
    from framing.records import SEED_CODER

    if output:
        from framing.results import csv_text

        text = csv_text(tag_table(tagged))
        if str(output) == "-":
            sys.stdout.write(text)
        else:
            write_atomic(output, text.encode())
            common.say(f"{len(tagged):,} sentences in {shown(output)}", quiet=quiet)
    if write_labels:
        path = study.project.labels / f"{SEED_CODER}.jsonl"
        labels = tag_labels(tagged, study.codebook, now=datetime.now(UTC))
        append_labels(path, labels)
        common.say(f"{len(labels):,} labels added to {common.place(path)}", quiet=quiet)


def _print(tagged: "list[Tagged]") -> None:
    n = 0
    for t in tagged:
        if not t.hits:
            continue
        n += 1
        typer.echo(f"{shown(t.article.doc_id)}: {shown(t.text, 2000)}")
        for code in t.codes:
            spans = sorted({(h.start, h.end) for h in t.hits if h.code == code})
            words = ", ".join(f"{shown(t.text[s:e])} ({s}-{e})" for s, e in spans)
            typer.echo(f"    {code}: {words}")
    typer.echo(f"\n{n:,} of {len(tagged):,} sentences carry a code.")


def _print_json(tagged: "list[Tagged]") -> None:
    sentences = [
        {
            "doc_id": t.article.doc_id,
            "source": t.article.source,
            "start": t.start,
            "end": t.end,
            "text": t.text,
            "codes": list(t.codes),
            "hits": [
                {"start": h.start, "end": h.end, "code": h.code, "word": h.word}
                for h in t.hits
            ],
        }
        for t in tagged
    ]
    common.print_json({"sentences": sentences})


def _check(
    study: "common.Study", tagger: "Tagger", output: Path | None, *, as_json: bool
) -> None:
    from framing.atomic import write_atomic
    from framing.labelling import check_seed_words
    from framing.labelstore import read_labels
    from framing.results import csv_text

    labels = read_labels(study.project.labels, study.codebook)
    words, codes = check_seed_words(tagger, labels, study.codebook)
    if output:
        write_atomic(output, csv_text(words).encode())
    if as_json:
        common.print_json(
            {"words": common.records(words), "codes": common.records(codes)}
        )
        return
    common.print_measures(codes)
    typer.echo(f"\nThe {N_WORDS} seed words found most often, and what they caught\n")
    rows = [
        [
            row["code"],
            shown(row["word"], 36),
            str(row["n"]),
            f"{row['precision']:.2f}",
            f"{row['coverage']:.3f}",
        ]
        for row in common.records(words.nlargest(N_WORDS, "n"))
    ]
    headers = ["code", "word", "sent.", "prec.", "coverage"]
    common.print_table(headers, rows, text_columns=2)
    typer.echo(
        "\nAll of them, with a sentence each caught wrongly: --check -o words.csv"
    )
