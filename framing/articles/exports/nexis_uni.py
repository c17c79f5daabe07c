"""The Word and RTF files of Nexis Uni: many articles, each with "End of Document"."""

import re
from collections.abc import Iterator, Sequence

from framing.articles.dates import normalise_date
from framing.articles.exports.item import (
    FIELD_LIMIT,
    ExportItem,
    add_extra,
    check_number,
    finished,
    length_note,
    stated_words,
)
from framing.articles.exports.nexis_fields import COPYRIGHT, field_of, is_known
from framing.articles.exports.prose import one_line, paragraphs, plain_lines

# The English words are those of exports that were seen.
END = re.compile(r"\s*(?:end of document|ende des dokuments|fin du document)\s*", re.I)
BODY = re.compile(r"\s*(?:body|textkörper|corps)\s*", re.I)
AFTER = re.compile(
    r"\s*(?P<name>classification|klassifizierung|klassifikation|graphic|grafik)\s*",
    re.I,
)
COVER = re.compile(r"\s*(?:documents|dokumente) \((?P<n>\d{1,6})\)\s*", re.I)
LISTED = re.compile(r"\s*(?P<n>\d{1,6})\.\s+(?P<title>\S.*)")
SEARCHED = re.compile(
    r"\s*(?:client/matter|search terms|search type|job number|user name|date and time"
    r"|narrowed by|content type)\b",
    re.I,
)
COVER_END = re.compile(r"about lexisnexis|privacy policy|terms & conditions", re.I)
LINK = re.compile(r"\s*(?:link to pdf|link zum pdf-dokument)\s*", re.I)
PAGE = re.compile(r"\s*(?:page|seite) \d+ (?:of|von|de) \d+\s*", re.I)
REFUSED = "there is an error in this document and it is not possible to display"

HEAD_LINES = 12
"""Lines above the body among which the date is looked for."""


def recognises(head: str) -> bool:
    """Whether the text begins with a cover list or shows two other marks of Nexis."""
    lines = plain_lines(head)
    if any(map(COVER.fullmatch, lines)) and any(map(SEARCHED.match, lines)):
        return True
    stated = (field_of(line) for line in lines if is_known(line))
    marks = (
        any(map(END.fullmatch, lines)),
        any(map(BODY.fullmatch, lines)),
        any(stated_words(found[1]) for found in stated if found),
    )
    return sum(marks) >= 2


def announced(text: str) -> int | None:
    """Return the number of articles the cover lists speak of."""
    found = (COVER.fullmatch(line) for line in plain_lines(text))
    return sum(int(match["n"]) for match in found if match) or None


def parse(text: str) -> Iterator[ExportItem]:
    """Yield the articles between the lines "End of Document"."""
    lines = [line for line in plain_lines(text) if not PAGE.fullmatch(line)]
    pieces = _joined(_pieces(lines))
    yield from finished(
        _item(f"article {number} of {len(pieces)}", piece)
        for number, piece in enumerate(pieces, 1)
    )


def _pieces(lines: list[str]) -> list[list[str]]:
    """Return the lines up to each "End of Document".

    What stands behind the last one counts if it is more than the foot of a page.
    """
    pieces: list[list[str]] = [[]]
    for line in lines:
        if END.fullmatch(line):
            pieces.append([])
        else:
            pieces[-1].append(line)
    check_number(len(pieces))
    # Two ends in a row are an article that was not exported: it stays, empty.
    if not any(line and not COVER_END.search(line) for line in pieces[-1]):
        pieces.pop()
    return pieces


def _joined(pieces: list[list[str]]) -> list[list[str]]:
    """Return the pieces, two of them made one where the text itself says the words.

    "End of Document" can be a line of an article. What follows then has no date and
    no body of its own, and the stated length fits both together only.
    """
    joined: list[list[str]] = []
    for piece in pieces:
        whole = [*joined[-1], "End of Document", *piece] if joined else piece
        if joined and not _is_article(piece) and _fits_better(whole, joined[-1]):
            joined[-1] = whole
        else:
            joined.append(piece)
    return joined


def _is_article(piece: list[str]) -> bool:
    """Whether a piece has a body or a date of its own."""
    lines = [line for line in piece if line]
    return any(map(BODY.fullmatch, lines)) or _date_at(lines[:HEAD_LINES]) >= 0


def _fits_better(whole: list[str], begun: list[str]) -> bool:
    """Whether the stated length fits the longer article and not the shorter one."""
    long, short = _item("", whole), _item("", begun)
    stated = long.extra.get("length", "")
    return bool(length_note(short.text, stated)) and not length_note(long.text, stated)


