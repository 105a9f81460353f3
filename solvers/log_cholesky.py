"""Positive definite matrices as free vectors: the logarithms of a Cholesky factor's diagonal.

A vector of P (P + 1) / 2 numbers is the lower triangle of L, row by row, with ``log L_ii`` in the
places of the diagonal, and the matrix is ``L L'``. Every vector is a matrix and every positive
definite matrix one vector (Pinheiro and Bates 1996), so that optimisers and random walks need no
constraint. Leading axes are batch axes.
"""

import functools

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.argument_checks import finite_array, refuse, square, symmetric

__all__ = ["cholesky_factor", "coordinates", "log_jacobian", "positive_definite", "pull_back"]

Floats = NDArray[np.float64]

ROUNDING = 1e-9
"""Asymmetry, relative to the largest entry, that products of matrices leave behind."""


def _size(name: str, vector: Floats) -> int:
    """Return P for vectors of P (P + 1) / 2 numbers."""
    length = vector.shape[-1]
    size = int((np.sqrt(8 * length + 1) - 1) / 2)
    if size * (size + 1) != 2 * length:
        raise ValueError(
            f"{name} has {length} numbers: give P (P + 1) / 2, those of a lower triangle"
        )
    return size


@functools.cache
def _triangle(size: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the places of a lower triangle, row by row: half the cost of a factor, else."""
    return np.tril_indices(size)


def cholesky_factor(vector: ArrayLike) -> Floats:
    """Return the lower triangular L, shape (..., P, P), of vectors of shape (..., P (P + 1) / 2).

    Raises
    ------
    ValueError
        If the numbers are not finite or do not fill a triangle.
    """
    values = finite_array("vector", vector, least=1)
    size = _size("vector", values)
    factor = np.zeros((*values.shape[:-1], size, size))
    factor[..., *_triangle(size)] = values
    diagonal = np.arange(size)
    factor[..., diagonal, diagonal] = np.exp(factor[..., diagonal, diagonal])
    return factor


def positive_definite(vector: ArrayLike) -> Floats:
    """Return the matrices ``L L'``, shape (..., P, P), of vectors; see `cholesky_factor`."""
    factor = cholesky_factor(vector)
    return np.asarray(factor @ np.swapaxes(factor, -1, -2))


def coordinates(matrix: ArrayLike) -> Floats:
    """Return the vectors, shape (..., P (P + 1) / 2), of matrices: `positive_definite` undone.

    Parameters
    ----------
    matrix : array_like, shape (..., P, P)
        Symmetric up to rounding, positive definite.

    Raises
    ------
    ValueError
        If a matrix is not symmetric or not positive definite.
    """
    values = symmetric("matrix", matrix, ROUNDING)
    try:
        factor = np.linalg.cholesky(values)
    except np.linalg.LinAlgError:
        refuse("matrix", values, "positive definite matrices")
    diagonal = np.arange(values.shape[-1])
    factor[..., diagonal, diagonal] = np.log(factor[..., diagonal, diagonal])
    return np.asarray(factor[..., *_triangle(values.shape[-1])])


def log_jacobian(vector: ArrayLike) -> Floats:
    """Return the log-volume that a unit of coordinates covers, shape (...).

    The derivative of the P (P + 1) / 2 free entries of ``L L'`` in those of L has the determinant
    ``2^P prod L_ii^(P + 1 - i)``, i from 1 (Muirhead 1982, theorem 2.1.9); the logarithm of the
    diagonal brings one more ``L_ii``.
    """
    values = finite_array("vector", vector, least=1)
    size = _size("vector", values)
    places = np.arange(1, size + 1)
    diagonal = values[..., places * (places + 1) // 2 - 1]
    return np.asarray(size * np.log(2.0) + diagonal @ (size + 2.0 - places))


def pull_back(vector: ArrayLike, gradient: ArrayLike) -> Floats:
    """Return the gradient in the coordinates of a function with a known gradient in the matrix.

    Parameters
    ----------
    vector : array_like, shape (..., P (P + 1) / 2)
    gradient : array_like, shape (..., P, P)
        S, with ``df = tr(S dG)`` for a change dG of the matrix; its asymmetric part has no effect.

    Returns
    -------
    array, shape (..., P (P + 1) / 2)
        The lower triangle of ``(S + S') L``, with its diagonal times that of L.

    Raises
    ------
    ValueError
        If an argument is not finite or the shapes do not go together.
    """
    factor = cholesky_factor(vector)
    slope = square("gradient", gradient)
    if slope.shape != factor.shape:
        refuse("gradient", slope, f"shape {factor.shape}, that of the matrices of the vectors")
    moved = (slope + np.swapaxes(slope, -1, -2)) @ factor
    diagonal = np.arange(factor.shape[-1])
    moved[..., diagonal, diagonal] *= factor[..., diagonal, diagonal]
    return np.asarray(moved[..., *_triangle(factor.shape[-1])])
