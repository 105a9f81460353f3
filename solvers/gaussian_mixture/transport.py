"""Wasserstein-2 distance between Gaussians (Gelbrich 1990; Dowson and Landau 1982)."""

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.gaussian_mixture.validation import Array, finite, positive


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

    Raises
    ------
    ValueError
        If the means' dimensions disagree or a standard deviation is not positive.
    """
    gap = _gap(mean_a, mean_b)
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
        If dimensions or stacks disagree, or a covariance is not square, not symmetric or has a
        negative eigenvalue.
    """
    gap = _gap(mean_a, mean_b)
    first, second = _covariance("cov_a", cov_a), _covariance("cov_b", cov_b)
    _same_dimension(mean_a=gap, cov_a=first, cov_b=second)
    _stackable(means=gap.shape[:-1], cov_a=first.shape[:-2], cov_b=second.shape[:-2])
    root = _root(first)
    cross = np.linalg.eigvalsh(_symmetric(root @ second @ root))
    trace = np.trace(first + second, axis1=-2, axis2=-1)
    bures = trace - 2 * np.sqrt(np.clip(cross, 0, None)).sum(axis=-1)
    return np.asarray(np.sqrt(np.sum(gap**2, axis=-1) + np.clip(bures, 0, None)))


def _gap(mean_a: ArrayLike, mean_b: ArrayLike) -> Array:
    first, second = finite("mean_a", mean_a), finite("mean_b", mean_b)
    for name, mean in (("mean_a", first), ("mean_b", second)):
        if mean.ndim == 0:
            raise ValueError(f"{name} must have shape (..., d), got a scalar; pass [{mean}]")
    _same_dimension(mean_a=first, mean_b=second)
    _stackable(mean_a=first.shape[:-1], mean_b=second.shape[:-1])
    return np.asarray(first - second)


def _stackable(**stacks: tuple[int, ...]) -> None:
    """Raise unless the leading axes broadcast."""
    try:
        np.broadcast_shapes(*stacks.values())
    except ValueError as error:
        shapes = ", ".join(f"{name}: {shape}" for name, shape in stacks.items())
        raise ValueError(
            f"{', '.join(stacks)} must have leading axes that broadcast, got {shapes}; pass one "
            "Gaussian or the same number of them"
        ) from error


def _same_dimension(**arrays: Array) -> None:
    """Raise unless all last axes agree; NumPy would stretch one of length 1 in silence."""
    (first, reference), *others = arrays.items()
    for name, array in others:
        if array.shape[-1] != reference.shape[-1]:
            raise ValueError(
                f"{name} must have the dimension of {first}, {reference.shape[-1]}, in its last "
                f"axis, got shape {array.shape}; both Gaussians must live in the same space"
            )


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
