"""Limits of a block: how long it may take and how much memory it may use."""

from __future__ import annotations

import ctypes
import functools
import math
import os
import resource
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from refutable.errors import MisuseError, RefutableError


class TooLong(RefutableError):
    """A block was still running when its time was up."""


def too_long(seconds: float) -> str:
    """Return what is said of a block that was not drawn within so many seconds."""
    return f"no result within {seconds:g} s; raise --block-seconds or shrink the block."


class _Watch:
    """A thread that raises an error in others whose time has been up for a second."""

    EVERY = 0.25
    PATIENCE = 1.0

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until: dict[int, tuple[float, type[TooLong]]] = {}
        self._process = 0

    @contextmanager
    def over(self, seconds: float) -> Iterator[None]:
        """Watch the thread that runs the body."""
        self._begin()
        thread = threading.get_ident()
        with self._lock:
            self._until[thread] = (time.monotonic() + seconds + self.PATIENCE, _error(seconds))
        try:
            yield
        finally:
            with self._lock:
                until, _ = self._until.pop(thread)
                if time.monotonic() > until - self.PATIENCE:
                    _raise_in(thread, None)

    def _begin(self) -> None:
        if self._process == os.getpid():
            return
        self._process = os.getpid()  # a forked child has no thread but its own
        self._lock = threading.Lock()
        self._until = {}
        threading.Thread(target=self._look, name="refutable-time-limit", daemon=True).start()

    def _look(self) -> None:
        while True:
            time.sleep(self.EVERY)
            with self._lock:
                now = time.monotonic()
                for thread, (until, error) in self._until.items():
                    if now > until:
                        self._until[thread] = (now + self.PATIENCE, error)  # it may be caught
                        _raise_in(thread, error)


@functools.lru_cache
def _error(seconds: float) -> type[TooLong]:
    """Return an error of that text, for a call that takes a class."""

    def begin(self: TooLong) -> None:
        RefutableError.__init__(self, too_long(seconds))

    return type("TooLong", (TooLong,), {"__init__": begin})


def _raise_in(thread: int, error: type[TooLong] | None) -> None:
    """Raise an error in a thread when it next runs Python; None takes back what waits there."""
    what = ctypes.py_object(error) if error is not None else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), what)


_WATCH = _Watch()


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
    """Raise `TooLong` in the body after some seconds.

    Code that never returns to the interpreter cannot be reached this way; the driver ends its
    worker some time later. Code that hears no alarm, or runs in another thread than the main one,
    is reached a second later by a thread that watches.
    """
    if seconds <= 0:
        yield
        return
    with _WATCH.over(seconds), _alarm(seconds):
        yield


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(signum: int, frame: FrameType | None) -> None:
        raise TooLong(too_long(seconds))

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
