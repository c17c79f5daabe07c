"""Factiva's HTML, made the text that its other exports have."""

import re
from typing import Any

from framing.articles.exports.factiva_coded import KEYS
from framing.errors import InputError

ARTICLE = re.compile(r"""class\s*=\s*["']?article\s+[a-z]{2,4}Article\b""")
XPATH = "//*[starts-with(@class, 'article ') and contains(@class, 'Article')]"
UNSEEN = {"script", "style", "noscript"}
BLOCKS = {"p", "div", "td", "tr", "table", "br", "li", "h1", "h2", "h3", "pre"}


def recognises(head: str) -> bool:
    """Whether the source of a page has an article as Factiva marks it."""
    return "<" in head and bool(ARTICLE.search(head))


def as_text(source: str) -> str:
    """Return the articles as text with one field or one block a line.

    Articles are parted by form feeds.

    Raises
    ------
    InputError
        The page cannot be taken apart.
    """
    # Imported here: only HTML needs it.
    from lxml import etree, html

    source = re.sub(r"^\s*<\?xml[^>]*>", "", source.replace("\0", ""))
    try:
        page = html.document_fromstring(source.encode(), parser=_parser(html))
    except (etree.LxmlError, ValueError) as error:
        message = "not HTML that can be read. Export the articles again."
        raise InputError(message) from error
    return "\f".join(map(_article, page.xpath(XPATH)))


def _parser(html: Any) -> Any:
    """Return a parser that fetches nothing and keeps to UTF-8."""
    return html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True)


def _article(element: Any) -> str:
    """Return the lines of one article: its table of fields, or its blocks."""
    rows = [_row(row) for row in element.iter("tr")]
    coded = [row for row in rows if row]
    return "\n".join(coded) if coded else _blocks(element)


def _row(row: Any) -> str:
    """Return `HD|value` if the row of a table is a field, else ""."""
    cells = row.findall("td")
    code = "".join(cells[0].itertext()).strip() if len(cells) > 1 else ""
    if code not in KEYS:
        return ""
    value = "\n\n".join(_blocks(cell) for cell in cells[1:])
    return f"{code}|{value}"


def _blocks(element: Any) -> str:
    """Return the text of an element, each block in it on lines of its own."""
    pieces: list[str] = []
    for event, node in _walk(element):
        if event == "start" and node.tag in UNSEEN:
            continue
        if node is not element and node.tag in BLOCKS:
            pieces.append("\n\n")
        text = node.text if event == "start" else node.tail
        if text and (event == "start" or node is not element):
            pieces.append(re.sub(r"\s+", " ", text))
    lines = (line.strip() for line in "".join(pieces).split("\n"))
    return "\n\n".join(filter(None, lines))


def _walk(element: Any) -> Any:
    """Return the beginnings and ends of all elements, in order."""
    from lxml import etree

    return etree.iterwalk(element, events=("start", "end"))
