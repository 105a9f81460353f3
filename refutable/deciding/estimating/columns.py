"""Columns as numbers, and what is kept of them while they pass."""

from __future__ import annotations

import math

import numpy as np

from refutable.claims.arrays import Columns, FloatArray
from refutable.errors import OutcomeError


def numeric(columns: Columns, name: str) -> FloatArray:
    """Return a column of shape (size,) as doubles.

    Raises
    ------
    OutcomeError
        If it is not numeric or has another shape.
    """
    values = columns[name]
    if values.ndim != 1 or values.dtype.kind not in "biuf":
        raise OutcomeError(
            f"outcome {name!r} is averaged, so it must be a numeric column of shape (size,); "
            f"it has dtype {values.dtype} and shape {values.shape}."
        )
    return values.astype(np.float64)


def within(name: str, values: FloatArray, bounds: tuple[float, float], seen: int) -> FloatArray:
    """Return values that lie in their declared bounds.

    Parameters
    ----------
    name : str
        Of the outcome.
    values : ndarray, shape (n,)
    bounds : tuple of float
    seen : int
        Replicates before these.

    Raises
    ------
    OutcomeError
        Naming the first replicate outside, its value and the bounds.
    """
    low, high = bounds
    outside = (values < low) | (values > high)
    if outside.any():
        first = int(np.argmax(outside))
        raise OutcomeError(
            f"outcome {name!r} is {float(values[first])!r} in replicate {seen + first} of its cell "
            f"(counted from 0), outside its declared bounds [{low:g}, {high:g}]; "
            "declare bounds that hold for every replicate, or clip the outcome and say so."
        )
    return values


class Running:
    """Count, mean and sum of squared deviations (Chan, Golub & LeVeque 1983), and the range."""

    def __init__(self) -> None:
        self.count, self.mean, self.scatter = 0, 0.0, 0.0
        self.lowest, self.highest = math.inf, -math.inf

    def add(self, values: FloatArray) -> None:
        """Take values of shape (n,)."""
        if not len(values):
            return
        count = self.count + len(values)
        mean = float(np.add.reduce(values)) / len(values)
        step, share = mean - self.mean, len(values) / count
        with np.errstate(over="ignore"):  # the square of an outcome may be no double
            rest = values - mean
            square = float(np.add.reduce(rest**2))
            square += float(np.float64(step) ** 2 * self.count * share)
        self.scatter += square
        self.mean += step * share
        self.count = count
        self.lowest = min(self.lowest, float(values.min()))
        self.highest = max(self.highest, float(values.max()))
