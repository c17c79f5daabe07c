"""A run of scoring on a terminal: how far it is, and how to go on if it is stopped."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from framing.articles import ReadLog
from framing.cli import common
from framing.cli.progress import progress
from framing.cli.stopping import stoppable, stopped
from framing.parts import Parts
from framing.study.run import Watcher


class Terminal(Watcher):
    """Tells the person; says nothing but errors where `quiet`."""

    def __init__(self, *, quiet: bool) -> None:
        self.quiet = quiet

    @contextmanager
    def guard(self, parts: Parts | None) -> Iterator[None]:
        """Say what is done already, and after Ctrl-C how to go on."""
        if parts is None:
            try:
                yield
            except KeyboardInterrupt as error:
                msg = "stopped, nothing is kept. With -o RESULTS you could go on."
                raise stopped(error, msg) from error
            return
        with stoppable():
            if n := parts.count():
                done = n * parts.manifest.part_size
                common.say(
                    f"going on: about {done:,} articles are done", quiet=self.quiet
                )
            try:
                yield
            except KeyboardInterrupt as error:
                raise stopped(error, _stopped_in_words(parts)) from error

    def watch(
        self, log: ReadLog, n_bytes: int
    ) -> AbstractContextManager[Callable[[int], None]]:
        """Return a progress bar."""
        part = (lambda: min(log.n_bytes / n_bytes, 1.0)) if n_bytes else None
        return progress("scoring", "articles", quiet=self.quiet, part=part)


def _stopped_in_words(parts: Parts) -> str:
    done = parts.count() * parts.manifest.part_size
    return (
        f"stopped, about {done:,} articles are done and kept in "
        f"{common.place(parts.folder)}. Give the same command to go on."
    )
