"""`framing evaluate`: how good the model is, against the seed words."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from framing.cli import common
from framing.cli.train import print_card
from framing.errors import ModelError, shown

if TYPE_CHECKING:
    import pandas as pd

    from framing.labelled import Labelled
    from framing.model import Model


def run(
    gold: Annotated[
        Path | None,
        typer.Option("--gold", help="Labelled sentences: csv, tsv or jsonl."),
    ] = None,
    thresholds: Annotated[
        bool,
        typer.Option(
            "--thresholds", help="What other thresholds would give, per code."
        ),
    ] = False,
    text_column: common.TextColumn = "",
    label_column: Annotated[
        str, typer.Option("--label-column", help="Column of the codes.")
    ] = "",
    group_column: Annotated[
        str, typer.Option("--group-column", help="Column of the article.")
    ] = "",
    as_json: common.JsonOption = False,
    model: common.ModelOption = None,
    project: common.ProjectOption = None,
    codebook: common.CodebookOption = "",
    seed: common.SeedOption = 0,
    quiet: common.QuietOption = False,
) -> None:
    """Print precision, recall, F1 and calibration per code.

    Without --gold these are the card's figures, of units that the model did not
    see in training; with it, the model and the seed words on those sentences.
    --thresholds shows what other thresholds would give, of the same units.

    Example: framing evaluate --gold sentences.csv
    """
    study = common.open_study(project, codebook)
    loaded, _, place = common.open_model(study, model)
    if thresholds and loaded.frames.single:
        msg = "with exactly one code a unit the likeliest is taken, by no threshold"
        raise typer.BadParameter(msg, param_hint="--thresholds")
    columns = (text_column, label_column, group_column)
    units = _read_units(gold, columns, loaded.frames.classes) if gold else []
    if thresholds:
        table, what = _thresholds(loaded, place, units, gold)
        if as_json:
            common.print_json({"on": what, "thresholds": common.records(table)})
        else:
            _print_thresholds(table, what)
            score = "framing score ARTICLES --threshold CODE=0.6"
            common.say_next(score, "score by another one", quiet=quiet)
        return
    if gold is None:
        _show_card(place, as_json=as_json)
        if not as_json:
            _say_next(loaded, gold, quiet=quiet)
        return
    from framing.evaluating import evaluate_model

    tables = evaluate_model(loaded, units, seed=seed)
    if as_json:
        common.print_json({name: common.records(t) for name, t in tables.items()})
        return
    for name, table in tables.items():
        typer.echo(f"{name} on {len(units):,} sentences of {shown(gold)}\n")
        common.print_measures(table)
        typer.echo("")
    _say_next(loaded, gold, quiet=quiet)


def _say_next(model: "Model", gold: Path | None, *, quiet: bool) -> None:
    """Name the thresholds, or where exactly one code is given, a sentence."""
    if model.frames.single:
        common.say_next('framing explain "SENTENCE"', "why a code", quiet=quiet)
        return
    by_gold = f" --gold {common.argument(gold)}" if gold else ""
    command = f"framing evaluate{by_gold} --thresholds"
    common.say_next(command, "precision against recall", quiet=quiet)


def _read_units(
    gold: Path, columns: tuple[str, str, str], codes: Sequence[str]
) -> "list[Labelled]":
    from framing.labelled import LabelledColumns, read_labelled

    return read_labelled(gold, LabelledColumns(*columns), codes)


def _show_card(place: Path, *, as_json: bool) -> None:
    from framing.modelstore import read_card

    card = read_card(place)
    if not card:
        msg = f"{shown(place)}: the model has no card. Give --gold FILE."
        raise ModelError(msg)
    common.print_json(card) if as_json else print_card(card)


def _thresholds(
    model: "Model", place: Path, units: "list[Labelled]", gold: Path | None
) -> "tuple[pd.DataFrame, str]":
    """Return the table of thresholds, and what it was measured on in words."""
    from framing.evaluating import (
        evaluate_thresholds,
        scored_without,
        unseen_thresholds,
    )
    from framing.modelstore import read_out_of_fold

    if gold:
        what = f"{len(units):,} sentences of {shown(gold)}"
        return evaluate_thresholds(model, units), what
    out_of_fold = read_out_of_fold(place)
    table = unseen_thresholds(model, out_of_fold)
    if table.empty:
        msg = f"{shown(place)}: no scores of unseen units there. Give --gold FILE."
        raise ModelError(msg)
    _, unseen = scored_without(model, out_of_fold)
    what = f"{len(out_of_fold):,} units, by fits that did not see their {unseen}"
    return table, what


def _print_thresholds(table: "pd.DataFrame", what: str) -> None:
    """Print precision, recall and F1 by threshold, the model's own marked."""
    typer.echo(f"What each threshold gives on {what}\n")
    rows = []
    for row in common.records(table):
        mark = "<- the model's" if row["own"] else ""
        figures = [f"{row[name]:.2f}" for name in ("precision", "recall", "f1")]
        counts = [f"{row['n']:,}", f"{row['n_decided']:,}"]
        rows.append([row["code"], f"{row['threshold']:.2f}", *counts, *figures, mark])
    headers = ["code", "threshold", "gold", "decided", "prec.", "recall", "F1", ""]
    common.print_table(headers, rows)
