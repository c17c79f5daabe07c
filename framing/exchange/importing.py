"""Import: what a file of another tool adds to the labels of a study."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from framing.codebook import Codebook
from framing.errors import LabelError, shown
from framing.exchange.decision import Decision, Log, Reading, Refused
from framing.exchange.members import read_members
from framing.exchange.taking import Rules, Taken, Taker, check_coder
from framing.exchange.times import moment
from framing.exchange.tools import TOOLS
from framing.labelstore import append_labels, read_label_file
from framing.records import Label


@dataclass(frozen=True, slots=True)
class Coders:
    """Who coded: one name for all of a file by one coder, and new names for old ones.

    `name` is empty where the file says it itself.
    """

    name: str = ""
    renamed: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Added:
    """What an import adds for one coder: new decisions, and those that change one."""

    new: list[Label] = field(default_factory=list)
    changed: list[Label] = field(default_factory=list)
    n_same: int = 0


@dataclass
class Import:
    """What an import would add, and what was noted on the way."""

    log: Log
    coders: dict[str, Added] = field(default_factory=dict)

    @property
    def labels(self) -> list[Label]:
        """The labels to append, of all coders."""
        return [x for a in self.coders.values() for x in (*a.new, *a.changed)]

    @property
    def n_taken(self) -> int:
        """How many decisions were understood, those that are there already included."""
        return len(self.labels) + sum(added.n_same for added in self.coders.values())


def read_import(
    path: Path, tool: str, how: Reading, rules: Rules, coders: Coders
) -> tuple[Log, list[Taken]]:
    """Return the decisions in a file, folder or zip, checked against the codebook.

    Raises
    ------
    LabelError
        It cannot be read, or does not say who coded.
    """
    log = Log()
    decisions: list[Decision] = []
    members = read_members(path, how.encoding, log)
    for member in members:
        try:
            decisions += TOOLS[tool].read(member, how, log)
        except LabelError as error:
            # Of several files, the others may be good.
            if len(members) == 1:
                raise
            where, _, reason = str(error).partition(": ")
            log.skip(where, reason)
    names = _name_coders(decisions, coders, path)
    taker = Taker(rules, log)
    found = [taker.take(d, name) for d, name in zip(decisions, names, strict=True)]
    return log, settle([taken for taken in found if taken], log)


def plan_import(log: Log, taken: Sequence[Taken], folder: Path, rules: Rules) -> Import:
    """Return what the decisions add to the label files in a folder.

    A decision that the coder has made already, with the same codes and stance, adds
    nothing; one that is older than his own is skipped.
    """
    plan = Import(log)
    known = _read_known(folder, {one.label.coder for one in taken}, rules.codebook)
    for one in taken:
        label = one.label
        added = plan.coders.setdefault(label.coder, Added())
        old = known.get((label.coder, *label.unit))
        if old is None:
            added.new.append(label)
        elif old.text != label.text:
            log.skip(one.where, "its unit is in the labels with another text")
        elif _same(one, old):
            added.n_same += 1
        elif _is_older(one, old):
            by = shown(label.coder, 40)
            log.skip(one.where, f"older than the decision of {by} of {old.time}")
        else:
            added.changed.append(_fill(one, old, rules.now))
    return plan


def write_import(plan: Import, folder: Path) -> None:
    """Append what a plan adds, coder by coder."""
    for coder, added in plan.coders.items():
        append_labels(folder / f"{coder}.jsonl", [*added.new, *added.changed])


def settle(taken: Sequence[Taken], log: Log) -> list[Taken]:
    """Return one decision per coder and unit.

    Where a file has several that differ, the latest counts if all say when they were
    made; else there is no telling, and all of them are skipped.
    """
    units: dict[tuple[str, str, int, int], list[Taken]] = {}
    for one in taken:
        units.setdefault((one.label.coder, *one.label.unit), []).append(one)
    settled = []
    for group in units.values():
        if all(_same(one, group[0].label) for one in group):
            log.dropped["said again in the same way"] += len(group) - 1
            settled.append(group[-1])
            continue
        last = _latest(group)
        if last:
            log.dropped["replaced by a later decision"] += len(group) - 1
            settled.append(last)
            continue
        for one, other in zip(group, group[1:] + group[:1], strict=True):
            by = shown(one.label.coder, 40)
            log.skip(one.where, f"{by} decides this unit otherwise at {other.where}")
    log.dropped = +log.dropped  # without what was counted zero times
    return settled


def _name_coders(
    decisions: Sequence[Decision], coders: Coders, path: Path
) -> list[str]:
    """Return the coder of each decision by the name that the user wants."""
    there = sorted({d.coder for d in decisions} - {""})
    unknown = sorted(set(coders.renamed) - set(there))
    if unknown and decisions:
        names = ", ".join(shown(name, 40) for name in there) or "none"
        msg = (
            f"{shown(path)}: no coder {shown(unknown[0], 40)!r} in it "
            f"(there: {names}). Check --coder."
        )
        raise LabelError(msg)
    if coders.name and len(there) > 1:
        names = ", ".join(shown(name, 40) for name in there)
        msg = f"{shown(path)}: labels of {names}. Rename one by one: --coder OLD=NEW."
        raise LabelError(msg)
    if decisions and not there and not coders.name:
        msg = f"{shown(path)}: does not say who coded. Name the coder: --coder NAME."
        raise LabelError(msg)
    return [coders.name or coders.renamed.get(d.coder, d.coder) for d in decisions]


def check_names(names: Sequence[str]) -> None:
    """Refuse names that the user gave to coders and that no file can have.

    Raises
    ------
    LabelError
        One is empty or cannot name a file.
    """
    for name in names:
        try:
            check_coder(name)
        except Refused as reason:
            msg = f"--coder {shown(name, 40)}: {reason}."
            raise LabelError(msg) from reason


def _read_known(
    folder: Path, coders: set[str], codebook: Codebook
) -> dict[tuple[str, str, int, int], Label]:
    paths = [folder / f"{coder}.jsonl" for coder in sorted(coders)]
    labels = [
        label
        for path in paths
        if path.is_file()
        for label in read_label_file(path, codebook).labels
    ]
    return {(label.coder, *label.unit): label for label in labels}


def _same(one: Taken, other: Label) -> bool:
    """Tell whether a decision is the same; a file may not speak of stance at all."""
    same_stance = not one.has_stance or one.label.stance == other.stance
    return set(one.label.codes) == set(other.codes) and same_stance


def _latest(group: Sequence[Taken]) -> Taken | None:
    times = [moment(one.label.time) if one.has_time else None for one in group]
    known = [time for time in times if time]
    if len(known) < len(group) or known.count(max(known)) > 1:
        return None
    return group[times.index(max(known))]


def _is_older(one: Taken, old: Label) -> bool:
    mine, his = moment(one.label.time), moment(old.time)
    return bool(one.has_time and mine and his and mine < his)


def _fill(one: Taken, old: Label, now: str) -> Label:
    """Return a changed decision with what its file cannot say of the unit.

    Where the file still has the time of the old decision, somebody changed the codes
    and not the time: two decisions of one time would leave open which one counts.
    """
    label = one.label
    return replace(
        label,
        time=now if label.time == old.time else label.time,
        stance=label.stance if one.has_stance else old.stance,
        source=label.source or old.source,
        order=label.order or old.order,
        probability=label.probability or old.probability,
    )
