"""Sentence breaks by Punkt, decided as NLTK decides them but without NLTK.

NLTK trains the parameters (``tools/train_punkt.py``) and is the yardstick of the
tests; importing it costs two seconds and pulls in scikit-learn and pandas, so this
module decides alone. A decision depends only on a short context, the word before a
mark and what follows it, so each context is decided once and remembered.

References
----------
Kiss, T., & Strunk, J. (2006). Unsupervised multilingual sentence boundary
detection. Computational Linguistics 32(4), 485-525.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from types import MappingProxyType
from typing import TypeVar

from framing.native.marks import Marks, join_pair, make_marks

__all__ = ["Punkt", "PunktParams", "Rule"]

_T = TypeVar("_T", str, int)

_Break = tuple[int, int]

Rule = Callable[[str, str], bool | None]
"""Takes the word before a full stop and the token after it; None leaves it open."""

# NLTK compiles its patterns with the third-party `regex`, to which the four
# information separators are no white space; the classes below keep that.
_SPACE = r"[^\S\x1c-\x1f]"
_SOLID = r"[\S\x1c-\x1f]"
_NON_WORD = r"""[)";}\]*:@'({\[\u2018\u2019\u201c\u201d\xab\xbb?!]"""
_MULTI = rf"(?:-{{2,}}|\.{{2,}}|(?:\.{_SPACE}){{2,}}\.)"
_WORD_END = rf"(?:{_SPACE}|$|{_NON_WORD}|{_MULTI}"
_WORD_END += rf"|,(?=$|{_SPACE}|{_NON_WORD}|{_MULTI}))"
_TOKEN = re.compile(
    rf"""{_MULTI}|(?=[^("`{{\[:;&\#*@)}}\]\-,]){_SOLID}+?(?={_WORD_END})|{_SOLID}"""
)
_CANDIDATE = re.compile(rf"[.?!](?=({_NON_WORD}|{_SPACE}+({_SOLID}+)))")
_CLOSING = re.compile(
    rf"""["')\]}}\u2018\u2019\u201c\u201d\xab\xbb]+?(?:{_SPACE}+|(?=--)|$)""", re.M
)
_CLOSERS = frozenset("\"')]}\u2018\u2019\u201c\u201d\xab\xbb")
_ELLIPSIS = re.compile(r"\.\.+$")
_NUMERIC = re.compile(r"^-?[.,]?\d[\d,.-]*\.?$")
_NUMBER = "##number##"

# Bits of the orthographic context: case of a word by its place in the sentence.
_MID_UPPER = 1 << 2
_BEGIN_LOWER = 1 << 4
_ANY_UPPER = 1 << 1 | 1 << 2 | 1 << 3
_ANY_LOWER = 1 << 4 | 1 << 5 | 1 << 6

# 50,000 contexts are about what 50 MB of news meets; longer keys are freaks.
_MEMO_SIZE = 50_000
_MEMO_KEY = 80

# Texts of so many characters are scanned by the kernel, if there is one: for shorter
# ones the call costs more, and it counts in numbers of 32 bits.
_SHORT, _LONG = 400, 1 << 30


