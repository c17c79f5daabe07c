"""What a report is made from: results, the model that made them, labels."""

from pathlib import Path
from typing import Any

from framing.codebook import Codebook
from framing.errors import ModelError
from framing.measuring import (
    check_codebook,
    find_sample,
    keep_own,
    open_results,
    read_sample_file,
)
from framing.model import Model
from framing.modelstore import load_model, read_card
from framing.project import Project
from framing.reporting.options import Material, ReportOptions

COLUMNS = ("title", "url", "link")
"""What a report shows of an article, where it is there."""


def open_material(
    folder: Path, project: Project, options: ReportOptions, sample: Path | None
) -> Material:
    """Return what a report of a results folder is made from.

    Parameters
    ----------
    sample : Path or None
        Random labels of these sentences; by default those of the study.

    Raises
    ------
    InputError, LabelError, ModelError
        Results or labels cannot be used, or were made with another codebook.
    """
    codebook = project.read_codebook()
    if sample:
        coded, labels_from = read_sample_file(sample, codebook)
    else:
        coded, labels_from = find_sample(project.labels, codebook), project.labels.name
        labels_from = f"the study {labels_from}"
    documents = None if options.method == "em" else {unit.doc_id for unit in coded}
    scored, run = open_results(
        folder, [project.model], documents=documents, columns=COLUMNS
    )
    check_codebook(folder, run, codebook)
    if not sample:
        coded = keep_own(scored, coded)
    place = _find_model(run, project)
    return Material(
        folder,
        run,
        scored,
        codebook,
        _load(place, codebook),
        _read_card_text(place),
        project.labels,
        coded,
        labels_from if coded else "",
    )


def _find_model(run: dict[str, Any], project: Project) -> Path | None:
    """Return the folder of the model that made the results, if it is still there."""
    for place in (Path(run["model"]["folder"]), project.model):
        try:
            if read_card(place).get("model_sha256") == run["model"]["sha256"]:
                return place
        except ModelError:
            continue
    return None


def _load(place: Path | None, codebook: Codebook) -> Model | None:
    return load_model(place, codebook)[0] if place else None


def _read_card_text(place: Path | None) -> str:
    if place is None:
        return ""
    try:
        return (place / "card.md").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
