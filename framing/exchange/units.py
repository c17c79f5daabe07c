"""Which unit a decision is about: our key taken apart, or one made up."""

import re
from typing import Any

from framing.exchange.decision import Decision, Refused

_KEY = re.compile(r"(.*):([0-9]{1,12})-([0-9]{1,12})", re.DOTALL)
Unit = tuple[str, int, int]


def split_key(key: str) -> Unit | None:
    """Return `doc_id, start, end` of a joined key, or None if it is none."""
    match = _KEY.fullmatch(key)
    return (match[1], int(match[2]), int(match[3])) if match else None


class Units:
    """Finds the unit of each decision of an import.

    Texts that come without our key get a place of their own: in the article or item
    that the file names, one after another; else each row is an article. The same text
    of the same item is the same unit, and so is the n-th time that a coder has a text
    in a file without items, so that what two coders say of it can be compared.
    """

    def __init__(self) -> None:
        self._places: dict[tuple[str, str, int], Unit] = {}
        self._ends: dict[str, int] = {}
        self._seen: dict[tuple[str, str], int] = {}

    def place(self, decision: Decision, coder: str) -> tuple[Unit, bool]:
        """Return the unit, and whether it is known by our own key.

        Raises
        ------
        Refused
            The key does not span the text.
        """
        facts = decision.facts
        key = str(facts.get("sent_id", ""))
        unit = split_key(key) or _stated(facts, len(decision.text))
        if unit is None:
            item = str(facts.get("doc_id", "")) or decision.item or key
            return self._make_up(item, decision, coder), False
        _, start, end = unit
        if end - start != len(decision.text):
            msg = (
                f"the text has {len(decision.text)} characters, its key spans "
                f"{end - start}; it was changed on the way"
            )
            raise Refused(msg)
        return unit, True

    def _make_up(self, item: str, decision: Decision, coder: str) -> Unit:
        text = decision.text
        n = 0
        if not item:
            n = self._seen.get((coder, text), 0)
            self._seen[coder, text] = n + 1
        known = self._places.get((item, text, n))
        if known:
            return known
        doc_id = item or decision.row
        start = self._ends.get(doc_id, 0)
        unit = (doc_id, start, start + len(text))
        self._ends[doc_id] = unit[2] + 1
        self._places[item, text, n] = unit
        return unit


def _stated(facts: Any, length: int) -> Unit | None:
    """Return the unit of a row with doc_id and start, as a coding sheet has them."""
    if not str(facts.get("start", "")).strip() or "doc_id" not in facts:
        return None
    start = _whole(facts["start"], "start")
    given = str(facts.get("end", "")).strip()
    end = _whole(facts["end"], "end") if given else start + length
    return str(facts["doc_id"]), start, end


def _whole(value: Any, name: str) -> int:
    text = str(value).strip()
    if not re.fullmatch(r"[0-9]{1,12}(\.0)?", text):
        msg = f"{name} is {text!r}, no whole number"
        raise Refused(msg)
    return int(float(text))
