"""Where theory says a functional lies."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real
from typing import Any

from refutable.claims.cells import Cell

Bound = float | Callable[[Cell], Any] | None


def at_cell(bound: Bound, cell: Cell) -> float | None:
    """Return a bound's value in a cell, None where there is none."""
    value = bound(cell) if callable(bound) else bound
    if value is None:
        return None
    number = float(value)
    if math.isnan(number):
        raise ValueError(f"a bound is NaN in cell {cell.label}; a prediction has no value there.")
    return number


@dataclass(frozen=True)
class ResolvedRegion:
    """A region in one cell: closed interval and, if stated, the predicted value."""

    lower: float
    upper: float
    predicted: float | None = None

    @property
    def label(self) -> str:
        """The region as people write it."""
        low, high = _number(self.lower), _number(self.upper)
        if self.lower == self.upper:
            return f"= {low}"
        if math.isinf(self.lower) and math.isinf(self.upper):
            return "shown only"
        if math.isinf(self.upper):
            return f">= {low}"
        return f"<= {high}" if math.isinf(self.lower) else f"in [{low}, {high}]"


def _number(value: float) -> str:
    return f"{value:.6g}"


@dataclass(frozen=True)
class Region:
    """An interval whose ends may depend on the cell.

    A bound that is a function may return None: no statement in this cell.

    Parameters
    ----------
    lower, upper : float, callable of the cell, or None
        None is unbounded.
    predicted : float, callable of the cell, or None
        The value theory predicts, drawn in figures; the middle of `near`.
    margin : float or callable
        Added on both sides of `predicted` (regions made by `near`).
    """

    lower: Bound = None
    upper: Bound = None
    predicted: Bound = None
    margin: Bound = None

    def at(self, cell: Cell) -> ResolvedRegion:
        """Return the region in a cell.

        Raises
        ------
        ValueError
            If a bound is NaN or the region is empty there, or `near` has no value or no margin.
        """
        predicted = at_cell(self.predicted, cell)
        margin = at_cell(self.margin, cell)
        if margin is not None:
            return _around(predicted, margin, cell)
        lower, upper = at_cell(self.lower, cell), at_cell(self.upper, cell)
        low = -math.inf if lower is None else lower
        high = math.inf if upper is None else upper
        if low > high:
            raise ValueError(f"the region [{low}, {high}] in cell {cell.label} is empty.")
        return ResolvedRegion(low, high, predicted)

    def speaks(self, cell: Cell) -> bool:
        """Say whether anything is stated in a cell: not where every bound is a function's None."""
        if self.margin is not None:
            stated = [bound for bound in (self.predicted, self.margin) if callable(bound)]
            return all(at_cell(bound, cell) is not None for bound in stated)
        ends = [bound for bound in (self.lower, self.upper) if bound is not None]
        return not ends or any(at_cell(bound, cell) is not None for bound in ends)

    @property
    def bounded(self) -> bool:
        """Whether anything could lie outside it."""
        return (self.lower, self.upper, self.margin) != (None, None, None)

    @property
    def identity(self) -> tuple[object, ...]:
        """What tells two regions apart (used to catch a control that is the claim itself)."""
        return tuple(_plain(b) for b in (self.lower, self.upper, self.predicted, self.margin))


def _around(predicted: float | None, margin: float, cell: Cell) -> ResolvedRegion:
    if predicted is None or math.isinf(predicted):
        raise ValueError(f"`near` has no value to be near to in cell {cell.label}.")
    if not 0 <= margin < math.inf:
        raise ValueError(f"the margin {margin} in cell {cell.label} must be finite, 0 or more.")
    return ResolvedRegion(predicted - margin, predicted + margin, predicted)


def _plain(bound: Bound) -> object:
    return float(bound) if isinstance(bound, Real) else bound
