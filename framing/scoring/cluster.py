"""Who scores the parts: workers of a Dask cluster, on this machine or on others.

This process reads the articles and sends each part to whichever worker is free; a
worker writes the tables of a part to the shared folder and says no more than that it
is done. A part whose worker is lost is scored by another one.
"""

import logging
import platform
import secrets
import signal
import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from distributed import (
    Client,
    Future,
    KilledWorker,
    LocalCluster,
    WorkerPlugin,
    get_worker,
    wait,
)
from distributed.comm import CommClosedError

from framing import __version__
from framing.errors import ClusterError, shown
from framing.modelstore import model_bytes, parse_model
from framing.scoring.part import Done, PartScorer, Task, Work
from framing.scoring.thresholds import set_thresholds
from framing.scoring.workers import AHEAD, Way, n_cores

LOCAL = "local"
"""The address that stands for a cluster of our own on this machine."""

CONNECT = 15
"""Seconds that a scheduler may take to answer."""

PATIENCE = 60
"""Seconds to wait for any worker, and for a network drive to show what was written."""

SILENT = logging.CRITICAL + 1

_LOST = "the connection to the scheduler is lost. Give the same command to go on."


@contextmanager
def on_cluster(address: str, jobs: int) -> Iterator[Way]:
    """Connect to a cluster and give the way to have it score parts.

    Parameters
    ----------
    address : str
        That of a scheduler, such as `tcp://10.0.0.1:8786`, or `LOCAL`.
    jobs : int
        Workers of a local cluster; 0 for one on each core.

    Raises
    ------
    ClusterError
        Nobody answers there.
    """
    _hush()
    if address == LOCAL:
        with (
            LocalCluster(
                n_workers=jobs or n_cores(),
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                silence_logs=SILENT,
            ) as cluster,
            Client(cluster) as client,
        ):
            client.register_plugin(_Deaf())
            yield partial(_score_tasks, client)
        return
    try:
        client = Client(address, timeout=CONNECT)
    except (OSError, ValueError) as error:
        msg = (
            f"{shown(address)}: no Dask scheduler answers. Check the address, and that "
            "`dask scheduler` runs there."
        )
        raise ClusterError(msg) from error
    with client:
        yield partial(_score_tasks, client)


def _hush() -> None:
    """Silence what Dask would write on the terminal.

    Lost workers are made up for; what ends a run is told by an error of ours.
    """
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).setLevel(SILENT)


def _score_tasks(
    client: Client, tasks: Iterable[Task], work: Work
) -> Generator[Done, None, None]:
    """Yield what becomes of each task, as they are done."""
    with _shared(work.folder) as token, _prepared(client, work, token) as name:
        waiting: set[Future] = set()
        late: list[Path] = []
        try:
            for task in tasks:
                waiting.add(client.submit(_score, name, task, pure=False))
                # Asked anew each time: workers come and go.
                while len(waiting) >= AHEAD * max(1, _n_threads(client)):
                    yield from _take_done(client, waiting, late)
            while waiting:
                yield from _take_done(client, waiting, late)
        except (CommClosedError, CancelledError) as error:
            raise ClusterError(_LOST) from error
        finally:
            client.cancel(list(waiting), force=True)
        _wait_to_see(late)


def _take_done(
    client: Client, waiting: set[Future], late: list[Path]
) -> Iterator[Done]:
    """Wait for a task and yield it, and others that are done; note what is not seen."""
    while True:
        try:
            found = wait(waiting, timeout=PATIENCE, return_when="FIRST_COMPLETED")
            break
        except TimeoutError as error:
            if not _n_threads(client):
                raise ClusterError(_no_workers(client)) from error
    for future in found.done:
        waiting.remove(future)
        try:
            path, done = future.result()
        except KilledWorker as error:
            msg = (
                "several workers were lost at the same part, perhaps for want of "
                "memory. Give them more and the same command to go on."
            )
            raise ClusterError(msg) from error
        if not path.is_dir():
            late.append(path)
        yield done


def _n_threads(client: Client) -> int:
    return sum(client.nthreads().values())


def _no_workers(client: Client) -> str:
    return (
        f"{client.scheduler.address}: no worker is there. Start some by `dask worker "
        f"{client.scheduler.address} --nthreads 1`, then give the same command."
    )


