import re
import time
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from framing.segment.debris import debris_kind, is_closing
from framing.segment.split import _key, _look
from tests.debris import (
    PARTS,
    confusions,
    found_in_article,
    found_kinds,
    precision,
    read_articles,
    read_lines,
    recall,
)

DATA = Path(__file__).parents[1] / "framing/segment/data/debris.toml"
KINDS = ("caption", "debris")
# Known not to be recognised among the lines developed on, or taken for a sentence.
KNOWN = {
    "Home News and Politics",
    "Ana Till, Minsk",
    "Ana Till covers energy for the paper.",
    "Rosa Quint is a professor of law at the University of Brisk.",
    "Post-war years:",
    "Is the deal dead?",
    "Why should they?",
    "What do you think he did?",
    "Who was he reporting to?",
}


def lines_developed_on() -> Iterator[Any]:
    for line in read_lines("developed"):
        known = pytest.mark.xfail(strict=True, reason="not recognised")
        yield pytest.param(
            line, id=line.text, marks=known if line.text in KNOWN else []
        )


@pytest.mark.parametrize("line", list(lines_developed_on()))
def test_line(line: Any) -> None:
    assert found_kinds(line) == (line.kind,)


@pytest.mark.parametrize(("title", "lines"), list(read_articles("developed")))
def test_article(title: str, lines: list[tuple[str, str]]) -> None:
    assert found_in_article(title, lines) == [(kind,) for kind, _ in lines]


def test_lines_held_out_are_recognised() -> None:
    counts = confusions("held out")
    floors = {
        "": 0.97,
        "debris": 0.97,
        "caption": 0.9,
        "heading": 0.8,
        "sentence": 0.97,
    }
    for kind, floor in floors.items():
        right, taken = precision(counts, kind)
        assert right >= floor * taken, (kind, right, taken)
    floors = {
        "": 0.96,
        "debris": 0.95,
        "caption": 0.9,
        "heading": 0.9,
        "sentence": 0.97,
    }
    for kind, floor in floors.items():
        hit, there = recall(counts, kind)
        assert hit >= floor * there, (kind, hit, there)


def test_labelled_lines_are_many_and_no_line_is_in_both_parts() -> None:
    texts = {part: [line.text for line in read_lines(part)] for part in PARTS}
    assert all(len(own) >= 300 for own in texts.values())
    for part in PARTS:
        honest = [line for line in read_lines(part) if line.kind == "sentence"]
        assert len(honest) >= 100
    again = [text for own in texts.values() for text in own]
    several = {text for text in again if again.count(text) > 1}
    # Some debris is the same words everywhere.
    assert len(several) < 0.1 * len(again)


# The plain recogniser: every pattern is tried on every line.


@cache
def plain_patterns() -> list[tuple[str, str, str, re.Pattern[str]]]:
    data = tomllib.loads(DATA.read_text(encoding="utf-8"))
    words = data.pop("words")

    def fill(name: re.Match[str]) -> str:
        own = sorted(words[name[1]].split(), key=len, reverse=True)
        return f"(?:{'|'.join(map(re.escape, own))})"

    found = []
    for kind in KINDS:
        for place, table in data[kind].items():
            for keys, listed in table.items():
                patterns = [listed] if isinstance(listed, str) else listed
                for pattern in patterns:
                    full = re.sub(r"\{([a-z]+)\}", fill, pattern)
                    end = {"start": "", "end": "$"}.get(place, r"[\s.!:…]*$")
                    compiled = re.compile(f"(?:{full}){end}", re.IGNORECASE)
                    found.append((kind, place, keys, compiled))
    return found


def plain_kinds(line: str, *, is_line: bool) -> set[str | None]:
    """Return the kinds whose patterns fit a line without bullets."""
    places = {"start", "whole"}
    if is_line:
        places |= {"line", "holds"}
        if line.rstrip("\"'”’»")[-1:] not in (".", "!", "?", ""):
            places |= {"stub", "end"}
    return {
        kind
        for kind, place, _, pattern in plain_patterns()
        if place in places
        and (pattern.search(line) if place == "end" else pattern.match(line))
    }


