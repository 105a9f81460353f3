"""Numbers that count how often they are multiplied or divided, and solves written out for them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refutable import FloatArray

Objects = NDArray[np.object_]


@dataclass
class Tally:
    """How many multiplications and divisions were done.

    Attributes
    ----------
    done : int
    """

    done: int = 0

    def counted(self, values: FloatArray) -> Objects:
        """Return the same numbers, as numbers that count here."""
        found = np.empty(values.shape, dtype=object)
        found[...] = [[Counted(float(v), self) for v in row] for row in values]
        return found


class Counted:
    """A number that counts its products and quotients in a tally."""

    __slots__ = ("tally", "value")

    def __init__(self, value: float, tally: Tally) -> None:
        self.value, self.tally = value, tally

    def __mul__(self, other: Counted) -> Counted:
        self.tally.done += 1
        return Counted(self.value * other.value, self.tally)

    def __truediv__(self, other: Counted) -> Counted:
        self.tally.done += 1
        return Counted(self.value / other.value, self.tally)

    def __add__(self, other: Counted) -> Counted:
        return Counted(self.value + other.value, self.tally)

    def __sub__(self, other: Counted) -> Counted:
        return Counted(self.value - other.value, self.tally)

    def root(self) -> Counted:
        """Return the square root, which is not counted: there are n of them."""
        return Counted(math.sqrt(self.value), self.tally)


def factorised(matrix: FloatArray, tally: Tally) -> Objects:
    """Return the Cholesky factor, column by column; above the diagonal stand zeros."""
    a = tally.counted(matrix)
    for j in range(len(a)):
        if j:
            a[j:, j] = a[j:, j] - a[j:, :j] @ a[j, :j]
        a[j, j] = a[j, j].root()
        a[j + 1 :, j] = a[j + 1 :, j] / a[j, j]
        a[j, j + 1 :] = [Counted(0.0, tally)] * (len(a) - j - 1)
    return a


def substituted(lower: Objects, right: Objects) -> Objects:
    """Return ``(L L')^(-1) B``, forwards and backwards."""
    for upper in (False, True):
        right = _triangle(lower, right, upper)
    return right


def _triangle(lower: Objects, right: Any, upper: bool) -> Objects:
    found = right.copy()
    n = len(lower)
    for i in range(n)[::-1] if upper else range(n):
        row, known = (lower[i + 1 :, i], found[i + 1 :]) if upper else (lower[i, :i], found[:i])
        if len(known):
            found[i] = found[i] - row @ known
        found[i] = found[i] / lower[i, i]
    return np.asarray(found, dtype=object)
