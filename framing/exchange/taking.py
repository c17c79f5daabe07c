"""From what a file says to a label of our codebook, or the reason why not."""

import difflib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from framing.articles.decoding import LONE_SURROGATE, SURROGATE
from framing.codebook import Codebook
from framing.errors import shown
from framing.exchange.decision import OF_OUR_KEY, Decision, Log, Refused
from framing.exchange.stances import read_stance
from framing.exchange.times import iso_time
from framing.exchange.units import Units
from framing.records import Label

MAX_NAME = 100
"""Bytes of a coder's name: with its ending, it names a file on any system."""

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f/\\<>:"|?*]')


@dataclass(frozen=True, slots=True)
class Rules:
    """What decisions must fit.

    Attributes
    ----------
    codes : mapping from every name that is understood to its code
    targets : names of targets; none are known where the codebook names no file
    now : time of decisions that do not say theirs
    drop_empty : whether a text without any label counts as not coded yet
    """

    codebook: Codebook
    codes: Mapping[str, str]
    now: str
    targets: tuple[str, ...] = ()
    drop_empty: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """A label from a file, with what the file says itself: its time, its stance."""

    label: Label
    where: str
    has_time: bool = False
    has_stance: bool = False


@dataclass
class Taker:
    """Takes the decisions of one import, which share the units made up for them."""

    rules: Rules
    log: Log
    units: Units = field(default_factory=Units)

    def take(self, decision: Decision, coder: str) -> Taken | None:
        """Return the label of a decision, or nothing after noting the reason."""
        try:
            return self._check(decision, coder)
        except Refused as reason:
            self.log.skip(decision.where, str(reason))
            return None

    def _check(self, decision: Decision, coder: str) -> Taken | None:
        text = decision.text
        if not isinstance(text, str):
            msg = "no text" if text is None else "the text is no text"
            raise Refused(msg)
        if not text.strip():
            msg = "empty text"
            raise Refused(msg)
        codes = read_codes(decision.labels, self.rules)
        is_empty = not codes and not decision.explicit
        takes_one = self.rules.codebook.coding == "single"
        if is_empty and (self.rules.drop_empty or takes_one):
            self.log.dropped["without any label"] += 1
            return None
        if takes_one and len(codes) != 1:
            name = self.rules.codebook.name
            msg = f"{len(codes)} codes, {name} takes exactly one a unit"
            raise Refused(msg)
        check_coder(coder)
        unit, is_ours = self.units.place(decision, coder)
        facts = dict(decision.facts)
        if not is_ours:
            facts = {n: v for n, v in facts.items() if n not in OF_OUR_KEY}
        taken = self._label(decision, facts, (*unit, codes, coder))
        self.log.n_empty += is_empty
        return taken

    def _label(
        self, decision: Decision, facts: Mapping[str, Any], known: tuple[Any, ...]
    ) -> Taken:
        doc_id, start, end, codes, coder = known
        time = iso_time(facts.get("time"))
        label = Label(
            doc_id=doc_id,
            start=start,
            end=end,
            text=decision.text,
            codes=codes,
            stance=_stance(facts.get("stance"), self.rules),
            coder=coder,
            time=time or self.rules.now,
            codebook=_signature(facts.get("codebook"), self.rules.codebook),
            source=_text(facts, "source"),
            note=_text(facts, "note"),
            order=_text(facts, "order"),
            probability=_probability(facts.get("probability")),
        )
        texts = (doc_id, decision.text, label.source, label.note, label.order, coder)
        if any(map(SURROGATE.search, (*texts, *label.stance))):
            raise Refused(LONE_SURROGATE)
        return Taken(label, decision.where, bool(time), "stance" in facts)


