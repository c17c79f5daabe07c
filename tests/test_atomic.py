import errno
import io
import os
import stat
from pathlib import Path

import pytest

from framing.atomic import write_atomic
from framing.errors import StorageError, shown
from framing.plainfile import read_plain, write_plain

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class FullDisk(io.FileIO):
    """A file on a disk that fills up half way through what is written."""

    def write(self, data):
        super().write(data[: len(data) // 2])
        raise FULL


def fail(*arguments):
    raise FULL


def interrupt(*arguments):
    raise KeyboardInterrupt


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_file_is_written_replaced_and_alone(tmp_path):
    path = tmp_path / "new" / "folder" / "a.csv"
    write_atomic(path, b"one")
    write_atomic(path, b"two")
    assert path.read_bytes() == b"two"
    assert names(path.parent) == ["a.csv"]


def test_file_may_be_read_by_whom_the_umask_allows(tmp_path):
    (tmp_path / "usual").touch()
    write_atomic(tmp_path / "a", b"")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_bytes_reach_the_disk_before_the_name_does(tmp_path, monkeypatch):
    steps = []
    sync, replace = os.fsync, os.replace

    def noted_sync(descriptor):
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        steps.append("folder" if is_folder else "file")
        sync(descriptor)

    def noted_replace(*paths):
        steps.append("replace")
        replace(*paths)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(os, "replace", noted_replace)
    write_atomic(tmp_path / "a", b"x")
    assert steps == ["file", "replace", "folder"]


@pytest.mark.parametrize(
    ("owner", "call", "failure", "error"),
    [
        (Path, "open", lambda path, mode: FullDisk(path, mode), StorageError),
        (Path, "open", fail, StorageError),
        (os, "fsync", fail, StorageError),
        (os, "replace", fail, StorageError),
        (os, "fsync", interrupt, KeyboardInterrupt),
        (os, "replace", interrupt, KeyboardInterrupt),
    ],
    ids=["write", "open", "fsync", "replace", "ctrl-c at fsync", "ctrl-c at replace"],
)
def test_failure_leaves_the_old_file_whole_and_no_other(
    owner, call, failure, error, tmp_path, monkeypatch
):
    path = tmp_path / "model"
    write_plain(path, {"a": "old"})
    with monkeypatch.context() as patch:
        patch.setattr(owner, call, failure)
        with pytest.raises(error) as caught:
            write_plain(path, {"a": "new"})
    assert read_plain(path) == {"a": "old"}
    assert names(tmp_path) == ["model"]
    if error is StorageError:
        assert str(caught.value).startswith(
            f"{shown(path)}: not written (No space left"
        )
    write_plain(path, {"a": "new"})
    assert read_plain(path) == {"a": "new"}


def test_failure_after_the_replacement_leaves_the_new_file_whole(tmp_path, monkeypatch):
    path = tmp_path / "a"
    sync = os.fsync

    def fail_for_folder(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise FULL
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fail_for_folder)
    with pytest.raises(StorageError):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"new"
    assert names(tmp_path) == ["a"]


def test_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StorageError) as caught:
        write_atomic(tmp_path / "file" / "a", b"")
    assert str(caught.value) == (
        f"{shown(tmp_path / 'file' / 'a')}: not written (File exists). "
        "Free some space, or choose a folder that you may write to."
    )


def test_path_of_a_folder_is_refused_and_left_alone(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(StorageError):
        write_atomic(tmp_path / "a", b"")
    assert names(tmp_path) == ["a"]
