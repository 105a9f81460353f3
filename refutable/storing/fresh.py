"""Runs with fresh seeds, night after night, on an error ledger of their own.

The fixed-seed suite owns 1 % once: its verdicts never change, so nothing accumulates. Fresh seeds
are new experiments every night; so that all nights together are wrong with probability at most
1 %, the k-th gets the share 1 / (k (k + 1)), and the shares of all nights sum to 1.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from refutable.errors import StoreError
from refutable.storing.lock import Lock
from refutable.storing.store import write_json

LEDGER = "ledger.json"


@dataclass(frozen=True)
class Night:
    """One run with a fresh seed.

    Parameters
    ----------
    number : int
        From 1.
    seed : int
        63 bits from the operating system.
    """

    number: int
    seed: int

    @property
    def share(self) -> float:
        """Part of the ledger's 1 % that this run may spend."""
        return 1.0 / (self.number * (self.number + 1))


def next_night(folder: Path) -> tuple[Night, Path]:
    """Enter a new run into the ledger of a folder; return it and the folder of its store.

    Raises
    ------
    StoreError
        If the ledger cannot be read or written.
    """
    path = folder / LEDGER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = Lock(folder / "lock")
        lock.acquire()
        try:
            seeds: list[int] = json.loads(path.read_text()) if path.exists() else []
            night = Night(len(seeds) + 1, secrets.randbits(63))
            write_json(path, [*seeds, night.seed])
        finally:
            lock.release()
    except (OSError, ValueError) as error:
        raise StoreError(f"The ledger {path} of fresh runs cannot be used: {error}") from error
    return night, folder / f"night-{night.number}"
