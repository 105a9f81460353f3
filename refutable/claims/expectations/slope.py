"""Rates: each replicate's own slope over a ladder of sizes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refutable.claims.arrays import Columns
from refutable.claims.cells import Cell
from refutable.claims.expectations.base import Accumulator, Expectation, Functional, Look
from refutable.claims.expectations.means import Average
from refutable.claims.regions import Bound
from refutable.deciding.ladder import LogMeans
from refutable.errors import OutcomeError

Curve = Callable[[Cell, NDArray[np.float64]], NDArray[np.float64]]


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

    def start(self, cell: Cell) -> Accumulator:
        """Return an empty average of slopes."""
        weights, log_curve = self._weights(), self._log_curve(cell)
        average = Average(lambda columns: self._slopes(columns, weights, log_curve))
        return average if self.start_at else _Ladder(self, average, np.exp(log_curve))

    def slopes(self, cell: Cell, columns: Columns) -> NDArray[np.float64]:
        """Return each replicate's own slope, shape (size,)."""
        return self._slopes(columns, self._weights(), self._log_curve(cell))

    def _weights(self) -> NDArray[np.float64]:
        log_size = np.log(np.asarray(self.sizes[self.start_at :]))
        centred = log_size - log_size.mean()
        weights: NDArray[np.float64] = centred / (centred @ centred)
        return weights

    def _log_curve(self, cell: Cell) -> NDArray[np.float64]:
        if self.curve is None:
            return np.zeros(len(self.sizes) - self.start_at)
        predicted = np.asarray(self.curve(cell, np.asarray(self.sizes)), dtype=float)
        fits = predicted.shape == (len(self.sizes),)
        if not fits or not ((predicted > 0) & np.isfinite(predicted)).all():
            raise ValueError(
                f"the curve of {self.label} must give {len(self.sizes)} positive numbers, one per "
                f"size, in cell {cell.label}; it gave {predicted}."
            )
        log_curve: NDArray[np.float64] = np.log(predicted[self.start_at :])
        return log_curve

    def _slopes(
        self, columns: Columns, weights: NDArray[np.float64], log_curve: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        losses = columns[self.losses]
        shaped = losses.ndim == 2 and losses.shape[1] == len(self.sizes)
        if losses.dtype.kind not in "iuf" or not shaped or not (losses > 0).all():
            raise OutcomeError(
                f"outcome {self.losses!r} is a ladder of {len(self.sizes)} sizes, so it must be "
                f"numeric, positive and of shape (size, {len(self.sizes)}); its dtype is "
                f"{losses.dtype} and its shape {losses.shape}."
            )
        slopes: NDArray[np.float64] = (np.log(losses[:, self.start_at :]) - log_curve) @ weights
        return slopes


class _Ladder:
    """An average of slopes that keeps the losses for the figure."""

    def __init__(self, slope: Slope, average: Average, curve: NDArray[np.float64]) -> None:
        self.slope, self.average = slope, average
        self.curve = None if slope.curve is None else curve
        self.losses = LogMeans(len(slope.sizes))

    def add(self, columns: Columns) -> None:
        self.average.add(columns)
        self.losses.add(np.log(columns[self.slope.losses]))

    def look(self, alpha: float) -> Look:
        rungs = self.losses.rungs(self.slope.sizes, self.curve)
        return replace(self.average.look(alpha), ladder=rungs)


def _twice(margin: Bound) -> Bound:
    if margin is None:
        return None
    return (lambda cell: 2 * margin(cell)) if callable(margin) else 2 * margin
