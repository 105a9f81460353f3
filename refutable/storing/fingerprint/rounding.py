"""Numbers without their last bits, which depend on the machine and on nobody's meaning."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from refutable.claims.arrays import FloatArray

BITS = 30
"""Kept of a mantissa: nine decimal digits. An author seldom writes more; two computations of one
number, by another BLAS or with other threads, seldom agree in fewer."""


def rounded(values: ArrayLike) -> FloatArray:
    """Return doubles rounded to `BITS` bits, the same shape; zero has one sign.

    Rounded in binary, since boundaries between rounded values should lie where no short number
    does: neither 0.1 nor 3/8 is near one, while 2**-14 lies on one of nine decimal digits.
    """
    with np.errstate(over="ignore"):  # a number that only a long double can hold
        mantissa, exponent = np.frexp(np.asarray(values, dtype=np.float64))
    kept: FloatArray = np.ldexp(np.round(np.ldexp(mantissa, BITS)), exponent - BITS) + 0.0
    return kept


def text(value: Any) -> str:
    """Return a text that two numbers share if they are the same but for the last bits.

    Anything else is told by its `repr`.
    """
    if isinstance(value, float):
        return repr(float(rounded(value)))
    if isinstance(value, complex):
        return f"{text(value.real)}, {text(value.imag)}"
    return repr(value)
