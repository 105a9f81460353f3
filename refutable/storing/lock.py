"""A lock on a folder, so that two runs cannot write one store."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from pathlib import Path

from refutable.errors import StoreError

_NO_LOCKS = {errno.ENOSYS, errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL}


class Lock:
    """An advisory lock that the operating system releases even after `kill -9`.

    A child that is forked while it is held, and outlives its parent, does not keep it.

    Parameters
    ----------
    path : Path
        The lock file; it holds the process id of the last writer.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._place: int | None = None

    def acquire(self) -> None:
        """Take the lock.

        Raises
        ------
        StoreError
            If another process holds it, the file cannot be written or is none of ours, or the
            file system knows no locks.
        """
        place = self._open()
        try:
            self._take(place)
            os.ftruncate(place, 0)
            os.pwrite(place, str(os.getpid()).encode(), 0)
        except BaseException:
            os.close(place)
            raise
        self._place = place
        os.register_at_fork(after_in_child=self._forget)

    def _open(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        try:
            place = os.open(self.path, flags, 0o666)
        except OSError as error:
            if self.path.is_symlink():
                raise self._foreign("a symbolic link") from error
            raise StoreError(
                f"The store {self.path.parent} cannot be written: {error.strerror or error}. "
                "Choose another folder with --store."
            ) from error
        if not stat.S_ISREG(os.fstat(place).st_mode):
            os.close(place)
            raise self._foreign("no plain file")
        return place

    def _foreign(self, what: str) -> StoreError:
        return StoreError(
            f"{self.path} is {what}, and no lock of a store. It was left as it is; remove it, or "
            "choose another folder with --store."
        )

    def _take(self, place: int) -> None:
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _NO_LOCKS:
                raise StoreError(
                    f"The file system of {self.path.parent} knows no locks ({error.strerror}), so "
                    "two runs could write one store. Choose a folder on another with --store."
                ) from error
            owner = os.pread(place, 40, 0).decode("ascii", "replace").strip()
            raise StoreError(
                f"Another run (process {owner if owner.isdigit() else 'unknown'}) is writing to "
                f"{self.path.parent}. Wait for it, or choose another folder with --store."
            ) from error

    def check(self) -> None:
        """Notice that the file was removed or exchanged, so that others could write as well.

        Raises
        ------
        StoreError
            If the lock is held and its file is not the one that was locked.
        """
        if self._place is None:
            return
        held = os.fstat(self._place)
        try:
            found = self.path.stat(follow_symlinks=False)
        except OSError:
            found = None
        if found is None or (found.st_dev, found.st_ino) != (held.st_dev, held.st_ino):
            raise StoreError(
                f"{self.path} was removed or exchanged while this run was writing, so another may "
                "be writing too. What was stored before is safe; run the same command again."
            )

    def _forget(self) -> None:
        """In a forked child: let go of the file; the parent's lock stands."""
        if self._place is not None:
            os.close(self._place)
            self._place = None

    def release(self) -> None:
        """Give it back."""
        if self._place is not None:
            fcntl.flock(self._place, fcntl.LOCK_UN)
            os.close(self._place)
            self._place = None
