"""What a claim's figure shows in cells that are there for it alone."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence

from refutable.claims.cells import Cell
from refutable.claims.expectations import Expectation, Functional, OfLadder
from refutable.claims.regions import at_cell


def shown_in(expect: Iterable[Expectation]) -> tuple[Expectation, ...]:
    """Return one expectation without a region per functional that decides.

    A whole ladder is its own figure, and a yes or a no has no place in one. What is predicted in a
    cell is what the first expectation of the functional says that selects it, so that nothing is
    said where theory says nothing.

    Parameters
    ----------
    expect : iterable of Expectation
        The claim's.
    """
    alike: dict[str, list[Expectation]] = {}
    for one in (part for expectation in expect for part in expectation.parts):
        functional = one.functional
        if one.decides and not isinstance(functional, OfLadder) and not functional.yes_or_no:
            alike.setdefault(functional.label, []).append(one)
    return tuple(everywhere(same[0].functional).shown(_predicting(same)) for same in alike.values())


def everywhere(functional: Functional) -> Functional:
    """Return a functional without its filter."""
    free = copy.copy(functional)
    object.__setattr__(free, "where", {})
    return free


def _predicting(expect: Sequence[Expectation]) -> Callable[[Cell], float | None]:
    """Return what expectations of one functional predict in a cell, as a function of it."""

    def predicted(cell: Cell) -> float | None:
        bounds = (e.region.predicted for e in expect if e.selects(cell))
        return next((at_cell(bound, cell) for bound in bounds if bound is not None), None)

    return predicted
