"""Numbers that a theory is asked about, checked: the solvers' checks are not for it to import."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def whole(name: str, value: object, low: int = 1, high: int | None = None) -> int:
    """Return a whole number from `low` to `high`.

    Raises
    ------
    ValueError
        If it is something else.
    """
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        number = int(value)
        if low <= number and (high is None or number <= high):
            return number
    end = f"at least {low}" if high is None else f"from {low} to {high}"
    raise ValueError(f"{name}={value!r}: give a whole number, {end}")


def numbers(name: str, values: object) -> NDArray[np.float64]:
    """Return finite numbers of any shape.

    Raises
    ------
    ValueError
        If they are something else.
    """
    try:
        given = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name}={values!r}: give numbers") from None
    if isinstance(values, bool) or not np.isfinite(given).all():
        raise ValueError(f"{name}={values!r}: give finite numbers")
    return given
