"""The text files of LexisNexis before Nexis Uni: "1 of 500 DOCUMENTS"."""

import re
from collections.abc import Iterator

from framing.articles.dates import normalise_date
from framing.articles.exports.item import ExportItem, add_extra, finished
from framing.articles.exports.nexis_fields import COPYRIGHT, field_of, is_known
from framing.articles.exports.prose import (
    blocks_of,
    one_line,
    paragraphs,
    plain_lines,
    tail_start,
)

MARKER = re.compile(
    r"(?P<n>\d{1,7}) of (?P<all>\d{1,7}) DOCUMENTS?"
    r"|(?:Dokument|Document|Documento|DOKUMENT|DOCUMENT) (?P<n2>\d{1,7}) "
    r"(?:von|de|van|di|of|VON|DE) (?P<all2>\d{1,7})"
)
CAPITAL = r"[^\W\d_a-zß-öø-ÿ]"
UPPER = re.compile(rf"\s*{CAPITAL}(?:{CAPITAL}|[ /&'-]){{1,30}}:(?:\s|$)")
HEAD = {"byline", "section", "length", "headline", "highlight", "dateline", "series"}
DATE_BEFORE = 12
"""Blocks of the head among which the date is looked for."""


def recognises(head: str) -> bool:
    """Whether the text has a line such as "1 of 500 DOCUMENTS" and fields."""
    lines = plain_lines(head)
    numbered = any(MARKER.fullmatch(line.strip()) for line in lines)
    return numbered and any(_is_known(line) for line in lines)


def announced(text: str) -> int | None:
    """Return the number of articles the markers speak of, over all exports in it."""
    total, previous, counted = 0, 0, 0
    for number, of in (_number(line) for line in plain_lines(text) if _number(line)):
        if number <= previous or of != counted:
            total += of
        previous, counted = number, of
    return total or None


def parse(text: str) -> Iterator[ExportItem]:
    """Yield the articles, and an item for each gap in their count."""
    yield from finished(_items(plain_lines(text)))


def _items(lines: list[str]) -> Iterator[ExportItem]:
    """Yield the articles with their dates as written."""
    marks = [(at, n) for at, line in enumerate(lines) if any(n := _number(line))]
    ends = [at for at, _ in marks[1:]] + [len(lines)]
    previous, counted = 0, 0
    for (at, (number, of)), end in zip(marks, ends, strict=True):
        if of == counted and number > previous + 1:
            yield _gap(previous, number, of)
        previous, counted = number, of
        yield _item(f"article {number} of {of}", lines[at + 1 : end])


def _number(line: str) -> tuple[int, ...]:
    """Return "3 of 500" as numbers, or nothing if the line is no marker."""
    match = MARKER.fullmatch(line.strip())
    if not match:
        return ()
    return int(match["n"] or match["n2"]), int(match["all"] or match["all2"])


def _gap(previous: int, number: int, of: int) -> ExportItem:
    """Return the item that stands for the articles missing before `number`."""
    first, last = previous + 1, number - 1
    some = f"article {first}" if first == last else f"articles {first} to {last}"
    reason = f"not in the file: the count jumps from {previous} to {number}"
    return ExportItem(f"{some} of {of}", reason=reason)


def _item(place: str, lines: list[str]) -> ExportItem:
    """Return the article whose lines these are."""
    blocks = blocks_of(lines)
    extra: dict[str, str] = {}
    source, written, blocks = _source_and_date(blocks, extra)
    title, blocks = _head(blocks, extra)
    end = tail_start(blocks, is_field=_is_tail, known=_known_end)
    for block in blocks[end:]:
        _take(block, extra)
    body = [line for block in blocks[:end] for line in (*block, "")]
    return ExportItem(
        place,
        title=title,
        source=source,
        date=written,
        text=paragraphs(body),
        extra=extra,
    )


