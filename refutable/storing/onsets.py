"""Onsets and maps in a store, and the line of its ledger that they have to themselves.

``onsets/<claim>.json`` and ``maps/<claim>.json`` hold what the searches and the surveys of a claim
have found, ``onsets.json`` the error probability that each of them owns. It is entered before
anything is drawn and never taken back. It is no part of the 1 % of the verdicts: all onsets and
maps of a store together are wrong with probability at most the sum of this line.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from refutable.deciding.onsets.found import OnsetFound
from refutable.deciding.onsets.mapped import MapFound
from refutable.storing.sealed import read_json, refused, write_json
from refutable.storing.store import Store

T = TypeVar("T")


def onsets_file(store: Store, claim_id: str) -> Path:
    """Return where the onsets of a claim lie."""
    return store.path / "onsets" / f"{claim_id}.json"


def line_file(store: Store) -> Path:
    """Return where it lies what each search owns."""
    return store.path / "onsets.json"


def line(store: Store) -> dict[str, float]:
    """Return the error probability that each search of a store owns, by its key.

    Raises
    ------
    StoreError
        If the file is not one of ours.
    """
    return _read(line_file(store), float)


def _read(path: Path, value: Callable[[Any], T]) -> dict[str, T]:
    """Return what a file holds by key, nothing where there is none."""
    if not path.exists():
        return {}
    with refused(path):
        return {str(key): value(one) for key, one in read_json(path, dict).items()}


def enter(store: Store, key: str, alpha: float) -> float:
    """Enter a search; return what all searches of the store own together."""
    known = line(store)
    known[key] = max(alpha, known.get(key, 0.0))
    write_json(line_file(store), known)
    return sum(known.values())


def keep(store: Store, key: str, found: OnsetFound) -> None:
    """Write what a search has found, after what was found before."""
    known = {k: v.to_json() for k, v in onsets_of(store, found.claim).items() if k != key}
    write_json(onsets_file(store, found.claim), {**known, key: found.to_json()})


def onsets_of(store: Store, claim_id: str) -> dict[str, OnsetFound]:
    """Return the onsets of a claim, the latest last.

    Raises
    ------
    StoreError
        If the file is not one of ours.
    """
    return _read(onsets_file(store, claim_id), OnsetFound.from_json)


def maps_file(store: Store, claim_id: str) -> Path:
    """Return where the maps of a claim lie."""
    return store.path / "maps" / f"{claim_id}.json"


def keep_map(store: Store, key: str, found: MapFound) -> None:
    """Write what a survey has found, after what was found before."""
    known = {k: v.to_json() for k, v in maps_of(store, found.claim).items() if k != key}
    write_json(maps_file(store, found.claim), {**known, key: found.to_json()})


def maps_of(store: Store, claim_id: str) -> dict[str, MapFound]:
    """Return the maps of a claim, the latest last.

    Raises
    ------
    StoreError
        If the file is not one of ours.
    """
    return _read(maps_file(store, claim_id), MapFound.from_json)


def latest_onsets(store: Store, claim_id: str) -> list[OnsetFound]:
    """Return the latest onset of each question: expectation, parameter and cell."""
    every = onsets_of(store, claim_id).values()
    asked = {
        (one.functional, one.region, one.line.name, json.dumps(dict(one.at))): one for one in every
    }
    return list(asked.values())


def latest_maps(store: Store, claim_id: str) -> list[MapFound]:
    """Return the latest map of each question: expectation, parameters and what is held fixed."""
    every = maps_of(store, claim_id).values()
    asked = {
        (one.functional, one.region, one.x, one.y, json.dumps(dict(one.at))): one for one in every
    }
    return list(asked.values())
