import json
from functools import cache
from importlib.resources import files
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from framing.native import open_kernel
from framing.segment.punkt import Punkt, PunktParams, _join

FIXTURE = HealthCheck.function_scoped_fixture

ARTICLES = Path(__file__).parents[1] / "seeds" / "articles"
NASTY = [
    *".?!.?! \n\t\r\x0b\x0c\x1c\x1f\x85\xa0\u2028\u3000\"'“”‘’«»()[]{}-,;:*@`#…_\x00",
    *"aJéİßñ中٣²Ⓐ🄰1\u0301\u200d\ufeff😀",
    *("...", ". .", "--", "Mr", "U.S", "a.m", "x-u.s", "The", "the", "Russia", "He"),
    *("officials", "2.5", "-3.", "V", "Putin", "etc", "no"),
]


@cache
def parameters() -> str:
    path = files("framing.segment") / "data" / "punkt.json"
    return path.read_text(encoding="utf-8")


@cache
def ours() -> Punkt:
    return Punkt(PunktParams.from_json(parameters()))


@cache
def nltks() -> Any:
    from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer

    data = json.loads(parameters())
    params = PunktParameters()
    params.abbrev_types = set(data["abbreviations"])
    params.collocations = {tuple(pair) for pair in data["collocations"]}
    params.sent_starters = set(data["starters"])
    params.ortho_context.update(data["ortho"])
    return PunktSentenceTokenizer(params)


@pytest.mark.parametrize(
    "path", sorted(ARTICLES.glob("*.jsonl")), ids=lambda path: path.stem
)
def test_seed_articles_are_split_as_nltk_splits_them(path: Path) -> None:
    for line in path.read_text(encoding="utf-8").splitlines():
        text = json.loads(line)["text"]
        assert ours().spans(text) == list(nltks().span_tokenize(text))


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(NASTY), max_size=30).map("".join))
def test_nasty_texts_are_split_as_nltk_splits_them(text: str) -> None:
    assert ours().spans(text) == list(nltks().span_tokenize(text))


# NLTK's `regex` brings Unicode tables of its own; unassigned characters may differ.
@settings(max_examples=400, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cn"])))
def test_any_text_is_split_as_nltk_splits_it(text: str) -> None:
    marked = text.replace("0", ". ").replace("1", "! ")
    assert ours().spans(marked) == list(nltks().span_tokenize(marked))


@pytest.fixture(params=["kernel", "pattern"])
def scanned(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Punkt:
    """A splitter that scans every text by the kernel, or by the pattern."""
    if request.param == "pattern":
        monkeypatch.setenv("FRAMING_NO_KERNEL", "1")
    elif open_kernel() is None:
        pytest.skip("no C compiler, or the kernel is turned off")
    monkeypatch.setattr("framing.segment.punkt._SHORT", 0)
    splitter = Punkt(PunktParams.from_json(parameters()))
    assert (splitter._marks is None) == (request.param == "pattern")
    return splitter


@settings(max_examples=400, suppress_health_check=[FIXTURE])
@given(st.lists(st.sampled_from(NASTY), max_size=30).map("".join))
def test_either_scan_splits_as_nltk_splits(scanned: Punkt, text: str) -> None:
    assert scanned.spans(text) == list(nltks().span_tokenize(text))


@settings(max_examples=300, suppress_health_check=[FIXTURE])
@given(st.text(st.characters(exclude_categories=["Cs", "Cn"])))
def test_either_scan_takes_any_character(scanned: Punkt, text: str) -> None:
    marked = text.replace("0", ". ").replace("1", "! ")
    assert scanned.spans(marked) == list(nltks().span_tokenize(marked))


@settings(max_examples=200, suppress_health_check=[FIXTURE])
@given(st.lists(st.lists(st.sampled_from(NASTY), max_size=12).map("".join)))
def test_ranges_of_a_text_are_split_as_if_they_stood_alone(
    scanned: Punkt, texts: list[str]
) -> None:
    ends = list(accumulate(map(len, texts)))
    ranges = [(end - len(text), end) for end, text in zip(ends, texts, strict=True)]
    expected = [ours().spans(text) for text in texts]
    assert scanned.spans_within("".join(texts), ranges) == expected


def test_every_character_is_scanned_as_the_pattern_does(scanned: Punkt) -> None:
    for start in range(0, 0x110000, 0x4000):
        codes = range(start, start + 0x4000)
        text = " ".join(f"Ab.{chr(c)}Cd x!{chr(c)} ef.{chr(c)}" for c in codes)
        [spans] = scanned.spans_within(text, [(0, len(text))])
        assert spans == _join(text, scanned._breaks(text))


def test_memo_does_not_change_decisions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("framing.segment.punkt._MEMO_SIZE", 2)
    text = "The U.S. came. Mr. X left! J. Smith etc. stayed. In 5. of 2.5. He won. " * 3
    forgetful = Punkt(PunktParams.from_json(parameters()))
    assert forgetful.spans(text) == ours().spans(text)
    assert forgetful.spans(text) == list(nltks().span_tokenize(text))


@pytest.mark.parametrize("n", [1, 99], ids=["short", "long"])
def test_a_rule_is_asked_before_the_statistics(n: int) -> None:
    def rule(word: str, after: str) -> bool | None:
        return False if word.split("-")[-1] == "Zork" and after == " The" else None

    text = "A Zork. The end. A pre-Zork. The end. A Zork. He left. " * n
    plain = Punkt(PunktParams.from_json(parameters()))
    ruled = Punkt(
        PunktParams.from_json(parameters()), rule=rule, watch=frozenset({"zork"})
    )
    assert len(plain.spans(text)) == 6 * n
    assert len(ruled.spans(text)) == 4 * n


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"abbreviations":[1],"collocations":[],"starters":[],"ortho":{}}',
        '{"abbreviations":[],"collocations":[["a"]],"starters":[],"ortho":{}}',
        '{"abbreviations":[],"collocations":[],"starters":[],"ortho":[]}',
        '{"abbreviations":[],"collocations":[],"starters":[],"ortho":{"a":"b"}}',
    ],
)
def test_damaged_parameters_are_refused(content: str) -> None:
    with pytest.raises(ValueError, match="Punkt parameters are damaged"):
        PunktParams.from_json(content)
