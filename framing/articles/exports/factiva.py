"""Exports of Factiva: text (of RTF too) with two-letter fields or without, and HTML.

Without the fields (a display other than "Full Article/Report plus Indexing") the
order of the lines tells what they are; what it leaves open is kept as `head`.
"""

import re
from collections.abc import Iterator

from framing.articles.exports import factiva_coded, factiva_html, factiva_plain
from framing.articles.exports.item import ExportItem, finished
from framing.articles.exports.prose import plain_lines

PAGE = re.compile(
    r"\s*(?:(?:page|seite) \d+ (?:of|von|de) \d+\b.{0,80}|(?:page \d+\s+)?© \d{4} "
    r"Factiva, Inc\..{0,60})",
    re.I,
)


def recognises(head: str) -> bool:
    """Whether a text that begins so is an export of Factiva."""
    if factiva_html.recognises(head):
        return True
    lines = plain_lines(head)
    return factiva_coded.recognises(lines) or factiva_plain.recognises(lines)


def parse(text: str) -> Iterator[ExportItem]:
    """Yield the articles of an export of Factiva, also those that cannot be read.

    Raises
    ------
    InputError
        It is a page of HTML that cannot be taken apart.
    """
    pages = [_lines(page) for page in _pages(text)]
    lines = [line for page in pages for line in page]
    reader = factiva_coded if factiva_coded.recognises(lines) else factiva_plain
    articles = [article for page in pages for article in reader.articles(page)]
    yield from finished(
        reader.item(f"article {number} of {len(articles)}", article)
        for number, article in enumerate(articles, 1)
    )


def announced(text: str) -> int | None:
    """Return None: Factiva tells how many articles a search found, not the file."""
    return None


def _pages(text: str) -> list[str]:
    """Return the parts between form feeds; an article does not go beyond one."""
    if factiva_html.recognises(text):
        text = factiva_html.as_text(text)
    return text.split("\f")


def _lines(page: str) -> list[str]:
    """Return the lines without those that number the pages."""
    return [line for line in plain_lines(page) if not PAGE.fullmatch(line)]
