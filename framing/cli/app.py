"""The commands of `framing`, and the one place where errors are shown."""

import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from framing import __version__
from framing.cli.values import spare_conversion
from framing.errors import FramingError

EXIT_CODES = """Exit codes: 0 done, 1 done but some items skipped, 2 usage, 3 input
unusable, 4 model or codebook refused, 5 labels refused, 6 disk, permission or
cluster, 130 interrupted, 143 terminated."""

COMMANDS = {
    "init": "Make a study with a codebook to fill in; all other commands work inside "
    "it.",
    "read": "Show what would be read of files and folders, or write it as one file.",
    "score": "Score articles and print the framing mix of every source.",
    "compare": "Print the differences between outlets, with intervals and p-values.",
    "report": "Write one HTML file with everything a scoring says; it needs no "
    "network.",
    "annotate": "Label sentences on a local page, or draw a coding sheet.",
    "agree": "Print Krippendorff's alpha and agreement per code, with intervals.",
    "explain": "Show the words that moved each code's score; they add up to the "
    "log-odds.",
    "label": "Tag sentences by the seed words of the codebook.",
    "train": "Train the model of a codebook on its labels.",
    "evaluate": "Print precision, recall, F1 and calibration per code.",
    "labels": "Labels from other tools and for them, a second look, how many more.",
    "models": "List, show and compare models.",
}
"""What each command does: the first sentence of its own help, which a test holds it
to. Its module has the same name."""


class Commands(TyperGroup):
    """Commands that are listed by name, and imported once one of them is called.

    All modules with all their options cost `--help` more than anything else of ours.
    """

    # typer gives no public name to the types of a context and a command.
    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
        """Return the name of the command called, the command, and what follows."""
        name, listed, rest = super().resolve_command(ctx, args)
        if listed is None:  # only where a line is to be completed
            return name, None, rest
        return name, make_command(str(listed.name)), rest


def make_command(name: str) -> Any:
    """Return a command with its options, from its module."""
    module = import_module(f"framing.cli.{name}")
    # A command with commands of its own is a whole app.
    own = getattr(module, "app", None) or _app_of(name, module.run)
    command = get_command(own)
    command.name = name
    for inner in (command, *getattr(command, "commands", {}).values()):
        spare_conversion(inner)
    return command


def _app_of(name: str, run: Callable[..., None]) -> typer.Typer:
    own = typer.Typer(
        add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
    )
    own.command(name)(run)
    return own


app = typer.Typer(
    cls=Commands,
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


def _listed() -> None:
    """Stand for a command until it is called."""


for _name, _help in COMMANDS.items():
    app.command(_name, help=_help)(_listed)


def main(arguments: list[str] | None = None) -> None:
    """Run a command; show an error in one line and end with its exit code."""
    # Arrow's own store of memory keeps some 30 MB in each process.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    try:
        command = get_command(app)
        spare_conversion(command)
        command(arguments, prog_name="framing")
    except FramingError as error:
        typer.echo(f"framing: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # the reader of our output has gone: nothing to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
