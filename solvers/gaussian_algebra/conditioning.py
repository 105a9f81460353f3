"""A Gaussian law given some of its coordinates: regression and Schur complement."""

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import finite_array, refuse, whole_array
from refutable.solvers.gaussian_algebra._arguments import mean_of, together
from refutable.solvers.gaussian_algebra.roots import Floats, half_sum, spectrum

__all__ = ["conditional"]


def conditional(
    mean: ArrayLike, covariance: ArrayLike, given: ArrayLike, x: ArrayLike
) -> tuple[Floats, Floats]:
    """Return mean and covariance of the other coordinates, in their order.

    Parameters
    ----------
    mean : array_like, shape (..., d)
    covariance : array_like, shape (..., d, d)
        Symmetric and positive semidefinite; of the known coordinates positive definite.
    given : array_like of int, shape (p,)
        The known coordinates, all different, fewer than d.
    x : array_like, shape (..., p)
        Their values, in the order of `given`. Leading axes broadcast with those of the law: for n
        values and a batch of laws give the law an axis of length 1.

    Returns
    -------
    mean : array, shape (..., d - p)
    covariance : array, shape (..., d - p, d - p)
        Leading axes of the covariance given: it does not depend on `x`.

    Raises
    ------
    ValueError
        If the covariance is none, that of the known coordinates is singular, or shapes do not go
        together.
    """
    spectrum("covariance", covariance)
    law = mean_of("mean", mean, covariance, "covariance")
    cov, d = np.asarray(covariance, dtype=np.float64), law.shape[-1]
    known = _coordinates(given, d)
    rest = np.setdiff1d(np.arange(d), known)
    apart = _values(x, law, len(known), cov) - law[..., known]
    slope, left = _regression(cov, known, rest)
    return law[..., rest] + (slope @ apart[..., None])[..., 0], left


def _coordinates(given: ArrayLike, d: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    known = whole_array("given", given, 0, d - 1, ndim=1)
    if len(np.unique(known)) != len(known) or len(known) == d:
        refuse("given", known, f"different coordinates, fewer than all {d}")
    return known


def _values(x: ArrayLike, law: Floats, p: int, covariance: Floats) -> Floats:
    values = finite_array("x", x, least=1)
    if values.shape[-1] != p:
        refuse("x", values, f"one value for each of the {p} coordinates given")
    together("x", values.shape[:-1], law.shape[-1], covariance, "covariance")
    together("x", values.shape[:-1], law.shape[-1], law[..., None, :], "mean")
    return values


def _regression(covariance: Floats, known: ArrayLike, rest: ArrayLike) -> tuple[Floats, Floats]:
    """Return slopes (..., q, p), and what they leave of the covariance, (..., q, q)."""
    rows, columns = np.asarray(known), np.asarray(rest)
    values, vectors = spectrum(
        "covariance of the known", covariance[..., rows[:, None], rows], definite=True
    )
    cross = np.swapaxes(vectors, -1, -2) @ covariance[..., rows[:, None], columns]
    scaled = np.swapaxes(cross / values[..., :, None], -1, -2)
    left = covariance[..., columns[:, None], columns] - scaled @ cross
    return scaled @ np.swapaxes(vectors, -1, -2), half_sum(left)
