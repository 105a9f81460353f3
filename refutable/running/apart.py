"""Blocks of a worker that must outlive them: each drawn in a child process, ended if it hangs."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from concurrent.futures import TimeoutError as NotInTime
from contextlib import contextmanager
from typing import cast

from refutable import threads
from refutable.running.limits import too_long
from refutable.running.starting import start_worker
from refutable.running.tasks import Drawn, Task, draw

PATIENCE = 30.0
"""Seconds beyond the time limit of a block: enough for the child to start and to hear its alarm."""

_OF_THREAD = threading.local()


def draw_apart(task: Task, seconds: float = 0.0) -> Drawn:
    """Draw a block as `draw` does, in a child of this process that is kept for the next one.

    Parameters
    ----------
    task : Task
    seconds : float
        Time limit; 0 for none. A child that does not keep it is ended, and the block has failed.

    Raises
    ------
    BrokenProcessPool
        If the child died. The next block has a new one.
    """
    start, pool = time.perf_counter(), _pool()
    try:
        future = pool.submit(draw, task, seconds)
        return future.result(timeout=seconds + PATIENCE if seconds > 0 else None)
    except NotInTime:
        _end(pool)
        return Drawn(None, time.perf_counter() - start, too_long(seconds))
    except BaseException:
        _end(pool)
        raise


def _pool() -> Executor:
    """Return the child of this thread, a pool of one."""
    if getattr(_OF_THREAD, "pool", None) is None:
        from loky import ProcessPoolExecutor  # starts slowly; only needed here

        with _allowed_children():
            pool = ProcessPoolExecutor(
                max_workers=1,
                initializer=start_worker,
                initargs=(0.0, os.getpid()),
                env=threads.ENVIRONMENT,
            )
            pool.submit(int).result()  # the child is started by what is submitted
        _OF_THREAD.pool = pool
    return cast(Executor, _OF_THREAD.pool)


def _end(pool: Executor) -> None:
    _OF_THREAD.pool = None
    pool.shutdown(wait=True, kill_workers=True)  # type: ignore[call-arg]


@contextmanager
def _allowed_children() -> Iterator[None]:
    """Let a daemonic process have children: they watch for its end themselves.

    Dask starts its workers so, and multiprocessing offers no other way to say that it is safe.
    """
    settings = multiprocessing.current_process()._config  # type: ignore[attr-defined]
    before = settings.get("daemon")
    settings["daemon"] = False
    try:
        yield
    finally:
        settings["daemon"] = before
