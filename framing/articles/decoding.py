"""From bytes to text: which encoding, is it text at all, and what to advise.

Nothing is ever decoded with replacement characters: a wrong character in a
sentence would be coded like a right one.
"""

import codecs
import re
from typing import NamedTuple

from framing.errors import InputError, shown

MAGIC = {
    b"%PDF": "PDF",
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG": "PNG",
    b"GIF8": "GIF",
    b"\xd0\xcf\x11\xe0": "old Office document",
    b"{\\rtf": "RTF",
    b"\x1f\x8b": "gzip",
    b"PAR1": "Parquet",
    b"SQLite format 3": "SQLite",
}
"""First bytes of the formats that turn up under a wrong suffix."""

SURROGATE = re.compile("[\ud800-\udfff]")
LONE_SURROGATE = "lone surrogate, not a character"


class Encoding(NamedTuple):
    """An encoding, and whether the user named it."""

    name: str
    given: bool

    @property
    def is_wide(self) -> bool:
        """Whether zero bytes are normal in it."""
        return codecs.lookup(self.name).name.startswith(("utf-16", "utf-32"))


def check_encoding(name: str) -> None:
    """Raise InputError unless `name` is empty or that of a text encoding."""
    if not name:
        return
    try:
        # Codecs of other things (hex, idna) cannot replace a wrong byte.
        b"\xff".decode(name, "replace")
    except (LookupError, ValueError) as error:
        message = (
            f"--encoding {shown(name)}: no such text encoding. "
            "Use a name such as utf-8, cp1252, cp1251 or utf-16."
        )
        raise InputError(message) from error


def choose_encoding(head: bytes, given: str) -> Encoding:
    """Return the user's encoding, else that of the byte order mark, else UTF-8.

    The mark itself stays in the text. UTF-32 is asked first, because its mark
    begins with that of UTF-16.
    """
    if given:
        return Encoding(given, given=True)
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return Encoding("utf-32", given=False)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Encoding("utf-16", given=False)
    return Encoding("utf-8", given=False)


def why_not_text(data: bytes, encoding: Encoding) -> str:
    """Return why these first bytes of a file are no text, or ""."""
    if not data:
        return "empty"
    if data.startswith(b"PK\x03\x04"):
        return f"not text ({_zip_kind(data)})"
    for magic, name in MAGIC.items():
        if data.startswith(magic):
            return f"not text ({name})"
    return ""


def why_binary(data: bytes, encoding: Encoding) -> str:
    """Return what zero bytes in a text mean, or "" if there are none."""
    if encoding.is_wide or b"\0" not in data:
        return ""
    if wide := _looks_wide(data[:4096]):
        return f"looks like UTF-16 without BOM, use --encoding {wide}"
    return f"binary data at byte {data.index(0)}"


def decode(data: bytes, encoding: Encoding) -> str:
    """Return the text of a whole file, without byte order mark.

    Raises
    ------
    ValueError
        It is not in this encoding; the text says from which byte on, and which
        encoding would do.
    """
    try:
        return data.decode(encoding.name).removeprefix("\ufeff")
    except UnicodeError as error:
        at = error.start if isinstance(error, UnicodeDecodeError) else 0
        raise ValueError(_not_in(encoding, f"at byte {at}", data)) from error


def why_not_decoded(text: str, encoding: Encoding) -> str:
    """Return what is wrong with bytes that came through as surrogates, or "".

    Lines of a table are decoded with `surrogateescape`, so that one bad line
    costs one line and not the file.
    """
    match = SURROGATE.search(text)
    if match is None:
        return ""
    byte = ord(match[0]) - 0xDC00
    if not 0x80 <= byte <= 0xFF:
        return LONE_SURROGATE
    data = b"" if encoding.given else text.encode("utf-8", "surrogateescape")
    return _not_in(encoding, f"(byte 0x{byte:02x})", data)


def _not_in(encoding: Encoding, at: str, data: bytes) -> str:
    """Return the sentence about a wrong encoding, with a guess where one helps."""
    if encoding.given:
        return f"not {shown(encoding.name)} {at}; name another with --encoding"
    trouble = f"not {encoding.name.upper()} {at}"
    if encoding.name == "utf-8" and (guess := _guess(data)):
        return f"{trouble}; {guess} would read it: use --encoding {guess}"
    return f"{trouble}; name its encoding with --encoding"


def _guess(data: bytes) -> str:
    """Return cp1251 for mostly high letters (Cyrillic), else cp1252 if it fits.

    Western text has accents here and there among ASCII letters, Cyrillic text
    hardly an ASCII letter.
    """
    n_high = sum(byte >= 0xC0 for byte in data)
    n_ascii = sum(byte < 0x80 and chr(byte).isalpha() for byte in data)
    for name in ("cp1251",) if n_high > n_ascii else ("cp1252", "latin-1"):
        try:
            data.decode(name)
        except UnicodeDecodeError:
            continue
        return name
    return ""


def _looks_wide(head: bytes) -> str:
    """Return the UTF-16 variant if every second byte is zero, as in English text."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > 0.4 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.1 * half:
        return "utf-16-be"
    return ""


def _zip_kind(head: bytes) -> str:
    """Return which of the formats that live in a zip this is."""
    for mark, name in ((b"word/", "Word"), (b"xl/", "Excel"), (b"content.xml", "ODF")):
        if mark in head:
            return f"{name} document"
    return "zip archive"
