"""The commands of `framing`, and the one place where errors are shown."""

import os
import sys
from typing import Annotated

import typer

from framing import __version__
from framing.cli import (
    agree,
    annotate,
    compare,
    evaluate,
    explain,
    init,
    label,
    labels,
    models,
    score,
    train,
)
from framing.errors import FramingError

EXIT_CODES = """Exit codes: 0 done, 1 done but some items skipped, 2 usage, 3 input
unusable, 4 model or codebook refused, 5 labels refused, 6 disk or permission, 130
interrupted."""

app = typer.Typer(
    help=f"How each outlet frames the relations between states.\n\n{EXIT_CODES}",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"framing {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version."
        ),
    ] = False,
) -> None:
    """Take the options that stand before a command."""


app.command("init")(init.run)
app.command("score")(score.run)
app.command("compare")(compare.run)
app.command("annotate")(annotate.run)
app.command("agree")(agree.run)
app.command("explain")(explain.run)
app.command("label")(label.run)
app.command("train")(train.run)
app.command("evaluate")(evaluate.run)
app.add_typer(labels.app, name="labels")
app.add_typer(models.app, name="models")


def main(arguments: list[str] | None = None) -> None:
    """Run a command; show an error in one line and end with its exit code."""
    try:
        app(arguments, prog_name="framing")
    except FramingError as error:
        typer.echo(f"framing: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # the reader of our output has gone: nothing to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
