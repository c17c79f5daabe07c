"""Write a file whole or not at all."""

import os
import secrets
from pathlib import Path

from framing.errors import StorageError, shown


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
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, data)
        _sync_folder(path.parent)
    except OSError as error:
        msg = (
            f"{shown(path)}: not written ({error.strerror or error}). "
            "Free some space, or choose a folder that you may write to."
        )
        raise StorageError(msg) from error


def _replace(path: Path, data: bytes) -> None:
    """Write `data` to a temporary neighbour of `path` and rename it."""
    # A random name, so that two writers, or the leavings of a killed one,
    # never meet; not tempfile, which would hide the result from colleagues.
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with part.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make the new name in `folder` outlast a power cut."""
    if os.name != "posix":  # elsewhere a folder cannot be opened
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
