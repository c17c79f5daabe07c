"""In which language an article is: enough to leave out what a model cannot read.

Most articles are in the language of the codebook. English ones are known by a few
words, without loading the model of py3langid, which costs 0.6 seconds and 80 MB.

References
----------
Lui, M., & Baldwin, T. (2012). langid.py: An off-the-shelf language identification
tool. ACL 2012 System Demonstrations, 25-30.
"""

from __future__ import annotations

import re
from functools import cache
from tempfile import gettempdir
from typing import Any

from framing.errors import StorageError

__all__ = ["forget_languages", "knows_language", "other_language"]

# So much of an article is looked at: 600 news articles in English had all a confidence
# above 0.999 in their first 1,000 characters.
_LOOKED_AT = 1_000
# Of fewer characters ("Ok.") nobody can tell.
_TOO_SHORT = 50
_CONFIDENCE = 0.9

# Frequent words that no other language writes in that way often. Many different ones in
# a text of some length, and the model need not be asked.
_FREQUENT = (
    "the and that with from this were have been which their would but they its about "
    "has will who said when there what than by are between because could should before "
    "against every those your our you did other year years people next says only does "
    "being through such each both many then them she his where how while without during"
)
_ENGLISH = frozenset(_FREQUENT.split())
_ENGLISH_WORDS = 5
_ENGLISH_SHARE = 0.05
_WORD = re.compile(r"[^\W\d_]+")

# To the model these are languages; here an article in one may be in any of its group.
_KIN = (
    frozenset(("en", "pcm")),
    frozenset(("no", "nn", "nb", "da")),
    frozenset(("sr", "hr", "bs")),
    frozenset(("id", "ms")),
    frozenset(("zh", "yue", "wuu")),
    frozenset(("ar", "ary", "arz")),
    frozenset(("uz", "uzs")),
)
_NO_LANGUAGE = "zxx"


def other_language(text: str, expected: str) -> str:
    """Return the language of a text if it plainly is not the expected one, else "".

    Only the first 1,000 characters are looked at. A text of fewer than 50 characters
    is taken to be as expected, and so is any if the model is not sure or does not know
    the expected language.

    Parameters
    ----------
    expected : str
        An ISO 639 code; what follows a hyphen ("en-GB") does not matter.

    Examples
    --------
    >>> other_language("Der Minister sagte am Montag, dass niemand kommen wird.", "en")
    'de'
    >>> other_language("Nobody came, and the minister said that it was late.", "en")
    ''
    """
    head = " ".join(text[:_LOOKED_AT].split())
    if len(head) < _TOO_SHORT:
        return ""
    code = _primary(expected)
    if code == "en" and _plainly_english(head):
        return ""
    if not knows_language(expected):
        return ""
    found, confidence = _identifier().classify(head)
    if confidence < _CONFIDENCE or found in (code, _NO_LANGUAGE):
        return ""
    return "" if any({code, found} <= kin for kin in _KIN) else str(found)


def knows_language(code: str) -> bool:
    """Return whether articles in other languages than this can be told."""
    return _primary(code) == "en" or _primary(code) in _identifier().labels


def forget_languages() -> None:
    """Give up the model of languages, of 70 MB; it is loaded anew when it is needed."""
    _identifier.cache_clear()


def _primary(code: str) -> str:
    """Return the language of a code without country or script."""
    return re.split("[-_]", code.strip().casefold())[0]


def _plainly_english(text: str) -> bool:
    """Return whether enough of the words are ones that only English has."""
    words = _WORD.findall(text.casefold())
    found = [word for word in words if word in _ENGLISH]
    enough = len(found) >= _ENGLISH_SHARE * len(words)
    return enough and len(set(found)) >= _ENGLISH_WORDS


@cache
def _identifier() -> Any:
    """Return the model of all languages that py3langid knows."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    try:
        return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    except OSError as error:  # it is unpacked among the temporary files
        reason = error.strerror or str(error)
        msg = f"{gettempdir()}: not written ({reason}). Make room, or set TMPDIR."
        raise StorageError(msg) from error
