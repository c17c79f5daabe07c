"""Who scores the parts makes no difference to what comes of them, nor its order."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from framing.errors import StorageError
from framing.records import Article
from framing.scoring import workers
from framing.scoring.part import Task, Work
from framing.scoring.workers import AHEAD, FEW, n_cores, score_tasks
from tests.smallmodel import TEXTS, make_model

MODEL = make_model()


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(MODEL, tmp_path)


def make_tasks(n: int, seen: list[str] | None = None) -> Iterator[Task]:
    for number in range(n):
        if seen is not None:
            seen.append(str(number))
        text = ". ".join([TEXTS[number % 4], f"Day {number}"]) + "."
        yield Task(f"part-{number}", [Article(f"a{number}", "s", "", "", text)])


def test_several_processes_write_the_same_tables(tmp_path: Path) -> None:
    written = []
    for jobs in (1, 2):
        folder = tmp_path / str(jobs)
        folder.mkdir()
        done = list(score_tasks(make_tasks(12), Work(MODEL, folder), jobs))
        assert [one.n_articles for one in done] == [1] * 12
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        written.append({str(p.relative_to(folder)): p.read_bytes() for p in files})
    assert len(written[0]) == 12 * 7
    assert written[0] == written[1]


@pytest.mark.parametrize(
    ("n", "jobs", "cores", "alone"),
    [
        (FEW, 0, 8, True),  # not worth the start of others
        (FEW + 1, 0, 8, False),
        (FEW + 1, 0, 1, True),
        (1, 2, 8, True),
        (2, 2, 8, False),
        (9, 1, 8, True),
        (0, 0, 8, True),
    ],
)
def test_others_are_started_only_where_there_is_enough_to_do(
    monkeypatch: pytest.MonkeyPatch,
    work: Work,
    n: int,
    jobs: int,
    cores: int,
    alone: bool,
) -> None:
    started = []

    def beside(tasks: Iterator[Task], _: Work, jobs: int) -> Iterator[str]:
        started.append(jobs)
        yield from (task.articles[0].doc_id for task in tasks)

    monkeypatch.setattr(workers, "_score_beside", beside)
    monkeypatch.setattr(workers, "n_cores", lambda: cores)
    done = list(score_tasks(make_tasks(n), work, jobs))
    assert len(done) == n  # those that were looked at to know are not lost
    assert started == ([] if alone else [min(jobs or cores, n)])


def test_reader_is_never_far_ahead_of_the_workers(work: Work) -> None:
    """Else a whole corpus would wait in memory."""
    seen: list[str] = []
    for number, _ in enumerate(score_tasks(make_tasks(30, seen), work, 2), 1):
        assert len(seen) <= number + 2 * AHEAD


@dataclass(frozen=True)
class Deadly(Task):
    """A part that kills the worker that is handed it."""

    def __reduce__(self) -> tuple[Callable[[], None], tuple[()]]:
        return _die, ()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("nth", [0, 5])
def test_worker_that_is_killed_is_told_in_one_line(work: Work, nth: int) -> None:
    """The first worker, of which the others are split off, or one of these."""
    tasks = list(make_tasks(8))
    tasks[nth] = Deadly("part", [])
    with pytest.raises(StorageError, match=r"^a worker was ended from outside.*same"):
        list(score_tasks(tasks, work, 2))
    assert not multiprocessing.active_children()


def test_run_that_is_left_early_leaves_no_process(work: Work) -> None:
    stream = score_tasks(make_tasks(30), work, 2)
    next(stream)
    assert multiprocessing.active_children()
    stream.close()
    assert not multiprocessing.active_children()


def test_error_in_a_worker_is_the_error_of_the_run(work: Work) -> None:
    bad: Callable[..., Task] = Task
    tasks = [bad("", None), bad("", None)]
    with pytest.raises(TypeError) as caught:
        list(score_tasks(tasks, work, 2))
    assert "framing/scoring/part.py" in str(caught.value.__notes__)  # where it was


class Odd:
    """Articles that fail with an error that cannot be sent."""

    def __iter__(self) -> Iterator[Article]:
        raise OddError


class OddError(Exception):
    def __reduce__(self) -> str:
        msg = "cannot be taken apart"
        raise TypeError(msg)


@pytest.mark.parametrize("nth", [0, 1])
def test_error_that_cannot_be_sent_ends_the_run_too(work: Work, nth: int) -> None:
    tasks = list(make_tasks(4))
    tasks[nth] = Task("part", cast(list[Article], Odd()))
    with pytest.raises(RuntimeError, match="OddError"):
        list(score_tasks(tasks, work, 2))
    assert not multiprocessing.active_children()


def test_there_is_at_least_one_core() -> None:
    assert n_cores() >= 1