def _item(place: str, piece: list[str]) -> ExportItem:
    """Return the article whose lines these are."""
    lines = _without_cover(piece)
    if any(REFUSED in line for line in lines):
        return ExportItem(place, reason="Nexis could not display it, says the export")
    body = next((n for n, line in enumerate(lines) if BODY.fullmatch(line)), -1)
    head = lines[:body] if body >= 0 else _head_without_body(lines)
    dated = _date_at(head)
    extra: dict[str, str] = {}
    title, source = _title_and_source(head, dated)
    _take_fields(head[dated + 1 :] if dated >= 0 else head[2:], extra, "head")
    text = _text(lines[body + 1 :] if body >= 0 else lines[len(head) :], extra)
    title = extra.pop("headline", "") or title
    reason = "" if dated >= 0 or body >= 0 else "neither a date nor a body"
    written = head[dated].strip() if dated >= 0 else ""
    return ExportItem(
        place,
        title=title,
        source=source,
        date=written,
        text=text,
        extra=extra,
        reason=reason,
    )


def _without_cover(piece: list[str]) -> list[str]:
    """Return the lines of an article without the cover list before the first one.

    The list names the article: it begins where its title stands again. Failing
    that, it begins after the last line of the list.
    """
    cover = next((m for line in piece if (m := COVER.fullmatch(line))), None)
    listed = [n for n, line in enumerate(piece) if SEARCHED.match(line)]
    if not listed or not cover:
        return piece
    titles: list[str] = []
    for number, line in enumerate(piece):
        match = LISTED.match(line)
        if match and int(match["n"]) == len(titles) + 1 <= int(cover["n"]):
            titles.append(one_line([match["title"]]))
            listed.append(number)
    listed.sort()
    first = titles[0] if titles else ""
    for number in range(listed[-1] + 1, len(piece)):
        if first and one_line([piece[number]]).startswith(first):
            return piece[number:]
    ends = [n for n, line in enumerate(piece) if COVER_END.search(line)]
    return piece[max(ends[-1:] + listed[-1:]) + 1 :]


def _head_without_body(lines: list[str]) -> list[str]:
    """Return the lines down to the last field above the text, if there is no Body."""
    last = -1
    for number, line in enumerate(lines):
        if AFTER.fullmatch(line):
            break
        if is_known(line) or COPYRIGHT.match(line) or normalise_date(line):
            last = number
        elif line and number > last + 3:
            break
    return lines[: last + 1]


def _date_at(head: Sequence[str]) -> int:
    """Return the place of the date, which no field stands above, or -1."""
    for number, line in enumerate(head):
        if is_known(line):
            return -1
        if normalise_date(line):
            return number
    return -1


def _title_and_source(head: list[str], dated: int) -> tuple[str, str]:
    """Return the lines above the date: the last is the source, the others headline."""
    above = [line.strip() for line in head[: dated if dated >= 0 else 2] if line]
    above = [line for line in above if not COPYRIGHT.match(line) and not is_known(line)]
    if len(above) < 2:
        return one_line(above), ""
    return one_line(above[:-1]), above[-1]


def _take_fields(lines: Sequence[str], extra: dict[str, str], part: str) -> None:
    """Put the fields of a part among the extras; what has no name is kept as `part`.

    In the classification a line without a name goes on with the field above it; a
    caption may begin like a field ("PHOTO: …") and is one only if the name is known.
    """
    last = ""
    for line in filter(None, lines):
        found = None if part == "graphic" and not is_known(line) else field_of(line)
        if COPYRIGHT.match(line):
            add_extra(extra, "copyright", line)
        elif found:
            last = found[0]
            add_extra(extra, *found)
        elif last and part == "classification":
            old = extra.get(last, "")
            if len(old) <= FIELD_LIMIT:
                extra[last] = f"{old} {line.strip()}".strip()
        else:
            add_extra(extra, part, line)


def _text(lines: list[str], extra: dict[str, str]) -> str:
    """Return the text; captions, classification and last fields become extras."""
    after = next((n for n, line in enumerate(lines) if AFTER.fullmatch(line)), None)
    if after is not None and not _ends_with_fields(lines[after:]):
        after = None
    body, rest = lines[:after], lines[after:] if after is not None else []
    part: list[str] = []
    name = "classification"
    for line in [*rest, "Classification"]:
        if match := AFTER.fullmatch(line):
            _take_fields(part, extra, name)
            is_graphic = match["name"].casefold().startswith("gra")
            name, part = ("graphic" if is_graphic else "classification"), []
        else:
            part.append(line)
    end = len(body)
    while end and (not body[end - 1] or is_known(body[end - 1])):
        end -= 1
    _take_fields(body[end:], extra, "classification")
    return paragraphs([line for line in body[:end] if not LINK.fullmatch(line)])


def _ends_with_fields(lines: list[str]) -> bool:
    """Whether what follows a heading is not the text going on: it has fields."""
    return any(is_known(line) for line in lines) or not any(lines[1:])
