"""Entropy of Gaussian laws and their divergence from one another, in nats."""

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.gaussian_algebra._arguments import two_means
from refutable.solvers.gaussian_algebra.roots import Floats, spectrum

__all__ = ["entropy", "kl"]


def entropy(covariance: ArrayLike) -> Floats:
    """Return the differential entropy ``(d log(2 pi e) + log det C) / 2``.

    Parameters
    ----------
    covariance : array_like, shape (..., d, d)
        Positive definite.

    Returns
    -------
    array, shape (...)

    Raises
    ------
    ValueError
        If a matrix is not symmetric or not positive definite.
    """
    values, _ = spectrum("covariance", covariance, definite=True)
    return np.asarray((1 + np.log(2 * np.pi * values)).sum(axis=-1) / 2)


def kl(mean_a: ArrayLike, cov_a: ArrayLike, mean_b: ArrayLike, cov_b: ArrayLike) -> Floats:
    """Return ``KL(N(a, A) | N(b, B))``, the first law being the one that is averaged over.

    Parameters
    ----------
    mean_a, mean_b : array_like, shape (..., d)
    cov_a, cov_b : array_like, shape (..., d, d)
        Positive definite.

    Returns
    -------
    array, shape (...)
        Half of ``tr B^(-1)(A - B) - log det A + log det B`` and of the squared distance of the
        means in units of B. At least 0, and right to some 1e-15 times d where the laws are near.

    Raises
    ------
    ValueError
        If a covariance is not positive definite, or shapes do not go together.
    """
    values_a, _ = spectrum("cov_a", cov_a, definite=True)
    values, vectors = spectrum("cov_b", cov_b, definite=True)
    apart = two_means(mean_a, cov_a, mean_b, cov_b)
    # Columns are the axes of B in units of its standard deviations along them.
    white = vectors / np.sqrt(values)[..., None, :]
    excess = _along(np.asarray(cov_a) - np.asarray(cov_b), white)
    shift = (apart[..., None, :] @ white)[..., 0, :]
    volumes = np.log(values).sum(axis=-1) - np.log(values_a).sum(axis=-1)
    twice = excess.sum(axis=-1) + volumes + (shift**2).sum(axis=-1)
    return np.asarray(np.maximum(twice, 0.0) / 2)


def _along(matrices: Floats, axes: Floats) -> Floats:
    """Quadratic form of each column of `axes`, shape (..., d)."""
    return np.asarray((axes * (matrices @ axes)).sum(axis=-2))
