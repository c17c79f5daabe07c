"""Foreign text made fit for a page: the unseen is marked, addresses are checked."""

from urllib.parse import urlsplit

_CONTROLS = {
    i: "\ufffd"
    for i in (*range(0x20), *range(0x7F, 0xA0), *range(0xFDD0, 0xFDF0), 0xFFFE, 0xFFFF)
    if i not in (0x09, 0x0A)
}
_TURNS = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\ufffd")
_HALVES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
_MARKED = str.maketrans({**_CONTROLS, **_TURNS, **_HALVES})


def visible(text: str) -> str:
    """Return text of the same length with a mark for what is no character to read.

    Control characters, halves of characters, and the marks that turn the direction of
    writing (they could make a sentence read otherwise than it is) become U+FFFD.
    """
    return text.translate(_MARKED)


def shortened(text: str, limit: int) -> str:
    """Return text of at most `limit` characters, cut with an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def web_address(url: str) -> str:
    """Return an address if it is one of the web, else "" (`javascript:` is not)."""
    url = url.strip()
    if visible(url) != url or any(c in url for c in " \t\n<>\"'\\"):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.hostname else ""
