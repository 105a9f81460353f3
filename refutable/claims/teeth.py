"""What controls must touch of a claim, and which of them logic alone refutes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from refutable.claims.cells import Cell
from refutable.claims.claim import Claim
from refutable.claims.controls import FalseTheory
from refutable.claims.expectations import Expectation, Functional
from refutable.claims.records import Effort

Placed = tuple[Functional, Cell, float, float]


def untouched(claim: Claim, effort: Effort = Effort.SMOKE) -> tuple[str, ...]:
    """Return the labels of the claim's deciding functionals that no control is judged by."""
    own, *others = claim.worlds(effort)
    judged = [(control.expect, own.cells) for control in claim.false_theories]
    judged += [(world.expect, world.cells) for world in others if not world.positive]
    touched = {label for expect, cells in judged for label in _labels(expect, cells)}
    return tuple(label for label in deciding(claim, effort) if label not in touched)


def deciding(claim: Claim, effort: Effort = Effort.SMOKE) -> tuple[str, ...]:
    """Return the labels of the functionals that decide a claim."""
    return _labels(claim.expect, claim.worlds(effort)[0].cells)


def excluded(claim: Claim, effort: Effort = Effort.SMOKE) -> tuple[str, ...]:
    """Return the names of the controls that do not count as one, since logic refutes them."""
    return tuple(c.name for c in claim.false_theories if by_logic(claim, c, effort))


def by_logic(claim: Claim, control: FalseTheory, effort: Effort = Effort.SMOKE) -> bool:
    """Say whether a control is refuted by logic whenever its claim is supported.

    So it is where one of its regions has no value in common with the claim's own region of the
    same functional in the same cell: it says nothing that the claim's check has not said.
    """
    cells = claim.worlds(effort)[0].cells
    own = list(_placed(claim.expect, cells))
    return any(_excludes(one, other) for one in _placed(control.expect, cells) for other in own)


def _labels(expect: Iterable[Expectation], cells: tuple[Cell, ...]) -> tuple[str, ...]:
    found = (part.functional.label for part, _ in _checks(expect, cells))
    return tuple(dict.fromkeys(found))


def _placed(expect: Iterable[Expectation], cells: tuple[Cell, ...]) -> Iterator[Placed]:
    """Yield functional, cell and ends of every check that decides."""
    for part, cell in _checks(expect, cells):
        region = part.region.at(cell)
        yield part.functional, cell, region.lower, region.upper


def _checks(
    expect: Iterable[Expectation], cells: tuple[Cell, ...]
) -> Iterator[tuple[Expectation, Cell]]:
    parts = [part for e in expect if e.decides for part in e.parts]
    return ((part, cell) for part in parts for cell in cells if part.speaks_of(cell))


def _excludes(one: Placed, other: Placed) -> bool:
    same = one[1] == other[1] and one[0].identity == other[0].identity
    return same and (one[3] < other[2] or other[3] < one[2])
