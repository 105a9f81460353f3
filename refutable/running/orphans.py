"""A worker ends when the process that started it is gone, however that one ended."""

from __future__ import annotations

import os
import threading
import time

EVERY = 1.0
"""Seconds between looks; a worker whose driver was killed is gone soon after."""


def end_with_parent(parent: int | None = None) -> None:
    """Watch the parent from a thread of its own, and end this process when it has another.

    Parameters
    ----------
    parent : int, optional
        Process that is watched; the present parent by default. Where that may be gone by now, this
        process having taken its time to start, it must be said.
    """
    watched = os.getppid() if parent is None else parent
    threading.Thread(target=_watch, args=(watched,), name="refutable-orphan", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(EVERY)
    os._exit(1)  # nobody is left to hear of an error
