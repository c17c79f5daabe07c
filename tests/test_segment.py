import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.segment import Span, split_sentences

ROOT = Path(__file__).parents[1]
CASES = json.loads((ROOT / "tests/cases/sentences.json").read_text(encoding="utf-8"))
PIECES = [
    *" \n\n\r\t\x0b\x0c\x1c\x85\u2028\xa0.?!…\"'“”‘’()-–•*:,|©",
    *(
        "\r\n",
        "Mr.",
        "U.S.",
        "No. 2",
        "a.m.",
        "J. R.",
        "The",
        "he",
        "said",
        "Talks failed.",
    ),
    *(
        "Photo:",
        "READ ALSO:",
        "Advertisement",
        "Share this article",
        "Home",
        "What comes next",
    ),
    "The minister told reporters that the talks would go on until the end of the",
]


def marked(case: dict[str, Any]) -> Any:
    known = pytest.mark.xfail(strict=True, reason=case["comment"])
    marks = [known] if case.get("known_failure") else []
    return pytest.param(case, id=case["label"], marks=marks)


def check_whole(text: str, spans: list[Span]) -> None:
    """Every character that is no white space lies in exactly one span, in order."""
    end = 0
    for span in spans:
        assert span.start < span.end
        assert not text[end : span.start].strip()
        assert text[span.start : span.end] == text[span.start : span.end].strip()
        end = span.end
    assert not text[end:].strip()


@pytest.mark.parametrize("case", [marked(case) for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    text = case["text"]
    spans = split_sentences(text, title=case.get("title", ""))
    check_whole(text, spans)
    assert [text[span.start : span.end] for span in spans] == case["expect"]
    if "kinds" in case:
        assert [span.kind for span in spans] == case["kinds"]


def test_cases_are_many_and_have_their_fields() -> None:
    labels = [case["label"] for case in CASES]
    assert len(CASES) >= 70
    assert len(set(labels)) == len(labels)
    assert all({"label", "comment", "text", "expect"} <= set(case) for case in CASES)


def test_seed_articles_lose_no_character() -> None:
    for path in sorted((ROOT / "seeds/articles").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            article = json.loads(line)
            spans = split_sentences(article["text"], title=article["title"])
            check_whole(article["text"], spans)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40), st.sampled_from(["", " "]))
def test_made_up_articles_lose_no_character(pieces: list[str], glue: str) -> None:
    text = glue.join(pieces)
    check_whole(text, split_sentences(text, title="What comes next"))


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_any_text_loses_no_character(text: str) -> None:
    check_whole(text, split_sentences(text))


WORDS = [
    *("U.S. Army", "U.S. The", "“Mr.", "No. 7", "No. He", "a.m. He", "etc. and", "X."),
    *("anti-U.S. It", "café.”", "said.' He", "5. of", "Corp. …", "v. X", "3.5. — A"),
]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from([*PIECES, *WORDS]), max_size=40),
    st.sampled_from(["", " "]),
)
def test_kernel_and_pattern_split_alike(pieces: list[str], glue: str) -> None:
    found = []
    for shortest in (0, 1 << 31):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("framing.segment.punkt._SHORT", shortest)
            found.append(split_sentences(glue.join(pieces)))
    assert found[0] == found[1]


def test_wrapping_does_not_change_sentences() -> None:
    long_line = (
        "The foreign minister said on Monday that Mr. Lee would not travel to the U.S. "
        "before the talks had ended. He added that both sides wanted peace. Officials "
        "in the capital declined to comment; one of them called the visit a mistake."
    )
    wrapped = textwrap.fill(long_line, 65)
    whole = [long_line[s.start : s.end] for s in split_sentences(long_line)]
    cut = [wrapped[s.start : s.end] for s in split_sentences(wrapped)]
    assert [" ".join(sentence.split()) for sentence in cut] == whole
    assert len(whole) == 3


def test_splitting_needs_no_heavy_import() -> None:
    code = (
        "import sys, framing.segment as s; s.split_sentences('Talks failed. He left.');"
        "heavy = {'nltk', 'regex', 'sklearn', 'scipy', 'pandas', 'numpy'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert done.stdout.strip() == "[]"
