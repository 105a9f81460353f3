"""Quadratic optimal transport between Gaussian laws (Dowson & Landau 1982; Gelbrich 1990)."""

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.gaussian_algebra._arguments import together, two_means
from refutable.solvers.gaussian_algebra.roots import (
    Floats,
    half_sum,
    rebuilt,
    spectrum,
)

__all__ = ["bures_wasserstein", "transport_map"]


def bures_wasserstein(
    mean_a: ArrayLike, cov_a: ArrayLike, mean_b: ArrayLike, cov_b: ArrayLike
) -> Floats:
    """Return the *squared* 2-Wasserstein distance between Gaussian laws.

    ``|a - b|^2 + tr A + tr B - 2 tr (A^(1/2) B A^(1/2))^(1/2)``. The covariance part is a
    difference: it is right to some 1e-15 of the traces (1e-8 if a covariance is singular).

    Parameters
    ----------
    mean_a, mean_b : array_like, shape (..., d)
    cov_a, cov_b : array_like, shape (..., d, d)
        Symmetric and positive semidefinite.

    Returns
    -------
    array, shape (...)
        At least 0.

    Raises
    ------
    ValueError
        If a covariance is not one, or dimensions or leading axes do not go together.
    """
    values_a, vectors_a = spectrum("cov_a", cov_a)
    values_b, _ = spectrum("cov_b", cov_b)
    apart = two_means(mean_a, cov_a, mean_b, cov_b)
    between = _overlap(rebuilt(np.sqrt(values_a), vectors_a), np.asarray(cov_b, dtype=np.float64))
    spread = values_a.sum(axis=-1) + values_b.sum(axis=-1) - 2 * between
    return np.asarray((apart**2).sum(axis=-1) + np.maximum(spread, 0.0))


def _overlap(root_a: Floats, cov_b: Floats) -> Floats:
    """``tr (A^(1/2) B A^(1/2))^(1/2)``, shape (...)."""
    values = np.linalg.eigvalsh(half_sum(root_a @ cov_b @ root_a))
    return np.asarray(np.sqrt(np.maximum(values, 0.0)).sum(axis=-1))


def transport_map(cov_a: ArrayLike, cov_b: ArrayLike) -> Floats:
    """Return the symmetric T with ``T A T = B``: the optimal map from N(0, A) to N(0, B).

    Parameters
    ----------
    cov_a : array_like, shape (..., d, d)
        Positive definite.
    cov_b : array_like, shape (..., d, d)
        Positive semidefinite.

    Returns
    -------
    array, shape (..., d, d)
        ``A^(-1/2) (A^(1/2) B A^(1/2))^(1/2) A^(-1/2)``.

    Raises
    ------
    ValueError
        If a covariance is not one, A is singular, or shapes do not go together.
    """
    values, vectors = spectrum("cov_a", cov_a, definite=True)
    spectrum("cov_b", cov_b)
    together("cov_a", values.shape[:-1], values.shape[-1], cov_b, "cov_b")
    root, inverse = (rebuilt(values**power, vectors) for power in (0.5, -0.5))
    middle = half_sum(root @ np.asarray(cov_b, dtype=np.float64) @ root)
    products, axes = np.linalg.eigh(middle)
    # A singular B leaves eigenvalues of some -1e-16 in place of 0.
    return half_sum(inverse @ rebuilt(np.sqrt(np.maximum(products, 0.0)), axes) @ inverse)
