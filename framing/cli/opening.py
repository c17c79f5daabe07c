"""Earlier scorings, given in place of articles."""

from pathlib import Path


def results_folder(inputs: list[str]) -> Path | None:
    """Return the results folder that the only input is, if it is one."""
    from framing.results import holds_results

    folder = Path(inputs[0])
    is_one = len(inputs) == 1 and inputs[0] != "-" and holds_results(folder)
    return folder if is_one else None
