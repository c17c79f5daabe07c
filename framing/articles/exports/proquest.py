"""The text files of ProQuest: articles parted by lines of underscores."""

import re
from collections.abc import Iterator

from framing.articles.exports.item import (
    FIELD_LIMIT,
    ExportItem,
    add_extra,
    field_key,
    finished,
)
from framing.articles.exports.prose import (
    blocks_of,
    one_line,
    paragraphs,
    plain_lines,
    tail_start,
)

RULE = re.compile(r"\s*_{50,}\s*")
"""The line between articles; ProQuest draws 60."""

COUNTED = re.compile(r"Document (?P<n>\d{1,6}) of (?P<all>\d{1,6})", re.I)
LISTED = re.compile(r"\s*(?P<n>\d{1,6})\. \S")
CONTENTS = re.compile(r"\s*table of contents\s*", re.I)
FRAME = re.compile(
    r"\s*(?:contact us at|database copyright|terms and conditions|report information"
    r"|table of contents|copyright ©)",
    re.I,
)
FIELD = re.compile(r"(?P<name>[A-Z][\w /&'-]{1,40}?):(?:\s+(?P<value>.*)|$)")

NAMES = {
    "title": "title",
    "byline": "author, credit",
    "source": "publication title",
    "date": "publication date",
    "doc_id": "proquest document id",
    "text": "full text",
    "language": "language of publication",
    "url": "document url",
    "subject": "subject",
    "section": "section",
    "location": "location",
    "person": "people",
    "company": "company / organization, company",
    "copyright": "copyright",
    "": "abstract, links, publication year, publication info, publication subject, "
    "publication note, publisher, place of publication, country of publication, "
    "first page, last page, pages, page, number of pages, volume, issue, edition, "
    "column, dateline, identifier / keyword, business indexing term, classification, "
    "issn, eissn, e-issn, isbn, doi, source type, document type, document feature, "
    "illustration, last updated, database, full text availability, sub title, "
    "alternate title, correspondence author, coden, supplement, series, "
    "publication date (string), place",
}
"""Our names of ProQuest's fields; those under "" keep their own."""

KEYS = {
    name: key or field_key(name)
    for key, names in NAMES.items()
    for name in names.split(", ")
}
PROOFS = {"doc_id", "source", "text", "url", "database", "date", "document_type"}
N_PROOFS = 2
"""Fields a piece must have to be an article."""

DAY = re.compile(r"(?:\]|;|\.)\s*(?P<day>\d{1,2} \w+ \d{4})")


def recognises(head: str) -> bool:
    """Whether the text has a line of underscores and ProQuest's fields."""
    lines = plain_lines(head)
    found = {_key(line) for line in lines}
    ruled = any(map(RULE.fullmatch, lines))
    return ruled and len(found & PROOFS) >= N_PROOFS


def announced(text: str) -> int | None:
    """Return what "Document 1 of 84" or the table of contents says."""
    lines = plain_lines(text)
    counts = [m for line in lines if (m := COUNTED.fullmatch(line.strip()))]
    if counts:
        return max(int(match["all"]) for match in counts)
    pieces = _pieces(lines)
    listed = 0
    if any(map(CONTENTS.fullmatch, pieces[0])):
        listed = sum(bool(LISTED.match(line)) for line in pieces[0])
    return listed or None


def parse(text: str) -> Iterator[ExportItem]:
    """Yield what stands between the lines of underscores.

    The first and the last piece are ProQuest's own and left out; anything else that
    has none of its fields is an article that cannot be read.
    """
    pieces = [piece for piece in _pieces(plain_lines(text)) if not _is_frame(piece)]
    yield from finished(
        _item(f"article {number} of {len(pieces)}", piece)
        for number, piece in enumerate(pieces, 1)
    )


def _pieces(lines: list[str]) -> list[list[str]]:
    """Return the lines between the lines of underscores."""
    pieces: list[list[str]] = [[]]
    for line in lines:
        if RULE.fullmatch(line):
            pieces.append([])
        else:
            pieces[-1].append(line)
    return pieces


