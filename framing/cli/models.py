"""`framing models`: the models of a study and what they say of themselves."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from framing.cli import common, modeldiff, opening
from framing.cli.progress import progress
from framing.cli.train import print_card
from framing.errors import InputError, shown

if TYPE_CHECKING:
    import pandas as pd

    from framing.articles import ReadOptions
    from framing.model import Model

app = typer.Typer(
    help="List, show and compare models.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.command("list")
def list_all(
    as_json: common.JsonOption = False,
    project: common.ProjectOption = None,
) -> None:
    """List the models of the study and the shipped ones.

    Example: framing models list
    """
    from framing.modelstore import list_models, load_model
    from framing.project import find_project_root, open_project, shipped_root

    root = open_project(project.absolute()).root if project else None
    roots = dict.fromkeys([root or find_project_root(Path.cwd()), shipped_root()])
    found = []
    for folder in (folder for root in roots for folder in list_models(root)):
        model, digest = load_model(folder)
        found.append(
            {
                "folder": str(folder),
                "codebook": model.codebook,
                "codes": list(model.frames.classes),
                "stance": model.stance is not None,
                "sha256": digest,
            }
        )
    if as_json:
        common.print_json({"models": found})
        return
    if not found:
        typer.echo("No model yet: framing train")
        return
    rows = [
        [
            common.place(Path(str(m["folder"]))),
            str(m["codebook"]),
            str(m["sha256"])[:12],
        ]
        for m in found
    ]
    common.print_table(["model", "codebook", "sha256"], rows, text_columns=3)


@app.command("show")
def show(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of a model; by default the study's.")
    ] = None,
    as_json: common.JsonOption = False,
    project: common.ProjectOption = None,
    codebook: common.CodebookOption = "",
) -> None:
    """Show the card of a model and the words that most raise each code.

    Example: framing models show
    """
    from framing.modelstore import load_model, read_card

    place = folder or common.open_study(project, codebook).project.model
    load_model(place)
    card = read_card(place)
    if as_json:
        common.print_json(card)
        return
    print_card(card)
    for part in ("frames", "stance"):
        if part not in card:
            continue
        typer.echo(f"\nWords that most raise each of the {part}")
        for name, top in card[part]["top_features"].items():
            words = ", ".join(word for word, _ in top[:15])
            typer.echo(f"  {name}: {words}")


@app.command("diff")
def diff(
    old: Annotated[str, typer.Argument(help="Folder of a model, or its name here.")],
    new: Annotated[str, typer.Argument(help="Another one.")],
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="INPUT...",
            help="Articles or a results folder; by default the study's articles.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="CSV file of the flipped sentences."),
    ] = None,
    as_json: common.JsonOption = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print the flipped sentences as CSV.")
    ] = False,
    level: common.LevelOption = 0.95,
    project: common.ProjectOption = None,
    text_column: common.TextColumn = "",
    source_column: common.SourceColumn = "",
    date_column: common.DateColumn = "",
    title_column: common.TitleColumn = "",
    id_column: common.IdColumn = "",
    encoding: common.EncodingOption = "",
    text_from: common.TextFrom = "",
    quiet: common.QuietOption = False,
) -> None:
    """Show what a new model changes: shares, flipped sentences, and the words why.

    Both models score the same sentences, one by one, without labels. A share has
    moved if the new one lies outside the interval of the old one.

    Example: framing models diff models/before models/relations
    """
    if as_csv and as_json:
        msg = "choose one of --json and --csv"
        raise typer.BadParameter(msg, param_hint="--csv")
    root = _study_root(project)
    places = [_find_model(name, root) for name in (old, new)]
    from framing.atomic import write_atomic
    from framing.diffing import compare_cards, diff_models
    from framing.modelstore import load_model, read_card
    from framing.results import csv_text

    models = [load_model(place)[0] for place in places]
    columns = common.read_options(
        text_column=text_column,
        source_column=source_column,
        date_column=date_column,
        title_column=title_column,
        id_column=id_column,
        encoding=encoding,
        text_from=text_from,
    )
    units = _read_units(inputs or [], columns, models[0], root, quiet=quiet)
    common.say(f"{len(units):,} units of text scored by both", quiet=quiet)
    found = diff_models(units, *models, level=level)
    cards = compare_cards(*(read_card(place) for place in places))
    if output:
        write_atomic(output, csv_text(found.flips).encode())
        common.say(f"{len(found.flips):,} flips in {shown(output)}", quiet=quiet)
    if as_json:
        common.print_json(modeldiff.diff_record(found, cards))
    elif as_csv:
        typer.echo(csv_text(found.flips), nl=False)
    else:
        modeldiff.print_diff(found, cards)


def _study_root(project: Path | None) -> Path:
    from framing.project import find_project_root

    return project.absolute() if project else find_project_root(Path.cwd())


def _find_model(name: str, root: Path) -> Path:
    """Return the folder of a model, named by its path or by its name in the study."""
    from framing.modelstore import MODEL_FILE

    folders = (Path(name), root / "models" / name)
    return next((f for f in folders if (f / MODEL_FILE).is_file()), folders[0])


def _read_units(
    inputs: list[str],
    columns: "ReadOptions",
    model: "Model",
    root: Path,
    *,
    quiet: bool,
) -> "pd.DataFrame":
    """Return the units to compare models on, of articles or of an earlier scoring."""
    from framing.measuring import open_results
    from framing.scoring import score_inputs

    if inputs and (folder := opening.results_folder(inputs)):
        scored, _ = open_results(folder)
        scores, articles = scored.scores, scored.articles
    else:
        inputs = inputs or [str(_own_articles(root))]
        with progress("reading", "articles", quiet=quiet) as advance:
            scoring = score_inputs(inputs, columns, model, advance=advance)
        common.say_what_was_read(scoring.log, quiet=quiet)
        scores, articles = scoring.scores, scoring.articles
    if "text_hash" not in articles:
        return scores
    texts = articles.drop_duplicates("doc_id").set_index("doc_id")["text_hash"]
    return scores.assign(cluster=scores["doc_id"].map(texts))


def _own_articles(root: Path) -> Path:
    folder = root / "seeds" / "articles"
    if not folder.is_dir() or not any(folder.iterdir()):
        msg = f"{shown(folder)}: the study has no articles. Name some: INPUT..."
        raise InputError(msg)
    return folder
