"""A coder's sitting: units in their order, decisions read and written.

What the page does lives here and can be tried without a browser. A unit is open
until it has an explicit decision: codes, or none of them. One that is drawn at random
is open until it has been decided as such: left out because it was labelled for another
reason, say for being doubtful, it would be missing from the sample.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from framing.codebook import Codebook
from framing.errors import LabelError, shown
from framing.labelstore import append_labels, read_label_file
from framing.records import RANDOM_ORDERS, Label

MAX_NOTE = 2000
"""Code points of a note; a label line holds a sentence, not an essay."""


@dataclass(frozen=True)
class Suggestion:
    """What a model would decide: codes, and a stance per target."""

    codes: tuple[str, ...]
    stance: dict[str, str]


@dataclass(frozen=True)
class CodingUnit:
    """A unit as a coder sees it: with its neighbours and where it comes from.

    `order` says how it was chosen and `probability` with which chance it was drawn;
    both go into its label.
    """

    doc_id: str
    start: int
    end: int
    text: str
    source: str
    date: str
    title: str
    before: str
    after: str
    targets: tuple[str, ...] = ()
    order: str = ""
    probability: float = 0.0
    suggestion: Suggestion | None = None

    @property
    def key(self) -> tuple[str, int, int]:
        """What names the unit: `doc_id, start, end`."""
        return (self.doc_id, self.start, self.end)


class CodingSession:
    """The units one coder decides on, and the decisions so far.

    Opened on the coder's label file, so that it goes on where the coder stopped.
    Decisions may come from several threads.

    Parameters
    ----------
    units : sequence of CodingUnit
        In the order in which they are shown.
    codebook : Codebook
        Its codes and stance values are the only ones taken.
    coder : str
        Whose decisions they are.
    path : Path
        The coder's label file; it need not exist yet.
    now : callable
        Gives the time of a decision as ISO text in UTC.

    Attributes
    ----------
    warnings : list of str
        What was found when the label file was read.

    Raises
    ------
    LabelError
        The label file is broken, or was made by another version of the codebook.
    """

    def __init__(
        self,
        units: Sequence[CodingUnit],
        codebook: Codebook,
        coder: str,
        path: Path,
        *,
        now: Callable[[], str],
    ) -> None:
        self.units = tuple(units)
        self.codebook = codebook
        self.coder = coder
        self.path = path
        self.warnings: list[str] = []
        self._now = now
        self._lock = threading.Lock()
        self._decided = self._read()

    @property
    def n_done(self) -> int:
        """How many of the units are decided."""
        return sum(not self._is_open(unit) for unit in self.units)

    def first_open(self, start: int = 0) -> int | None:
        """Return the number of the first unit without a decision, None if all have.

        Looks from `start` on, and then from the beginning.
        """
        for i in chain(range(start, len(self.units)), range(start)):
            if self._is_open(self.units[i]):
                return i
        return None

    def _is_open(self, unit: CodingUnit) -> bool:
        known = self._decided.get(unit.key)
        return not known or (_at_random(unit) and not _at_random(known))

    def decision(self, i: int) -> Label | None:
        """Return the coder's last decision on unit `i`, None if there is none."""
        return self._decided.get(self.units[i].key)

    def decide(
        self,
        i: int,
        codes: Sequence[str],
        stance: Mapping[str, str] | None = None,
        note: str = "",
    ) -> Label:
        """Write a decision to the label file; return it when it is on the disk.

        No codes means that the unit carries none. The decision that stands already is
        not written twice, so that a request whose answer was lost can be repeated. A
        unit that the coder once drew at random stays one when it is looked at again.

        Raises
        ------
        LabelError
            A code, a target or a stance value is not the codebook's or the unit's.
        StorageError
            It could not be written; the decision from before stands.
        """
        label = self._make(self.units[i], codes, stance or {}, note)
        with self._lock:
            known = self._decided.get(label.unit)
            if known and _at_random(known) and not _at_random(label):
                label = replace(label, order=known.order, probability=known.probability)
            if known and replace(known, time=label.time) == label:
                return known
            append_labels(self.path, [label])
            self._decided[label.unit] = label
        return label

    def _read(self) -> dict[tuple[str, int, int], Label]:
        """Read the coder's decisions on these units, where the text is the same."""
        if not self.path.exists():
            return {}
        found = read_label_file(self.path, self.codebook)
        self.warnings = found.warnings
        texts = {unit.key: unit.text for unit in self.units}
        return {
            label.unit: label
            for label in found.labels
            if label.coder == self.coder and texts.get(label.unit) == label.text
        }

    def _make(
        self,
        unit: CodingUnit,
        codes: Sequence[str],
        stance: Mapping[str, str],
        note: str,
    ) -> Label:
        self._check_codes(codes)
        self._check_stance(unit, stance)
        note = note.strip()
        _check_note(note)
        return Label(
            doc_id=unit.doc_id,
            start=unit.start,
            end=unit.end,
            text=unit.text,
            codes=tuple(sorted(set(codes))),
            stance=dict(stance),
            coder=self.coder,
            time=self._now(),
            codebook=self.codebook.signature,
            source=unit.source,
            note=note,
            order=unit.order,
            # JSON must read it as a float again, also where the chance is 1.
            probability=float(unit.probability),
        )

    def _check_codes(self, codes: Sequence[str]) -> None:
        names = self.codebook.names
        for code in codes:
            if code not in names:
                msg = f"code {shown(code)!r} is not one of {', '.join(names)}."
                raise LabelError(msg)
        if self.codebook.coding == "single" and len(set(codes)) != 1:
            msg = f"{self.codebook.name} takes exactly one code a unit."
            raise LabelError(msg)

    def _check_stance(self, unit: CodingUnit, stance: Mapping[str, str]) -> None:
        for target, value in stance.items():
            if target not in unit.targets:
                msg = f"{shown(target)!r} is no target of this unit."
                raise LabelError(msg)
            if value not in self.codebook.stances:
                values = ", ".join(self.codebook.stances)
                msg = f"stance towards {shown(target)} must be one of {values}."
                raise LabelError(msg)


def _at_random(unit: CodingUnit | Label) -> bool:
    return unit.order in RANDOM_ORDERS


def _check_note(note: str) -> None:
    if len(note) > MAX_NOTE:
        msg = f"the note has {len(note):,} characters. Keep it to {MAX_NOTE:,}."
        raise LabelError(msg)
    try:
        note.encode()
    except UnicodeEncodeError as error:
        msg = "the note has half a character pair. Type it again."
        raise LabelError(msg) from error
