"""Earlier scorings, opened again by several commands."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framing.cli.common import Study
from framing.errors import InputError, shown

if TYPE_CHECKING:
    from framing.measuring import MixOptions, Scored
    from framing.records import CodedUnit


def results_folder(inputs: list[str]) -> Path | None:
    """Return the results folder that the only input is, if it is one."""
    from framing.results import RUN_FILE

    folder = Path(inputs[0])
    is_one = len(inputs) == 1 and inputs[0] != "-" and (folder / RUN_FILE).is_file()
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


def open_results(
    folder: Path,
    study: Study,
    *more: Path,
    documents: Collection[str] | None = None,
    columns: Sequence[str] = (),
) -> "tuple[Scored, dict[str, Any]]":
    """Return an earlier scoring and its run, made with the codebook of the study.

    With `more` folders all are put together. With `documents` no more is read than
    shares corrected by their labels need.
    """
    from framing.measuring import check_codebook, open_joined

    scored, run = open_joined(
        [folder, *more], [study.project.model], documents=documents, columns=columns
    )
    check_codebook(folder, run, study.codebook)
    return scored, run


def needed_documents(
    coded: "Sequence[CodedUnit]", options: "MixOptions"
) -> set[str] | None:
    """Return whose sentences shares need one by one; None for those of all."""
    if options.method == "em" or options.all_kinds:
        return None
    return {unit.doc_id for unit in coded}
