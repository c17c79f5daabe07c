"""Earlier scorings, given in place of articles."""

from pathlib import Path

from framing.errors import InputError, shown


def results_folder(inputs: list[str]) -> Path | None:
    """Return the results folder that the only input is, if it is one."""
    from framing.results import holds_results

    folder = Path(inputs[0])
    is_one = len(inputs) == 1 and inputs[0] != "-" and holds_results(folder)
    return folder if is_one else None


def results_folders(inputs: list[str]) -> list[Path]:
    """Return the results folders that all inputs are, nothing if they are articles.

    Raises
    ------
    InputError
        Some are results and some are not.
    """
    found = [results_folder([given]) for given in inputs]
    folders = [folder for folder in found if folder]
    if folders and len(folders) < len(found):
        msg = f"{shown(folders[0])}: results beside articles. Name one or the other."
        raise InputError(msg)
    return folders
