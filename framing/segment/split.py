"""Articles become sentences with exact offsets, each marked by its kind.

Lines first: a line break parts sentences, unless the text is hard-wrapped. What is
no sentence (headings, captions, web debris, repeated lines) is marked. Punkt splits
the rest, helped by rules for the abbreviations of the news, which the statistics of a
small corpus cannot know ("the U.S. The" ends a sentence, "the U.S. Army" does not).
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from framing.records import Kind, Span
from framing.segment.debris import BULLET, debris_kind, is_closing, looks_like_heading
from framing.segment.punkt import Punkt, PunktParams

_Range = tuple[int, int]

# Greedy wrapping leaves no room for the next line's first word; this many columns are
# allowed for ragged wrapping, and so many columns make a line too long to be wrapped.
_SLACK = 12
_NARROWEST, _WIDEST = 40, 100
_MID_SENTENCE = re.compile(r"""[^.?!:…"”’)\]]$""")

# The quote comes first in the pattern, what stands before it last, and each kind of
# quote has a pattern: much faster.
_OPENINGS = [
    (quote, re.compile(rf"{quote}(?=\w)(?<![^\s(\[\u2014\u2013-]{quote})"))
    for quote in "\"'"
]
# Before a small letter these do not end a sentence.
_LOOSE_END = re.compile(r"""(?:[?!…]|\.\s?\.|[.?!…]["')\]”’»]+)$""")
_ENUMERATOR = re.compile(r"\(?(?:\d{1,3}|[A-Za-z]|[ivx]{1,4})[.)]$")
_SOLID = re.compile(r"\S")
_WORD = re.compile(r"[^\W_]")
_WORDS = re.compile(r"\w+")
_BREAK = re.compile("\r\n|[\n\r]")
_INITIALS = re.compile(r"(?:[A-Z]\.)*[A-Z]")
# A word as a sentence may begin with it, neither an initial nor half a compound.
_NEXT_WORD = re.compile(r"[^\W\d_]++(?!-\w|(?<=\b\w)\.)")
_SPACED_DOTS = re.compile(r"\.(?: \.)+")
_WORDS = re.compile(r"\w+")
_FIRST_WORDS = re.compile(r"(\w+)(?:\W+(\w+)(?:\W+(\w+))?)?")
_REPEATED_WORDS = 4
# So many lines on its author an article may have at its foot.
_CLOSING_LINES = 4
# So many marks more than the title may its repetition have.
_TITLE_MARKS = 4


def split_sentences(text: str, *, title: str = "") -> list[Span]:
    """Return the sentences of an article, and all else in it, in reading order.

    Every character that is no white space lies in exactly one span.

    Parameters
    ----------
    text : the article, with any line ends.
    title : its headline if known; where the text says it again, that is a repeat.

    Returns
    -------
    list of Span, empty for a blank text. `kind` is "sentence", "heading", "caption",
    "debris" (remains of the web page) or "repeat" (a line met before, or the title).
    """
    lines = _paragraphs(text)
    titles = _title_keys(title)
    looks = {_look(key) for key in titles}
    longest = len(title) + _TITLE_MARKS if titles else 0
    kinds = _kinds(text, lines, titles)
    whole = [kind not in ("sentence", "repeat") for kind in kinds]
    prose = [line for line, is_whole in zip(lines, whole, strict=True) if not is_whole]
    split = iter(_split_all(text, prose))
    spans = []
    for (start, end), kind, is_whole in zip(lines, kinds, whole, strict=True):
        if is_whole:
            spans.append(Span(start, end, kind))
            continue
        ranges = next(split)
        if kind == "repeat" or len(ranges) == 1:
            # What fits a line of one sentence was found when it was a line.
            spans.extend(Span(first, last, kind) for first, last in ranges)
            continue
        for first, last in ranges:
            part = text[first:last]
            own: Kind = debris_kind(part, is_line=False) or "sentence"
            if own == "sentence" and len(part) <= longest and _look(part) in looks:
                own = "repeat" if _key(part) in titles else own
            spans.append(Span(first, last, own))
    return spans


def _title_keys(title: str) -> set[str]:
    """Return the keys of a title, with and without the name of its outlet."""
    return {_key(title), _key(re.split(r" [|–—-] ", title)[0])} - {""}


