"""A Gaussian mixture given some of its coordinates: law, moments and draws.

Given X = x, the other coordinates follow a mixture again: weights are the responsibilities of the
marginal components, means are their regressions, covariances their Schur complements.
"""

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import generator, refuse, whole_array
from refutable.solvers.mixture_em.density import lower_root, responsibilities
from refutable.solvers.mixture_em.mixture import DIAGONAL, Array, Mixture

__all__ = ["conditional", "dense", "marginal", "mean_and_covariance", "sample_each"]


def marginal(mixture: Mixture, axes: ArrayLike) -> Mixture:
    """Return the law of some coordinates, in the order given.

    Parameters
    ----------
    mixture : Mixture
        Batch (...).
    axes : array_like of int, shape (p,)
        Different coordinates, each from 0 to d - 1.

    Returns
    -------
    Mixture
        Full, batch (...), dimension p.

    Raises
    ------
    ValueError
        If an axis is repeated or out of range.
    """
    kept = _axes("axes", axes, mixture.d)
    means = mixture.means[..., kept]
    return Mixture.trusted(mixture.weights, means, _block(mixture, kept, kept), "full")


def conditional(mixture: Mixture, given: ArrayLike, x: ArrayLike) -> Mixture:
    """Return the law of the remaining coordinates, in their order, given the others.

    Parameters
    ----------
    mixture : Mixture
        Batch (...).
    given : array_like of int, shape (p,)
        The coordinates that are known, fewer than all d.
    x : array_like, shape (n, p), or (..., n, p) with the batch of the mixture in front
        Their values.

    Returns
    -------
    Mixture
        Full, batch (..., n), dimension d - p. Parts are read only where they repeat over n.

    Raises
    ------
    ValueError
        If nothing remains, `x` has another shape, or the known coordinates of a component have a
        singular covariance. That of all coordinates may be singular.
    """
    known = _axes("given", given, mixture.d)
    rest = np.setdiff1d(np.arange(mixture.d), known)
    if not rest.size:
        refuse("given", known, f"fewer than all {mixture.d} coordinates")
    law = marginal(mixture, known)
    weights = responsibilities(law, x)
    slope, left = _regression(mixture, known, rest)
    apart = np.asarray(x, dtype=np.float64)[..., :, None, :] - law.means[..., None, :, :]
    shift = np.einsum("...kqp,...nkp->...nkq", slope, apart)
    means = mixture.means[..., None, :, rest] + shift
    spread = np.broadcast_to(left[..., None, :, :, :], (*means.shape, rest.size))
    return Mixture.trusted(weights, means, spread, "full")


def mean_and_covariance(mixture: Mixture) -> tuple[Array, Array]:
    """Return the mean (..., d) and covariance (..., d, d) of each mixture of a batch.

    By the law of total covariance: the average covariance and the covariance of the means.
    """
    weights = mixture.weights
    mean = np.einsum("...k,...kp->...p", weights, mixture.means)
    apart = mixture.means - mean[..., None, :]
    between = np.einsum("...k,...kp,...kq->...pq", weights, apart, apart)
    within = np.einsum("...k,...kpq->...pq", weights, dense(mixture))
    return mean, within + between


def sample_each(rng: np.random.Generator, mixture: Mixture) -> Array:
    """Draw once from each mixture of a batch (...): shape (..., d).

    Raises
    ------
    ValueError
        If a covariance is singular.
    """
    uniform = generator("rng", rng).random((*mixture.batch, 1))
    # The last level is left out: by rounding it may lie below the uniform number.
    label = (uniform >= np.cumsum(mixture.weights, axis=-1)[..., :-1]).sum(axis=-1)
    noise = rng.standard_normal((*mixture.batch, mixture.d))
    at = label[..., None, None]
    mean = np.take_along_axis(mixture.means, at, axis=-2)[..., 0, :]
    spread = np.take_along_axis(dense(mixture), at[..., None], axis=-3)[..., 0, :, :]
    return np.asarray(mean + np.einsum("...pq,...q->...p", lower_root(spread), noise))


def _axes(name: str, axes: ArrayLike, d: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    chosen = whole_array(name, axes, 0, d - 1, ndim=1)
    if len(np.unique(chosen)) != len(chosen):
        refuse(name, chosen, "every coordinate once")
    return chosen


def dense(mixture: Mixture) -> Array:
    """Return one covariance matrix a component, (..., K, d, d), whatever the kind."""
    spread = mixture.expanded()
    return spread[..., None] * np.eye(mixture.d) if mixture.kind in DIAGONAL else spread


def _block(mixture: Mixture, rows: ArrayLike, columns: ArrayLike) -> Array:
    return dense(mixture)[..., np.asarray(rows)[:, None], np.asarray(columns)]


def _regression(mixture: Mixture, known: ArrayLike, rest: ArrayLike) -> tuple[Array, Array]:
    """Return slopes (..., K, q, p) and what they leave of the covariances, (..., K, q, q)."""
    cross = _block(mixture, known, rest)
    root = lower_root(_block(mixture, known, known))
    white = np.linalg.solve(root, cross)
    slope = np.linalg.solve(np.swapaxes(root, -1, -2), white)
    left = _block(mixture, rest, rest) - np.swapaxes(white, -1, -2) @ white
    return np.swapaxes(slope, -1, -2), left
