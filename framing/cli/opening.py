"""Earlier scorings, opened again by several commands."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from framing.cli.common import Study
from framing.errors import shown

if TYPE_CHECKING:
    from framing.measuring import Scored


def results_folder(inputs: list[str]) -> Path | None:
    """Return the results folder that the only input is, if it is one."""
    from framing.results import RUN_FILE

    folder = Path(inputs[0])
    is_one = len(inputs) == 1 and inputs[0] != "-" and (folder / RUN_FILE).is_file()
    return folder if is_one else None


def open_results(folder: Path, study: Study) -> "tuple[Scored, dict[str, Any]]":
    """Return an earlier scoring and its run, made with the codebook of the study."""
    from framing.errors import ModelError
    from framing.measuring import open_results

    scored, run = open_results(folder, [study.project.model])
    made_with = run["model"]["codebook"]
    if not study.codebook.accepts_signature(made_with):
        msg = (
            f"{shown(folder)}: scored by {shown(made_with)}, this study is "
            f"{study.codebook.signature}. Name its study by --project."
        )
        raise ModelError(msg)
    return scored, run
