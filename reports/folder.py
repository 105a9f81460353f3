"""A folder of written files: all of a report or nothing of it; other files are left alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import TracebackType

from refutable.errors import MisuseError

NAME = "files.json"
UNFINISHED = ".unfinished-report"
"""Where files lie, below the folder, until the last of them is written."""


class Folder:
    """Where a report goes; use it as a context manager.

    What is put into it appears when the context ends. If an exception ends it, the folder is as
    it was before, with the earlier report if there was one.

    Parameters
    ----------
    path : Path
        Made if it does not exist.

    Raises
    ------
    MisuseError
        If it is no folder or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sizes: dict[str, int] = {}
        self._staged = path / UNFINISHED

    def __enter__(self) -> Folder:
        self._is_new = not self.path.exists()
        try:
            shutil.rmtree(self._staged, ignore_errors=True)  # of a report that was killed
            self._staged.mkdir(parents=True)
        except OSError as error:
            raise self._refusal(error) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._publish()
        except OSError as failure:
            raise self._refusal(failure) from failure
        finally:
            self._clear()

    def _clear(self) -> None:
        shutil.rmtree(self._staged, ignore_errors=True)
        if self._is_new and not any(self.path.iterdir()):
            self.path.rmdir()

    def _refusal(self, error: OSError) -> MisuseError:
        return MisuseError(
            f"The report cannot be written to {self.path}: {error.strerror or error}. "
            "Choose another folder with --out."
        )

    def put(self, name: str, content: str | bytes) -> Path:
        """Write one file and return where it will lie below the folder."""
        data = content.encode() if isinstance(content, str) else content
        try:
            self._write(name, data)
        except OSError as error:
            raise self._refusal(error) from error
        self.sizes[name] = len(data)
        return self.path / name

    def _write(self, name: str, data: bytes) -> None:
        target = self._staged / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)

    def _publish(self) -> None:
        """Put every file into place and remove what an earlier report left beside them."""
        before = self._known()
        self._list(before | self.sizes.keys())  # a kill from here on leaves no file unknown
        for name in self.sizes:
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self._staged / name).replace(self.path / name)
        for name in before - self.sizes.keys():
            (self.path / name).unlink(missing_ok=True)
        self._list(set(self.sizes))

    def _list(self, names: set[str]) -> None:
        self._write(NAME, (json.dumps(sorted(names), indent=1) + "\n").encode())
        (self._staged / NAME).replace(self.path / NAME)

    def _known(self) -> set[str]:
        try:
            stored = json.loads((self.path / NAME).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return set()
        return {name for name in stored if isinstance(name, str) and self._is_inside(name)}

    def _is_inside(self, name: str) -> bool:
        return (self.path / name).resolve().is_relative_to(self.path.resolve())
