"""The tools we exchange labels with, and what each can carry."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from framing.codebook import Codebook
from framing.exchange import (
    activetigger,
    doccano,
    labelstudio,
    openframing,
    prodigy,
    sheet,
)
from framing.exchange.decision import Decision, Log, Reading
from framing.exchange.members import Member
from framing.records import Label

ALL = ("coder", "source", "note", "order", "probability", "time", "stance")
"""What a label says beside its unit, text and codes."""


def _any(label: Label) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Tool:
    """How the files of a tool are read and written.

    Attributes
    ----------
    read : from one file to its decisions
    write : from labels to files, each under its name; "" where there is only one
    carries : what of `ALL` survives in it
    fits : whether it can hold a decision at all
    """

    read: Callable[[Member, Reading, Log], Iterator[Decision]]
    write: Callable[[Sequence[Label], Codebook], dict[str, str]]
    carries: tuple[str, ...] = ALL
    fits: Callable[[Label], bool] = _any


TOOLS = {
    "doccano": Tool(doccano.read, doccano.write),
    "labelstudio": Tool(labelstudio.read, labelstudio.write),
    "prodigy": Tool(prodigy.read, prodigy.write),
    "csv": Tool(sheet.read, sheet.write),
    "activetigger": Tool(activetigger.read, activetigger.write, ("coder", "source")),
    "openframing": Tool(openframing.read, openframing.write, (), openframing.fits),
}
