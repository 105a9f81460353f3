"""Which stored results still stand for what the code means."""

from __future__ import annotations

from collections.abc import Iterable

from refutable.claims.claim import Claim
from refutable.claims.records import Effort
from refutable.storing.fingerprint import fingerprint
from refutable.storing.store import Store
from refutable.storing.terms import differences, terms

_NAMED = 6
"""How many changed definitions are named before the rest is counted."""


def statuses(store: Store, claims: Iterable[Claim], effort: Effort) -> list[dict[str, str]]:
    """Return for each claim whether its result is fresh, stale or missing, and why."""
    return [{"claim": claim.id, **_status(store, claim, effort)} for claim in claims]


def _status(store: Store, claim: Claim, effort: Effort) -> dict[str, str]:
    result = store.result(claim.id)
    if result is None:
        return {"state": "missing", "why": "never run in this store"}
    changed = changes(store, claim, effort) + changed_terms(store, claim, result.effort)
    if changed:
        more = f" and {len(changed) - _NAMED} more" if len(changed) > _NAMED else ""
        return {"state": "stale", "why": f"changed: {', '.join(changed[:_NAMED])}{more}"}
    order = list(Effort)
    if order.index(Effort(result.effort)) < order.index(effort):
        return {"state": "stale", "why": f"was run at effort {result.effort}, not {effort}"}
    return {"state": "fresh", "why": f"{result.verdict} at effort {result.effort}"}


def changed_terms(store: Store, claim: Claim, effort: str) -> list[str]:
    """Return which terms of a claim are not those on which it was decided at an effort."""
    stored = store.record(claim.id).get("terms")
    return [] if stored is None else differences(stored, terms(claim, Effort(effort)))


def changes(store: Store, claim: Claim, effort: Effort) -> list[str]:
    """Return the definitions and library versions that changed since a claim was run."""
    stored = store.read_print(claim.id)
    found: dict[str, None] = {}
    for world in claim.worlds(effort):
        current = fingerprint(world.simulate, world.compute)
        if world.key not in stored:
            found[f"control {world.name!r} is new"] = None
            continue
        found.update(dict.fromkeys(current.differences(stored[world.key])))
    return list(found)
