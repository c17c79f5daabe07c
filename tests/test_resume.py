"""Scoring under kill -9, and by several processes, comes to the same bytes."""

import os
import random
import signal
import sys
import time
from importlib import import_module
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from framing.scoring import run
from tests.conftest import Framing, call

KILLS = 40
MANY_KILLS = 200
SMALL = 3
"""Articles in a part, so that a small corpus has many."""


@pytest.fixture
def corpus(migration: Path) -> Path:
    return migration / "seeds" / "articles" / "articles.jsonl"


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "PART", SMALL)


def tables(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def parts_of(folder: Path) -> list[Path]:
    return sorted(folder.glob(".out.parts/[0-9]*"))


def command(corpus: Path, study: Path, *more: object) -> list[object]:
    return ["score", corpus, "--project", study, "-q", "-o", "out", *more]


def in_child(arguments: list[object], folder: Path) -> tuple[int, int]:
    """Start a command in a fork; return its number and a pipe that says "ready"."""
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        return child, reader
    try:
        os.chdir(folder)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        sys.argv = ["framing", *map(str, arguments)]
        os.write(writer, b"ready")
        os._exit(call(*arguments))
    finally:
        os._exit(99)


def kill_until_done(
    arguments: list[object], folder: Path, chance: random.Random, wait: float
) -> int:
    """Run a command and kill it, again and again; return how often it was killed."""
    kills = 0
    while True:
        child, reader = in_child(arguments, folder)
        assert os.read(reader, 5) == b"ready"
        os.close(reader)
        # Later and later, for what comes after the last part is not kept.
        time.sleep(wait * chance.random() * (1 + kills / 10))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0
            return kills
        kills += 1
        for part in parts_of(folder):
            for file in part.iterdir():
                pq.ParquetFile(file, page_checksum_verification=True).read(
                    use_threads=False
                )


def check_kills(n: int, corpus: Path, study: Path, folder: Path) -> None:
    # What is imported before the fork, no child spends its time on.
    for name in ("copies", "measuring", "results", "trust"):
        import_module(f"framing.{name}")
    for name in ("scipy.sparse.csgraph", "scipy.stats", "rich.table"):
        import_module(name)
    arguments = command(corpus, study, "--jobs", 1)
    whole = folder / "undisturbed"
    whole.mkdir()
    child, reader = in_child(arguments, whole)
    start = time.monotonic()
    assert os.waitpid(child, 0)[1] == 0
    # Part of a run: most kills meet it at work, and each run is killed several times.
    wait = 0.4 * (time.monotonic() - start)
    os.close(reader)
    chance, kills, runs = random.Random(5), 0, 0
    while kills < n:
        own = folder / f"run{runs}"
        own.mkdir()
        kills += kill_until_done(arguments, own, chance, wait)
        runs += 1
        assert tables(own / "out") == tables(whole / "out")
        assert [path.name for path in own.iterdir()] == ["out"]


def test_killed_run_goes_on_to_the_same_bytes(
    corpus: Path, migration: Path, tmp_path: Path
) -> None:
    check_kills(KILLS, corpus, migration, tmp_path)


@pytest.mark.slow
def test_run_killed_many_times_goes_on_to_the_same_bytes(
    corpus: Path, migration: Path, tmp_path: Path
) -> None:
    check_kills(MANY_KILLS, corpus, migration, tmp_path)


@pytest.mark.slow
def test_several_processes_give_the_same_bytes(
    framing: Framing, corpus: Path, migration: Path, tmp_path: Path
) -> None:
    found = []
    for jobs in (1, 3):
        folder = tmp_path / str(jobs)
        folder.mkdir()
        ran = framing(*command(corpus, migration, "--jobs", jobs), at=folder)
        assert ran.code == 0
        made = tables(folder / "out")
        made.pop("run.json")  # it names the command
        found.append((made, ran.out))
    assert found[0] == found[1]


def test_without_a_folder_counts_alone_give_the_same_mix(
    framing: Framing, corpus: Path, migration: Path
) -> None:
    arguments = command(corpus, migration, "--json")
    kept = framing(*arguments).json
    at = arguments.index("-o")
    found = framing(*arguments[:at], *arguments[at + 2 :]).json
    assert found == kept


def test_em_keeps_every_sentence_it_needs_without_a_folder(
    framing: Framing, corpus: Path, migration: Path
) -> None:
    ran = framing("score", corpus, "--project", migration, "--method", "em", "-q")
    assert (ran.code, ran.err) == (0, "")
    assert "Shares by em" in ran.out
