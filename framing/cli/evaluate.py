"""`framing evaluate`: how good the model is, against the seed words."""

from pathlib import Path
from typing import Annotated

import typer

from framing.cli import common
from framing.cli.train import print_card
from framing.errors import ModelError, shown


def run(
    gold: Annotated[
        Path | None,
        typer.Option("--gold", help="Labelled sentences: csv, tsv or jsonl."),
    ] = None,
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
) -> None:
    """Print precision, recall, F1 and calibration per code.

    Without --gold these are the card's figures, of units that the model did not
    see in training; with it, the model and the seed words on those sentences.

    Example: framing evaluate --gold sentences.csv
    """
    from framing.modelstore import read_card

    study = common.open_study(project, codebook)
    loaded, _, place = common.open_model(study, model)
    if gold is None:
        card = read_card(place)
        if not card:
            msg = f"{shown(place)}: the model has no card. Give --gold FILE."
            raise ModelError(msg)
        common.print_json(card) if as_json else print_card(card)
        return
    from framing.evaluating import evaluate_model
    from framing.labelled import LabelledColumns, read_labelled

    columns = LabelledColumns(text_column, label_column, group_column)
    units = read_labelled(gold, columns, loaded.frames.classes)
    tables = evaluate_model(loaded, units, seed=seed)
    if as_json:
        common.print_json({name: common.records(t) for name, t in tables.items()})
        return
    for name, table in tables.items():
        typer.echo(f"{name} on {len(units):,} sentences of {shown(gold)}\n")
        common.print_measures(table)
        typer.echo("")
