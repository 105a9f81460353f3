"""A claim that ends its process with `os._exit`: an error of that claim, and the end of no run."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn


class Leaving(BaseException):
    """`os._exit` was called by an author's code."""


@contextmanager
def staying() -> Iterator[None]:
    """Raise `Leaving` in the body where this process would end; a forked child may end.

    Nothing outside Python can be kept from it: a claim's own C code ends its process, which is a
    worker's unless the back end is `serial`.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    real, here = os._exit, os.getpid()

    def leave(status: int) -> NoReturn:
        if os.getpid() != here:
            real(status)
        raise Leaving(f"os._exit({status!r}) was called")

    os._exit = leave
    try:
        yield
    finally:
        os._exit = real