def code_names(codebook: Codebook, renamed: Mapping[str, str]) -> dict[str, str]:
    """Return which names stand for which code: its own, its title, and those given.

    Case does not matter, as far as that leaves no doubt.
    """
    names: dict[str, str] = {}
    doubtful = set()
    for code in codebook.codes:
        for name in {code.name.casefold(), code.title.casefold()}:
            if names.setdefault(name, code.name) != code.name:
                doubtful.add(name)
    names = {name: code for name, code in names.items() if name not in doubtful}
    names |= {code: code for code in codebook.names}
    for old, new in renamed.items():
        names[old] = new
        names.setdefault(old.casefold(), new)
    return names


def read_codes(labels: Sequence[Any], rules: Rules) -> tuple[str, ...]:
    """Return the codes that names stand for, sorted.

    Raises
    ------
    Refused
        A name is no code.
    """
    return tuple(sorted({c for label in labels for c in _find_codes(label, rules)}))


def check_coder(name: str) -> None:
    """Refuse a coder's name that cannot name a label file on any system.

    Raises
    ------
    Refused
        It is empty, too long, or has a character in it that file names cannot have.
    """
    if not name:
        msg = "it does not say who coded; name the coder: --coder NAME"
        raise Refused(msg)
    ok = (
        name == name.strip()
        and not name.startswith(".")
        and not name.endswith(".")
        and not _FORBIDDEN.search(name)
        and len(name.encode("utf-8", "surrogatepass")) <= MAX_NAME
    )
    if not ok:
        msg = f"coder {shown(name, 40)!r} cannot name a file; rename: --coder OLD=NEW"
        raise Refused(msg)


def _find_codes(label: Any, rules: Rules) -> Iterable[str]:
    if isinstance(label, list | dict):
        msg = "spans, not codes of the whole text"
        raise Refused(msg)
    name = str(label)
    found = _find(name, rules)
    if found:
        return [found]
    parts = [_find(part.strip(), rules) for part in name.split(",")]
    if all(parts):
        return parts
    near = difflib.get_close_matches(name.casefold(), rules.codes, 1, 0.5)
    hint = f"; nearest: {rules.codes[near[0]]}" if near else ""
    book = rules.codebook
    msg = (
        f"code {shown(name, 40)!r} is not in {book.name} (codes: "
        f"{', '.join(book.names)}{hint}); mend it or map it: --code OLD=NEW"
    )
    raise Refused(msg)


def _find(name: str, rules: Rules) -> str:
    return rules.codes.get(name, rules.codes.get(name.casefold(), ""))


def _stance(value: Any, rules: Rules) -> dict[str, str]:
    stance = read_stance({} if value is None else value)
    for target, said in stance.items():
        if rules.codebook.targets and target not in rules.targets:
            near = difflib.get_close_matches(target, rules.targets, 1, 0.5)
            hint = f"; nearest: {near[0]}" if near else ""
            msg = f"stance of unknown target {shown(target, 40)!r}{hint}"
            raise Refused(msg)
        if said not in rules.codebook.stances:
            values = ", ".join(rules.codebook.stances)
            msg = (
                f"stance towards {shown(target, 40)} is {shown(said, 40)!r}, none of "
                f"{values}"
            )
            raise Refused(msg)
    return stance


def _signature(value: Any, codebook: Codebook) -> str:
    if value in (None, ""):
        return codebook.signature
    if not codebook.accepts_signature(str(value)):
        msg = (
            f"coded by {shown(value, 40)}, this is {codebook.signature}; recode, or "
            "list that hash under accepts"
        )
        raise Refused(msg)
    return str(value)


def _text(facts: Mapping[str, Any], name: str) -> str:
    value = facts.get(name)
    if isinstance(value, list | dict):
        msg = f"{name} is no text"
        raise Refused(msg)
    return "" if value is None else str(value)


def _probability(value: Any) -> float:
    if value in (None, ""):
        return 0.0
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not 0 <= number <= 1:
        msg = f"probability is {shown(value, 30)!r}, no number from 0 to 1"
        raise Refused(msg)
    return number