def _paragraphs(text: str) -> list[_Range]:
    """Return the lines of a text, those that hard wrapping cut in one piece."""
    lines: list[_Range] = []
    at = 0
    for line in text.splitlines(keepends=True):
        bare = line.strip()
        if bare:
            start = at + len(line) - len(line.lstrip())
            lines.append((start, start + len(bare)))
        at += len(line)
    pairs = [
        i for i in range(1, len(lines)) if _adjoin(text, lines[i - 1][1], lines[i][0])
    ]
    width = _wrap_width(text, lines, pairs)
    if not width:
        return lines
    wrapped = set(pairs)
    joined: list[_Range] = []
    for i, (start, end) in enumerate(lines):
        if i in wrapped and _goes_on_below(text, lines[i - 1], lines[i], width):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _adjoin(text: str, end: int, start: int) -> bool:
    """Return whether a single line break lies between two lines."""
    gap = text[end:start]
    if gap == "\n" or gap == "\n\n":
        return len(gap) == 1
    return len(re.findall("\r\n|[\n\r]", gap)) == 1


def _is_full(text: str, line: _Range, following: _Range, width: int) -> bool:
    """Return whether a line has no room for the first word of the following one."""
    word = text[following[0] : following[1]].split(maxsplit=1)[0]
    return line[1] - line[0] + 1 + len(word) > width - _SLACK


def _goes_on_below(text: str, line: _Range, following: _Range, width: int) -> bool:
    """Return whether a wrapped line goes on in the following one."""
    # A dash at the head of a line is a bullet only where a sentence is not open.
    dashed = BULLET.match(text, following[0])
    is_open = _MID_SENTENCE.search(text, *line)
    return _is_full(text, line, following, width) and bool(is_open or not dashed)


def _wrap_width(text: str, lines: Sequence[_Range], pairs: Sequence[int]) -> int:
    """Return the width to which a text is wrapped, 0 if it is not.

    It is if there are three or more single line breaks, no line is too long, and of
    the lines before a break four in five are full and half stop mid-sentence.
    """
    if len(pairs) < 3:
        return 0
    before = [lines[i - 1] for i in pairs]
    width = max(end - start for start, end in before)
    if not _NARROWEST <= width <= _WIDEST:
        return 0
    full = sum(_is_full(text, lines[i - 1], lines[i], width) for i in pairs)
    mid = sum(bool(_MID_SENTENCE.search(text, s, e)) for s, e in before)
    return width if full >= 0.8 * len(pairs) and mid >= 0.5 * len(pairs) else 0


def _kinds(text: str, lines: Sequence[_Range], titles: set[str]) -> list[Kind]:
    """Return the kind of every line; "sentence" for prose that is still to be split."""
    contents = [text[start:end] for start, end in lines]
    keys = _comparable(contents, titles)
    kinds: list[Kind] = [debris_kind(x, is_line=True) or "sentence" for x in contents]
    prose = [i for i, kind in enumerate(kinds) if kind == "sentence"]
    headings = {i for i in prose if looks_like_heading(contents[i])}
    # A heading heads something: a text that is mostly such lines has lost its full
    # stops, or is a headline itself.
    if 2 * sum(len(contents[i]) for i in headings) > sum(map(len, contents)):
        headings = set()
    seen: set[str] = set()
    for i in prose:
        key = keys.get(i, "")
        # A short line may come twice by chance ("He refused."), but not as a heading.
        long = i in headings or len(key.split()) >= _REPEATED_WORDS
        if key and (key in titles or (key in seen and long)):
            kinds[i] = "repeat"
        elif i in headings:
            kinds[i] = "debris" if _is_trail(contents, i, titles) else "heading"
        seen.add(key)
    _mark_closing(contents, kinds)
    return kinds


def _is_trail(contents: Sequence[str], i: int, titles: set[str]) -> bool:
    """Return whether a line is a trail of links that ends in a headline."""
    key = _key(contents[i])
    if not key.startswith("home "):
        return False
    keys = {_key(content) for content in contents}
    long_keys = titles | {k for k in keys if len(k.split()) >= _REPEATED_WORDS}
    return any(key.endswith(" " + other) for other in long_keys)


def _mark_closing(contents: Sequence[str], kinds: list[Kind]) -> None:
    """Mark what is said of the author or the page below the last sentence."""
    left = _CLOSING_LINES
    for i in range(len(kinds) - 1, 0, -1):
        if kinds[i] != "sentence":
            continue
        if not left or "sentence" not in kinds[:i] or not is_closing(contents[i]):
            return
        kinds[i] = "debris"
        left -= 1


def _comparable(contents: Sequence[str], titles: set[str]) -> Mapping[int, str]:
    """Return the keys of lines that may equal another line or a title."""
    looks = [_look(content) for content in contents]
    counts = Counter(looks)
    counts.update({_look(title) for title in titles})
    return {i: _key(contents[i]) for i, look in enumerate(looks) if counts[look] > 1}


