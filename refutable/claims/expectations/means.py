"""Means and ratios of means: by a theorem where bounds or a variance are declared."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from refutable.claims.cells import Cell
from refutable.claims.expectations.base import Functional, OfOutcome, pair
from refutable.claims.regions import Bound, at_cell

Bounds = tuple[Bound, Bound]
"""Least and greatest value of an outcome; numbers or functions of the cell."""


def bounds_at(bounds: Bounds, cell: Cell) -> tuple[float, float]:
    """Return declared bounds in a cell.

    Raises
    ------
    ValueError
        If they are not finite or not in order there.
    """
    low, high = (at_cell(end, cell) for end in bounds)
    if low is None or high is None or not -math.inf < low < high < math.inf:
        raise ValueError(f"bounds ({low}, {high}) in cell {cell.label} must be finite, in order.")
    return low, high


def ratio_range(
    numerator: tuple[float, float], denominator: tuple[float, float]
) -> tuple[float, float]:
    """Return all that a ratio of means can be, from the bounds of both columns.

    Parameters
    ----------
    numerator, denominator : pair of float
        Bounds; the denominator's least value 0 or more.
    """
    low = _over(numerator[0], denominator[numerator[0] >= 0], -math.inf)
    return low, _over(numerator[1], denominator[numerator[1] < 0], math.inf)


def _over(a: float, b: float, otherwise: float) -> float:
    return a / b if b > 0 else 0.0 if a == 0 else otherwise


@dataclass(frozen=True, init=False)
class Mean(OfOutcome):
    """E[outcome]. A paired difference is the mean of a column `a - b`.

    With `bounds` the mean is decided by betting (Waudby-Smith and Ramdas 2024), with
    `variance_at_most` by a Catoni-style sequence (Wang and Ramdas 2023): theorems, for every law
    that the declaration allows. With neither it is approximate: the anytime-valid t on means of 8
    replicates (kernel (b)), which events too rare to be seen may mislead.

    An importance-sampled estimate is the mean of a column ``weight * event``, with bounds
    ``(0, w_max)``: rare events become cheap, and the theorem stays.

    Parameters
    ----------
    outcome : str
        A numeric column of shape (size,).
    bounds : pair of float or callable of the cell, optional
        Least and greatest value; a replicate outside is an error.
    variance_at_most : float or callable of the cell, optional
        A bound on the variance of a replicate that theory gives. Not checked: it is believed.
    **where : scalar or tuple
        Selects cells.

    Raises
    ------
    ValueError
        If both are declared, or `bounds` is no pair.
    """

    bounds: Bounds | None
    variance_at_most: Bound

    def __init__(
        self,
        outcome: str,
        bounds: Bounds | None = None,
        variance_at_most: Bound = None,
        **where: Any,
    ) -> None:
        if bounds is not None and variance_at_most is not None:
            raise ValueError("declare bounds or variance_at_most, not both: bounds say more")
        super().__init__(outcome, **where)
        object.__setattr__(self, "bounds", pair(bounds))
        object.__setattr__(self, "variance_at_most", variance_at_most)

    @property
    def label(self) -> str:
        """`E[outcome]`."""
        return f"E[{self.outcome}]"

    def could_be(self, cell: Cell) -> tuple[float, float]:
        """Return the declared bounds."""
        return self.span if self.bounds is None else bounds_at(self.bounds, cell)


@dataclass(frozen=True, init=False)
class RatioOfMeans(Functional):
    """E[numerator] / E[denominator], the denominator's mean being positive.

    With `bounds` a ratio r is tested by betting on ``numerator - r * denominator``, whose mean is
    positive if and only if the true ratio is greater than r: a theorem. Without, it is approximate
    (see `Mean`).

    Parameters
    ----------
    numerator, denominator : str
        Numeric columns of shape (size,), paired by replicate.
    bounds : pair of pairs, optional
        Bounds of the numerator and of the denominator, the latter's least value 0 or more.
    **where : scalar or tuple
        Selects cells.

    Raises
    ------
    ValueError
        If `bounds` are not two pairs.
    """

    numerator: str
    denominator: str
    bounds: tuple[Bounds, Bounds] | None

    def __init__(
        self,
        numerator: str,
        denominator: str,
        bounds: tuple[Bounds, Bounds] | None = None,
        **where: Any,
    ) -> None:
        pairs = pair(bounds)
        both = None if pairs is None else (pair(pairs[0]), pair(pairs[1]))
        object.__setattr__(self, "numerator", numerator)
        object.__setattr__(self, "denominator", denominator)
        object.__setattr__(self, "bounds", both)
        object.__setattr__(self, "where", where)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Numerator and denominator."""
        return (self.numerator, self.denominator)

    @property
    def label(self) -> str:
        """`E[a] / E[b]`."""
        return f"E[{self.numerator}] / E[{self.denominator}]"

    def could_be(self, cell: Cell) -> tuple[float, float]:
        """Return the ratios that the declared bounds allow."""
        if self.bounds is None:
            return self.span
        return ratio_range(*(bounds_at(one, cell) for one in self.bounds))
