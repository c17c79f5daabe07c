"""What a file of another tool says of one text, before anything is checked."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from framing.records import Label, Skipped

FACTS = (
    "sent_id",
    "doc_id",
    "start",
    "end",
    "source",
    "note",
    "order",
    "probability",
    "codebook",
    "time",
    "stance",
)
"""What a file may say beside text, codes and coder, under our names for it."""

OF_OUR_KEY = ("order", "probability", "codebook")
"""Facts that count only beside our own key: other tools use these words too."""


ARTICLE_NAMES = ("doc_id", "article_id", "article")
"""What the article of a text may be called."""


class Refused(Exception):  # noqa: N818 - says what happened, as Skipped does
    """Why one decision cannot be taken."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One coder's decision as a file states it.

    Attributes
    ----------
    where, row
        Its place for a person (path and line), and the same by the file's own name.
    labels
        Names of codes as the tool has them.
    item
        What the tool calls the text, where our own key did not travel with it.
    explicit
        Whether the file says outright that no code applies, if it has none.
    """

    where: str
    row: str
    text: Any
    labels: tuple[Any, ...]
    coder: str = ""
    item: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    explicit: bool = False


@dataclass
class Log:
    """What was understood of a file, what its own meaning drops, and what was skipped.

    `dropped` counts what is no decision (ignored, cancelled, not coded yet);
    `skipped` lists decisions that could not be taken; `n_empty` counts those without
    any label that were taken for "no code applies".
    """

    understood: list[str] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    skipped: list[Skipped] = field(default_factory=list)
    n_empty: int = 0

    def say(self, line: str) -> None:
        """Note something understood, once."""
        if line not in self.understood:
            self.understood.append(line)

    def skip(self, where: str, reason: str) -> None:
        """Note a decision that cannot be taken."""
        self.skipped.append(Skipped(where, reason))


@dataclass(frozen=True, slots=True)
class Reading:
    """What readers must know: the names that stand for codes, and chosen columns.

    Attributes
    ----------
    codes : mapping from every name that is understood to its code
    """

    codes: Mapping[str, str]
    text_column: str = ""
    label_column: str = ""
    id_column: str = ""
    encoding: str = ""

    def find(self, name: str) -> str:
        """Return the code that a name stands for, or ""."""
        return self.codes.get(name, self.codes.get(name.casefold(), ""))


def facts_among(values: Mapping[str, Any], article: str = "") -> dict[str, Any]:
    """Return the facts that a record states under our names; null says nothing.

    The article may go by another name, by that of `article` if given.
    """
    facts = {name: values[name] for name in FACTS if values.get(name) is not None}
    others = [article] if article else ARTICLE_NAMES
    found = [values[name] for name in others if values.get(name) is not None]
    return {**facts, "doc_id": found[0]} if found else facts


def facts_of(label: Label) -> dict[str, Any]:
    """Return what a label says beside text, codes and coder, without what is empty."""
    facts = {
        "sent_id": join_key(label),
        "source": label.source,
        "note": label.note,
        "order": label.order,
        "probability": label.probability,
        "time": label.time,
        "codebook": label.codebook,
        "stance": label.stance,
    }
    return {name: value for name, value in facts.items() if value}


def join_key(label: Label) -> str:
    """Return the key of a unit as one string: `doc_id:start-end`.

    The numbers stand at the end, so that a doc_id may contain anything.
    """
    return f"{label.doc_id}:{label.start}-{label.end}"