def _look(line: str) -> str:
    """Return the first words of a line, which its key begins with too."""
    words = _FIRST_WORDS.search(line)
    return " ".join(words.groups("")).casefold() if words else ""


def _key(line: str) -> str:
    """Return a line without case, punctuation and white space of its own."""
    return " ".join(_WORDS.findall(line)).casefold()


def _plain(text: str) -> str:
    """Return a text of equal length in which quotes and dots are as Punkt knows them.

    To Punkt an opening quote is part of its word, which hides abbreviations ("“Mr.")
    and capitals; it becomes a blank. An ellipsis in one character or with spaces
    becomes a mark.
    """
    if not text.isascii():
        for old, new in zip("“”„«‘’…", " \"  ''!", strict=True):
            text = text.replace(old, new)
    text = text.replace(".'s ", ".ss ")
    if ". ." in text:
        text = _SPACED_DOTS.sub(lambda dots: "!".rjust(len(dots[0])), text)
    for quote, opening in _OPENINGS:
        text = opening.sub(" ", text) if quote in text else text
    return text


def _split_all(text: str, lines: Sequence[_Range]) -> list[list[_Range]]:
    """Return the sentences of each paragraph of a text."""
    language, plain = _language(), _plain(text)
    quoted = [match.end() for match in language.quoted_end.finditer(plain)]
    split = language.punkt.spans_within(plain, lines)
    found = []
    for line, spans in zip(lines, split, strict=True):
        start, end = line
        ends = [start + last for _, last in spans]
        own = quoted[bisect(quoted, start) : bisect(quoted, end)]
        if own:
            ends = sorted({*ends, *own})
        found.append([line] if ends == [end] else _join(text, line, ends))
    return found


def _join(text: str, line: _Range, ends: Sequence[int]) -> list[_Range]:
    """Return the sentences of a paragraph that may end at some places."""
    sentences: list[_Range] = []
    first, end = line
    word = _WORD.search(text, first, end)
    for last in ends:
        following = _SOLID.search(text, last, end)
        if not word or not following:
            break
        # A piece without a letter or a figure goes with what follows.
        if word.start() < last and not _goes_on(text, first, last, following.start()):
            word = _WORD.search(text, following.start(), end)
            if word:
                sentences.append((first, last))
                first = following.start()
    sentences.append((first, end))
    return sentences


def _goes_on(text: str, first: int, last: int, following: int) -> bool:
    """Return whether a sentence goes on after a break that Punkt has found."""
    if text[following] in ")],;:":
        return True
    if text[following].islower() and _LOOSE_END.search(
        text[max(first, last - 9) : last]
    ):
        return True
    return last - first < 7 and bool(_ENUMERATOR.match(text[first:last]))


@dataclass(frozen=True, slots=True)
class _Language:
    """What the package knows about English sentences, read once."""

    punkt: Punkt
    quoted_end: re.Pattern[str]


@cache
def _language() -> _Language:
    """Return the splitter with its parameters and rules."""
    data = Path(__file__).with_name("data")
    lists = tomllib.loads((data / "abbreviations.toml").read_text(encoding="utf-8"))
    params = PunktParams.from_json((data / "punkt.json").read_text(encoding="utf-8"))
    sets = {name: frozenset(words) for name, words in lists.items()}
    starters = sets["starters"]

    def rule(word: str, after: str) -> bool | None:
        """Decide on the full stop between a word and the token after it."""
        if not after[0].isspace():
            return None
        word = re.split(r"[-\u2013\u2014/]", word)[-1].lstrip("([{\"'")
        token = after.lstrip().lstrip("([{\"'")
        if word in sets["titles"] or word in sets["inner"]:
            return False
        if word in sets["before_numbers"] and token[:1].isdigit():
            return False
        next_word = _NEXT_WORD.match(token)
        starts = next_word is not None and next_word[0] in starters
        if word.lower() in sets["open"] or _INITIALS.fullmatch(word):
            return starts
        if word.endswith(".."):
            return starts or None
        if word in sets["closing"]:
            return token[:1].isupper()
        return None

    names = ("titles", "before_numbers", "inner", "closing", "open")
    watch = frozenset(word.lower() for name in names for word in sets[name])
    either = "|".join(sorted(starters))
    quoted_end = re.compile(rf"\.[\"')\]]+(?=\s+(?:{either})\b)")
    return _Language(Punkt(params, rule=rule, watch=watch), quoted_end)
