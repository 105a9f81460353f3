"""A folder of written files that forgets its own old files, and no others."""

from __future__ import annotations

import json
from pathlib import Path

from claimcheck.errors import MisuseError

NAME = "files.json"


class Folder:
    """Where a report goes.

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
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._refusal(error) from error
        self._before = self._known()

    def _refusal(self, error: OSError) -> MisuseError:
        return MisuseError(
            f"The report cannot be written to {self.path}: {error.strerror or error}. "
            "Choose another folder with --out."
        )

    def _known(self) -> set[str]:
        try:
            stored = json.loads((self.path / NAME).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return set()
        return {name for name in stored if isinstance(name, str) and self._is_inside(name)}

    def _is_inside(self, name: str) -> bool:
        return (self.path / name).resolve().is_relative_to(self.path.resolve())

    def put(self, name: str, content: str | bytes) -> Path:
        """Write one file below the folder."""
        data = content.encode() if isinstance(content, str) else content
        target = self.path / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        except OSError as error:
            raise self._refusal(error) from error
        self.sizes[name] = len(data)
        return target

    def close(self) -> None:
        """Remove what an earlier report left and this one did not write; remember what it did."""
        for name in self._before - self.sizes.keys():
            (self.path / name).unlink(missing_ok=True)
        self.put(NAME, json.dumps(sorted(self.sizes), indent=1) + "\n")
