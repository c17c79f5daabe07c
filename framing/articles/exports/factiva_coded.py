"""Factiva articles whose fields begin with their code: HD, BY, WC, PD, SN, LP, TD."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from framing.articles.exports.item import ExportItem, add_extra
from framing.articles.exports.prose import one_line, paragraphs

KEYS = {
    "HD": "title",
    "SN": "source",
    "PD": "date",
    "AN": "doc_id",
    "LP": "text",
    "TD": "text",
    "BY": "byline",
    "SE": "section",
    "CLM": "column",
    "WC": "length",
    "ET": "time",
    "SC": "source_code",
    "ED": "edition",
    "PG": "page",
    "VOL": "volume",
    "LA": "language",
    "CY": "copyright",
    "CR": "credit",
    "ART": "graphic",
    "CT": "contact",
    "CX": "correction",
    "DLN": "dateline",
    "RF": "reference",
    "RST": "restrictor",
    "CO": "company",
    "IN": "industry",
    "NS": "subject",
    "RE": "location",
    "IPC": "ipc",
    "IPD": "ipd",
    "PUB": "publisher",
    "URL": "url",
}
"""Our name of each field of "Full Article/Report plus Indexing"."""

CODE = re.compile(
    r"\s*\*?(?P<code>[A-Z]{2,3})\*?(?P<gap>\s*\||\s*$| {2,}| )\s*(?P<value>.*?)[\s|]*"
)
SURE = {"HD", "WC", "PD", "SN", "LP", "TD"}
"""Codes that are no words and that every article has."""

FIRST = {"SE", "CLM", "HD"}
"""Codes that can begin an article."""

INDEXED = {"CO", "IN", "NS", "RE", "IPC"}
INDEX = re.compile(r"\s*[a-z0-9]{1,12}\s*:|\s*[A-Z]{2,5}/")
ACCESSION = re.compile(
    r"(?:Document|Dokument|Documento)\s+(?P<id>(?=\S*\d{6})[A-Za-z0-9]{12,40})\s*"
)
SUMMARY = re.compile(r"search summary|results found|timestamp", re.I)

Field = tuple[str, list[str]]


def recognises(lines: Sequence[str]) -> bool:
    """Whether at least four of the sure codes begin lines."""
    return len({code for line in lines if (code := _code(line)[0]) in SURE}) >= 4


def articles(lines: Sequence[str]) -> Iterator[list[Field]]:
    """Yield the fields of each article, in their order.

    An article ends with its AN, or where a code that begins articles comes again.
    """
    fields: list[Field] = []
    codes: set[str] = set()
    style = _style(lines)
    for code, values in _fields(lines, style):
        begins = code in FIRST and (code in codes or codes & {"LP", "TD", "PD"})
        if begins and "HD" in codes:
            yield fields
            fields, codes = [], set()
        if code or any(values):
            fields.append((code, values))
            codes.add(code)
        if code == "AN":
            yield fields
            fields, codes = [], set()
    if fields and not _is_summary(fields):
        yield fields


def item(place: str, fields: list[Field]) -> ExportItem:
    """Return the article that has these fields."""
    found: dict[str, str] = {}
    extra: dict[str, str] = {}
    body: list[str] = []
    for code, values in fields:
        key = KEYS.get(code, code.lower() or "head")
        if key == "text":
            body += [*values, ""]
        elif key in ("title", "source", "date", "doc_id") and key not in found:
            found[key] = one_line(values)
        else:
            add_extra(extra, key, one_line(values))
    number = ACCESSION.fullmatch(found.get("doc_id", ""))
    codes = {code for code, _ in fields}
    reason = "" if codes & SURE else "has none of Factiva's fields"
    return ExportItem(
        place,
        title=found.get("title", ""),
        source=found.get("source", ""),
        date=found.get("date", ""),
        text=paragraphs(body),
        doc_id=number["id"] if number else found.get("doc_id", ""),
        extra=extra,
        reason=reason,
    )


def _fields(lines: Sequence[str], style: str) -> Iterator[Field]:
    """Yield codes with the lines of their values; the code is "" before the first."""
    code, values = "", list[str]()
    for line in lines:
        found, gap, value = _code(line)
        if found and _is_field(found, gap, value, style, code):
            yield code, values
            code, values = found, [value]
        elif code == "AN" and any(values) and line:
            # The number is one line; what follows belongs to no field.
            yield code, values
            code, values = "", [line]
        else:
            values.append(line.strip(" |"))
    yield code, values


def _code(line: str) -> tuple[str, str, str]:
    """Return code, what follows it and value if a line begins like a field."""
    match = CODE.fullmatch(line)
    # Only the cell of a table tells a code that is not known from a word.
    if not match or (match["code"] not in KEYS and "|" not in match["gap"]):
        return "", "", ""
    gap = "|" if "|" in match["gap"] else match["gap"]
    return match["code"], gap if gap.strip() or gap == " " else gap[:2], match["value"]


def _style(lines: Sequence[str]) -> str:
    """Return what parts the sure codes from their values in this export."""
    found = (_code(line) for line in lines)
    gaps = Counter(gap for code, gap, _ in found if code in SURE)
    return gaps.most_common(1)[0][0] if gaps else ""


def _is_field(code: str, gap: str, value: str, style: str, before: str) -> bool:
    """Whether a line that begins with a code is a field and not prose.

    "IN Brussels …" is prose: with a single blank after the codes, an index field
    must have the form of one, and those of the head do not come below the text.
    """
    if gap != style and gap == " ":
        return False
    if gap == " " and code in INDEXED:
        return bool(INDEX.match(value))
    if gap == " " and code == "AN":
        return bool(ACCESSION.match(value))
    in_text = before in ("LP", "TD")
    return not (gap == " " and in_text and code in {"BY", "SE", "LA", "ED", "PG"})


def _is_summary(fields: list[Field]) -> bool:
    """Whether the rest is only the summary of the search."""
    text = "\n".join(line for _, values in fields for line in values)
    return not {c for c, _ in fields} & SURE and bool(SUMMARY.search(text))
