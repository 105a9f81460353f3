"""Wasserstein-2 distance between Gaussians (Gelbrich 1990; Dowson and Landau 1982)."""

import numpy as np
from numpy.typing import ArrayLike

from solvers.gaussian_mixture.validation import Array, finite, positive


def w2_isotropic(
    mean_a: ArrayLike, sigma_a: ArrayLike, mean_b: ArrayLike, sigma_b: ArrayLike
) -> Array:
    """Distance between ``N(mean_a, sigma_a^2 I)`` and ``N(mean_b, sigma_b^2 I)``.

    Parameters
    ----------
    mean_a, mean_b
        Shape (..., d).
    sigma_a, sigma_b
        Standard deviations (> 0).

    Returns
    -------
    Array
        ``sqrt(|mean_a - mean_b|^2 + d (sigma_a - sigma_b)^2)``.
    """
    gap = finite("mean_a", mean_a) - finite("mean_b", mean_b)
    spread = positive("sigma_a", sigma_a) - positive("sigma_b", sigma_b)
    return np.asarray(np.sqrt(np.sum(gap**2, axis=-1) + gap.shape[-1] * spread**2))


def w2_gaussians(mean_a: ArrayLike, cov_a: ArrayLike, mean_b: ArrayLike, cov_b: ArrayLike) -> Array:
    """Distance between Gaussians with any covariances.

    Parameters
    ----------
    mean_a, mean_b
        Shape (..., d).
    cov_a, cov_b
        Symmetric positive semi-definite, shape (..., d, d).

    Returns
    -------
    Array
        ``sqrt(|mean_a - mean_b|^2 + tr(A + B - 2 (A^{1/2} B A^{1/2})^{1/2}))``.

    Raises
    ------
    ValueError
        If a covariance is not square, not symmetric or has a negative eigenvalue.
    """
    gap = finite("mean_a", mean_a) - finite("mean_b", mean_b)
    first, second = _covariance("cov_a", cov_a), _covariance("cov_b", cov_b)
    root = _root(first)
    cross = np.linalg.eigvalsh(_symmetric(root @ second @ root))
    trace = np.trace(first + second, axis1=-2, axis2=-1)
    bures = trace - 2 * np.sqrt(np.clip(cross, 0, None)).sum(axis=-1)
    return np.asarray(np.sqrt(np.sum(gap**2, axis=-1) + np.clip(bures, 0, None)))


def _covariance(name: str, value: ArrayLike) -> Array:
    matrix = finite(name, value)
    if matrix.ndim < 2 or matrix.shape[-1] != matrix.shape[-2]:
        raise ValueError(f"{name} must be square in its last two axes, got {matrix.shape}")
    size = np.abs(matrix).max()
    if not np.allclose(matrix, np.swapaxes(matrix, -1, -2), atol=1e-10 * size):
        raise ValueError(f"{name} is not symmetric; pass (C + C.T)/2")
    if np.linalg.eigvalsh(matrix).min() < -1e-8 * size:
        raise ValueError(f"{name} has a negative eigenvalue, so it is no covariance")
    return matrix


def _root(matrix: Array) -> Array:
    values, vectors = np.linalg.eigh(matrix)
    scaled = vectors * np.sqrt(np.clip(values, 0, None))[..., None, :]
    root: Array = scaled @ np.swapaxes(vectors, -1, -2)
    return root


def _symmetric(matrix: Array) -> Array:
    return np.asarray((matrix + np.swapaxes(matrix, -1, -2)) / 2)
