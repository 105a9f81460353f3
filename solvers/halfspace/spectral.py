"""Spectral upper bound on the fourth moment of a weighted sample in every direction.

The cheapest form of a degree-four sum-of-squares certificate: a quartic form in u is a quadratic
form in the matrix u u^T, so the top eigenvalue of the latter bounds the former.
"""

import numpy as np
import scipy
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import Floats, bounded_array, matrix


def symmetric_square(z: Floats) -> Floats:
    """Upper triangle of z z^T, off-diagonal entries times sqrt(2), so that norms are kept.

    Parameters
    ----------
    z : ndarray, shape (n, m)
        Points.

    Returns
    -------
    ndarray, shape (n, m (m + 1) / 2)
        Rows with ``<f(z), f(u)> = <z, u>^2``.
    """
    row, column = np.triu_indices(z.shape[1])
    return np.asarray(z[:, row] * z[:, column] * np.where(row == column, 1.0, np.sqrt(2)))


def fourth_moment_bound(z: ArrayLike, weights: ArrayLike) -> float:
    """Upper bound on ``sup over unit u of sum_i weights_i <u, z_i>^4``.

    Parameters
    ----------
    z : array_like, shape (n, m)
        Points.
    weights : array_like, shape (n,)
        Non-negative weights with a positive sum.

    Returns
    -------
    float
        ``lambda_max(sum k f f^T - m m^T / p) + lambda_max(sum k z z^T)^2 / p``; equal to the
        supremum (three times the mass) for an isotropic Gaussian population.

    Raises
    ------
    ValueError
        For bad shapes, NaN, negative weights or weights that sum to zero.
    """
    array = matrix("z", z)
    k = bounded_array("weights", weights, 0, shape=(len(array),))
    if not k.any():
        raise ValueError("weights are all zero: give at least one above 0")
    mass, f = float(k.sum()), symmetric_square(array)
    mean = k @ f
    centred = (f * k[:, None]).T @ f - np.outer(mean, mean) / mass
    second = _largest_eigenvalue((array * k[:, None]).T @ array)
    return max(_largest_eigenvalue(centred), 0.0) + second**2 / mass


def _largest_eigenvalue(matrix: Floats) -> float:
    last = len(matrix) - 1
    return float(scipy.linalg.eigh(matrix, eigvals_only=True, subset_by_index=(last, last))[0])
