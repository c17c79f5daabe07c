"""Commands in children of a process that has imported everything once.

``python tests/forked.py`` takes jobs as JSON lines on standard input, runs each in a
forked child and answers how it ended: exit code, seconds, peak memory. A test process
is no good parent, since its own memory would count.
"""

import json
import os
import resource
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WARM = (
    "docx openpyxl pypdf trafilatura lxml.html pyarrow.parquet "
    "pandas striprtf.striprtf sklearn.linear_model scipy.sparse joblib py3langid "
    "framing.articles framing.scoring framing.measuring framing.results "
    "framing.trust framing.cli"
)
KILLED_AFTER = 60
"""Seconds of a child, waiting included: the machine may be busy with others."""

MEMORY = 8 << 30
"""Bytes of addresses, libraries included, beyond which a child gets no more."""


@dataclass(frozen=True)
class Ended:
    """How a command ended: seconds are those of the processor, memory the peak."""

    code: int
    seconds: float
    megabytes: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Forks:
    """The process that forks, as the tests use it."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"},
        )

    def run(self, *arguments: object, at: Path, stdin: bytes = b"") -> Ended:
        """Run `framing ARGUMENTS` in a folder."""
        streams = [self._scratch / name for name in ("in", "out", "err")]
        streams[0].write_bytes(stdin)
        job = {
            "arguments": [str(argument) for argument in arguments],
            "at": str(at),
            "streams": [str(path) for path in streams],
        }
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        out, err = (path.read_bytes().decode() for path in streams[1:])
        return Ended(**answer, out=out, err=err)

    def close(self) -> None:
        self._process.communicate()


def serve() -> None:
    """Answer jobs until there are no more."""
    for name in WARM.split():
        with suppress(ImportError):
            __import__(name)
    for line in sys.stdin:
        job = json.loads(line)
        begun = time.monotonic()
        child = os.fork()
        if child == 0:
            work(**job)
        status, usage = wait(child, begun + KILLED_AFTER)
        answer = {
            "code": os.waitstatus_to_exitcode(status),
            "seconds": usage.ru_utime + usage.ru_stime,
            "megabytes": usage.ru_maxrss >> 10,
        }
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def wait(child: int, until: float) -> tuple[int, resource.struct_rusage]:
    """Return status and usage of a child, which is killed if it takes too long."""
    handle = os.pidfd_open(child)
    ended, _, _ = select.select([handle], [], [], max(0, until - time.monotonic()))
    os.close(handle)
    if not ended:
        os.kill(child, signal.SIGKILL)
    _, status, usage = os.wait4(child, 0)
    return status, usage


def work(arguments: list[str], at: str, streams: list[str]) -> None:
    """Run a command and end the process."""
    code = 99
    try:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        os.chdir(at)
        for number, path in enumerate(streams):
            flags = (
                os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_TRUNC | os.O_CREAT
            )
            os.dup2(os.open(path, flags, 0o600), number)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.argv = ["framing", *arguments]
        sys.addaudithook(refuse_network)
        from framing.cli import main

        try:
            main(arguments)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(bool(end.code))
    except BaseException:  # noqa: BLE001 - the test is to see it
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def refuse_network(event: str, arguments: tuple[Any, ...]) -> None:
    """End what looks for another machine."""
    if event in ("socket.connect", "socket.getaddrinfo"):
        if event == "socket.connect" and isinstance(arguments[1], str | bytes):
            return  # a socket of this machine's file system
        message = f"network: {arguments}"
        raise AssertionError(message)


if __name__ == "__main__":
    serve()
