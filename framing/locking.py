"""One writer at a time: a lock on an open file, which ends with the program.

The kernel holds the lock, so that a killed program leaves none behind.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO

if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 62
    """A byte that no file has: on Windows locked bytes cannot be read."""

    @contextmanager
    def locked(file: FileIO) -> Iterator[None]:
        """Wait until no other program holds the file, and hold it."""
        place = file.tell()
        file.seek(_FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        file.seek(place)
        try:
            yield
        finally:
            file.seek(_FAR)
            msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    @contextmanager
    def locked(file: FileIO) -> Iterator[None]:
        """Wait until no other program holds the file, and hold it."""
        fcntl.flock(file.fileno(), fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(file.fileno(), fcntl.LOCK_UN)
