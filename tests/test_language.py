import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing import language
from framing.language import knows_language, other_language
from tests.conftest import Framing, json_lines, migration_articles

ROOT = Path(__file__).parents[1]
FILE = ROOT / "tests" / "cases" / "languages.toml"
CASES = tomllib.loads(FILE.read_text(encoding="utf-8"))["case"]
GERMAN = CASES[0]["text"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:30])
def test_case(case: dict[str, Any]) -> None:
    assert other_language(case["text"], case.get("expected", "en")) == case["found"]


def test_only_the_beginning_is_looked_at() -> None:
    assert other_language(GERMAN * 8 + " The and that with from this were." * 900, "en")
    english = "The minister said that they have been there and would not leave. " * 20
    assert not other_language(english + GERMAN * 100, "en")


def test_english_needs_no_model() -> None:
    code = (
        "import sys; from framing.language import other_language as o;"
        "o('The talks failed and the minister said that they would go on. ' * 3, 'en');"
        "print('py3langid' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:30])
def test_the_words_clear_no_article_of_another_language(case: dict[str, Any]) -> None:
    plain = language._plainly_english(case["text"])
    assert not (plain and case["found"] and case.get("expected", "en") == "en")


def test_seed_articles_are_english() -> None:
    for path in sorted((ROOT / "seeds/articles").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            text = line.split('"text": ', 1)[-1]
            assert not other_language(text, "en")


@pytest.mark.parametrize(
    ("code", "known"), [("en", True), ("en-GB", True), ("DE", True), ("tlh", False)]
)
def test_known_languages(code: str, known: bool) -> None:
    assert knows_language(code) == known


@settings(max_examples=200)
@given(st.text(), st.sampled_from(["en", "de", "", "??"]))
def test_any_text_and_code_will_do(text: str, code: str) -> None:
    assert isinstance(other_language(text, code), str)


def test_score_leaves_out_other_languages(
    framing: Framing, migration: Path, tmp_path: Path
) -> None:
    german = {"id": "g", "source": "Tiny", "text": GERMAN}
    english = [
        {k: a[k] for k in ("id", "source", "text")} for a in migration_articles()
    ]
    (tmp_path / "a.jsonl").write_text(json_lines([*english, german]))
    asked = ("score", "a.jsonl", "--json", "--project", migration)
    ran = framing(*asked)
    assert ran.code == 1
    assert ran.json["counts"]["other_language"] == 1
    assert ran.json["counts"]["articles_read"] == len(english)
    assert "language de, the codebook is en" in ran.json["skipped"][0]
    assert "left out 1 article that is not in the language" in ran.err
    every = framing(*asked, "--any-language")
    assert every.code == 0
    assert every.json["counts"]["other_language"] == 0
    assert every.json["counts"]["articles_read"] == len(english) + 1
