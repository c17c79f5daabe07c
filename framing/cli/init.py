"""`framing init`: start a study with a codebook of one's own."""

from pathlib import Path
from typing import Annotated

import typer

from framing.cli import common


def run(
    folder: Annotated[Path, typer.Argument(help="Folder of the new study.")],
    codes: Annotated[
        str, typer.Option("--codes", help="Names of the codes, parted by commas.")
    ] = "economy,security,humanity",
    name: Annotated[str, typer.Option("--name", help="Name of the codebook.")] = "",
    single: Annotated[
        bool, typer.Option("--single", help="Exactly one code a unit.")
    ] = False,
    quiet: common.QuietOption = False,
) -> None:
    """Make a study with a codebook to fill in; all other commands work inside it.

    Example: framing init study/ --codes economy,security,humanity
    """
    from framing.project import init_project

    chosen = [code.strip() for code in codes.split(",") if code.strip()]
    project = init_project(
        folder, name or folder.absolute().name, chosen, single=single
    )
    path = common.place(project.labels / "codebook.toml")
    common.say(
        f"Made {path}. Fill in its definitions and seed words, then try them in that "
        "folder: framing label ARTICLES",
        quiet=quiet,
    )
