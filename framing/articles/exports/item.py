"""What one article of an export is made into, and the checks all exports share."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from itertools import islice

from framing.articles.dates import Order, day_order, normalise_date
from framing.errors import InputError

LENGTH_TOLERANCE = 0.3
"""Share of the stated words by which an article may be off."""

LENGTH_FLOOR = 20
"""Words an article may be off in any case: some databases count headline and byline."""

WORDS = "words? wort w[oöo]e?rter mots? palabras? parole palavras? woorden"
STATED = re.compile(
    rf"(?P<n>\d{{1,3}}(?:[.,'\s]\d{{3}})+|\d{{1,7}})\s*(?:{WORDS.replace(' ', '|')})?",
    re.IGNORECASE,
)
SPACELESS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff]")
"""Letters of scripts that put no space between words."""


@dataclass(frozen=True, slots=True)
class ExportItem:
    """An article of an export, or the reason why it is none.

    Attributes
    ----------
    place
        Where it stands in its file, such as "article 3 of 10".
    title, source, text, doc_id
        As the export has them, "" where it has none.
    date
        ISO, or "" if it cannot be told; then `extra` has it as `date_written`.
    extra
        Every other field of the export: byline, section, language, length, subject,
        copyright, url and so on. `length_note` says that the text is much longer or
        shorter than the export's own word count.
    reason
        Why it cannot be read, "" if it is an article.
    """

    place: str
    title: str = ""
    source: str = ""
    date: str = ""
    text: str = ""
    doc_id: str = ""
    extra: dict[str, str] = field(default_factory=dict)
    reason: str = ""


OWN = {f.name for f in fields(ExportItem)}

MAX_ITEMS = 100_000
"""Articles of one file: databases export at most some thousand at once."""

FIELD_LIMIT = 20_000
"""Characters of one field besides the text; no field of an article is so long."""


def add_extra(extra: dict[str, str], name: str, value: str) -> None:
    """Add a field; one that comes again goes on a new line of the first."""
    value = value.strip()
    if name in OWN:
        name = f"{name}_field"
    old = extra.get(name, "")
    if value and len(old) <= FIELD_LIMIT and value not in old.split("\n"):
        extra[name] = f"{old}\n{value}" if old else value


def field_key(name: str) -> str:
    """Return the name of a field as a key: `Load-Date` is `load_date`."""
    return re.sub(r"\W+", "_", name.strip().casefold()).strip("_")


def finished(items: Iterable[ExportItem]) -> Iterator[ExportItem]:
    """Yield the items with ISO dates, notes on their length and reasons.

    They come in with the date as it is written: all dates of an export together
    tell whether the day or the month comes first.

    Raises
    ------
    InputError
        There are more than `MAX_ITEMS`.
    """
    found = list(islice(items, MAX_ITEMS + 1))
    check_number(len(found))
    order = day_order(item.date for item in found)
    for item in found:
        yield _checked(item, order)


def check_number(n: int) -> None:
    """Refuse an export of more than `MAX_ITEMS` articles."""
    if n > MAX_ITEMS:
        message = f"export of more than {MAX_ITEMS:,} articles. Split the file."
        raise InputError(message)


def _checked(item: ExportItem, order: Order) -> ExportItem:
    """Return an item with its date, the note on its length and its reason."""
    date = normalise_date(item.date, order)
    extra = dict(item.extra)
    if item.date and not date:
        add_extra(extra, "date_written", item.date)
    reason = item.reason
    if not reason and not item.text.strip():
        reason = "no text in the export"
    elif not reason and (note := length_note(item.text, extra.get("length", ""))):
        extra["length_note"] = note
    return replace(item, date=date, extra=extra, reason=reason)


def length_note(text: str, stated: str) -> str:
    """Return what to say if the text is far from the length that is stated, or ""."""
    said = stated_words(stated)
    read = len(text.split())
    if said is None or len(SPACELESS.findall(text)) > read:
        return ""
    if abs(said - read) <= max(LENGTH_FLOOR, LENGTH_TOLERANCE * said):
        return ""
    return f"the export says {said:,} words, {read:,} were read"


def stated_words(stated: str) -> int | None:
    """Return the number in "1,355 words", "1.355 Wörter" or "355"; else None."""
    match = STATED.fullmatch(stated.strip())
    return int(re.sub(r"\D", "", match["n"])) if match else None