def _wait_to_see(paths: list[Path]) -> None:
    """Wait for what workers have written; a network drive may show it late."""
    end = time.monotonic() + PATIENCE
    for path in paths:
        while not path.is_dir():
            if time.monotonic() > end:
                msg = (
                    f"{shown(path)}: written by a worker, but not to be seen here. "
                    "Choose a folder that all workers share with this machine."
                )
                raise ClusterError(msg)
            time.sleep(0.5)


@contextmanager
def _shared(folder: Path) -> Iterator[str]:
    """Give the name of a file in a folder: who sees it there shares the folder."""
    path = folder / f".{secrets.token_hex(8)}.tmp"
    path.touch()
    try:
        yield path.name
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def _prepared(client: Client, work: Work, token: str) -> Iterator[str]:
    """Tell all workers what to do, also those that come later; give its name.

    Raises
    ------
    ClusterError
        There are none, or they would not do the same as this machine.
    ModelError
        The model did not arrive as it was sent.
    """
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError as error:
        raise ClusterError(_no_workers(client)) from error
    name = f"framing-{secrets.token_hex(8)}"
    try:
        # The scheduler looks into tasks as well.
        client.run_on_scheduler(check_software, "the scheduler", software())
        client.register_plugin(_Prepared(work, token), name=name)
    except ModuleNotFoundError as error:
        msg = (
            f"a machine of the cluster lacks {shown(error.name)}. Install framing "
            f"{__version__} on the scheduler and all workers."
        )
        raise ClusterError(msg) from error
    except CommClosedError as error:
        raise ClusterError(_LOST) from error
    try:
        yield name
    finally:
        if client.status == "running":
            client.unregister_worker_plugin(name)


class _Deaf(WorkerPlugin):  # type: ignore[misc]  # Dask says nothing of its types
    """Makes workers of our own leave Ctrl-C to the program that they work for."""

    def setup(self, worker: Any) -> None:
        """Ignore it from now on."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)


class _Prepared(WorkerPlugin):  # type: ignore[misc]
    """What a worker must know: it travels once to each, the model as its file."""

    def __init__(self, work: Work, token: str) -> None:
        head = work.model.frames
        # Thresholds asked for may be 0 or 1, which no file of a model holds.
        self.thresholds = dict(zip(head.classes, head.thresholds.tolist(), strict=True))
        self.model, self.digest = model_bytes(
            set_thresholds(work.model, dict.fromkeys(head.classes, 0.5))
        )
        self.folder = work.folder
        self.token = token
        self.software = software()

    def setup(self, worker: Any) -> None:
        """Make a worker ready, or refuse it."""
        self.lock = Lock()
        self.where = f"worker {worker.address}"
        self.scorer: PartScorer | None = None
        self.scorer = self._prepare()

    def _prepare(self) -> PartScorer:
        check_software(self.where, self.software)
        assert self.folder is not None
        if not (self.folder / self.token).exists():
            msg = (
                f"{self.where}: does not see {shown(self.folder)}. Choose a folder "
                "that all workers share with this machine, by the same path."
            )
            raise ClusterError(msg)
        model, digest = parse_model(self.model, f"model sent to {self.where}")
        if digest != self.digest:
            msg = f"{self.where}: got another model than was sent. Try again."
            raise ClusterError(msg)
        model = set_thresholds(model, self.thresholds)
        return PartScorer(Work(model, self.folder))

    def score(self, task: Task) -> tuple[Path, Done]:
        """Score a part, one at a time; return where it is."""
        assert self.folder is not None
        with self.lock:
            # Dask takes in a worker that came later even if it could not be set up.
            self.scorer = self.scorer or self._prepare()
            return self.folder / task.name, self.scorer(task)


def _score(name: str, task: Task) -> tuple[Path, Done]:
    done: tuple[Path, Done] = get_worker().plugins[name].score(task)
    return done


def software() -> dict[str, str]:
    """Return the versions of all that results depend on."""
    return {
        "framing": __version__,
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "numpy": np.__version__,
        "pandas": pd.__version__,
        "pyarrow": pa.__version__,
    }


def check_software(where: str, wanted: Mapping[str, str]) -> None:
    """Refuse this machine unless it has the same versions.

    Raises
    ------
    ClusterError
        Another version of anything, with both told.
    """
    own = software()
    for name, version in wanted.items():
        if own.get(name) != version:
            msg = (
                f"{where}: has {name} {own.get(name)}, this machine {version}. Install "
                "the same versions on all machines: numbers might differ."
            )
            raise ClusterError(msg)
