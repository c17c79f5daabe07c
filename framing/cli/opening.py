"""Earlier scorings, opened again by several commands."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framing.cli.common import Study

if TYPE_CHECKING:
    from framing.measuring import MixOptions, Scored
    from framing.records import CodedUnit


def results_folder(inputs: list[str]) -> Path | None:
    """Return the results folder that the only input is, if it is one."""
    from framing.results import RUN_FILE

    folder = Path(inputs[0])
    is_one = len(inputs) == 1 and inputs[0] != "-" and (folder / RUN_FILE).is_file()
    return folder if is_one else None


def open_results(
    folder: Path,
    study: Study,
    *,
    documents: Collection[str] | None = None,
    columns: Sequence[str] = (),
) -> "tuple[Scored, dict[str, Any]]":
    """Return an earlier scoring and its run, made with the codebook of the study.

    With `documents` no more is read than shares corrected by their labels need.
    """
    from framing.measuring import check_codebook, open_results

    scored, run = open_results(
        folder, [study.project.model], documents=documents, columns=columns
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
