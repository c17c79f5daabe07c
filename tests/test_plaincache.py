import json
import os
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from framing import modelstore, plaincache
from framing.errors import ModelError
from framing.plaincache import cache_folder, read_through
from framing.plainfile import parse_plain, plain_bytes, write_plain
from tests.plainparts import same
from tests.test_plainfile import CONTENT

CODES = {
    "words": [f"word {i}" for i in range(500)],
    "odd": ["", "line\nbreak", "İstanbul", "½", "\U0001f600"] * 40,
    "nul": ["a\0b", *map(str, range(200))],
    "mixed": [1, 2.5, None, True, "x", {"dict": [1], "plain": {"array": "y"}}],
    "texts": {"x": "y"},
    "coef": np.arange(12, dtype=np.float64).reshape(3, 4),
    "none": np.empty((2, 0), dtype=np.int32),
}


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that files are kept in, small ones too."""
    folder = tmp_path / "kept"
    monkeypatch.setenv("FRAMING_CACHE", str(folder))
    monkeypatch.setattr(plaincache, "WORTH_KEEPING", 0)
    return folder


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.joblib"
    write_plain(path, CODES)
    return path


def accept(content: dict[str, Any]) -> None:
    pass


def refuse_to_read(data: bytes, where: object) -> dict[str, Any]:
    raise AssertionError("read from the model file")


def the_file(kept: Path) -> Path:
    (path,) = kept.iterdir()
    return path


def test_what_was_read_once_is_not_read_again(
    kept: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = read_through(model, accept)
    monkeypatch.setattr(plaincache, "parse_plain", refuse_to_read)
    again = read_through(model, accept)
    assert same(first, again)
    assert same(again, CODES)
    assert not again["coef"].flags.writeable
    assert stat.S_IMODE(the_file(kept).stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700


@settings(max_examples=100, deadline=None)
@given(CONTENT)
def test_kept_content_comes_back_the_same(content: dict[str, Any]) -> None:
    content = parse_plain(plain_bytes(content), "m")
    assert same(plaincache._unfold(plaincache._fold(content)), content)


def test_a_changed_model_is_read_anew(kept: Path, model: Path) -> None:
    read_through(model, accept)
    write_plain(model, {**CODES, "coef": np.zeros((3, 4))})
    assert not read_through(model, accept)["coef"].any()
    assert len(list(kept.iterdir())) == 2


def test_what_is_refused_is_not_kept(kept: Path, model: Path) -> None:
    def check(content: dict[str, Any]) -> None:
        raise ModelError("no model")

    with pytest.raises(ModelError, match="no model"):
        read_through(model, check)
    assert not kept.exists()


@pytest.mark.parametrize("step", [1, 7, 40, 301, 5000])
def test_a_damaged_file_is_not_used_but_replaced(
    kept: Path, model: Path, step: int
) -> None:
    read_through(model, accept)
    path = the_file(kept)
    good = path.read_bytes()
    for at in range(0, len(good), step * 20 + 1):
        path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        assert plaincache._read_kept(path) is None
        path.write_bytes(good[:at])
        assert plaincache._read_kept(path) is None
    assert same(read_through(model, accept), CODES)
    assert path.read_bytes() == good


def forged(tree: object, cells: bytes = b"") -> bytes:
    """Return a kept file with all its checksums right."""
    return plaincache._sealed(json.dumps(tree).encode(), [cells])


@pytest.mark.parametrize(
    "tree",
    [
        None,
        [],
        {"dict": []},
        {"dict": {"a": {}}},
        {"dict": {"a": {"pickle": "cos\nsystem"}}},
        {"dict": {"a": {"dict": {}, "plain": {}}}},
        {"dict": {"a": {"array": ["|O", [1], 0, 8]}}},
        {"dict": {"a": {"array": ["<f8", [-1], 0, 80]}}},
        {"dict": {"a": {"array": ["<f8", [2], 0, 8]}}},
        {"dict": {"a": {"array": ["<f8", [1 << 70], 0, 8]}}},
        {"dict": {"a": {"array": ["<f8", [1], -8, 0]}}},
        {"dict": {"a": {"array": ["<f8", [1], 0]}}},
        {"dict": {"a": {"array": [["<f8"], [1], 0, 8]}}},
        {"dict": {"a": {"texts": [3, 0, 8]}}},
        {"dict": {"a": {"texts": [1, "0", 8]}}},
        {"dict": {"a": {"texts": 5}}},
    ],
    ids=str,
)
def test_a_forged_file_is_not_used(kept: Path, model: Path, tree: object) -> None:
    read_through(model, accept)
    the_file(kept).write_bytes(forged(tree, b"\xff" * 8))
    assert plaincache._read_kept(the_file(kept)) is None
    assert same(read_through(model, accept), CODES)


def test_deep_nesting_is_not_used(kept: Path, model: Path) -> None:
    read_through(model, accept)
    deep = b'{"dict": {"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}"
    the_file(kept).write_bytes(plaincache._sealed(deep, []))
    assert plaincache._read_kept(the_file(kept)) is None


@pytest.mark.skipif(os.name != "posix", reason="by owner and mode")
@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_a_file_that_others_can_write_to_is_not_used(
    kept: Path, model: Path, mode: int
) -> None:
    read_through(model, accept)
    the_file(kept).chmod(mode)
    assert plaincache._read_kept(the_file(kept)) is None


@pytest.mark.skipif(os.name != "posix", reason="links and pipes")
def test_neither_links_nor_pipes_are_followed(
    kept: Path, model: Path, tmp_path: Path
) -> None:
    read_through(model, accept)
    path = the_file(kept)
    elsewhere = path.rename(tmp_path / "elsewhere")
    path.symlink_to(elsewhere)
    assert plaincache._read_kept(path) is None
    path.unlink()
    os.mkfifo(path)
    assert plaincache._read_kept(path) is None


def test_a_folder_that_cannot_be_made_changes_nothing(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FRAMING_CACHE", str(tmp_path / "file" / "below"))
    monkeypatch.setattr(plaincache, "WORTH_KEEPING", 0)
    assert same(read_through(model, accept), CODES)


def test_only_the_latest_files_are_kept(kept: Path, model: Path) -> None:
    for i in range(plaincache.MOST_KEPT + 3):
        write_plain(model, {"number": i})
        read_through(model, accept)
        os.utime(plaincache._place(kept, model.read_bytes()), (i, i))
    assert len(list(kept.iterdir())) == plaincache.MOST_KEPT
    assert plaincache._place(kept, model.read_bytes()).exists()


def test_small_files_are_not_kept(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRAMING_CACHE", str(tmp_path / "kept"))
    read_through(model, accept)
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize(
    ("asked", "folder"), [("off", None), ("/x/y", Path("/x/y"))], ids=str
)
def test_the_user_says_where(
    asked: str, folder: Path | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRAMING_CACHE", asked)
    assert cache_folder() == folder


def test_without_a_word_it_is_the_users_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FRAMING_CACHE")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "/x/cache")
    assert cache_folder() == Path("/x/cache/framing")
    monkeypatch.setenv("XDG_CACHE_HOME", "not/absolute")
    monkeypatch.setenv("HOME", "/home/ana")
    assert cache_folder() == Path("/home/ana/.cache/framing")


def test_a_kept_model_is_the_model(kept: Path, relations: Path) -> None:
    folder = relations / "models" / "relations"
    first, digest = modelstore.load_model(folder)
    again, same_digest = modelstore.load_model(folder)
    assert the_file(kept)
    assert digest == same_digest
    assert first.seeds == again.seeds
    assert first.targets == again.targets
    for one, other in ((first.frames, again.frames), (first.stance, again.stance)):
        assert one is not None
        assert other is not None
        assert np.array_equal(one.coef, other.coef)
        for block, twin in zip(one.blocks, other.blocks, strict=True):
            assert block.vocabulary == twin.vocabulary
            assert np.array_equal(block.idf, twin.idf)


def test_a_kept_file_of_something_else_is_no_model(kept: Path, relations: Path) -> None:
    folder = relations / "models" / "relations"
    modelstore.load_model(folder)
    the_file(kept).write_bytes(forged({"plain": {"format": "x"}}))
    with pytest.raises(ModelError):
        modelstore.load_model(folder)
