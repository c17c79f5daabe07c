"""Scoring on a cluster: a real scheduler and real workers, on this machine."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from framing.scoring import run
from tests.conftest import ROOT, Framing

SMALL = 3
"""Articles in a part, so that a small corpus has many."""

AT = 8
"""The part at which something happens: some are done by then, and some under way."""

CLIENT = """
import os, signal, sys
from framing.scoring import run
run.PART = int(sys.argv[1])
name = run.Parts.name
def die(self, number, articles):
    if number == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    return name(self, number, articles)
run.Parts.name = die
from framing.cli import main
main(sys.argv[3:])
"""


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "PART", SMALL)


@pytest.fixture(scope="module")
def corpus(migration: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a corpus of some forty parts."""
    text = (migration / "seeds" / "articles" / "articles.jsonl").read_text()
    rows = [json.loads(line) for line in text.splitlines()]
    path = tmp_path_factory.mktemp("corpus") / "articles.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for again in range(4):
            for row in rows:
                file.write(json.dumps({**row, "id": f"{row['id']}-{again}"}) + "\n")
    return path


def start(*command: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, *map(str, command)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


class Cluster:
    """A scheduler and its workers, each a process of its own."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.stack = stack
        self.folder = folder
        self.file = folder / "scheduler.json"
        self.workers: list[subprocess.Popen[bytes]] = []
        self._start("scheduler", "--port", 0, "--no-dashboard")
        end = time.monotonic() + 60
        while not (self.file.exists() and self.file.read_text()):
            assert time.monotonic() < end
            time.sleep(0.05)
        self.address = json.loads(self.file.read_text())["address"]

    def add_worker(self) -> None:
        worker = self._start(
            *("worker", "--nthreads", 1, "--no-nanny", "--no-dashboard"),
            *("--local-directory", self.folder),
        )
        self.workers.append(worker)

    def _start(self, what: str, *options: object) -> subprocess.Popen[bytes]:
        command = ("-m", "dask", what, *options, "--host", "127.0.0.1")
        process = start(*command, "--scheduler-file", self.file)
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)
        return process


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with ExitStack() as stack:
        found = Cluster(tmp_path_factory.mktemp("cluster"), stack)
        for _ in range(2):
            found.add_worker()
        yield found


def tables(folder: Path) -> dict[str, bytes]:
    """Return the files of results; `run.json` without what names the command."""
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    about = json.loads(files.pop("run.json"))
    del about["command"]
    return {**files, "run.json": json.dumps(about).encode()}


def command(corpus: Path, study: Path, *more: object) -> list[object]:
    return ["score", corpus, "--project", study, "-q", "-o", "out", *more]


@pytest.fixture(scope="module")
def alone(corpus: Path, migration: Path, tmp_path_factory) -> dict[str, bytes]:
    """Return what this machine makes of the corpus without a cluster."""
    folder = tmp_path_factory.mktemp("alone")
    never = 10**9
    arguments = command(corpus, migration, "--jobs", 1)
    arguments[arguments.index("out")] = folder / "out"
    assert start("-c", CLIENT, SMALL, never, *arguments).wait() == 0
    return tables(folder / "out")


@pytest.fixture
def at_part(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Have something done when the reader has come to part `AT`."""

    def patch(happen: Callable[[], None]) -> None:
        name = run.Parts.name

        def told(self: run.Parts, number: int, articles: list) -> str:
            if number == AT:
                happen()
            return name(self, number, articles)

        monkeypatch.setattr(run.Parts, "name", told)

    return patch


def test_a_lost_worker_changes_nothing(
    cluster: Cluster,
    alone: dict[str, bytes],
    framing: Framing,
    corpus: Path,
    migration: Path,
    tmp_path: Path,
    at_part: Callable[[Callable[[], None]], None],
) -> None:
    from distributed import Client

    with Client(cluster.address) as client:
        client.wait_for_workers(2, timeout=60)
    lost = cluster.workers[0]
    at_part(lambda: os.kill(lost.pid, signal.SIGKILL))
    ran = framing(*command(corpus, migration, "--cluster", cluster.address))
    assert (ran.code, ran.err) == (0, "")
    assert lost.wait() == -signal.SIGKILL
    assert tables(tmp_path / "out") == alone
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.slow
def test_a_run_goes_from_here_to_a_cluster_and_back(
    cluster: Cluster,
    alone: dict[str, bytes],
    framing: Framing,
    corpus: Path,
    migration: Path,
    tmp_path: Path,
) -> None:
    def kept() -> int:
        return len(list(tmp_path.glob(".out.parts/[0-9]*")))

    for number, way in (
        (AT, ("--jobs", 1)),
        (3 * AT, ("--cluster", cluster.address)),
    ):
        before = kept()
        arguments = command(corpus, migration, *way)
        arguments[arguments.index("out")] = tmp_path / "out"
        killed = start("-c", CLIENT, SMALL, number, *arguments)
        assert killed.wait() == -signal.SIGKILL
        assert before < kept() < 5 * AT
    assert framing(*command(corpus, migration)).code == 0
    assert tables(tmp_path / "out") == alone
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_cluster_of_our_own_gives_the_same(
    alone: dict[str, bytes],
    framing: Framing,
    corpus: Path,
    migration: Path,
    tmp_path: Path,
) -> None:
    ran = framing(*command(corpus, migration, "--cluster", "local", "--jobs", 2))
    assert (ran.code, ran.err) == (0, "")
    assert tables(tmp_path / "out") == alone


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("version", "has framing 0.1.0, this machine 9.9. Install the same versions"),
        ("folder", "Choose a folder that all workers share with this machine"),
        ("model", "got another model than was sent. Try again."),
        ("damage", "Copy it again from where you trust it"),
    ],
)
def test_a_worker_that_would_not_do_the_same_is_refused(
    cluster: Cluster,
    framing: Framing,
    corpus: Path,
    migration: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    change: str,
    said: str,
) -> None:
    from framing.scoring import cluster as ours

    make = ours._Prepared.__init__

    def changed(self: ours._Prepared, work: object, token: str) -> None:
        make(self, work, token)
        if change == "version":
            self.software["framing"] = "9.9"
        elif change == "folder":
            self.folder = tmp_path / "elsewhere"
        elif change == "model":
            self.digest = "0" * 64
        else:
            self.model = self.model[:-100] + b"?" * 100

    monkeypatch.setattr(ours._Prepared, "__init__", changed)
    ran = framing(*command(corpus, migration, "--cluster", cluster.address))
    assert ran.code == (4 if change == "damage" else 6)
    assert ran.err.startswith("framing: ")
    assert (ran.err.count("\n"), ran.err.count(said)) == (1, 1)
    assert "worker tcp://127.0.0.1:" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_a_scheduler_that_does_not_answer_is_told_in_one_line(
    framing: Framing,
    corpus: Path,
    migration: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr("framing.scoring.cluster.CONNECT", 1)
    for address in ("tcp://127.0.0.1:9", "127.0.0.1", "pigeon://loft:1"):
        ran = framing(*command(corpus, migration, "--cluster", address))
        assert (ran.code, ran.err) == (
            6,
            f"framing: {address}: no Dask scheduler answers. Check the address, and "
            "that `dask scheduler` runs there.\n",
        )
    assert list(tmp_path.iterdir()) == []


def test_a_cluster_without_workers_is_told(
    framing: Framing,
    corpus: Path,
    migration: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    monkeypatch.setattr("framing.scoring.cluster.PATIENCE", 0.5)
    with ExitStack() as stack:
        empty = Cluster(tmp_path_factory.mktemp("empty"), stack)
        ran = framing(*command(corpus, migration, "--cluster", empty.address))
    assert ran.code == 6
    assert "no worker is there. Start some by `dask worker" in ran.err


def test_without_dask_the_extra_is_named(
    framing: Framing,
    corpus: Path,
    migration: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "framing.scoring.cluster", raising=False)
    monkeypatch.setitem(sys.modules, "distributed", None)
    ran = framing(*command(corpus, migration, "--cluster", "local"))
    assert (ran.code, ran.err) == (
        6,
        "framing: --cluster needs Dask. Run: pip install 'framing[cluster]'\n",
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--cluster", "local"), "name it with -o"),
        (("--cluster", "a:1", "--jobs", 2, "-o", "out"), "leave out --jobs"),
    ],
)
def test_options_that_a_cluster_cannot_use_are_refused(
    framing: Framing, corpus: Path, options: tuple[object, ...], said: str
) -> None:
    ran = framing("score", corpus, *options)
    assert ran.code == 2
    assert said in " ".join(ran.err.replace("│", " ").split())
