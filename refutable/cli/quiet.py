"""Ctrl-C while modules are being imported: the command ends at once, without a traceback."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

_STOPPED = 130


@contextmanager
def leaving_quietly() -> Iterator[None]:
    """End the process at once on Ctrl-C in the body, if nobody handles it otherwise."""
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, _leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def leave_threads_behind() -> None:
    """End the process now, with the exit code on its way, where a claim's thread would keep it."""
    if not _strangers():
        return
    on_its_way = sys.exception()
    code = getattr(on_its_way, "code", 1) if on_its_way is not None else 0
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


def _strangers() -> list[threading.Thread]:
    """Return threads that nobody will end: not those of a pool, which end with the interpreter."""
    pools = getattr(sys.modules.get("concurrent.futures.thread"), "_threads_queues", {})
    every = (thread for thread in threading.enumerate() if not thread.daemon)
    return [t for t in every if t is not threading.main_thread() and t not in pools]


def _leave(signum: int, frame: object) -> NoReturn:
    """End at once: nothing has begun, and libraries in the middle of loading tell it noisily."""
    os._exit(_STOPPED)
