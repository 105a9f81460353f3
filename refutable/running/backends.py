"""Where blocks are drawn: anything that is a `concurrent.futures.Executor`."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import warnings
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import Any

from refutable import threads
from refutable.errors import MisuseError
from refutable.running.apart import draw_apart
from refutable.running.limits import check_limit
from refutable.running.starting import start_worker
from refutable.running.tasks import Drawn, draw


class SerialExecutor(Executor):
    """Runs a task when it is submitted, in this process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run and return a finished future."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@dataclass
class Backend:
    """An executor, how many blocks it works on at once, and how to start it anew.

    Parameters
    ----------
    name : str
    workers : int
    start : callable
        Returns a fresh executor; called again when workers died.
    stop : callable
        Ends an executor at once, whatever it is doing.
    alive : callable
        Whether an executor still has workers; asked when nothing was heard for a while.
    draw : callable
        What a worker is asked to run: takes a task and its time limit.
    """

    name: str
    workers: int
    start: Callable[[], Executor]
    stop: Callable[[Executor], None]
    alive: Callable[[Executor], bool] = lambda executor: True
    draw: Callable[..., Drawn] = draw


def serial() -> Backend:
    """Draw every block in this process."""
    return Backend("serial", 1, SerialExecutor, lambda executor: None)


def processes(workers: int, memory: float = 0.0) -> Backend:
    """Draw blocks in `workers` processes of this machine (loky), of `memory` GB at most each."""
    from loky import ProcessPoolExecutor  # starts slowly; only needed here

    # loky renews a worker that has grown; no block is lost, so nobody need be told
    warnings.filterwarnings("ignore", message="A worker was restarted while some jobs")

    def start() -> Executor:
        executor: Executor = ProcessPoolExecutor(
            max_workers=workers,
            initializer=start_worker,
            initargs=(memory, os.getpid()),
            env=threads.ENVIRONMENT,
        )
        return executor

    def stop(executor: Executor) -> None:
        executor.shutdown(wait=True, kill_workers=True)  # type: ignore[call-arg]

    return Backend("processes", workers, start, stop)


_ANSWER = 20.0
"""Seconds within which a scheduler answers."""


def dask(scheduler: str | None, workers: int) -> Backend:
    """Draw blocks on a Dask cluster, or on a local one if no scheduler is named.

    Every worker draws its blocks in a child process: one that hangs is ended, and the worker,
    which may be other people's too, goes on. The child has one BLAS thread.

    Raises
    ------
    MisuseError
        If `distributed` is not installed.
    """
    try:
        distributed: Any = importlib.import_module("distributed")
    except ImportError as error:
        raise MisuseError(
            "The Dask back end needs the package `distributed`: pip install 'refutable[dask]'."
        ) from error
    clients: dict[Executor, Any] = {}

    def start() -> Executor:
        address = scheduler or distributed.LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=None
        )
        client = distributed.Client(address, timeout=30)
        if scheduler:
            threads_of = client.nthreads()
            backend.workers = max(1, sum(threads_of.values()))
        executor: Executor = client.get_executor(pure=False)
        clients[executor] = client
        return executor

    def stop(executor: Executor) -> None:
        client = clients.pop(executor)
        cluster = client.cluster
        client.close(timeout=_ANSWER)
        if cluster is not None:
            cluster.close(timeout=_ANSWER)

    def alive(executor: Executor) -> bool:
        client = clients[executor]
        try:
            return bool(client.sync(client.scheduler.ncores, callback_timeout=_ANSWER))
        except (OSError, TimeoutError):  # a scheduler that is gone has no workers
            return False

    backend = Backend("dask", workers, start, stop, alive, draw_apart)
    return backend


def mpi() -> Backend:
    """Draw blocks on all MPI ranks but the first, which drives.

    Raises
    ------
    MisuseError
        If `mpi4py` is not installed, or there are no ranks to draw on.
    """
    if importlib.util.find_spec("mpi4py") is None:
        raise MisuseError(
            "The MPI back end needs the package `mpi4py`: pip install 'refutable[mpi]'."
        )
    # Only `python -m mpi4py.futures` hands the ranks over, and has imported this by now. MPI
    # itself, which begins when it is imported, may wait for a launcher that is not there.
    pool = getattr(sys.modules.get("mpi4py.futures._core"), "SharedPool", None)
    ranks = 0 if pool is None else importlib.import_module("mpi4py.MPI").COMM_WORLD.Get_size()
    if ranks < 2:
        raise MisuseError(
            "The MPI back end found no ranks to draw on. Start it as "
            "`mpiexec -n N python -m mpi4py.futures -m refutable run --backend mpi ...`, N at "
            "least 2: one rank drives, the others draw."
        )
    futures: Any = importlib.import_module("mpi4py.futures")

    def start() -> Executor:
        executor: Executor = futures.MPIPoolExecutor(initializer=start_worker)
        return executor

    def stop(executor: Executor) -> None:
        executor.shutdown(wait=False, cancel_futures=True)

    return Backend("mpi", ranks - 1, start, stop)


def choose(
    name: str,
    workers: int,
    scheduler: str | None = None,
    memory: float = 0.0,
    apart: bool = False,
) -> Backend:
    """Return a back end by name; `auto` is in process for one worker, processes for more.

    A limit of memory needs processes, even for one worker; so do claims to be kept `apart` from
    this process, which they might end, move or hang.

    Raises
    ------
    MisuseError
        If the name is unknown, `workers` is not positive, `memory` is no amount, or an option
        is given that the back end would ignore.
    """
    if workers < 1:
        raise MisuseError(f"--workers {workers}: at least one worker is needed.")
    check_limit("--memory", memory)
    if scheduler is not None and name != "dask":
        raise MisuseError(f"--scheduler {scheduler}: only --backend dask has one; it is {name!r}.")
    if memory and name not in ("auto", "processes"):
        raise MisuseError(f"--memory {memory:g}: only --backend processes can limit its workers.")
    table: dict[str, Callable[[], Backend]] = {
        "auto": lambda: (
            serial() if workers == 1 and not (memory or apart) else processes(workers, memory)
        ),
        "serial": serial,
        "processes": lambda: processes(workers, memory),
        "dask": lambda: dask(scheduler, workers),
        "mpi": mpi,
    }
    if name not in table:
        raise MisuseError(f"--backend {name!r} is unknown; choose from {', '.join(table)}.")
    return table[name]()
