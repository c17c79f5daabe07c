"""What is asked of a report, and what it is made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from framing.codebook import Codebook
from framing.errors import InputError, shown
from framing.measuring import MixOptions, Scored, reference_of
from framing.model import Model
from framing.prevalence import METHODS
from framing.records import CodedUnit

PERIODS = ("week", "month", "quarter", "year")
"""Periods that shares over time can be shown by."""


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What is asked of a report.

    Attributes
    ----------
    title : str
        By default one that says what there is.
    reference : str
        The source that all others are compared with, or "rest"; by default all pairs,
        or the rest where there are too many.
    event : str
        ISO date, for shares before and after.
    period : str
        One of `PERIODS`; by default the finest that the articles are enough for.
    method : str
        How shares are estimated; see `framing.measuring.MixOptions`.
    census : bool
        The articles are all there are, not a sample.
    copies : str
        Which copies count; see `framing.measuring.MixOptions`.
    seed : int
        Of the sentences drawn at random.
    command : sequence of str
        What makes this report again.
    """

    title: str = ""
    reference: str = ""
    event: str = ""
    period: str = ""
    method: str = ""
    census: bool = False
    copies: str = "all"
    seed: int = 0
    command: Sequence[str] = ()

    @property
    def mix(self) -> MixOptions:
        """What is asked of the shares."""
        return MixOptions(method=self.method, census=self.census, copies=self.copies)

    @property
    def compared_with(self) -> str:
        """The reference, as comparisons know it."""
        return reference_of(self.reference)


@dataclass(frozen=True)
class Material:
    """What a report is made from.

    Attributes
    ----------
    folder : Path
        The results.
    run : mapping
        What `run.json` says.
    model : Model or None
        The model that scored them, if it is still there.
    card : str
        Its card in Markdown.
    coded : sequence of CodedUnit
        Labels of a random sample of these sentences; may be empty.
    labels : Path
        Folder of the labels of the study.
    """

    folder: Path
    run: Mapping[str, Any]
    scored: Scored
    codebook: Codebook
    model: Model | None
    card: str
    labels: Path
    coded: Sequence[CodedUnit] = ()
    labels_from: str = ""
    notes: dict[str, list[str]] = field(default_factory=dict)

    def note(self, section: str, text: str) -> None:
        """Add what stands under a section of the report."""
        self.notes.setdefault(section, []).append(text)


def check_options(options: ReportOptions) -> None:
    """Refuse what cannot be asked, before anything is measured.

    Raises
    ------
    InputError
        An unknown method or period, or a date that is none.
    """
    if options.method and options.method not in METHODS:
        msg = f"method {shown(options.method)} is none of {', '.join(METHODS)}."
        raise InputError(msg)
    if options.period and options.period not in PERIODS:
        msg = f"period {shown(options.period)} is none of {', '.join(PERIODS)}."
        raise InputError(msg)
    if options.event and not _is_date(options.event):
        msg = f"event {shown(options.event)} is no date. Write it as 2026-01-31."
        raise InputError(msg)


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
