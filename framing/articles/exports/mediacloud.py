"""Media Cloud: a list of articles without their texts, joined with the texts.

Its CSV has one row for each article, with id, url, outlet, title and date, and no
text. The texts come from elsewhere; an article belongs to the row that has its url
or, failing that, its id.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from urllib.parse import parse_qsl, urlencode, urlsplit

from framing.articles.columns import ALIASES, plain_name
from framing.articles.exports.item import ExportItem, add_extra, finished
from framing.records import Article

KEYS = {"indexeddate": "indexed_date", "mediaurl": "media_url"}
"""Our names of what goes into `extra` under another name than `plain_name` gives."""

COLUMNS = {"id", "medianame", "publishdate", "title", "url"}
"""Columns that every content export has, as `plain_name` writes them."""

NO_TEXT = (
    "a Media Cloud list, which has no article text. Give the texts by --text-from "
    "DIR|FILE: files named by id, or a table with the column url or id."
)
"""What to say of a file that comes without texts."""

HEADER_LIMIT = 10_000
URL_NAMES = {"url", "link", "documenturl", "articleurl"}
TRACKING = re.compile(r"utm_\w+|fbclid|gclid|mc_[ce]id", re.IGNORECASE)


def recognises(head: str) -> bool:
    """Whether the first line is the header of Media Cloud's CSV."""
    first = re.split(r"[\r\n]", head.lstrip("\ufeff\r\n")[:HEADER_LIMIT], maxsplit=1)
    try:
        columns = next(csv.reader(first[:1]), [])
    except csv.Error:
        return False
    return is_list(columns)


def is_list(columns: Iterable[str]) -> bool:
    """Whether a table with these columns is Media Cloud's list, without texts."""
    names = {plain_name(column.strip()) for column in columns}
    return names >= COLUMNS and not names & set(ALIASES["text"].split())


@dataclass(slots=True)
class _Row:
    """A row of the export and the text it was given."""

    place: str
    values: dict[str, str]
    digest: bytes = b""
    same_url: str = ""


@dataclass(slots=True)
class _Rows:
    """The rows of an export, found by url and by id."""

    rows: list[_Row] = field(default_factory=list)
    by_url: dict[str, _Row] = field(default_factory=dict)
    by_id: dict[str, _Row] = field(default_factory=dict)


def join_texts(
    rows: Iterable[tuple[str, Mapping[str, str]]], texts: Iterable[Article]
) -> Iterator[ExportItem]:
    """Yield the articles of an export with their texts.

    Only the rows are held in memory; the texts stream through.

    Parameters
    ----------
    rows
        Place and values by column of each row of the export, in their order.
    texts
        Articles as any reader yields them. Their url is looked for among `extra`;
        their id is their `doc_id`, or the last part of it (the name of the file).

    Yields
    ------
    ExportItem
        Title, outlet, date and id of the row, text of the article; in the order of
        the texts. An item with a reason for each text without a row, at its place,
        and in the end for each row without a text.
    """
    known = _index(rows)
    yield from _matched(known, texts)
    for row in known.rows:
        if row.same_url:
            yield ExportItem(row.place, reason=f"same url as {row.same_url}")
        elif not row.digest:
            yield ExportItem(row.place, reason="no text with its url or id")


def _index(rows: Iterable[tuple[str, Mapping[str, str]]]) -> _Rows:
    """Return the rows by url and id; the first one of a url stands for it."""
    known = _Rows()
    for place, values in rows:
        plain = {plain_name(k): (v or "").strip() for k, v in values.items()}
        row = _Row(place, plain)
        url = plain_url(plain.get("url", ""))
        if url in known.by_url:
            row.same_url = known.by_url[url].place
        elif url:
            known.by_url[url] = row
        if plain.get("id"):
            known.by_id.setdefault(plain["id"], row)
        known.rows.append(row)
    return known


def _matched(known: _Rows, texts: Iterable[Article]) -> Iterator[ExportItem]:
    """Yield an item for each text."""
    for article in texts:
        row = _row_of(article, known)
        digest = blake2b(article.text.encode("utf-8", "replace")).digest()
        if row is None:
            reason = "its url and id are not in the Media Cloud file"
            yield ExportItem(article.where, reason=reason)
        elif row.digest:
            same = "same text again" if row.digest == digest else "a second text"
            yield ExportItem(article.where, reason=f"{same} for {row.place}")
        else:
            row.digest = digest
            yield from finished([_item(row, article)])


def _row_of(article: Article, known: _Rows) -> _Row | None:
    """Return the row of a text: the one with its url, or else with its id."""
    for name, value in article.extra.items():
        if plain_name(name) in URL_NAMES and (
            row := known.by_url.get(plain_url(str(value)))
        ):
            return row
    last = article.doc_id.rsplit("/", 1)[-1]
    by_id = known.by_id.get(article.doc_id) or known.by_id.get(last)
    return by_id or known.by_url.get(plain_url(article.doc_id))


def _item(row: _Row, article: Article) -> ExportItem:
    """Return the article of a row that has its text."""
    values = dict(row.values)
    taken = {
        "doc_id": values.pop("id", ""),
        "title": values.pop("title", "") or article.title,
        "source": values.pop("medianame", "") or article.source,
        "date": values.pop("publishdate", "") or article.date,
    }
    extra: dict[str, str] = {}
    for name, value in values.items():
        add_extra(extra, KEYS.get(name, name), value)
    return ExportItem(row.place, text=article.text, extra=extra, **taken)


def plain_url(url: str) -> str:
    """Return what two spellings of one address have in common.

    Scheme, `www.`, a last `/`, the part behind `#` and the parameters that only
    count visitors are dropped.

    Examples
    --------
    >>> plain_url("http://www.Paper.com/a/?utm_source=x#top")
    'paper.com/a'
    """
    try:
        parts = urlsplit(url.strip())
        kept = [p for p in parse_qsl(parts.query, True) if not TRACKING.fullmatch(p[0])]
    except ValueError:
        return url.strip()
    if not parts.netloc:
        return ""
    query = f"?{urlencode(kept)}" if kept else ""
    host = parts.netloc.lower().removeprefix("www.")
    return f"{host}{parts.path.rstrip('/')}{query}"
