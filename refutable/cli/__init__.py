"""The command line."""

from __future__ import annotations

import os
import signal
from typing import NoReturn

_STOPPED = 130


def main() -> None:
    """Run the command.

    Exit codes: 0 fine, 1 an unexpected verdict, 2 misuse, 3 evidence insufficient, 130 stopped.
    """
    usual = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if usual:
        signal.signal(signal.SIGINT, _leave)
    from refutable.cli.app import app  # takes a second or two, in which Ctrl-C ends quietly

    if usual:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    app()


def _leave(signum: int, frame: object) -> NoReturn:
    """End at once: nothing has begun, and libraries in the middle of loading tell it noisily."""
    os._exit(_STOPPED)


__all__ = ["main"]
