"""Baselines: averaging labelled points, and a tester that never looks at the labels."""

from itertools import combinations_with_replacement

import numpy as np
import scipy
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    both_classes,
    matrix,
    signs,
    whole_number,
)


def averaging_direction(x: ArrayLike, y: ArrayLike) -> Floats:
    """Direction of ``sum y_i x_i``, the classical estimate under a spherical marginal.

    Parameters
    ----------
    x : array_like, shape (n, d)
        Points.
    y : array_like, shape (n,)
        Labels -1 or +1.

    Returns
    -------
    ndarray, shape (d,)
        Unit vector.

    Raises
    ------
    ValueError
        For bad shapes or labels, one class only, or if the sum vanishes.
    """
    array = matrix("x", x)
    labels = signs("y", y, (len(array),))
    both_classes("y", labels)
    total = labels @ array
    length = float(np.linalg.norm(total))
    if length == 0:
        raise ValueError("x and y average to the zero vector, which has no direction: draw more")
    return np.asarray(total / length)


def gaussian_moment_deviation(x: ArrayLike, degree: int = 4) -> float:
    """Largest deviation of a monomial moment from that of N(0, I), in standard errors.

    Parameters
    ----------
    x : array_like, shape (n, d)
        Points.
    degree : int
        Highest total degree of the monomials.

    Returns
    -------
    float
        Maximum over monomials of ``|mean - E| / SE``, SE from the Gaussian's own moments. A
        label-oblivious moment tester accepts when this is at most 4 or so.

    Raises
    ------
    ValueError
        For bad shapes, NaN, or ``degree < 1``.
    """
    array = matrix("x", x)
    n, d = array.shape
    worst = 0.0
    for k in range(1, whole_number("degree", degree) + 1):
        for factors in combinations_with_replacement(range(d), k):
            powers = np.bincount(factors, minlength=d)
            mean = float(array[:, list(factors)].prod(axis=1).mean())
            expected = _gaussian_moment(powers)
            error = np.sqrt((_gaussian_moment(2 * powers) - expected**2) / n)
            worst = max(worst, abs(mean - expected) / error)
    return worst


def _gaussian_moment(powers: np.ndarray) -> float:
    """``E prod x_j^{powers_j}`` under N(0, I): zero if a power is odd, else double factorials."""
    if (powers % 2).any():
        return 0.0
    return float(np.prod([scipy.special.factorial2(int(p) - 1) if p else 1.0 for p in powers]))
