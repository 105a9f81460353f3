"""Two methods on the same n tasks, of which only the numbers of successes are known.

The exact sign test (McNemar 1947) needs the tasks that one method alone solves. Margins leave
these open; every table that has the margins is listed, so what a test could say has ends.
"""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    Ints,
    bounded_array,
    equal_shapes,
    whole_array,
    whole_number,
)

__all__ = ["sign_test", "tables_with_margins", "two_proportion_test"]


def sign_test(better: ArrayLike, worse: ArrayLike) -> Floats:
    """Two-sided p value of discordant pairs under a fair coin, exact.

    Parameters
    ----------
    better, worse : array_like of int, of one shape
        Pairs that speak for the second method and for the first, at least 0.

    Returns
    -------
    ndarray of float
        Twice the smaller tail, at most 1; 1 without a discordant pair.

    Raises
    ------
    ValueError
        If a count is negative or no whole number, or shapes differ.
    """
    first, second = whole_array("better", better, 0), whole_array("worse", worse, 0)
    equal_shapes("better", first, "worse", second)
    tail = scipy.special.bdtr(np.minimum(first, second), first + second, 0.5)
    return np.asarray(np.minimum(2 * tail, 1.0))


def tables_with_margins(first: int, second: int, n: int) -> tuple[Ints, Ints]:
    """Return the discordant counts (better, worse) of every table with these successes.

    Parameters
    ----------
    first, second : int
        Successes of the two methods, 0 to n.
    n : int
        Tasks, at least 1.

    Returns
    -------
    better, worse : arrays of int, equally long
        Tasks that only the second and only the first method solves, least disagreement first.

    Raises
    ------
    ValueError
        If a number is out of range.
    """
    tasks = whole_number("n", n)
    before = whole_number("first", first, 0, tasks)
    after = whole_number("second", second, 0, tasks)
    both = np.arange(max(0, before + after - tasks), min(before, after) + 1)[::-1]
    return after - both, before - both


def two_proportion_test(first: ArrayLike, second: ArrayLike, n: int) -> tuple[Floats, Floats]:
    """Return z and the two-sided p value of two shares of n each, taken as independent samples.

    The pooled normal test, ``(p2 - p1) / sqrt(2 p (1 - p) / n)``: its square is Pearson's
    chi-squared of the table.

    Parameters
    ----------
    first, second : array_like of float, of one shape
        Shares from 0 to 1, not both 0 and not both 1.
    n : int
        Tasks of either sample, at least 1.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    tasks = whole_number("n", n)
    before, after = bounded_array("first", first, 0, 1), bounded_array("second", second, 0, 1)
    equal_shapes("first", before, "second", after)
    pooled = (before + after) / 2
    if ((pooled == 0) | (pooled == 1)).any():
        raise ValueError("first and second are both 0 or both 1: give shares that vary")
    z = (after - before) / np.sqrt(2 * pooled * (1 - pooled) / tasks)
    return np.asarray(z), np.asarray(2 * scipy.special.ndtr(-np.abs(z)))
