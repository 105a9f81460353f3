"""Run part of a benchmark in a process of its own, so that its memory is its own."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any


def peak_megabytes() -> float:
    """Return the most memory that this process has held.

    On Linux that of its present image: `getrusage` passes on what the parent held before the
    child's own program was loaded.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(one for one in status.read_text().splitlines() if one.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    unit = 2**20 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def apart(call: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    """Call in a fresh process; return the result and the most megabytes that process held.

    Parameters
    ----------
    call : callable
        Found by its name in the fresh process: at the top of a module.
    *arguments
        What can be pickled.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_measured, call, arguments).result()


def _measured(call: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[Any, float]:
    return call(*arguments), peak_megabytes()
