"""Runs with other seeds than the suite's, on an error ledger of their own.

The fixed-seed suite owns 1 % once: its verdicts never change, so nothing accumulates. Fresh seeds
are new experiments every night; so that all nights together are wrong with probability at most
1 %, the k-th gets the share 1 / (k (k + 1)), and the shares of all nights sum to 1. So does the
k-th seed that somebody names for a store which belongs to another: whoever tries seeds until one
pleases pays for each.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from refutable.errors import StoreError
from refutable.storing.lock import Lock
from refutable.storing.sealed import read_json, write_json
from refutable.storing.store import Store

LEDGER = "ledger.json"
SEEDS = "seeds.json"
"""Where a store keeps the other seeds that it was run with, in their order."""


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
        return share(self.number)


def share(number: int) -> float:
    """Return the part of a ledger that the `number`-th run may spend, from 1; they sum to 1."""
    return 1.0 / (number * (number + 1))


def next_night(folder: Path) -> tuple[Night, Path]:
    """Enter a new run into the ledger of a folder; return it and the folder of its store.

    Raises
    ------
    StoreError
        If the ledger cannot be read or written.
    """
    path = folder / LEDGER
    with _at(path):
        seeds = _seeds(path)
        night = Night(len(seeds) + 1, secrets.randbits(63))
        write_json(path, [*seeds, night.seed])
    return night, folder / f"night-{night.number}"


def place_of(folder: Path, seed: int) -> tuple[Path, float]:
    """Return where the results of a seed lie, and its share of a ledger.

    They lie in the store itself if it is new or has this seed, else in a store below it, which
    has a ledger of its own together with those of all other seeds.

    Raises
    ------
    StoreError
        If the list of seeds cannot be read or written.
    """
    known = Store(folder, create=False) if (folder / "store.json").exists() else None
    if known is None or known.seed == seed:
        return folder, 1.0 if known is None else known.share
    path = folder / SEEDS
    with _at(path):
        seeds = _seeds(path)
        if seed not in seeds:
            seeds.append(seed)
            write_json(path, seeds)
    return folder / f"seed-{seed}", known.share * share(seeds.index(seed) + 1)


@contextmanager
def _at(path: Path) -> Iterator[None]:
    """Keep a list of seeds from other writers, and tell trouble with it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = Lock(path.parent / "lock")
        lock.acquire()
        try:
            yield
        finally:
            lock.release()
    except (OSError, ValueError) as error:
        raise StoreError(f"The ledger {path} of other seeds cannot be used: {error}") from error


def _seeds(path: Path) -> list[int]:
    return [int(seed) for seed in read_json(path, list)] if path.exists() else []
