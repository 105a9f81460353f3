"""Sufficient statistics of a stream of rows for the Student kernel: means of blocks, and skewness.

The central sums of two parts are merged by the update of Chan, Golub & LeVeque (1983) and Pébay
(2008), which does not cancel as raw powers would.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from refutable.claims.arrays import FloatArray

Exponents = NDArray[np.int64]

SIZE = 8
"""Replicates averaged before the Student kernel sees them."""


@dataclass(frozen=True)
class Moments:
    """Count, mean and central sums of rows.

    Parameters
    ----------
    count : int
        Number of rows.
    mean : ndarray, shape (w,)
    second : ndarray, shape (w, w)
        Sums of products of two deviations from the mean.
    third : ndarray, shape (w, w, w)
        Sums of products of three.
    """

    count: int
    mean: FloatArray
    second: FloatArray
    third: FloatArray

    @classmethod
    def of(cls, rows: FloatArray) -> Moments:
        """Return the moments of rows of shape (n, w), ``n >= 0``."""
        if not len(rows):
            width = rows.shape[1]
            return cls(0, np.zeros(width), np.zeros((width,) * 2), np.zeros((width,) * 3))
        mean = rows[0] + (rows - rows[0]).mean(axis=0)  # exact where all rows are the same
        rest = rows - mean
        pairs = rest[:, :, None] * rest[:, None, :]
        return cls(len(rows), mean, pairs.sum(axis=0), np.tensordot(pairs, rest, axes=(0, 0)))

    def merge(self, other: Moments) -> Moments:
        """Return the moments of both parts together."""
        count = self.count + other.count
        if not (self.count and other.count):
            return other if other.count else self
        step = other.mean - self.mean
        weight = self.count * other.count / count
        square = np.multiply.outer(step, step)
        tilt = (self.count * other.second - other.count * self.second) / count
        third = np.multiply.outer(square, step) * (weight * (self.count - other.count) / count)
        return Moments(
            count,
            self.mean + step * (other.count / count),
            self.second + other.second + square * weight,
            self.third + other.third + third + _each_way(tilt, step),
        )

    def shifted(self, by: Exponents) -> Moments:
        """Return the moments of ``rows * 2**by``, exact but for numbers too small to be doubles."""
        two = by[:, None] + by
        return Moments(
            self.count,
            np.ldexp(self.mean, by),
            np.ldexp(self.second, two),
            np.ldexp(self.third, two[:, :, None] + by),
        )

    def along(self, direction: ArrayLike = (1.0,)) -> tuple[float, float, float]:
        """Return average, sum of squares and sum of cubes of ``rows @ direction``."""
        d = np.asarray(direction, dtype=np.float64)
        return float(self.mean @ d), float(d @ self.second @ d), float(self.third @ d @ d @ d)


def _each_way(pair: FloatArray, single: FloatArray) -> FloatArray:
    """Sum of ``pair[i, j] * single[k]`` over the three ways to pick the single index."""
    outer = np.multiply.outer(pair, single)
    total: FloatArray = outer + outer.transpose(0, 2, 1) + outer.transpose(2, 0, 1)
    return total


@dataclass(frozen=True)
class Blocks:
    """Rows cut into blocks of `SIZE`, whatever the pieces in which they arrive.

    Parameters
    ----------
    means : Moments
        Of the means of full blocks.
    rows : Moments
        Of the single rows in full blocks.
    rest : ndarray, shape (r, w)
        Rows that wait for their block to fill up, ``r < SIZE``.
    """

    means: Moments
    rows: Moments
    rest: FloatArray

    @classmethod
    def empty(cls, width: int = 1) -> Blocks:
        """Return the statistics of no rows of `width` numbers."""
        none = np.empty((0, width))
        return cls(Moments.of(none), Moments.of(none), none)

    def extend(self, rows: ArrayLike) -> Blocks:
        """Return the statistics with rows of shape (n, w), or (n,) if ``w == 1``, appended.

        Raises
        ------
        ValueError
            If the width differs, or a number is NaN or infinite.
        """
        width = self.rest.shape[1]
        added = np.asarray(rows, dtype=np.float64)
        added = added[:, np.newaxis] if added.ndim == 1 else added
        if added.ndim != 2 or added.shape[1] != width:
            raise ValueError(f"rows must have shape (n, {width}), got {added.shape}")
        if not np.isfinite(added).all():
            raise ValueError("rows must hold neither NaN nor inf")
        stream = np.concatenate([self.rest, added])
        full = len(stream) // SIZE * SIZE
        whole = stream[:full]
        means = whole.reshape(-1, SIZE, width).mean(axis=1)
        return Blocks(
            self.means.merge(Moments.of(means)), self.rows.merge(Moments.of(whole)), stream[full:]
        )

    def shifted(self, by: Exponents) -> Blocks:
        """Return the statistics of ``rows * 2**by``."""
        return Blocks(self.means.shifted(by), self.rows.shifted(by), np.ldexp(self.rest, by))

    def skewness(self, direction: ArrayLike = (1.0,)) -> float:
        """Return the estimated skewness of a block's mean along a direction; 0 if constant."""
        _, square, cube = self.rows.along(direction)
        spread = math.sqrt(max(square, 0.0) / max(self.rows.count, 1))
        with np.errstate(all="ignore"):
            skewness = np.float64(cube) / self.rows.count / np.float64(spread) ** 3
        return float(skewness) / math.sqrt(SIZE) if np.isfinite(skewness) else 0.0


class ScaledBlocks:
    """Blocks of rows whose columns are scaled by powers of two to at most 1.

    Squares and cubes of numbers of any size are then doubles. Powers of two change no digit, so for
    numbers of ordinary size the results are those without, bit for bit. The power is that of the
    greatest number seen so far; where a greater one arrives, what was summed is scaled again.

    Parameters
    ----------
    width : int
        Numbers in a row.
    """

    def __init__(self, width: int = 1) -> None:
        self.blocks = Blocks.empty(width)
        self.exponents: Exponents = np.full(width, _LEAST_EXPONENT, dtype=np.int64)

    def extend(self, rows: FloatArray) -> None:
        """Take rows of shape (n, w)."""
        if not len(rows):
            return
        size = np.abs(rows).max(axis=0)
        found = np.where(size > 0.0, np.frexp(size)[1], _LEAST_EXPONENT)
        exponents = np.maximum(self.exponents, found)
        if (exponents > self.exponents).any():
            self.blocks = self.blocks.shifted(self.exponents - exponents)
            self.exponents = exponents
        self.blocks = self.blocks.extend(np.ldexp(rows, -exponents))


_LEAST_EXPONENT = -1074  # of the least double; that of columns of zeros
