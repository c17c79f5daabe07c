"""Who scores the parts: this process, several beside it, or a cluster.

Processes and not threads: two thirds of the work is Python, which one thread at a time
can do, and two threads take longer than one (docs/performance.md, "All cores").
"""

import gc
import os
import signal
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from copy import copy
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from queue import SimpleQueue
from typing import NamedTuple, TypeAlias

from framing.errors import ClusterError, StorageError
from framing.scoring.part import Done, PartScorer, Task, Work

FEW = 4
"""Parts that are done sooner by one process than others are started."""

AHEAD = 2
"""Parts that wait for each worker: it never waits for the reader, and little is held
in memory."""

SPLITS = sys.platform == "linux"
"""Whether a process may be split in two (fork) that imported numpy and Arrow."""

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
    jobs = jobs or n_cores()
    first = list(islice(stream, max(jobs, few + 1)))
    stream = chain(first, stream)
    if jobs == 1 or len(first) <= few:
        yield from map(PartScorer(work), stream)
    else:
        yield from _score_beside(stream, work, min(jobs, len(first)))


def _score_beside(tasks: Iterator[Task], work: Work, jobs: int) -> Iterator[Done]:
    waiting: deque[Future[Done]] = deque()
    with _workers(work, jobs) as free:
        # Threads that do nothing but wait, each for one worker at a time.
        pool = ThreadPoolExecutor(jobs)
        try:
            for task in tasks:
                waiting.append(pool.submit(_ask, free, task))
                if len(waiting) >= jobs * AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            # After Ctrl-C too: what was begun is finished and kept.
            pool.shutdown(wait=True, cancel_futures=True)


class _Worker(NamedTuple):
    """The line to a worker, and what tells that its process is gone."""

    line: Connection
    process: int


def _ask(free: "SimpleQueue[_Worker]", task: Task) -> Done:
    """Have a free worker score a part."""
    worker = free.get()
    try:
        worker.line.send(task)
        if worker.line not in wait([worker.line, worker.process]):
            raise EOFError
        answer = worker.line.recv()
    except (EOFError, OSError) as error:
        msg = (
            "a worker was ended from outside, perhaps for want of memory. Give the "
            "same command to go on, or --jobs 1."
        )
        raise StorageError(msg) from error
    finally:
        free.put(worker)
    if isinstance(answer, Exception):
        raise answer
    assert isinstance(answer, Done)
    return answer


@contextmanager
def _workers(work: Work, jobs: int) -> Iterator["SimpleQueue[_Worker]"]:
    """Start workers, and end them in the end; give the lines to them."""
    # Fresh processes: this one has threads, of which a fork would copy the locks in
    # whatever state. The first of a team has none, and the others are split off it.
    context = get_context("spawn")
    lines = [context.Pipe() for _ in range(jobs)]
    teams = [lines] if SPLITS else [[line] for line in lines]
    processes = [
        context.Process(target=_work, args=([theirs for _, theirs in team],))
        for team in teams
    ]
    free: SimpleQueue[_Worker] = SimpleQueue()
    try:
        for process in processes:
            process.start()
        for _, theirs in lines:
            theirs.close()  # else nobody would see that the worker is gone
        for process, team in zip(processes, teams, strict=True):
            _tell(work, team[0][0])
            for ours, _ in team:
                free.put(_Worker(ours, process.sentinel))
        yield free
    finally:
        for ours, _ in lines:
            ours.close()
        for process in processes:
            if process.pid:
                process.join()


def _tell(work: Work, line: Connection) -> None:
    """Send what is to be done: not with the start, which would wait for the dead."""
    try:
        line.send(work)
    except OSError as error:
        msg = (
            "a worker did not start. In a script of your own call this under "
            "`if __name__ == '__main__':`, or let one process do it (jobs 1)."
        )
        raise StorageError(msg) from error


def _work(team: Sequence[Connection]) -> None:
    """Be the first worker of a team; whatever happens, let nobody wait for it."""
    # Ctrl-C is for the program that we work for.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        _lead(team)
    except EOFError:  # the program went before it said what is to be done
        pass
    except BaseException:  # noqa: BLE001 - the end of a process, which is told below
        traceback.print_exc()
        sys.stderr.flush()
        # Not by returning: the others, who wait for the program, would be waited for.
        os._exit(1)


def _lead(team: Sequence[Connection]) -> None:
    """Get ready, split the other workers off, and score.

    What is ready, modules and model, is in memory once for all of them.
    """
    scorer = PartScorer(team[0].recv())
    with suppress(Exception):  # it fails again at the first part, which tells it
        scorer.make_ready()
    parent = parent_process()
    assert parent is not None
    gc.collect()
    gc.freeze()  # a collector that looks at everything would copy it all
    for line in team[1:]:
        others = [end for end in team if end is not line]
        arguments = (scorer, line, others, parent.sentinel)
        get_context("fork").Process(target=_serve, args=arguments).start()
    _serve(scorer, team[0], team[1:], parent.sentinel)


def _serve(
    scorer: PartScorer, line: Connection, others: Sequence[Connection], program: int
) -> None:
    """Score what comes over the line, until nothing more will come."""
    for end in others:
        end.close()
    threading.Thread(target=_end_with, args=(program,), daemon=True).start()
    with suppress(EOFError, OSError):  # the program is done, or gone
        while True:
            task = line.recv()
            try:
                done = scorer(task)
            except Exception as error:  # noqa: BLE001 - raised where it was asked for
                _send_error(line, error)
            else:
                line.send(done)


def _send_error(line: Connection, error: Exception) -> None:
    """Send an error with what led to it; as a text, if it would not arrive as it is."""
    led = "".join(traceback.format_exception(error))
    error.add_note(led)
    try:
        line.send(copy(error))
    except OSError:
        raise
    except Exception:  # noqa: BLE001 - some cannot be taken apart, some not put together
        line.send(RuntimeError(led))


def _end_with(program: int) -> None:
    """End this worker when its program is killed: nobody else would."""
    wait([program])
    os._exit(1)
