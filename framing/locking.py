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
    def locked(file: FileIO, *, wait: bool = True) -> Iterator[None]:
        """Wait until no other program holds the file, and hold it."""
        place = file.tell()
        file.seek(_FAR)
        try:
            msvcrt.locking(
                file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1
            )
        except OSError as error:
            raise BlockingIOError from error
        file.seek(place)
        try:
            yield
        finally:
            file.seek(_FAR)
            msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    @contextmanager
    def locked(file: FileIO, *, wait: bool = True) -> Iterator[None]:
        """Wait until no other program holds the file, and hold it.

        Raises
        ------
        BlockingIOError
            Another program holds it and we are not to wait.
        """
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        try:
            yield
        finally:
            fcntl.flock(file.fileno(), fcntl.LOCK_UN)
