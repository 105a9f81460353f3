"""Ctrl-C while modules are being imported: the command ends at once, without a traceback."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
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


def _leave(signum: int, frame: object) -> NoReturn:
    """End at once: nothing has begun, and libraries in the middle of loading tell it noisily."""
    os._exit(_STOPPED)
