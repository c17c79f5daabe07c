"""`framing models`: the models of a study and what they say of themselves."""

from pathlib import Path
from typing import Annotated

import typer

from framing.cli import common
from framing.cli.train import print_card

app = typer.Typer(
    help="List and show models.",
    no_args_is_help=True,
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
