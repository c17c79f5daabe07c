"""What an answer is made from: the model of a study, its labels, earlier scorings."""

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from framing.errors import InputError, place, shown
from framing.measuring import (
    MixOptions,
    Scored,
    check_codebook,
    find_sample,
    open_joined,
    read_sample_file,
)
from framing.model import Model
from framing.modelstore import load_model
from framing.project import Study
from framing.records import CodedUnit


@dataclass(frozen=True)
class Opened:
    """A model to score by, and the thresholds that were asked for."""

    model: Model
    digest: str
    place: Path
    thresholds: Mapping[str, float] = field(default_factory=dict)


def open_model(
    study: Study,
    folder: Path | None = None,
    thresholds: Mapping[str, float] | None = None,
) -> Opened:
    """Return the model in `folder`, or that of the study.

    Parameters
    ----------
    thresholds : mapping of code to threshold
        Those to decide by in place of the model's own.

    Raises
    ------
    InputError
        A threshold cannot be used.
    ModelError
        The model is missing, refused, or of another codebook.
    """
    from framing.scoring import set_thresholds

    where = folder or study.project.model
    model, digest = load_model(where, study.codebook)
    given = dict(thresholds or {})
    _check_thresholds(model, given)
    return Opened(set_thresholds(model, given), digest, where, given)


def _check_thresholds(model: Model, given: Mapping[str, float]) -> None:
    codes = model.frames.classes
    if given and model.frames.single:
        msg = "with exactly one code a unit the likeliest is taken, by no threshold"
        raise InputError(msg)
    for code, value in given.items():
        if code not in codes:
            msg = f"{shown(code)!r} is no code (codes: {', '.join(codes)})"
            raise InputError(msg)
        if not 0 <= value <= 1:
            msg = f"{code}={value:g}: give a number between 0 and 1, as in {code}=0.6"
            raise InputError(msg)


def read_sample(study: Study, path: Path | None) -> tuple[list[CodedUnit], str]:
    """Return the random labels in a file, else those of the study, and their place."""
    if path:
        return read_sample_file(path, study.codebook)
    folder = study.project.labels
    return find_sample(folder, study.codebook), place(folder)


def needed_documents(
    coded: Sequence[CodedUnit], options: MixOptions
) -> set[str] | None:
    """Return whose sentences shares need one by one; None for those of all."""
    if options.method == "em" or options.all_kinds:
        return None
    return {unit.doc_id for unit in coded}


def open_results(
    folders: Sequence[Path],
    study: Study,
    *,
    documents: Collection[str] | None = None,
    columns: Sequence[str] = (),
) -> tuple[Scored, dict[str, Any]]:
    """Return earlier scorings as one, and its run, made with the codebook of the study.

    With `documents` no more is read than shares corrected by their labels need; see
    `framing.measuring.open_joined`.
    """
    scored, run = open_joined(
        folders, [study.project.model], documents=documents, columns=columns
    )
    check_codebook(folders[0], run, study.codebook)
    return scored, run


def find_target(
    name: str, names: Sequence[str], aliases: Mapping[str, str] | None = None
) -> str:
    """Return the target of that name or alias, in any case.

    Raises
    ------
    InputError
        There is none, or none of it among `names`.
    """
    known = {alias.casefold(): actor for alias, actor in (aliases or {}).items()}
    known |= {target.casefold(): target for target in names}
    target = known.get(name.casefold())
    if target and target in names:
        return target
    if target:
        msg = f"no sentence names {shown(target)}"
    elif not names:
        msg = "the codebook has no targets, or no sentence names one"
    else:
        near = difflib.get_close_matches(name, names, 3, 0.4)
        near = near or list(names[:5])
        msg = f"{shown(name)} is no target; perhaps {', '.join(near)}?"
    raise InputError(msg)
