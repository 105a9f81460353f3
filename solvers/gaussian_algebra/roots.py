"""Spectra of covariance matrices, and the square roots that they give.

``eigh`` and not ``scipy.linalg.sqrtm``: batched, real and symmetric by construction.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.argument_checks import symmetric

Floats = NDArray[np.float64]

ASYMMETRY = 1e-9
"""Share of the largest entry by which a matrix may differ from its transpose: far above what
products of matrices leave in double precision, 1e-13, and far below what moves a result."""

SINGULAR = 1e-13
"""Share of the largest eigenvalue below which another counts as zero: ``eigh`` leaves some
1e-16 times the dimension, up to dimensions of hundreds."""


def symmetric_root(covariance: ArrayLike) -> Floats:
    """Return the semidefinite square root.

    Parameters
    ----------
    covariance : array_like, shape (..., d, d)
        Symmetric and positive semidefinite.

    Returns
    -------
    array, shape (..., d, d)
        Where the matrix is singular to the last digits, the root is right to half of them.

    Raises
    ------
    ValueError
        If a matrix is not symmetric, or has a negative eigenvalue.
    """
    values, vectors = spectrum("covariance", covariance)
    return rebuilt(np.sqrt(values), vectors)


def spectrum(name: str, covariance: ArrayLike, *, definite: bool = False) -> tuple[Floats, Floats]:
    """Return eigenvalues (..., d), rising and none negative, and vectors (..., d, d) as columns.

    Raises
    ------
    ValueError
        If a matrix is not symmetric, has a negative eigenvalue, or, if `definite`, has one that
        is zero up to rounding.
    """
    values, vectors = np.linalg.eigh(symmetric(name, covariance, ASYMMETRY))
    floor = SINGULAR * np.abs(values).max(axis=-1)
    if (values[..., 0] < -floor).any():
        raise ValueError(f"{name} has eigenvalue {values.min():.3g}: give covariance matrices")
    if definite and (values[..., 0] <= floor).any():
        raise ValueError(f"{name} is singular: give matrices whose eigenvalues are all above 0")
    return np.maximum(values, 0.0), vectors


def rebuilt(values: Floats, vectors: Floats) -> Floats:
    """Return ``V diag(values) V^T``, shape (..., d, d)."""
    return np.asarray((vectors * values[..., None, :]) @ np.swapaxes(vectors, -1, -2))


def half_sum(matrices: Floats) -> Floats:
    """Return the symmetric part, without what rounding leaves of the other."""
    return np.asarray((matrices + np.swapaxes(matrices, -1, -2)) / 2)
