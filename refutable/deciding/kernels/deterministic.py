"""Kernel (d), deterministic: agreement with printed decimals; no error is spent."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

import numpy as np

Number = Decimal | Fraction | float | int | str

_PRINTED = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


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
