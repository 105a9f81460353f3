"""The terms on which a claim is decided: what, besides code that draws data, its verdict rests on.

A change of a region, a grid, a cap or a control leaves the drawn blocks good, but not the verdict.

What counts is what the author wrote, never what it comes to on this machine: of a bound that is a
function, the meaning of its code; of a number, what is left without its last bits, since one that
is computed when the module is imported differs in them between two libraries of linear algebra.
Only cells count with every bit: they are seeds.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from numbers import Real

import numpy as np

from refutable.claims.cells import Cell, at_effort
from refutable.claims.claim import Claim, World
from refutable.claims.expectations import Expectation, Functional
from refutable.claims.records import Effort
from refutable.claims.regions import Region
from refutable.storing.fingerprint import fingerprint, rounding

Terms = dict[str, str]


def terms(claim: Claim, effort: Effort) -> Terms:
    """Return the terms at an effort, named for people; values are texts that tell them apart."""
    own, *others = claim.worlds(effort)
    found = {
        "the block": str(claim.block),
        "the cap": str(at_effort(claim.cap, effort)),
        "the weight": str(claim.weight),
        "the expected verdict": str(claim.expected),
        **_grid("the grid", own),
        **_said("what {} must be", claim.expect, own.cells),
    }
    for control in claim.theories:
        how = f"what {{}} is by control {control.name!r}"
        found |= _said(how, control.expect, own.cells)
    for world in others:
        how = f"what {{}} must be in control {world.name!r}"
        found |= _grid(f"the grid of control {world.name!r}", world)
        found |= _said(how, world.expect, world.cells)
    return found


def differences(stored: Terms, current: Terms) -> list[str]:
    """Return the names of the terms that changed, came or went."""
    names = [*current, *(name for name in stored if name not in current)]
    return [name for name in names if stored.get(name) != current.get(name)]


def _grid(name: str, world: World) -> Terms:
    return {name: _digest(cell.canonical for cell in world.cells)}


def _said(how: str, expectations: Iterable[Expectation], cells: Sequence[Cell]) -> Terms:
    found: dict[str, list[str]] = {}
    for part in (part for expectation in expectations for part in expectation.parts):
        if any(map(part.selects, cells)):  # which ones is up to the grid and the filter
            texts = found.setdefault(how.replace("{}", part.functional.label, 1), [])
            texts += [*_fields(part.functional), *_fields(part.region)]
    return {name: _digest(texts) for name, texts in found.items()}


def _fields(value: Functional | Region) -> Iterator[str]:
    for field in dataclasses.fields(value):
        yield f"{field.name}={_text(getattr(value, field.name))}"


def _text(value: object) -> str:
    """Return a text for what an author wrote; a function counts as what its code means."""
    if callable(value):
        return fingerprint(value).digest
    if isinstance(value, Mapping):
        return _text([part for pair in value.items() for part in pair])
    if isinstance(value, list | tuple | np.ndarray):
        return f"({', '.join(map(_text, value))})"
    return rounding.text(float(value) if isinstance(value, Real) else value)


def _digest(texts: Iterable[str]) -> str:
    return hashlib.blake2b("\n".join(texts).encode(), digest_size=16).hexdigest()
