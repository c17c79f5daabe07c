"""Exports of Nexis: the Word and RTF files of Nexis Uni, the text files before it."""

from collections.abc import Iterator

from framing.articles.exports import nexis_classic, nexis_uni
from framing.articles.exports.item import ExportItem


def recognises(head: str) -> bool:
    """Whether a text that begins so is an export of Nexis."""
    return nexis_classic.recognises(head) or nexis_uni.recognises(head)


def parse(text: str) -> Iterator[ExportItem]:
    """Yield the articles of an export of Nexis, also those that cannot be read."""
    if nexis_classic.recognises(text):
        return nexis_classic.parse(text)
    return nexis_uni.parse(text)


def announced(text: str) -> int | None:
    """Return how many articles the cover list or "1 of 500 DOCUMENTS" speaks of."""
    if nexis_classic.recognises(text):
        return nexis_classic.announced(text)
    return nexis_uni.announced(text)
