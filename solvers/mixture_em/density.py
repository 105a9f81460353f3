"""Densities, responsibilities and draws of Gaussian mixtures in plain NumPy."""

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.argument_checks import finite_array, generator, refuse, whole_number
from refutable.solvers.mixture_em.mixture import DIAGONAL, Array, Mixture

__all__ = ["log_density", "log_joint", "lower_root", "points_of", "responsibilities", "sample"]


def log_joint(mixture: Mixture, x: ArrayLike) -> Array:
    """Return log weight + log density of every component.

    Parameters
    ----------
    mixture : Mixture
        Batch (...).
    x : array_like, shape (n, d), or (..., n, d) with the batch of the mixture in front

    Returns
    -------
    ndarray, shape (..., n, K)

    Raises
    ------
    ValueError
        If `x` has another shape, or a covariance is not positive definite.
    """
    points = points_of(mixture, x)
    columns = [_one(mixture, points, i) for i in range(mixture.k)]
    with np.errstate(divide="ignore"):
        return np.stack(columns, axis=-1) + np.log(mixture.weights)[..., None, :]


def log_density(mixture: Mixture, x: ArrayLike) -> Array:
    """Return the log density of each observation, shape (..., n); arguments as `log_joint`."""
    return np.asarray(scipy.special.logsumexp(log_joint(mixture, x), axis=-1))


def responsibilities(mixture: Mixture, x: ArrayLike) -> Array:
    """Return the posterior probabilities of the components, shape (..., n, K)."""
    return np.asarray(scipy.special.softmax(log_joint(mixture, x), axis=-1))


def sample(
    rng: np.random.Generator, mixture: Mixture, n: int, size: int = 1
) -> tuple[Array, NDArray[np.int64]]:
    """Draw observations of one mixture.

    Parameters
    ----------
    rng : numpy.random.Generator
    mixture : Mixture
        One mixture (no batch).
    n, size : int
        Observations in each data set, and data sets; at least 1.

    Returns
    -------
    x : ndarray, shape (size, n, d)
    label : ndarray of int, shape (size, n)
    """
    if mixture.batch:
        refuse("mixture", mixture.means, "one mixture, means of shape (K, d)")
    shape = (whole_number("size", size), whole_number("n", n))
    levels = np.cumsum(mixture.weights)[:-1]
    label = np.searchsorted(levels, generator("rng", rng).random(shape), side="right")
    noise = rng.standard_normal((*shape, mixture.d))
    spread = mixture.expanded()
    if mixture.kind in DIAGONAL:
        return mixture.means[label] + np.sqrt(spread)[label] * noise, label
    root = lower_root(spread)
    x = mixture.means[label] + (root[label] @ noise[..., None])[..., 0]
    return x, label


def points_of(mixture: Mixture, x: ArrayLike, name: str = "x") -> Array:
    """Return observations that go with a mixture, else raise ValueError that names them."""
    points = finite_array(name, x, least=2)
    if points.shape[-1] != mixture.d or points.shape[:-2] not in ((), mixture.batch):
        refuse(name, points, f"shape (n, {mixture.d}), or {mixture.batch} in front of it")
    return points


def _one(mixture: Mixture, points: Array, i: int) -> Array:
    residual = points - mixture.means[..., None, i, :]
    spread = mixture.expanded()[..., i, :] if mixture.kind in DIAGONAL else None
    if spread is not None:
        if not (spread > 0).all():
            raise ValueError("mixture has a variance of 0: give a floor above 0")
        half = 0.5 * np.log(spread).sum(axis=-1)
        square = (residual**2 / spread[..., None, :]).sum(axis=-1)
    else:
        root = lower_root(mixture.expanded()[..., i, :, :])
        half = np.log(np.einsum("...pp->...p", root)).sum(axis=-1)
        white = np.swapaxes(np.linalg.solve(root, np.swapaxes(residual, -1, -2)), -1, -2)
        square = (white**2).sum(axis=-1)
    return np.asarray(-half[..., None] - 0.5 * (square + mixture.d * np.log(2 * np.pi)))


def lower_root(covariances: Array) -> Array:
    """Return the Cholesky factors of covariances, else raise ValueError."""
    try:
        return np.asarray(np.linalg.cholesky(covariances))
    except np.linalg.LinAlgError:
        raise ValueError("mixture has a singular covariance: give a floor above 0") from None
