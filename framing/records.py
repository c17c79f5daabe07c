"""The nouns: what is read one by one, and the columns of the tables we count.

Vocabulary: an article has sentences; a coder's decision on one is a label; a
label names codes of a codebook and a stance towards each target.
"""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Kind = Literal["sentence", "heading", "caption", "debris", "repeat"]
"""What a span of an article can be; only a sentence enters the mix."""

ID_COLUMNS = ("doc_id", "sent_no", "source", "date", "start", "end", "kind", "text")
"""First columns of the scores table; probabilities and decisions follow."""

PERIODS = ("day", "week", "month", "quarter", "year")
"""What the date of an article can be put together to."""

SEED_CODER = "seed-words"
"""The coder whose labels the seed words are."""

GOLD_CODER = "adjudicated"
"""Name of the label file whose decisions settle disagreements."""


class Span(NamedTuple):
    """A unit inside an article: `text[start:end]`, in code points."""

    start: int
    end: int
    kind: Kind


class Mention(NamedTuple):
    """A place where a sentence names an actor."""

    start: int
    end: int
    actor: str
    kind: str


class Hit(NamedTuple):
    """A place where a seed word was found."""

    start: int
    end: int
    code: str
    group: str
    word: str


@dataclass(frozen=True, slots=True)
class Article:
    """A news text with its source, as a reader found it."""

    doc_id: str
    source: str
    date: str
    title: str
    text: str
    where: str = ""
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Skipped:
    """An item that was not read, with its place and the reason."""

    where: str
    reason: str

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


SAMPLE, OUTLET, RANDOM = "sample", "outlet", "random"
RANDOM_ORDERS = (SAMPLE, OUTLET, RANDOM)
"""Orders of units drawn at random with known chances: corrected shares rest on them."""


@dataclass(frozen=True, slots=True)
class Label:
    """One coder's decision on one unit.

    `order` says how the unit was chosen and `probability` with which chance it was
    drawn, where it was drawn at random.
    """

    doc_id: str
    start: int
    end: int
    text: str
    codes: tuple[str, ...]
    stance: dict[str, str]
    coder: str
    time: str
    codebook: str
    source: str = ""
    note: str = ""
    order: str = ""
    probability: float = 0.0

    @property
    def unit(self) -> tuple[str, int, int]:
        """The unit that was coded: `doc_id, start, end`."""
        return (self.doc_id, self.start, self.end)


@dataclass(frozen=True, slots=True)
class Gold:
    """The label a unit ends up with, and the rule that gave it."""

    doc_id: str
    start: int
    end: int
    text: str
    codes: tuple[str, ...]
    stance: dict[str, str]
    source: str
    rule: str


@dataclass(frozen=True, slots=True)
class CodedUnit:
    """A unit with its final codes, to be found again among scored sentences.

    Found by `start` or `sent_no` where they are known (not negative), else by its text.
    `probability` is the chance with which it was drawn, 0 if that is not known.
    """

    doc_id: str
    text: str
    codes: tuple[str, ...]
    start: int = -1
    sent_no: int = -1
    probability: float = 0.0
    where: str = ""