def _is_frame(piece: list[str]) -> bool:
    """Whether a piece is empty or what ProQuest writes before and after articles."""
    return not _is_article(piece) and (not any(piece) or any(map(FRAME.match, piece)))


def _is_article(piece: list[str]) -> bool:
    """Whether a piece has enough fields of an article."""
    return len({_key(line) for line in piece} & PROOFS) >= N_PROOFS


def _item(place: str, piece: list[str]) -> ExportItem:
    """Return the article whose lines these are."""
    if not _is_article(piece):
        return ExportItem(place, reason="has none of ProQuest's fields")
    lines = [line for line in piece if not COUNTED.fullmatch(line.strip())]
    full = next((n for n, line in enumerate(lines) if _key(line) == "text"), None)
    head = blocks_of(lines[:full])
    blocks = _fields_apart(lines[full:] if full is not None else [])
    end = tail_start(blocks, is_field=_is_field, known=_tail_name)
    found: dict[str, str] = {}
    heading = one_line(head.pop(0)) if head and not _key(head[0][0]) else ""
    for block in (*head, *blocks[end:]):
        _take(block, found)
    body = _body(blocks[:end])
    return ExportItem(
        place,
        title=found.pop("title", "").split("\n")[0] or heading,
        source=_source(found),
        date=_date(found),
        text=body,
        doc_id=found.pop("doc_id", ""),
        extra=found,
        reason="" if body else "no full text in the export",
    )


def _fields_apart(lines: list[str]) -> list[list[str]]:
    """Return the blocks; a known field begins one even without a blank line above."""
    apart = [part for line in lines for part in (["", line] if _key(line) else [line])]
    return blocks_of(apart)


def _body(blocks: list[list[str]]) -> str:
    """Return the text of the blocks that begin with "Full text:"."""
    if not blocks:
        return ""
    match = FIELD.match(blocks[0][0])
    first = [match["value"] or "" if match else "", *blocks[0][1:]]
    lines = [line for block in [first, *blocks[1:]] for line in (*block, "")]
    text = paragraphs(lines)
    return "" if text.casefold().rstrip(".") == "not available" else text


def _take(block: list[str], found: dict[str, str]) -> None:
    """Put each field of a block among those found, by our names.

    A line without the name of a field goes on with the field above it.
    """
    key = "head"
    for line in block:
        match = FIELD.match(line)
        if match:
            key = _key(line) or field_key(match["name"])
        value = (match["value"] or "" if match else line).strip()
        old = found.get(key, "")
        if value and len(old) <= FIELD_LIMIT and value not in old.split("\n"):
            found[key] = (
                f"{old} {value}".strip() if not match else (f"{old}\n{value}".strip())
            )


def _source(found: dict[str, str]) -> str:
    """Return the outlet: the name before edition and town, which stay as extras."""
    given = found.pop("source", "").split("\n")[0] or found.get("publication_info", "")
    name = re.split(r"\s*[;\[]", given)[0].split(" , ")[0].strip()
    if given != name:
        add_extra(found, "publication_title", given)
    return name


def _date(found: dict[str, str]) -> str:
    """Return the date as written, if need be out of the publication info."""
    if given := found.pop("date", ""):
        return given.split("\n")[0]
    match = DAY.search(found.get("publication_info", ""))
    return match["day"] if match else ""


def _key(line: str) -> str:
    """Return our name of the field that a line begins with, or ""."""
    match = FIELD.match(line)
    return KEYS.get(match["name"].casefold(), "") if match else ""


def _is_field(line: str) -> bool:
    """Whether a line has the form of a field."""
    return bool(FIELD.match(line))


def _tail_name(line: str) -> str:
    """Return the name of the field that a line behind the text begins with, or ""."""
    match = FIELD.match(line)
    return match["name"].casefold() if match and _key(line) not in ("", "text") else ""
