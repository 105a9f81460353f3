"""Rates: each replicate's own slope over a ladder of sizes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from refutable.claims.arrays import FloatArray
from refutable.claims.cells import Cell
from refutable.claims.expectations.base import Expectation, Functional
from refutable.claims.regions import Bound

Curve = Callable[[Cell, FloatArray], FloatArray]


@dataclass(frozen=True, init=False)
class Slope(Functional):
    """Mean over replicates of each replicate's own slope of log(loss / curve) on log(size).

    A replicate is a whole ladder of sizes on one seed stream. With the curve that theory
    predicts, log factors included, the slope is 0. `near` adds a drift guard: on the upper
    half of the ladder the slope must stay within twice the margin.

    Parameters
    ----------
    losses : str
        Column of shape (size, L), positive.
    sizes : sequence of float, length L >= 2, increasing
        The ladder.
    curve : callable (cell, sizes) -> array of shape (L,), optional
        Predicted losses up to a constant; 1 without it, so that the slope is the exponent.
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
        if len(ladder) < 2 or any(b <= a for a, b in pairwise(ladder)):
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
    def label(self) -> str:
        """`slope of log(loss / curve)`, with the part of the ladder it is about."""
        top = "" if self.start_at == 0 else f" from {self.sizes[self.start_at]:g} up"
        what = f"{self.losses} / curve" if self.curve else self.losses
        return f"slope of log({what}){top}"

    @property
    def identity(self) -> tuple[object, ...]:
        """Two slopes against different curves differ."""
        return (*super().identity, self.sizes, self.curve)

    def near(self, value: Bound, margin: Bound) -> Expectation:
        """Expect the slope within `margin` of `value`, and no drift at the top of the ladder."""
        expectation = super().near(value, margin)
        half = len(self.sizes) // 2
        if self.start_at or len(self.sizes) - half < 2 or half == 0:
            return expectation
        upper = Slope(self.losses, self.sizes, self.curve, half, **self.where)
        return replace(expectation, guard=upper.near(value, _twice(margin)))


def _twice(margin: Bound) -> Bound:
    if margin is None:
        return None
    return (lambda cell: 2 * margin(cell)) if callable(margin) else 2 * margin
