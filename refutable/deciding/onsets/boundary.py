"""Theory's boundary in a plane: where what it says changes, between the cells of a map."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from refutable.claims.cells import Cell
from refutable.claims.planes import Map

HALVINGS = 40
"""Of the distance of two cells between which theory changes its mind."""

Line = tuple[tuple[float, float], ...]


def boundary(asked: Map) -> Line:
    """Return points (x, y) of theory's boundary, one in each row, or else in each column.

    Empty where theory says nothing, or changes its mind several times along a row: a line through
    such points would be a guess.
    """
    theory = asked.theory()
    if theory is None:
        return ()
    x, y = asked.names
    along_rows = _crossings(theory, asked, x, y)
    if along_rows:
        return along_rows
    return tuple((at, place) for place, at in _crossings(theory, asked, y, x))


def _crossings(theory: Callable[[Cell], bool], asked: Map, along: str, other: str) -> Line:
    """Return (value along, value of the other) where theory changes along a parameter, once."""
    found = []
    for held in asked.over[other]:

        def says(value: float, held: float = held) -> bool:
            return bool(theory(Cell({**asked.at, along: value, other: held})))

        pairs = itertools.pairwise(asked.over[along])
        changes = [(a, b) for a, b in pairs if says(a) is not says(b)]
        if len(changes) > 1:
            return ()
        found += [(_between(says, *pair), held) for pair in changes]
    return tuple(found)


def _between(says: Callable[[float], bool], low: float, high: float) -> float:
    """Return where `says` changes, by halving; midway between integers for a whole parameter."""
    first, whole = says(low), isinstance(low, int) and isinstance(high, int)
    for _ in range(HALVINGS):
        middle = (low + high) // 2 if whole else (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if says(middle) is first else (low, middle)
    return (low + high) / 2
