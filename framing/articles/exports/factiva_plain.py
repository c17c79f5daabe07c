"""Factiva articles without codes: told by "355 words", a date and "Document ABC…"."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from framing.articles.dates import normalise_date
from framing.articles.exports.factiva_coded import ACCESSION, SUMMARY
from framing.articles.exports.item import WORDS, ExportItem, add_extra
from framing.articles.exports.prose import one_line, paragraphs

LENGTH = re.compile(rf"[\d.,'\s]{{1,12}} (?:{WORDS.replace(' ', '|')})", re.I)
TIME = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?(?: ?[AP]M)?(?: [A-Z]{2,5})?", re.I)
SOURCE_CODE = re.compile(r"[A-Z0-9]{2,10}")
COPYRIGHT = re.compile(r"\s*(?:copyright\b|©|\(c\)\s)", re.I)
BYLINE = re.compile(r"(?:by|von|par|por|di|da|door)\s+\S", re.I)
LANGUAGE = re.compile(
    r"(?:english|german|french|spanish|italian|portuguese|dutch|deutsch|englisch"
    r"|französisch|anglais|français|allemand|español|inglés|italiano|português"
    r"|nederlands)",
    re.I,
)
HEAD_LINES = 12
"""Lines below the word count among which the copyright line is looked for."""


def recognises(lines: Sequence[str]) -> bool:
    """Whether a word count stands above a date, or an accession number follows."""
    filled = [line.strip() for line in lines if line]
    pairs = pairwise(filled)
    counted = any(LENGTH.fullmatch(a) and normalise_date(b) for a, b in pairs)
    numbered = any(map(ACCESSION.fullmatch, filled))
    return counted and (numbered or any(map(LANGUAGE.fullmatch, filled)))


def articles(lines: Sequence[str]) -> Iterator[list[str]]:
    """Yield the lines of each article, its number the last of them."""
    piece: list[str] = []
    for line in lines:
        piece.append(line)
        if ACCESSION.fullmatch(line.strip()):
            yield piece
            piece = []
    if any(piece) and not any(map(SUMMARY.search, piece)):
        yield piece


def item(place: str, lines: list[str]) -> ExportItem:
    """Return the article whose lines these are."""
    filled = [line.strip() for line in lines]
    extra: dict[str, str] = {}
    counted = next((n for n, x in enumerate(filled) if LENGTH.fullmatch(x)), -1)
    number = next((m["id"] for x in filled if (m := ACCESSION.fullmatch(x))), "")
    if counted < 0:
        reason = "no word count above the text, so its head cannot be told"
        return ExportItem(place, doc_id=number, reason=reason)
    title = _title(filled[:counted], extra)
    add_extra(extra, "length", filled[counted])
    end = _head_end(filled, counted)
    source, written = _facts(filled[counted + 1 : end], extra)
    body = [line for line in lines[end:] if not ACCESSION.fullmatch(line.strip())]
    return ExportItem(
        place,
        title=title,
        source=source,
        date=written,
        text=paragraphs(body),
        doc_id=number,
        extra=extra,
    )


def _title(above: list[str], extra: dict[str, str]) -> str:
    """Return the headline among the lines above the word count.

    One line is the headline; with a byline, what stands above that. Of several, the
    first would be a section, but nothing says so: all of them are kept as `head`.
    """
    named = [line for line in above if line]
    if len(named) > 1 and BYLINE.match(named[-1]):
        add_extra(extra, "byline", named.pop())
    if len(named) > 1:
        add_extra(extra, "head", "\n".join(named))
    return max(named, key=len, default="")


def _head_end(filled: list[str], counted: int) -> int:
    """Return the line below the head: after the copyright, or else the language."""
    below = range(counted + 1, min(counted + 1 + HEAD_LINES, len(filled)))
    for is_last in (COPYRIGHT.match, LANGUAGE.fullmatch):
        if found := next((n for n in below if is_last(filled[n])), None):
            return found + 1
    known = [n for n in below if normalise_date(filled[n]) or TIME.fullmatch(filled[n])]
    return min(max(known, default=counted) + 2, len(filled))


def _facts(lines: list[str], extra: dict[str, str]) -> tuple[str, str]:
    """Return source and date out of the lines below the word count."""
    source, written = "", ""
    for line in filter(None, lines):
        if not written and normalise_date(line):
            written = line
        elif TIME.fullmatch(line):
            add_extra(extra, "time", line)
        elif LANGUAGE.fullmatch(line):
            add_extra(extra, "language", line)
        elif COPYRIGHT.match(line):
            add_extra(extra, "copyright", line)
        elif not written:
            # Numeric dates stay open until all of the export have been seen.
            written = line
        elif not source:
            source = line
        elif SOURCE_CODE.fullmatch(line) and "source_code" not in extra:
            add_extra(extra, "source_code", line)
        else:
            add_extra(extra, "head", one_line([line]))
    return source, written