@dataclass(frozen=True, slots=True)
class PunktParams:
    """What Punkt has learnt about a language.

    Parameters
    ----------
    abbreviations : word types, lower case, without their last full stop.
    collocations : pairs of types that a full stop does not part.
    sentence_starters : types that often begin a sentence.
    ortho_context : type -> bits saying where it was met in which case.
    """

    abbreviations: frozenset[str]
    collocations: frozenset[tuple[str, str]]
    sentence_starters: frozenset[str]
    ortho_context: Mapping[str, int]

    @classmethod
    def from_json(cls, content: str) -> PunktParams:
        """Return the parameters written in a JSON text.

        Raises
        ------
        ValueError : `content` is no JSON, or lacks or garbles one of the four parts.
        """
        try:
            data = json.loads(content)
            ortho = {k: _checked(v, int) for k, v in data["ortho"].items()}
            return cls(
                frozenset(_checked(a, str) for a in data["abbreviations"]),
                frozenset(
                    (_checked(a, str), _checked(b, str))
                    for a, b in data["collocations"]
                ),
                frozenset(_checked(s, str) for s in data["starters"]),
                MappingProxyType(ortho),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            message = (
                f"Punkt parameters are damaged ({type(error).__name__}: {error}). "
                "Write them anew with tools/train_punkt.py."
            )
            raise ValueError(message) from error


class Punkt:
    """Splits text into sentences with given parameters.

    Parameters
    ----------
    params : the trained parameters.
    rule : asked before the statistics about a full stop that follows a known
        abbreviation, a watched word or anything else than a plain word. Where white
        space follows it may decide on words whose last part (behind a hyphen, dash or
        slash, without opening brackets and quotes) is watched, an initial or holds a
        full stop; of all else it has to return None.
    watch : further words, lower case, about which the rule wants to be asked.

    Notes
    -----
    Without a rule, `spans` equals ``PunktSentenceTokenizer(params).span_tokenize``
    of NLTK 3.10 on every text of characters that both Unicode tables know.
    """

    def __init__(
        self,
        params: PunktParams,
        *,
        rule: Rule | None = None,
        watch: frozenset[str] = frozenset(),
    ) -> None:
        self._params = params
        self._rule = rule
        first_words = {first for first, _ in params.collocations}
        self._watch = watch
        self._not_plain = params.abbreviations | first_words | watch
        self._memo: dict[str, bool] = {}

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return `(start, end)` of each sentence; closing quotes stay with theirs."""
        [spans] = self.spans_within(text, [(0, len(text))])
        return spans

    def spans_within(
        self, text: str, ranges: Sequence[tuple[int, int]]
    ) -> list[list[tuple[int, int]]]:
        """Return the sentences of each range of a text, as if it stood alone.

        Places count from the beginning of the range.
        """
        if self._marks and _SHORT <= len(text) < _LONG:
            return self._marks.split(text, ranges)
        bodies = [text[start:end] for start, end in ranges]
        return [_join(body, self._breaks(body)) for body in bodies]

    @cached_property
    def _marks(self) -> Marks | None:
        """What splits faster than a pattern does, if there is a kernel."""
        params = self._params
        words = {
            "not_plain": [word for word in self._not_plain if word.isascii()],
            "watched": self._watch,
            "abbreviations": params.abbreviations,
            "collocations": [join_pair(*pair) for pair in params.collocations],
            "starters": params.sentence_starters,
        }
        decide, has_rule = self._know, self._rule is not None
        return make_marks(words, params.ortho_context, decide, has_rule=has_rule)

    def _breaks(self, text: str) -> list[_Break]:
        """Return where a sentence ends and where the next one begins."""
        flat = text
        for blank in "\t\n\r\x0b\x0c":
            flat = flat.replace(blank, " ")
        breaks = []
        previous = None
        start = stop = 0
        for match in _CANDIDATE.finditer(text):
            here = match.start()
            space = flat.rfind(" ", stop, here)
            word = space + 1 if space > stop else start
            # Of several marks on one word ("What?!") only the last one counts.
            if previous and word >= stop and self._decide(text[start:stop], previous):
                breaks.append(_break_at(previous))
            previous, start, stop = match, word, here
        if previous and self._decide(text[start:stop], previous):
            breaks.append(_break_at(previous))
        return breaks

    def _decide(self, word: str, match: re.Match[str]) -> bool:
        """Return whether the mark after a word ends the sentence."""
        mark, after = match[0], match[1]
        # Three in four: plain word, full stop, white space, something solid.
        if (
            mark == "."
            and len(after) > 1
            and word.isalpha()
            and word.isascii()
            and len(word) > 1
            and after[-1] > "\x1f"
            and word.lower() not in self._not_plain
        ):
            return True
        return self._know(word, mark, after)

    def _know(self, word: str, mark: str, after: str) -> bool:
        """Return the decision on one context, remembered if it was met before."""
        context = word + mark + after
        known = self._memo.get(context)
        if known is None:
            known = self._judge(word, mark, after)
            if len(context) <= _MEMO_KEY:
                if len(self._memo) >= _MEMO_SIZE:
                    self._memo.clear()
                self._memo[context] = known
        return known

    def _judge(self, word: str, mark: str, after: str) -> bool:
        """Return the decision on one context, by the rule or by the statistics."""
        if self._rule and mark == ".":
            ruled = self._rule(word, after)
            if ruled is not None:
                return ruled
        lines = (word + mark + after).split("\n")
        tokens = [t for line in lines if line.strip() for t in _TOKEN.findall(line)]
        return any(map(self._parts, tokens, tokens[1:]))

    def _parts(self, token: str, following: str) -> bool:
        """Return whether a sentence ends between two neighbouring tokens."""
        kind = self._first_look(token)
        if not token.endswith("."):
            return kind == "break"
        type_ = _without_stop(_type(token))
        next_type = _type(following)
        if self._first_look(following) == "break":
            next_type = _without_stop(next_type)
        if (type_, next_type) in self._params.collocations:
            return False
        initial = len(token) == 2 and _is_letter(token[0])
        context = self._params.ortho_context.get(next_type, 0)
        starts = _starts_sentence(following, context)
        if kind in ("abbreviation", "ellipsis") and not initial:
            starter = next_type in self._params.sentence_starters
            return bool(starts) or (starter and following[0].isupper())
        if initial or type_ == _NUMBER:
            unseen_lower = following[0].isupper() and not context & _ANY_LOWER
            if starts is False or (starts is None and initial and unseen_lower):
                return False
        return kind == "break"

    def _first_look(self, token: str) -> str:
        """Return what a token is by itself: break, abbreviation, ellipsis, nothing."""
        if token in (".", "?", "!"):
            return "break"
        if _ELLIPSIS.match(token):
            return "ellipsis"
        if token.endswith(".") and not token.endswith(".."):
            word = token[:-1].lower()
            known = self._params.abbreviations
            if word in known or word.split("-")[-1] in known:
                return "abbreviation"
            return "break"
        return ""


def _break_at(match: re.Match[str]) -> _Break:
    """Return where a sentence ends at a mark and where the next one begins."""
    return match.end(), match.start(2) if match[2] else match.end()


def _join(text: str, breaks: Sequence[_Break]) -> list[tuple[int, int]]:
    """Return the sentences between breaks; closing quotes stay with theirs."""
    spans = []
    start = moved = 0
    ends = [end for end, _ in breaks[1:]]
    for (end, after), after_end in zip_longest(breaks, ends):
        start += moved
        moved = 0
        closing = None
        if text[after : after + 1] in _CLOSERS:
            after_end = len(text.rstrip()) if after_end is None else after_end
            closing = _CLOSING.match(text, after, after_end)
        if closing:
            spans.append((start, after + len(closing[0].rstrip())))
            moved = len(closing[0])
        elif start < end:
            spans.append((start, end))
        start = after
    start, end = start + moved, len(text.rstrip())
    if start < end:
        spans.append((start, end))
    return spans


def _checked(value: object, kind: type[_T]) -> _T:
    """Return the value if it is of the kind."""
    if not isinstance(value, kind):
        message = f"{value!r} where a {kind.__name__} belongs"
        raise TypeError(message)
    return value


def _type(token: str) -> str:
    """Return the token as the statistics count it."""
    return _NUMERIC.sub(_NUMBER, token.lower())


def _without_stop(type_: str) -> str:
    """Return a type without its last full stop."""
    return type_[:-1] if len(type_) > 1 and type_[-1] == "." else type_


def _starts_sentence(token: str, context: int) -> bool | None:
    """Return whether the token's case shows that it begins a sentence; None: unsure."""
    if token in (";", ":", ",", ".", "!", "?"):
        return False
    if token[0].isupper() and context & _ANY_LOWER and not context & _MID_UPPER:
        return True
    if token[0].islower() and (context & _ANY_UPPER or not context & _BEGIN_LOWER):
        return False
    return None


def _is_letter(char: str) -> bool:
    r"""Return whether `regex` (the engine NLTK uses) matches `[^\W\d]`."""
    category = unicodedata.category(char)
    return (
        category[0] in "LM"
        or category in ("Pc", "Nl")
        or char in "\u200c\u200d"
        # Circled and squared letters: symbols to `re`, alphabetic to Unicode.
        or "\u24b6" <= char <= "\u24e9"
        or "\U0001f130" <= char <= "\U0001f149"
        or "\U0001f150" <= char <= "\U0001f169"
        or "\U0001f170" <= char <= "\U0001f189"
    )
