"""A lock on a folder, so that two runs cannot write one store."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

from refutable.errors import StoreError


class Lock:
    """An advisory lock that the operating system releases even after `kill -9`.

    Parameters
    ----------
    path : Path
        The lock file; it holds the process id of the last writer.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        """Take the lock.

        Raises
        ------
        StoreError
            If another process holds it, or the file cannot be written.
        """
        try:
            file = self.path.open("a+", encoding="utf-8")
        except OSError as error:
            raise StoreError(
                f"The store {self.path.parent} cannot be written: {error.strerror or error}. "
                "Choose another folder with --store."
            ) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            owner = file.read().strip() or "unknown"
            file.close()
            raise StoreError(
                f"Another run (process {owner}) is writing to {self.path.parent}. Wait for it, "
                "or choose another folder with --store."
            ) from error
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        """Give it back."""
        if self._file is not None:
            self._file.close()
            self._file = None
