"""Rates: slopes over a ladder of sizes, of each replicate's loss or of the expected loss."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, ClassVar, Self

from refutable.claims.arrays import FloatArray
from refutable.claims.cells import Cell
from refutable.claims.expectations.base import Expectation, Functional, pair
from refutable.claims.records import Evidence
from refutable.claims.regions import Bound

Curve = Callable[[Cell, FloatArray], FloatArray]
LadderBound = float | Callable[[Cell], Any]
"""Of all losses, or one for each size; a function of the cell where it depends on that."""


@dataclass(frozen=True, init=False)
class OfLadder(Functional):
    """A slope of log(loss / curve) on log(size).

    `near` adds a drift guard: on the upper half of the ladder the slope must stay within twice the
    margin.

    Parameters
    ----------
    losses : str
        Column of shape (size, L).
    sizes : sequence of float, length L >= 2, increasing
        The ladder.
    curve : callable (cell, sizes) -> array of shape (L,), optional
        Predicted losses up to a constant; 1 without it, so that the slope is the exponent.
    start_at : int
        Only the sizes from this one on count.
    **where : scalar or tuple
        Selects cells.
    """

    losses: str
    sizes: tuple[float, ...]
    curve: Curve | None
    start_at: int

    def __init__(
        self, losses: str, sizes: Any, curve: Curve | None = None, start_at: int = 0, **where: Any
    ) -> None:
        ladder = tuple(float(size) for size in sizes)
        if len(ladder) < 2 or not all(a < b for a, b in pairwise(ladder)):
            raise ValueError(f"sizes={ladder}: a ladder needs at least two increasing sizes")
        if not ladder[0] > 0 or not math.isfinite(ladder[-1]):
            raise ValueError(f"sizes={ladder} must be positive and finite: their logarithms count")
        if not 0 <= start_at <= len(ladder) - 2:
            raise ValueError(f"start_at={start_at} must leave two sizes, so 0 to {len(ladder) - 2}")
        for name, value in (
            ("losses", losses),
            ("sizes", ladder),
            ("curve", curve),
            ("start_at", start_at),
            ("where", where),
        ):
            object.__setattr__(self, name, value)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The ladder's column."""
        return (self.losses,)

    @property
    def _what(self) -> str:
        return f"{self.losses} / curve" if self.curve else self.losses

    @property
    def _from(self) -> str:
        return "" if self.start_at == 0 else f" from {self.sizes[self.start_at]:g} up"

    def from_size(self, place: int) -> Self:
        """Return the same slope over the ladder from this place on."""
        return type(self)(self.losses, self.sizes, self.curve, place, **self.where)

    @property
    def identity(self) -> tuple[object, ...]:
        """Two slopes against different curves differ."""
        return (*super().identity, self.sizes, self.curve)

    def near(self, value: Bound, margin: Bound) -> Expectation:
        """Expect the slope within `margin` of `value`, and no drift at the top of the ladder."""
        expectation = super().near(value, margin)
        half = len(self.sizes) // 2
        if self.start_at or len(self.sizes) - half < 2:
            return expectation
        upper = self.from_size(half)
        return replace(expectation, guard=upper.near(value, _twice(margin)))


@dataclass(frozen=True, init=False)
class Slope(OfLadder):
    """Typical rate: the median over replicates of each replicate's own slope.

    A replicate is a whole ladder of sizes on one seed stream. With the curve that theory
    predicts, log factors included, the slope is 0. It is decided as any median is: by inverting
    the Bernoulli e-process at 1/2, a theorem for every law. It says nothing of the expected loss,
    which a few replicates may carry: see `RateOfMean`.

    Parameters
    ----------
    losses : str
        Column of shape (size, L), positive: a loss of zero has no logarithm.
    sizes, curve, start_at, **where
        As in `OfLadder`.

    Examples
    --------
    >>> from refutable import Slope
    >>> Slope("loss", (50, 200, 800)).near(-1, 0.1).guard.functional.label  # beside the slope
    'median slope of log(loss) from 200 up'
    """

    @property
    def label(self) -> str:
        """`median slope of log(loss / curve)`, with the part of the ladder it is about."""
        return f"median slope of log({self._what}){self._from}"


@dataclass(frozen=True, init=False)
class ExactSlope(OfLadder):
    """The slope of a computed ladder, such as the order of a scheme; every one must be inside.

    Parameters
    ----------
    losses : str
        Outcome of L positive numbers.
    sizes, curve, start_at, **where
        As in `OfLadder`.
    """

    evidence: ClassVar[Evidence] = Evidence.EXACT

    @property
    def label(self) -> str:
        """`slope of log(loss / curve)`, with the part of the ladder it is about."""
        return f"slope of log({self._what}){self._from}"


@dataclass(frozen=True, init=False)
class RateOfMean(OfLadder):
    """Rate of the expected loss: the slope of log E[loss] over the ladder.

    Single losses may be zero; their mean must be positive. With `bounds` it is a theorem: a
    betting sequence for the mean at each size, at an equal share of the error, and the slope is a
    fixed linear combination of their logarithms. Without, it is approximate: the t on the
    replicates' linearised contributions ``sum_i w_i loss_i / mean_i`` (delta method).

    Parameters
    ----------
    losses : str
        Column of shape (size, L), 0 or more.
    sizes, curve, start_at, **where
        As in `OfLadder`.
    bounds : pair of float or callable of the cell, optional
        Least (0 or more) and greatest loss; each may be one number, or one for each size.
    """

    bounds: tuple[LadderBound, LadderBound] | None

    def __init__(
        self,
        losses: str,
        sizes: Any,
        curve: Curve | None = None,
        start_at: int = 0,
        bounds: tuple[LadderBound, LadderBound] | None = None,
        **where: Any,
    ) -> None:
        super().__init__(losses, sizes, curve, start_at, **where)
        object.__setattr__(self, "bounds", pair(bounds))

    @property
    def label(self) -> str:
        """`slope of log(E[loss] / curve)`, with the part of the ladder it is about."""
        what = f"E[{self.losses}]" + (" / curve" if self.curve else "")
        return f"slope of log({what}){self._from}"

    def from_size(self, place: int) -> Self:
        """Return the same slope over the ladder from this place on."""
        return type(self)(
            self.losses, self.sizes, self.curve, place, bounds=self.bounds, **self.where
        )


def _twice(margin: Bound) -> Bound:
    if margin is None:
        return None
    return (lambda cell: 2 * margin(cell)) if callable(margin) else 2 * margin
