"""Wasserstein-2 distance between Gaussians (Gelbrich 1990; Dowson and Landau 1982)."""

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import Floats, finite_array, positive_array, symmetric

ASYMMETRY, INDEFINITE = 1e-5, 1e-8
"""Differences between a covariance and its transpose, and negative eigenvalues, that count as
rounding, relative to the largest entry: NumPy's own bar for closeness, and far more than the
``d * 2e-16`` that an eigensolver leaves."""


def w2_isotropic(
    mean_a: ArrayLike, sigma_a: ArrayLike, mean_b: ArrayLike, sigma_b: ArrayLike
) -> Floats:
    """Distance between ``N(mean_a, sigma_a^2 I)`` and ``N(mean_b, sigma_b^2 I)``.

    Parameters
    ----------
    mean_a, mean_b
        Shape (..., d).
    sigma_a, sigma_b
        Standard deviations (> 0).

    Returns
    -------
    Floats
        ``sqrt(|mean_a - mean_b|^2 + d (sigma_a - sigma_b)^2)``.

    Raises
    ------
    ValueError
        If the means' dimensions disagree or a standard deviation is not positive.
    """
    gap = _gap(mean_a, mean_b)
    spread = positive_array("sigma_a", sigma_a) - positive_array("sigma_b", sigma_b)
    return np.asarray(np.sqrt(np.sum(gap**2, axis=-1) + gap.shape[-1] * spread**2))


def w2_gaussians(
    mean_a: ArrayLike, cov_a: ArrayLike, mean_b: ArrayLike, cov_b: ArrayLike
) -> Floats:
    """Distance between Gaussians with any covariances.

    Parameters
    ----------
    mean_a, mean_b
        Shape (..., d).
    cov_a, cov_b
        Symmetric positive semi-definite, shape (..., d, d).

    Returns
    -------
    Floats
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


def _gap(mean_a: ArrayLike, mean_b: ArrayLike) -> Floats:
    first = finite_array("mean_a", mean_a, least=1)
    second = finite_array("mean_b", mean_b, least=1)
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
            f"{', '.join(stacks)} do not broadcast over their leading axes ({shapes}): give one "
            "Gaussian or the same number of them"
        ) from error


def _same_dimension(**arrays: Floats) -> None:
    """Raise unless all last axes agree; NumPy would stretch one of length 1 in silence."""
    (first, reference), *others = arrays.items()
    for name, array in others:
        if array.shape[-1] != reference.shape[-1]:
            raise ValueError(
                f"{name} has shape {array.shape}: give the dimension of {first}, "
                f"{reference.shape[-1]}, in its last axis"
            )


def _covariance(name: str, value: ArrayLike) -> Floats:
    matrix = symmetric(name, value, ASYMMETRY)
    if np.linalg.eigvalsh(matrix).min() < -INDEFINITE * np.abs(matrix).max():
        raise ValueError(f"{name} has a negative eigenvalue: give a covariance")
    return matrix


def _root(matrix: Floats) -> Floats:
    values, vectors = np.linalg.eigh(matrix)
    scaled = vectors * np.sqrt(np.clip(values, 0, None))[..., None, :]
    root: Floats = scaled @ np.swapaxes(vectors, -1, -2)
    return root


def _symmetric(matrix: Floats) -> Floats:
    return np.asarray((matrix + np.swapaxes(matrix, -1, -2)) / 2)