def check_as_plain(line: str, *, is_line: bool) -> None:
    plain = plain_kinds(line, is_line=is_line)
    found = debris_kind(line, is_line=is_line)
    if plain:
        assert found in plain, (line, plain)
    elif any(map(str.isalnum, line)):
        assert found is None, line


@st.composite
def lines_that_fit(draw: st.DrawFn) -> str:
    """Draw a line that one pattern fits."""
    _kind, place, _, pattern = draw(st.sampled_from(plain_patterns()))
    fitting = st.from_regex(pattern, fullmatch=True)
    text = draw(fitting) if place != "end" else "Two men. " + draw(fitting)
    return text + draw(st.sampled_from(["", ".", " and more", " he said."]))


def is_fair(line: str) -> bool:
    """Return whether a line is one: short, bare, its letters of one small form."""
    return (
        0 < len(line) <= 300
        and line == line.strip()
        and "\n" not in line
        and line[0] not in "-–—*•▪●◦‣■►·"
        # To `re` these are forms of i, to `casefold` they are not.
        and not set("İı") & set(line)
    )


@settings(max_examples=300, deadline=None)
@given(lines_that_fit().filter(is_fair), st.booleans())
def test_first_words_shut_out_no_line_that_a_pattern_fits(
    line: str, is_line: bool
) -> None:
    check_as_plain(line, is_line=is_line)


WORDS = [
    "Read",
    "more",
    "Share",
    "this",
    "story",
    "on",
    "Facebook",
    "Photo",
    ":",
    "©",
    "2019",
    "Reuters",
    "/",
    "Ana",
    "Till",
    "The",
    "Associated",
    "Press",
    "contributed",
    "to",
    "report",
    ".",
    "|",
    "Home",
    "News",
    "Sign",
    "up",
    "for",
    "our",
    "newsletter",
    "May",
    "4",
    ",",
    "2020",
    "(",
    "Reporting",
    "by",
    ")",
    "[",
    "Image",
    "]",
    "#",
    "tag",
    "he",
    "said",
]


@settings(max_examples=250, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=9), st.booleans())
def test_first_words_change_nothing_on_lines_of_such_words(
    words: list[str], is_line: bool
) -> None:
    check_as_plain(" ".join(words), is_line=is_line)


@pytest.mark.parametrize("part", PARTS)
def test_first_words_change_nothing_on_labelled_lines(part: str) -> None:
    for line in read_lines(part):
        if is_fair(line.text):
            check_as_plain(line.text, is_line=line.is_alone)


@settings(max_examples=250, deadline=None)
@given(st.text(), st.text(alphabet=" .,“”'-!"), st.text(alphabet=" .,“”'-!"))
@example("Straße", "", "!")
@example("ᾳ", "“", "")
def test_lines_of_one_key_look_alike(line: str, before: str, after: str) -> None:
    other = before + line.upper() + after
    if _key(line) == _key(other):
        assert _look(line) == _look(other)


@pytest.mark.parametrize(
    ("line", "closes"),
    [
        ("Rosa Quint is a professor of law at the University of Brisk.", True),
        ("The writer is a former judge.", True),
        ("Ana Till covers energy for the paper.", True),
        ("Rosa Quint is a prisoner of her past.", False),
        ("The writer Ana Till was arrested.", False),
        ("He refused.", False),
    ],
)
def test_lines_on_the_author(line: str, closes: bool) -> None:
    assert is_closing(line) == closes


@pytest.mark.parametrize(
    "head", ["", "Follow us on facebook", "Home ", "A contributed to "]
)
@pytest.mark.parametrize(
    "piece",
    [
        "U.S.",
        "» ",
        "a | ",
        "sign up ",
        "share ",
        "@xFacebook, ",
        "Home ",
        "(A/",
        "Ana ",
        "login ",
    ],
)
def test_no_line_takes_long(head: str, piece: str) -> None:
    line = (head + piece * 150)[:288].strip() + "!q"
    began = time.process_time()
    debris_kind(line, is_line=True)
    is_closing(line)
    assert time.process_time() - began < 0.5
