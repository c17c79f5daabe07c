"""Parsers of what news databases export: one text, many articles.

A parser is a module with three functions, and knows nothing of files:

- `recognises(head)`: whether a text that begins so is its export.
- `parse(text)`: an `ExportItem` for each article, also for those it cannot read.
- `announced(text)`: how many articles the export itself says it has.

Media Cloud is not among the parsers: it exports no text (see `mediacloud`).
"""

from collections.abc import Iterator
from typing import Protocol

from framing.articles.exports import factiva, nexis, proquest
from framing.articles.exports.item import ExportItem

__all__ = ["HEAD", "PARSERS", "ExportItem", "ExportParser", "parser_of"]

HEAD = 64_000
"""Characters that a parser is asked about: covers are long, and the first article
counts."""


class ExportParser(Protocol):
    """What a module must have to be a parser of exports."""

    def recognises(self, head: str) -> bool:
        """Whether a text that begins with `head` is this export."""

    def parse(self, text: str) -> Iterator[ExportItem]:
        """Yield the articles of an export."""

    def announced(self, text: str) -> int | None:
        """Return how many articles the export says it has, if it says so."""


PARSERS: dict[str, ExportParser] = {
    "Nexis": nexis,
    "Factiva": factiva,
    "ProQuest": proquest,
}
"""The parser of each database."""


def parser_of(text: str) -> str:
    """Return the database whose export a text is by its head, or ""."""
    head = text[:HEAD]
    return next((name for name, p in PARSERS.items() if p.recognises(head)), "")
