"""Means and covariances that go together."""

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import finite_array, refuse
from refutable.solvers.gaussian_algebra.roots import Floats


def mean_of(name: str, mean: ArrayLike, covariance: ArrayLike, of: str) -> Floats:
    """Return a mean (..., d) whose axes broadcast with those of a covariance (..., d, d)."""
    array = finite_array(name, mean, least=1)
    together(name, array.shape[:-1], array.shape[-1], covariance, of)
    return array


def together(name: str, batch: tuple[int, ...], d: int, other: ArrayLike, of: str) -> None:
    """Raise ValueError unless `other`, (..., d, d), has dimension d and a batch that broadcasts."""
    shape = np.shape(other)
    try:
        np.broadcast_shapes(batch, shape[:-2])
    except ValueError:
        refuse(name, batch, f"leading axes that broadcast with those of {of}, {shape[:-2]}")
    if shape[-1] != d:
        refuse(name, d, f"the dimension of {of}, {shape[-1]}")


def two_means(mean_a: ArrayLike, cov_a: ArrayLike, mean_b: ArrayLike, cov_b: ArrayLike) -> Floats:
    """Return ``a - b`` after checking that two laws go together in every way."""
    a, b = mean_of("mean_a", mean_a, cov_a, "cov_a"), mean_of("mean_b", mean_b, cov_b, "cov_b")
    mean_of("mean_a", a, cov_b, "cov_b")
    mean_of("mean_b", b, cov_a, "cov_a")
    together("mean_a", a.shape[:-1], a.shape[-1], b[..., None, :], "mean_b")
    together("cov_a", np.shape(cov_a)[:-2], a.shape[-1], cov_b, "cov_b")
    return np.asarray(a - b)
