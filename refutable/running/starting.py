"""What every worker process does first."""

from __future__ import annotations

import signal

from refutable import threads
from refutable.running.limits import limit_memory
from refutable.running.orphans import end_with_parent


def start_worker(memory: float = 0.0, parent: int | None = None) -> None:
    """Leave Ctrl-C to the driver, end with it, use one BLAS thread and so many GB at most.

    `parent` is the process that started this one, which may be gone before this is called.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent(parent)
    threads.pin_this_process()
    limit_memory(memory)
