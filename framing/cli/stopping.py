"""Work that is stopped from outside: by Ctrl-C, or by the system."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from framing.errors import Interrupted, Terminated


class _TerminationError(KeyboardInterrupt):
    """SIGTERM came: what Ctrl-C ends in an orderly way, this does."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Let SIGTERM, with which systems end programs, stop the work as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _terminate(number: int, place: object) -> NoReturn:
    raise _TerminationError


def stopped(by: KeyboardInterrupt, message: str) -> Interrupted:
    """Return the error that says so, with the exit code of what stopped us."""
    kind = Terminated if isinstance(by, _TerminationError) else Interrupted
    return kind(message)
