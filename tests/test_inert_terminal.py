"""What is printed of other people's names cannot move a cursor or turn text round."""

import io
import json
import unicodedata
from contextlib import redirect_stdout
from pathlib import Path, PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.cli.common import print_json
from framing.errors import shown
from tests.conftest import Framing, json_lines, migration_articles

SOURCES = ("\x1b[31mPost\u202e", "S\x9b2Jun\x07\u2028")
BAD = "\x1b]0;owned\x07 \x9b31m\u202e\u2066"


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """Return a folder of articles with control characters wherever there is text."""
    records = []
    for n, article in enumerate(migration_articles()):
        text = f"{article['text']} It rained {BAD} on the border."
        source = SOURCES[n % 2]
        record = {"id": f"{n}\x1b[1m", "title": f"T{BAD}", "date": "2026-03-01"}
        records.append({**record, "source": source, "text": text, "to\x1b[2Jpic": BAD})
    folder = tmp_path / "in\x1b[2J"
    folder.mkdir()
    (folder / "a\x1b[31m.jsonl").write_text(json_lines(records), encoding="utf-8")
    (folder / "b\u202e.txt").write_bytes(b"")
    (folder / "c\x07.csv").write_bytes(b"text,\x1b[2Jid\nIt rained.\n")
    return folder


COMMANDS = [
    "read IN --preview",
    "read IN -o out.csv",
    "read IN --json",
    "read IN/no\x1b[2J.txt",
    "score IN",
    "score IN --json",
    "score IN -o results",
    "score IN --by to\x1b[2Jpic --all",
    "score IN --by source,month",
    "score IN --target \x1b[2J",
    "score IN --threshold \x1b[2J=1",
    "compare results",
    "compare results --all --reference \x1b[31mPost\u202e",
    "compare results --reference \x1b[2J",
    "compare results --json",
    "compare results --by to\x1b[2Jpic",
    "score results --by \x1b[2J",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_only_printable_characters_are_printed(
    framing: Framing, migration: Path, tmp_path: Path, odd: Path, command: str
) -> None:
    arguments = [word.replace("IN", str(odd)) for word in command.split(" ")]
    study = [] if arguments[0] == "read" else ["--project", str(migration)]
    if "results" in arguments[1]:
        framing("score", odd, "-o", "results", "--quiet", *study)
    ran = framing(*arguments, *study)
    assert ran.out + ran.err
    for line in (ran.out + ran.err).split("\n"):
        assert line.isprintable(), repr(line)
    assert "Traceback" not in ran.err
    if "--json" in arguments:
        assert SOURCES[0] in json.dumps(ran.json, ensure_ascii=False).replace(
            "\\u001b", "\x1b"
        )


@given(st.text(), st.integers(2, 90))
def test_what_is_shown_is_printable_and_no_longer_than_allowed(
    text: str, limit: int
) -> None:
    for value in (text, PurePath(f"a/{text}")):
        assert shown(value, limit).isprintable()
        assert len(shown(value, limit)) <= limit


@given(st.text())
def test_json_says_what_it_was_given_in_printable_lines(text: str) -> None:
    out = io.StringIO()
    with redirect_stdout(out):
        print_json({"source": text})
    assert json.loads(out.getvalue())["source"] == text
    hidden = [
        c for c in out.getvalue() if unicodedata.category(c) in ("Cc", "Zl", "Zp")
    ]
    assert set(hidden) <= {"\n"}
