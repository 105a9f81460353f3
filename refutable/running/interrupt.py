"""Ctrl-C once: finish what is on its way and save. Twice: stop now."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Stopped(KeyboardInterrupt):
    """The user asked twice; a `KeyboardInterrupt` of a claim's own is none of these."""


def by_the_user(error: BaseException) -> bool:
    """Say whether an error is somebody's wish to stop, rather than a claim's own doing."""
    if isinstance(error, Stopped):
        return True
    usual = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    main = threading.current_thread() is threading.main_thread()
    return isinstance(error, KeyboardInterrupt) and usual and main


class Interrupt:
    """Whether the user asked to stop."""

    def __init__(self) -> None:
        self.asked = False

    def _handle(self, signum: int, frame: FrameType | None) -> None:
        del frame
        if self.asked:
            raise Stopped
        self.asked = True

    @contextmanager
    def watching(self) -> Iterator[Interrupt]:
        """Take over Ctrl-C and termination while the body runs (main thread only)."""
        if threading.current_thread() is not threading.main_thread():
            yield self
            return
        before = {s: signal.signal(s, self._handle) for s in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield self
        finally:
            for signum, handler in before.items():
                signal.signal(signum, handler)
