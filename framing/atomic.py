"""Write a file or a folder whole or not at all."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from framing.errors import StorageError, shown

ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
"""How `s3://…` begins once it was taken for a path; a drive has one letter."""


def refuse_address(path: Path) -> None:
    """Refuse the address of a store, in which nothing takes a name at one stroke.

    Raises
    ------
    StorageError
        It is one.
    """
    text = path.as_posix()
    if ADDRESS.match(text):
        address = shown(text.replace(":/", "://", 1))
        msg = (
            f"{address}: results are written to a file system. Name a folder there, "
            "shared by all workers of a cluster, and copy the results when they are "
            "done."
        )
        raise StorageError(msg)


def write_atomic(path: Path, data: bytes) -> None:
    """Put `data` into `path`, so that a reader sees the old file or the new one.

    The bytes go to a temporary file in the same folder (made if missing), reach
    the disk, and only then take the name. Whatever stops this on the way, be it
    a full disk or Ctrl-C, the old file stays and the temporary one goes.

    Parameters
    ----------
    path : Path
        The file to write; one that exists is replaced.
    data : bytes
        Its whole content.

    Raises
    ------
    StorageError
        The disk is full, or the folder may not be written to.
    """
    with writing(path) as stream:
        stream.write(data)


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """Give a stream to write `path` with; see `write_atomic`."""
    refuse_address(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _replacing(path) as stream:
            yield stream
        sync_folder(path.parent)
    except OSError as error:
        msg = (
            f"{shown(path)}: not written ({error.strerror or error}). "
            "Free some space, or choose a folder that you may write to."
        )
        raise StorageError(msg) from error


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """Give a stream into a temporary neighbour of `path`, then rename it."""
    # A random name, so that two writers, or the leavings of a killed one,
    # never meet; not tempfile, which would hide the result from colleagues.
    part = path.with_name(f".{path.name}.{os.urandom(4).hex()}.tmp")
    try:
        with part.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make the new name in `folder` outlast a power cut."""
    if os.name != "posix":  # elsewhere a folder cannot be opened
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def temporary(target: Path) -> Iterator[Path]:
    """Give a hidden name beside `target` for a folder that is to take its place.

    What still has that name at the end is removed.
    """
    import shutil  # with half the packers of Python

    part = target.with_name(f".{target.name}.{os.urandom(4).hex()}.tmp")
    try:
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)


def sync_tree(folder: Path) -> None:
    """Make all files in a folder outlast a power cut, before it takes its name."""
    for path in folder.iterdir():
        with path.open("rb+") as file:
            os.fsync(file.fileno())
    sync_folder(folder)
