"""Means, ratios of means and slopes, by the exact anytime-valid t on means of 8 replicates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from claimcheck.cells import Cell
from claimcheck.errors import OutcomeError
from claimcheck.expectations.base import (
    Accumulator,
    Expectation,
    Functional,
    Look,
    standard_error,
)
from claimcheck.kernels import student
from claimcheck.outcomes import Columns
from claimcheck.regions import Bound

BATCH = 8
"""Replicates averaged before the t kernel sees them: raw skewed replicates break its error rate."""

Curve = Callable[[Cell, NDArray[np.float64]], NDArray[np.float64]]


class _Batches:
    """Cuts the stream of rows into means of `BATCH`, whatever the size of the blocks."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.rest = np.empty((0, width))
        self.count = 0
        self.mean = np.zeros(width)
        self.scatter = np.zeros((width, width))

    def add(self, rows: NDArray[np.float64]) -> None:
        """Take rows of shape (size, width); Chan's update keeps mean and scatter stable."""
        stream = np.concatenate([self.rest, rows])
        full = len(stream) // BATCH
        self.rest = stream[full * BATCH :]
        if not full:
            return
        self._merge(stream[: full * BATCH].reshape(full, BATCH, self.width).mean(axis=1))

    def _merge(self, means: NDArray[np.float64]) -> None:
        added = len(means)
        centre = means.mean(axis=0)
        residual = means - centre
        step = centre - self.mean
        total = self.count + added
        between = np.outer(step, step) * (self.count * added / total)
        self.scatter = self.scatter + residual.T @ residual + between
        self.mean = self.mean + step * (added / total)
        self.count = total


def _column(columns: Columns, name: str) -> NDArray[np.float64]:
    values = columns[name]
    if values.ndim != 1 or values.dtype.kind not in "biuf":
        raise OutcomeError(
            f"outcome {name!r} is averaged, so it must be a numeric column of shape (size,); "
            f"it has dtype {values.dtype} and shape {values.shape}."
        )
    return values.astype(np.float64)


@dataclass(frozen=True, init=False)
class Mean(Functional):
    """E[outcome]. A paired difference is the mean of a column `a - b`.

    Kernel (b): the exact anytime-valid t of Wang and Ramdas on means of 8 replicates.

    Parameters
    ----------
    outcome : str
        A numeric column of shape (size,).
    **where : scalar or tuple
        Selects cells.
    """

    outcome: str

    def __init__(self, outcome: str, **where: Any) -> None:
        object.__setattr__(self, "outcome", outcome)
        object.__setattr__(self, "where", where)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The averaged column."""
        return (self.outcome,)

    @property
    def label(self) -> str:
        """`E[outcome]`."""
        return f"E[{self.outcome}]"

    def start(self, cell: Cell) -> Accumulator:
        """Return an empty average."""
        del cell
        return _Average(lambda columns: _column(columns, self.outcome))


class _Average:
    def __init__(self, statistic: Callable[[Columns], NDArray[np.float64]]) -> None:
        self.statistic = statistic
        self.batches = _Batches(1)

    def add(self, columns: Columns) -> None:
        self.batches.add(self.statistic(columns)[:, np.newaxis])

    def look(self, alpha: float) -> Look:
        count, mean = self.batches.count, float(self.batches.mean[0])
        scatter = float(self.batches.scatter[0, 0])
        interval = student.interval(count, mean, scatter, alpha)
        estimate = mean if count else None
        detail = f"{count} means of {BATCH}"
        return Look(estimate, interval, detail, standard_error(count, scatter))


@dataclass(frozen=True, init=False)
class RatioOfMeans(Functional):
    """E[numerator] / E[denominator], the denominator's mean being positive.

    Parameters
    ----------
    numerator, denominator : str
        Numeric columns of shape (size,), paired by replicate.
    **where : scalar or tuple
        Selects cells.
    """

    numerator: str
    denominator: str

    def __init__(self, numerator: str, denominator: str, **where: Any) -> None:
        object.__setattr__(self, "numerator", numerator)
        object.__setattr__(self, "denominator", denominator)
        object.__setattr__(self, "where", where)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Numerator and denominator."""
        return (self.numerator, self.denominator)

    @property
    def label(self) -> str:
        """`E[a] / E[b]`."""
        return f"E[{self.numerator}] / E[{self.denominator}]"

    def start(self, cell: Cell) -> Accumulator:
        """Return an empty pair of averages."""
        del cell
        return _Ratio(self.numerator, self.denominator)


class _Ratio:
    def __init__(self, numerator: str, denominator: str) -> None:
        self.names = (numerator, denominator)
        self.batches = _Batches(2)

    def add(self, columns: Columns) -> None:
        self.batches.add(np.stack([_column(columns, name) for name in self.names], axis=1))

    def look(self, alpha: float) -> Look:
        count, (a, b) = self.batches.count, self.batches.mean.tolist()
        (s_aa, s_ab), (_, s_bb) = self.batches.scatter.tolist()
        interval = student.ratio_interval(count, a, b, s_aa, s_bb, s_ab, alpha)
        if not count or b == 0:
            return Look(None, interval)
        ratio = a / b
        spread = max(s_aa - 2 * ratio * s_ab + ratio**2 * s_bb, 0.0) / b**2
        return Look(ratio, interval, f"{count} means of {BATCH}", standard_error(count, spread))


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
        sizes = np.asarray(self.sizes[self.start_at :])
        log_size = np.log(sizes) - np.log(sizes).mean()
        weights = log_size / (log_size @ log_size)
        log_curve = np.zeros_like(sizes)
        if self.curve is not None:
            predicted = np.asarray(self.curve(cell, np.asarray(self.sizes)), dtype=float)
            log_curve = np.log(predicted[self.start_at :])
        return _Average(lambda columns: self._slopes(columns, weights, log_curve))

    def _slopes(
        self, columns: Columns, weights: NDArray[np.float64], log_curve: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        losses = columns[self.losses]
        if losses.ndim != 2 or losses.shape[1] != len(self.sizes) or not (losses > 0).all():
            raise OutcomeError(
                f"outcome {self.losses!r} is a ladder of {len(self.sizes)} sizes, so it must be "
                f"positive and of shape (size, {len(self.sizes)}); its shape is {losses.shape}."
            )
        slopes: NDArray[np.float64] = (np.log(losses[:, self.start_at :]) - log_curve) @ weights
        return slopes


def _twice(margin: Bound) -> Bound:
    if margin is None:
        return None
    return (lambda cell: 2 * margin(cell)) if callable(margin) else 2 * margin
