"""What there is to read is known before it is read."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from framing.articles import ReadLog, ReadOptions, read_articles, survey
from framing.errors import InputError


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in" / "b").mkdir(parents=True)
    (tmp_path / "in" / "a.txt").write_bytes(b"One.")
    (tmp_path / "in" / "b" / "c.csv").write_bytes(b"id,text\n1,Two.\n")
    (tmp_path / "in" / "picture.jpeg").write_bytes(b"none of ours")
    return tmp_path


def test_files_are_hashed_as_the_readers_hash_them(corpus: Path) -> None:
    found = survey(["in"], hashed=True)
    log = ReadLog()
    list(read_articles(["in"], ReadOptions(), log))
    assert found.hashes == dict(log.files)
    assert found.hashes["in/a.txt"] == hashlib.sha256(b"One.").hexdigest()
    assert found.n_bytes == 4 + 15 == log.n_bytes


def test_hashes_are_left_out_where_nobody_wants_them(corpus: Path) -> None:
    found = survey(["in"])
    assert found.hashes == {"in/a.txt": "", "in/b/c.csv": ""}
    assert found.n_bytes == 19


def test_standard_input_has_no_end_that_is_known(corpus: Path) -> None:
    found = survey(["-", "in/a.txt"], hashed=True)
    assert found.n_bytes == 0
    assert found.hashes["-"] == ""
    assert found.hashes["in/a.txt"]


def test_file_that_cannot_be_opened_is_left_to_its_reader(
    corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Path.open

    def refuse(self: Path, *arguments: Any, **named: Any) -> Any:
        if self.name == "a.txt":
            raise PermissionError
        return opened(self, *arguments, **named)

    monkeypatch.setattr(Path, "open", refuse)
    found = survey(["in"], hashed=True)
    assert found.hashes["in/a.txt"] == ""
    assert found.hashes["in/b/c.csv"]


@pytest.mark.parametrize("named", ["none", "in/picture.jpeg"])
def test_input_that_cannot_be_read_is_refused(corpus: Path, named: str) -> None:
    with pytest.raises(InputError):
        survey([named])
