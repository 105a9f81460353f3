"""The terms on which a claim is decided: what, besides code that draws data, its verdict rests on.

A change of a region, a grid, a cap or a control leaves the drawn blocks good, but not the verdict.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable

from refutable.claims.cells import Cell, at_effort
from refutable.claims.claim import Claim, World
from refutable.claims.expectations import Expectation, Functional
from refutable.claims.records import Effort
from refutable.deciding.checks import expand
from refutable.storing.fingerprint import fingerprint

Terms = dict[str, str]


def terms(claim: Claim, effort: Effort) -> Terms:
    """Return the terms at an effort, named for people; values are texts that tell them apart.

    Raises
    ------
    Exception
        Whatever a bound or a prediction of the claim raises.
    """
    own, *broken = claim.worlds(effort)
    found = {
        "the block": str(claim.block),
        "the cap": str(at_effort(claim.cap, effort)),
        "the weight": str(claim.weight),
        "the expected verdict": str(claim.expected),
        **_grid("the grid", own),
        **_said("what {} must be", claim.expect, own.cells, effort),
    }
    for control in claim.false_theories:
        how = f"what {{}} is by control {control.name!r}"
        found |= _said(how, control.expect, own.cells, effort)
    for world in broken:
        how = f"what {{}} must be in control {world.name!r}"
        found |= _grid(f"the grid of control {world.name!r}", world)
        found |= _said(how, world.expect, world.cells, effort)
    return found


def differences(stored: Terms, current: Terms) -> list[str]:
    """Return the names of the terms that changed, came or went."""
    names = [*current, *(name for name in stored if name not in current)]
    return [name for name in names if stored.get(name) != current.get(name)]


def _grid(name: str, world: World) -> Terms:
    return {name: _digest(cell.canonical for cell in world.cells)}


def _said(
    how: str, expectations: Iterable[Expectation], cells: Iterable[Cell], effort: Effort
) -> Terms:
    found: dict[str, list[str]] = {}
    for check in expand(expectations, cells, 0.01, effort):
        functional, region = check.expectation.functional, check.region
        texts = found.setdefault(how.format(functional.label), [])
        ends = (region.lower, region.upper, region.predicted)
        texts += [check.cell.canonical, repr(ends), *_described(functional)]
    return {name: _digest(texts) for name, texts in found.items()}


def _described(functional: Functional) -> list[str]:
    """Return the functional's settings; a function counts as what its code means."""
    values = (getattr(functional, field.name) for field in dataclasses.fields(functional))
    return [fingerprint(value).digest if callable(value) else repr(value) for value in values]


def _digest(texts: Iterable[str]) -> str:
    return hashlib.blake2b("\n".join(texts).encode(), digest_size=16).hexdigest()