def _source_and_date(
    blocks: list[list[str]], extra: dict[str, str]
) -> tuple[str, str, list[list[str]]]:
    """Return source, date and what follows; the rest of the date is the edition."""
    dated = next((n for n, b in enumerate(blocks[:DATE_BEFORE]) if _has_date(b)), -1)
    if dated < 0:
        # Without a date only the first line can be the source.
        first = blocks[0] if blocks and not _is_known(blocks[0][0]) else []
        return one_line(first), "", blocks[1:] if first else blocks
    above = [*blocks[:dated]]
    at = next(n for n, line in enumerate(blocks[dated]) if _is_date(line))
    if at:
        above.append(blocks[dated][:at])
    named = []
    for line in (line for block in above for line in block):
        if COPYRIGHT.match(line):
            add_extra(extra, "copyright", line)
        else:
            named.append(one_line([line]))
    edition = one_line(blocks[dated][at + 1 :])
    add_extra(extra, "edition", edition)
    source = named[0] if named else ""
    add_extra(extra, "head", " ".join(named[1:]))
    return source, blocks[dated][at].strip(), blocks[dated + 1 :]


def _head(
    blocks: list[list[str]], extra: dict[str, str]
) -> tuple[str, list[list[str]]]:
    """Return the headline and what follows the head.

    The head goes as far as `BODY:`, or else as the length and the fields directly
    below it.
    """
    keys = [_key(block) for block in blocks]
    if "body" in keys:
        end = keys.index("body")
    else:
        end = keys.index("length") + 1 if "length" in keys else 0
        fields = (n for n, key in enumerate(keys) if n >= end and key in HEAD)
        end = end or next(fields, 0)
        while end < len(keys) and keys[end] in HEAD:
            end += 1
    titles = [one_line(b) for b, k in zip(blocks[:end], keys, strict=False) if not k]
    for block, key in zip(blocks[:end], keys, strict=False):
        if key:
            _take(block, extra)
    if not end and blocks and not keys[0]:
        titles, end = [one_line(blocks[0])], 1
    title = extra.pop("headline", "") or (titles.pop(0) if titles else "")
    add_extra(extra, "head", "\n".join(titles))
    return title, _without_name(blocks[end:])


def _without_name(blocks: list[list[str]]) -> list[list[str]]:
    """Return the body without the word `BODY:` that it may begin with."""
    if not blocks or _key(blocks[0]) != "body":
        return blocks
    value = field_of(blocks[0][0])
    first = [*([value[1]] if value and value[1] else []), *blocks[0][1:]]
    return [first, *blocks[1:]] if first else blocks[1:]


def _take(block: list[str], extra: dict[str, str]) -> None:
    """Put a field or a copyright line among the extras."""
    found = None if COPYRIGHT.match(block[0]) else field_of(block[0])
    if found:
        add_extra(extra, found[0], one_line([found[1], *block[1:]]))
    else:
        add_extra(extra, "copyright", one_line(block))


def _key(block: list[str]) -> str:
    """Return the key of the field that the block is, or ""."""
    found = field_of(block[0]) if _is_known(block[0]) else None
    return found[0] if found else ""


def _is_known(line: str) -> bool:
    """Whether the line begins with a field of the old exports: in capitals."""
    return bool(UPPER.match(line)) and is_known(line)


def _is_tail(line: str) -> bool:
    """Whether a block that begins so can stand behind the text."""
    return bool(UPPER.match(line) or COPYRIGHT.match(line))


def _known_end(line: str) -> str:
    """Return the line if a block that begins so certainly stands behind the text."""
    return line if _is_known(line) or COPYRIGHT.match(line) else ""


def _has_date(block: list[str]) -> bool:
    """Whether one of the lines is a date."""
    return not _is_known(block[0]) and any(map(_is_date, block))


def _is_date(line: str) -> bool:
    """Whether the line begins with a day of the calendar."""
    return bool(normalise_date(line))
