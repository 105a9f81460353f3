"""Granularity: whether a printed share can be a count over n at all."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.accounting.printed import printed_interval
from refutable.solvers.argument_checks import one_of, refuse, whole_array, whole_number

__all__ = ["counts_that_print", "is_count_over"]

Rule = Literal["rounded", "truncated"]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def counts_that_print(
    printed: str, n: ArrayLike, *, unit: int = 100, rule: Rule = "rounded"
) -> tuple[Ints, Ints]:
    """Return the first and last whole k, 0 to n, for which ``unit k / n`` prints as it stands.

    Exact integer arithmetic. Rounding counts both ends of the interval, as `prints` does;
    truncation counts values from the printed one to below the next.

    Parameters
    ----------
    printed : str
        The entry as a decimal string: ``"78.31"`` has another granularity than ``"78.310"``.
    n : array_like of int
        Sizes, at least 1; any shape.
    unit : int
        What the whole is printed as, at least 1: 100 for percentages, 1 for shares.
    rule : {"rounded", "truncated"}

    Returns
    -------
    first, last : ndarray of int, the shape of `n`
        first > last where no count prints so.

    Raises
    ------
    ValueError
        If an argument is malformed, or n times the digits of the entry leaves 64 bits.
    """
    sizes = whole_array("n", n, 1)
    low, high, open_end = _ends(printed, unit, rule)
    first = np.maximum(-_floor_times("n", -low, sizes), 0)
    last = -_floor_times("n", -high, sizes) - 1 if open_end else _floor_times("n", high, sizes)
    return first, np.minimum(last, sizes)


def is_count_over(printed: str, n: ArrayLike, *, unit: int = 100, rule: Rule = "rounded") -> Bools:
    """Whether the entry is some ``unit k / n`` with a whole k, for every n; as above."""
    first, last = counts_that_print(printed, n, unit=unit, rule=rule)
    return np.asarray(first <= last)


def _ends(printed: str, unit: int, rule: Rule) -> tuple[Fraction, Fraction, bool]:
    """Return the share's interval, and whether its upper end is excluded."""
    whole, name = whole_number("unit", unit), one_of("rule", rule, get_args(Rule))
    interval = printed_interval(printed)
    shift = (interval.high - interval.low) / 2 if name == "truncated" else Fraction(0)
    low, high = (interval.low + shift) / whole, (interval.high + shift) / whole
    return low, high, name == "truncated"


def _floor_times(name: str, factor: Fraction, sizes: Ints) -> Ints:
    if abs(factor.numerator) * int(sizes.max()) >= 2**63 or factor.denominator >= 2**63:
        refuse(name, sizes, f"numbers so small that {factor} times them is exact in 64 bits")
    return np.asarray(factor.numerator * sizes // factor.denominator)
