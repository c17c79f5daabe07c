from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from typer.main import get_command

from framing.cli.values import spare_conversion

FOUND: list[dict[str, Any]] = []


def _run(
    inputs: list[str],
    output: Annotated[Path | None, typer.Option("-o")] = None,
    page: Annotated[Path, typer.Option("--page")] = Path("page.html"),
    more: Annotated[list[str] | None, typer.Option("--more")] = None,
    name: Annotated[str, typer.Option("--name")] = "",
    level: Annotated[float, typer.Option("--level", min=0.5)] = 0.95,
    number: Annotated[int, typer.Option("--number")] = 3,
    go_on: Annotated[bool, typer.Option("--go-on/--anew")] = True,
    quiet: Annotated[bool, typer.Option("-q")] = False,
) -> None:
    FOUND.append(dict(locals()))


def _outcome(arguments: list[str], *, spared: bool) -> Any:
    """Return the values that a command gets, or what it says is wrong."""
    app = typer.Typer(add_completion=False)
    app.command()(_run)
    command = get_command(app)
    if spared:
        spare_conversion(command)
    FOUND.clear()
    try:
        command(arguments, standalone_mode=False)
    except Exception as error:  # noqa: BLE001 - typer's own kinds have no public names
        return type(error), str(error)
    return FOUND[-1], [type(value) for value in FOUND[-1].values()]


@pytest.mark.parametrize(
    "arguments",
    [
        ["a"],
        ["a", "b", "-o", "x", "--page", "y.html", "-q", "--anew"],
        ["a", "--more", "1", "--more", "", "--name", "Ö", "--level", "0.9"],
        ["-", "--number", "7", "-o", ""],
        ["a", "-o", "."],
        ["\udcff", "--name", "a"],
        ["a", "-o", "\udcff"],
        [],
        ["a", "--level", "x"],
        ["a", "--level", "0.1"],
        ["a", "--number", "1.5"],
        ["a", "-o"],
    ],
    ids=ascii,
)
def test_values_are_those_of_typer(arguments: list[str]) -> None:
    assert _outcome(arguments, spared=True) == _outcome(arguments, spared=False)
