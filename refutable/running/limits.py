"""Limits of a block: how long it may take and how much memory it may use."""

from __future__ import annotations

import math
import resource
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from refutable.errors import MisuseError, RefutableError


class TooLong(RefutableError):
    """A block was still running when its time was up."""


def check_limit(option: str, value: float) -> None:
    """Refuse a limit that is none.

    Raises
    ------
    MisuseError
        If `value` is negative, infinite or not a number.
    """
    if not (math.isfinite(value) and value >= 0.0):
        raise MisuseError(f"{option} {value:g}: give a number of at least 0; 0 sets no limit.")


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `TooLong` in the body after some seconds (in the main thread only).

    Code that never returns to the interpreter cannot be reached this way; the driver ends its
    worker some time later.
    """
    if seconds <= 0 or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(signum: int, frame: FrameType | None) -> None:
        raise TooLong(f"no result within {seconds:g} s; raise --block-seconds or shrink the block.")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def limit_memory(gigabytes: float) -> None:
    """Limit this process's address space; beyond it an allocation raises `MemoryError`."""
    if gigabytes > 0:
        size = int(gigabytes * 2**30)
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
