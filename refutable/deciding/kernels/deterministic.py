"""Kernel (d), deterministic: tolerances, certificates and printed decimals; no error is spent."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

from refutable.deciding.kernels import _validate
from refutable.deciding.kernels.interval import Interval

Number = Decimal | Fraction | float | int | str

_PRINTED = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def extremes(values: ArrayLike) -> Interval:
    """Return the smallest interval that holds every value.

    Raises
    ------
    ValueError
        If there is no value, or one is NaN or infinite.
    """
    array = np.asarray(values, dtype=np.float64).ravel()
    if array.size == 0 or not np.isfinite(array).all():
        raise ValueError("values must be non-empty and hold neither NaN nor inf")
    return Interval(float(array.min()), float(array.max()))


def excess(values: ArrayLike, lower: float = -math.inf, upper: float = math.inf) -> float:
    """Return by how much the worst value lies outside ``[lower, upper]``; 0 if none does.

    Raises
    ------
    ValueError
        As `extremes`, or if a bound is NaN.
    """
    region, seen = Interval(lower, upper), extremes(values)
    return max(region.lower - seen.lower, seen.upper - region.upper, 0.0)


def satisfies(
    values: ArrayLike, lower: float = -math.inf, upper: float = math.inf, tolerance: float = 0.0
) -> bool:
    """Tell whether every value lies in ``[lower - tolerance, upper + tolerance]``.

    Raises
    ------
    ValueError
        As `excess`, or if `tolerance` is negative, NaN or infinite.
    """
    return excess(values, lower, upper) <= _validate.nonnegative("tolerance", tolerance)


def certified(value: float, bound: float, tolerance: float) -> bool:
    """Tell whether a bound proves a value optimal up to a relative gap.

    Parameters
    ----------
    value : float
        Objective at the point found (minimisation).
    bound : float
        Lower bound from a dual feasible point.
    tolerance : float
        Largest gap allowed, relative to ``max(1, |value|, |bound|)``.

    Returns
    -------
    bool
        False also when the bound lies above the value by more than the gap: then one of the two
        is not feasible, and nothing is certified.

    Raises
    ------
    ValueError
        If an argument is NaN or infinite, or `tolerance` is negative.
    """
    value, bound = _validate.finite("value", value), _validate.finite("bound", bound)
    gap = abs(value - bound) / max(1.0, abs(value), abs(bound))
    return gap <= _validate.nonnegative("tolerance", tolerance)


def prints(value: Number, printed: str) -> bool:
    """Tell whether a computed number rounds to a printed one.

    It does iff it lies within half a unit of the last printed digit, both ends included (so 0.25
    reproduces "0.2" and "0.3": papers round halves either way). The comparison is exact.

    Parameters
    ----------
    value : Decimal, Fraction, float, int or str
        The computed number. A float counts as the binary fraction it is: 2.675 is a little below
        its decimal reading and does not print "2.68"; give a Decimal, Fraction or str if the
        number is known exactly.
    printed : str
        Plain or scientific decimal notation, such as "3.20", "-0.5", "1.2e-3". Trailing zeros
        count as printed digits. "1200" is taken to be printed to the unit; write "1.2e3" if
        it is not.

    Raises
    ------
    ValueError
        If `value` is NaN, infinite or no number, or `printed` is not in decimal notation.
    """
    shown = _decimal(printed)
    exponent = shown.as_tuple().exponent
    half_unit = Fraction(10) ** int(exponent) / 2
    return abs(_exact(value) - Fraction(shown)) <= half_unit


def _decimal(printed: str) -> Decimal:
    """Parse what a paper prints; a typographic minus sign is understood."""
    plain = str(printed).strip().replace("\N{MINUS SIGN}", "-")
    if not _PRINTED.fullmatch(plain):
        raise ValueError(f"printed must be a decimal number such as '3.20', got {printed!r}")
    return Decimal(plain)


def _exact(value: Number | np.generic) -> Fraction:
    plain: Number = value.item() if isinstance(value, np.generic) else value
    try:
        return Fraction(plain.strip() if isinstance(plain, str) else plain)
    except (ValueError, OverflowError, TypeError, ZeroDivisionError) as error:
        raise ValueError(f"value must be a finite number, got {value!r}") from error
