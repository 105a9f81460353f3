"""Claims that live in a session and in no file: in a notebook's cell, a script, at a prompt.

A worker process gets them by value, functions and all (cloudpickle); nothing is written to disk.
"""

from __future__ import annotations

import itertools
import sys
from types import ModuleType

from refutable.claims.claim import Claim

LIVE = "live"
"""Kind of the source of such a claim."""

_KNOWN: dict[str, Claim] = {}
_numbers = itertools.count(1)


def keep(claim: Claim) -> str:
    """Remember a claim in this process; return the name under which it is found.

    A name is given once: a cell that was edited and run again is another claim.
    """
    place = f"{LIVE}_{next(_numbers)}"
    _KNOWN[place] = claim
    return place


def packed(claim: Claim) -> bytes:
    """Return a claim by value, for worker processes.

    Modules that no distribution has installed go along by value too: a worker may not find them.
    """
    import cloudpickle  # comes with loky; only needed where there are workers

    module = sys.modules.get(_module_of(claim))
    apart = module is not None and not _installed(module)
    if apart:
        cloudpickle.register_pickle_by_value(module)
    try:
        return bytes(cloudpickle.dumps(claim))
    finally:
        if apart:
            cloudpickle.unregister_pickle_by_value(module)


def module_of(place: str, payload: bytes) -> ModuleType:
    """Return a module that holds the claim alone."""
    if payload:
        import cloudpickle

        claim = cloudpickle.loads(payload)
    else:
        claim = _KNOWN[place]
    module = ModuleType(place)
    module.CLAIM = claim  # type: ignore[attr-defined]
    return module


def _module_of(claim: Claim) -> str:
    run = claim.simulate or claim.compute
    inner = getattr(run, "func", run)
    return str(getattr(inner, "__module__", ""))


def _installed(module: ModuleType) -> bool:
    name = module.__name__.partition(".")[0]
    file = getattr(module, "__file__", None) or ""
    return name in ("refutable", "__main__") or "site-packages" in file
