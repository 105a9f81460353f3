"""Merging estimates by the mode of a product of Gaussians, or by averaging them.

Estimate i has the precision F_i: the product of ``N(theta_i, F_i^(-1))``, each to the power
lambda_i, has its mode at ``(sum lambda_i F_i)^(-1) sum lambda_i F_i theta_i``. Precisions may be
matrices or diagonals. Leading axes are batch axes, and those of estimates and precisions broadcast.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    bounded_array,
    finite_array,
    positive_array,
    refuse,
    symmetric,
)

__all__ = ["average", "diagonal_mode", "full_mode"]

ASYMMETRY = 1e-9
"""Share of the largest entry by which a matrix may differ from its transpose: rounding is 1e-13."""


def full_mode(means: ArrayLike, precisions: ArrayLike, weights: ArrayLike | None = None) -> Floats:
    """Return the mode of a product of Gaussians with precision matrices, shape (..., p).

    Parameters
    ----------
    means : array_like, shape (..., m, p)
    precisions : array_like, shape (..., m, p, p)
        Symmetric, with a regular sum.
    weights : array_like, shape (m,), optional
        lambda, above 0; all 1 by default.

    Raises
    ------
    ValueError
        If shapes do not go together, matrices are not symmetric, or their sum is singular.
    """
    theta = _means(means)
    given = symmetric("precisions", precisions, ASYMMETRY)
    _together(theta, given, (*theta.shape[-2:], theta.shape[-1]))
    scaled = given * _weights(weights, theta)[:, None, None]
    pulled = (scaled @ theta[..., None]).sum(axis=-3)
    try:
        return np.asarray(np.linalg.solve(scaled.sum(axis=-3), pulled)[..., 0])
    except np.linalg.LinAlgError:
        refuse("precisions", given, "matrices whose sum is regular")


def diagonal_mode(
    means: ArrayLike, precisions: ArrayLike, weights: ArrayLike | None = None
) -> Floats:
    """Return the mode of a product of Gaussians with diagonal precisions, shape (..., p).

    Parameters
    ----------
    means, precisions : array_like, shape (..., m, p)
        Precisions at least 0, with a positive sum in each coordinate.
    weights : array_like, shape (m,), optional
        lambda, above 0; all 1 by default.

    Raises
    ------
    ValueError
        If shapes do not go together or a coordinate has no precision.
    """
    theta = _means(means)
    given = bounded_array("precisions", precisions, 0, least=2)
    _together(theta, given, theta.shape[-2:])
    scaled = given * _weights(weights, theta)[:, None]
    total = scaled.sum(axis=-2)
    if (total == 0).any():
        refuse("precisions", given, "a positive sum in each coordinate")
    return np.asarray((scaled * theta).sum(axis=-2) / total)


def average(means: ArrayLike, weights: ArrayLike | None = None) -> Floats:
    """Return the weighted mean of the estimates, shape (..., p).

    Parameters
    ----------
    means : array_like, shape (..., m, p)
    weights : array_like, shape (m,), optional
        Above 0; all 1 by default.

    Raises
    ------
    ValueError
        If shapes do not go together.
    """
    theta = _means(means)
    scaled = _weights(weights, theta)
    return np.asarray((scaled[:, None] * theta).sum(axis=-2) / scaled.sum())


def _means(means: ArrayLike) -> Floats:
    return finite_array("means", means, least=2)


def _weights(weights: ArrayLike | None, theta: Floats) -> Floats:
    count = theta.shape[-2]
    return np.ones(count) if weights is None else positive_array("weights", weights, shape=(count,))


def _together(theta: Floats, given: Floats, asked: tuple[int, ...]) -> None:
    """Raise ValueError unless precisions are those of the means, leading axes broadcasting."""
    batch = given.shape[: given.ndim - len(asked)]
    try:
        np.broadcast_shapes(theta.shape[:-2], batch)
    except ValueError:
        refuse("precisions", given, f"leading axes that broadcast with those of {theta.shape}")
    if given.shape[given.ndim - len(asked) :] != asked:
        refuse("precisions", given, f"shape (..., {', '.join(map(str, asked))}), as the means have")
