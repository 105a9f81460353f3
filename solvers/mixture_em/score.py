"""Scores of Gaussian mixtures, and what is known of x from y = x + noise.

Noise n ~ N(0, N), of any covariance, is independent of x. Given y, each component is a Gaussian
with mean m_k + S_k (S_k + N)^-1 (y - m_k) and covariance S_k - S_k (S_k + N)^-1 S_k, and weighs as
much as it is responsible for y among the components of x + n (Tweedie's identity says the same of
the mean: y + N times the score at y; it is not used here).
"""

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import refuse, symmetric
from refutable.solvers.mixture_em.conditional import dense, mean_and_covariance
from refutable.solvers.mixture_em.density import lower_root, points_of, responsibilities
from refutable.solvers.mixture_em.mixture import DIAGONAL, Array, Mixture

__all__ = ["noised", "posterior", "posterior_covariance", "posterior_mean", "score"]

_ROUNDING = 1e-10  # as for asymmetric covariances of a Mixture


def score(mixture: Mixture, y: ArrayLike) -> Array:
    """Return the gradient of the log density at each observation.

    Parameters
    ----------
    mixture : Mixture
        Batch (...).
    y : array_like, shape (n, d), or (..., n, d) with the batch of the mixture in front

    Returns
    -------
    ndarray, shape (..., n, d)

    Raises
    ------
    ValueError
        If `y` has another shape, or a covariance is not positive definite.
    """
    points = points_of(mixture, y, "y")
    weights = responsibilities(mixture, points)
    apart = points[..., None, :, :] - mixture.means[..., :, None, :]
    if mixture.kind in DIAGONAL:
        pull = apart / mixture.expanded()[..., None, :]
    else:
        pull = _columns(_solved(mixture.expanded(), _columns(apart)))
    return np.asarray(-np.einsum("...nk,...knp->...np", weights, pull))


def noised(mixture: Mixture, noise: ArrayLike) -> Mixture:
    """Return the law of x + n.

    Parameters
    ----------
    mixture : Mixture
        Law of x, batch (...); covariances may be singular.
    noise : array_like, shape (d, d), or (..., d, d) with the batch of the mixture in front
        Covariance of n, positive semidefinite.

    Returns
    -------
    Mixture
        Full, batch (...).

    Raises
    ------
    ValueError
        If `noise` has another shape, is not symmetric, or has a negative eigenvalue.
    """
    added = symmetric("noise", noise, _ROUNDING)
    if added.shape[-1] != mixture.d or added.shape[:-2] not in ((), mixture.batch):
        refuse("noise", added, f"shape ({mixture.d}, {mixture.d}), or {mixture.batch} before it")
    spectrum = np.linalg.eigvalsh(added)
    if spectrum.min() < -_ROUNDING * np.abs(spectrum).max():
        refuse("noise", added, "a covariance: every eigenvalue at least 0")
    spread = dense(mixture) + added[..., None, :, :]
    return Mixture.trusted(mixture.weights, mixture.means, spread, "full")


def posterior(mixture: Mixture, noise: ArrayLike, y: ArrayLike) -> Mixture:
    """Return the law of x given y = x + n.

    Parameters
    ----------
    mixture, noise
        As in `noised`; the sum of the covariances of each component and of n is not singular.
    y : array_like, shape (n, d), or (..., n, d) with the batch of the mixture in front

    Returns
    -------
    Mixture
        Full, batch (..., n), dimension d. Covariances are read only: they repeat over n.

    Raises
    ------
    ValueError
        As `noised`; or if `y` has another shape, or the sum of the covariances is singular.
    """
    law, points = noised(mixture, noise), points_of(mixture, y, "y")
    weights = responsibilities(law, points)
    own = dense(mixture)
    gain = np.swapaxes(_solved(law.covariances, own), -1, -2)  # S (S + N)^-1: both are symmetric
    apart = points[..., :, None, :] - mixture.means[..., None, :, :]
    means = mixture.means[..., None, :, :] + np.einsum("...kpq,...nkq->...nkp", gain, apart)
    left = own - gain @ own
    left = 0.5 * (left + np.swapaxes(left, -1, -2))
    spread = np.broadcast_to(left[..., None, :, :, :], (*means.shape, mixture.d))
    return Mixture.trusted(weights, means, spread, "full")


def posterior_mean(mixture: Mixture, noise: ArrayLike, y: ArrayLike) -> Array:
    """Return E[x | y], shape (..., n, d); arguments as `posterior`.

    Of all denoisers, functions of y, it has the least mean squared error.
    """
    law = posterior(mixture, noise, y)
    return np.asarray(np.einsum("...k,...kp->...p", law.weights, law.means))


def posterior_covariance(mixture: Mixture, noise: ArrayLike, y: ArrayLike) -> Array:
    """Return Cov[x | y], shape (..., n, d, d); arguments as `posterior`."""
    return mean_and_covariance(posterior(mixture, noise, y))[1]


def _columns(rows: Array) -> Array:
    return np.swapaxes(rows, -1, -2)


def _solved(covariances: Array, columns: Array) -> Array:
    """Return covariance^-1 columns, through the Cholesky factor; ValueError if singular."""
    root = lower_root(covariances)
    return np.asarray(np.linalg.solve(np.swapaxes(root, -1, -2), np.linalg.solve(root, columns)))
