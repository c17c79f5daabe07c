"""Who scores the parts: this process, several beside it, or a cluster."""

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from typing import TypeAlias

from framing.errors import ClusterError, StorageError
from framing.scoring.part import Done, PartScorer, Task, Work

FEW = 4
"""Parts that are done sooner by one process than others are started."""

AHEAD = 2
"""Parts that wait for each worker: it never waits for the reader, and little is held
in memory."""


Way: TypeAlias = Callable[[Iterable[Task], Work], Generator[Done, None, None]]
"""A way to have parts scored: yields what becomes of each, in whatever order."""


def n_cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def by_processes(jobs: int) -> Way:
    """Return the way to score parts on this machine.

    Parameters
    ----------
    jobs : int
        Processes; 0 for one on each core if there is enough to do, 1 for this one.
    """
    return lambda tasks, work: score_tasks(tasks, work, jobs)


def connect(address: str, jobs: int) -> AbstractContextManager[Way]:
    """Return the way to score parts on a cluster; see `framing.scoring.cluster`.

    Raises
    ------
    ClusterError
        Dask is not installed, or nobody answers at the address.
    """
    try:
        from framing.scoring.cluster import on_cluster
    except ModuleNotFoundError as error:
        msg = "--cluster needs Dask. Run: pip install 'framing[cluster]'"
        raise ClusterError(msg) from error
    return on_cluster(address, jobs)


def score_tasks(
    tasks: Iterable[Task], work: Work, jobs: int
) -> Generator[Done, None, None]:
    """Yield what becomes of each task, in their order; see `by_processes`."""
    stream = iter(tasks)
    few = 1 if jobs else FEW
    first = list(islice(stream, few + 1))
    stream = chain(first, stream)
    jobs = jobs or n_cores()
    if jobs == 1 or len(first) <= few:
        yield from map(PartScorer(work), stream)
    else:
        yield from _score_beside(stream, work, jobs)


def _score_beside(tasks: Iterator[Task], work: Work, jobs: int) -> Iterator[Done]:
    # Fresh processes: a fork would copy locks of Arrow's threads in whatever state.
    pool = ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_start, initargs=(work,)
    )
    waiting: deque[Future[Done]] = deque()
    try:
        for task in tasks:
            waiting.append(pool.submit(_score, task))
            if len(waiting) >= jobs * AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        msg = (
            "a worker was ended from outside, perhaps for want of memory. Give the "
            "same command to go on, or --jobs 1."
        )
        raise StorageError(msg) from error
    finally:
        # After Ctrl-C too: what was begun is finished and kept.
        pool.shutdown(wait=True, cancel_futures=True)


_scorers: list[PartScorer] = []
"""The one scorer of a worker process."""


def _start(work: Work) -> None:
    """Make a worker ready: the model is loaded once."""
    # Ctrl-C is for the program that we work for.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _scorers.append(PartScorer(work))


def _end_with_parent() -> None:
    """End this worker when its program is killed: nobody else would."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _score(task: Task) -> Done:
    return _scorers[0](task)
