r"""Gaussian processes with an unknown scale: Student-t processes, exactly.

.. math:: f\mid s^2\sim N(0,s^2K),\qquad s^2\sim\mathrm{InvGamma}(a,b)

makes f multivariate t with 2a degrees of freedom and shape :math:`(b/a)K`; given n values y of it
the rest is t with 2a + n (Shah, Wilson and Ghahramani 2014, Lemma 3; Bishop 2006, section 2.3.7).
Noise whose variance has the factor :math:`s^2` too belongs on the diagonal of K, as does jitter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    finite_array,
    positive,
    refuse,
    symmetric,
)

ASYMMETRY = 1e-9
"""Share of the largest entry by which a covariance may differ from its transpose: far above what
products leave in double precision, far below what moves a result."""


@dataclass(frozen=True)
class InverseGamma:
    """Law of a squared scale, with density proportional to ``s^(-2(a + 1)) exp(-b / s^2)``.

    Parameters
    ----------
    shape, rate : float
        a and b, positive.
    """

    shape: float
    rate: float

    def __post_init__(self) -> None:
        for name in ("shape", "rate"):
            object.__setattr__(self, name, positive(name, getattr(self, name)))


@dataclass(frozen=True)
class StudentT:
    """Multivariate t laws, one or a batch.

    Parameters
    ----------
    freedom : float
        Degrees of freedom, positive.
    location : array_like, shape (..., m)
    shape : array_like, shape (..., m, m)
        Positive definite; the covariance is ``freedom / (freedom - 2)`` times it.

    Raises
    ------
    ValueError
        For shapes that do not go together, or a matrix that is not positive definite.
    """

    freedom: float
    location: Floats
    shape: Floats

    def __post_init__(self) -> None:
        object.__setattr__(self, "freedom", positive("freedom", self.freedom))
        location = finite_array("location", self.location, least=1)
        shape = symmetric("shape", self.shape, ASYMMETRY)
        if shape.shape[:-1] != location.shape:
            refuse("shape", shape, f"shape {(*location.shape, location.shape[-1])}, as location")
        object.__setattr__(self, "location", location)
        object.__setattr__(self, "shape", shape)
        object.__setattr__(self, "_root", _root("shape", shape))

    def log_density(self, values: ArrayLike) -> Floats:
        """Return the log density, shape (...), at `values`, shape (..., m)."""
        x = finite_array("values", values, least=1)
        if x.shape[-1] != self.location.shape[-1]:
            refuse("values", x, f"{self.location.shape[-1]} coordinates")
        root: Floats = object.__getattribute__(self, "_root")
        count, half = x.shape[-1], self.freedom / 2
        square = _square(root, x - self.location)
        constant = scipy.special.gammaln(half + count / 2) - scipy.special.gammaln(half)
        constant -= count / 2 * math.log(math.pi * self.freedom)
        tail = (half + count / 2) * np.log1p(square / self.freedom)
        return np.asarray(constant - _log_root(root) - tail)


def marginal(covariance: ArrayLike, scale: InverseGamma) -> StudentT:
    """Return the law of f: t with 2a degrees of freedom and shape ``(b / a) K``.

    Parameters
    ----------
    covariance : array_like, shape (..., m, m)
        K, positive definite.
    scale : InverseGamma
    """
    given = symmetric("covariance", covariance, ASYMMETRY)
    _root("covariance", given)
    shape = scale.rate / scale.shape * given
    return StudentT(2 * scale.shape, np.zeros(given.shape[:-1]), shape)


def log_marginal_likelihood(covariance: ArrayLike, y: ArrayLike, scale: InverseGamma) -> Floats:
    """Return the log density, shape (...), of values y, shape (..., n), at n points.

    Parameters
    ----------
    covariance : array_like, shape (..., n, n)
    y : array_like, shape (..., n)
    scale : InverseGamma
    """
    given, values = _observed(covariance, y, rest=0)
    return marginal(given, scale).log_density(values)


def scale_posterior(covariance: ArrayLike, y: ArrayLike, scale: InverseGamma) -> InverseGamma:
    """Return the law of the squared scale given y: ``InvGamma(a + n/2, b + y' K^-1 y / 2)``.

    Parameters
    ----------
    covariance : array_like, shape (n, n)
    y : array_like, shape (n,)
    scale : InverseGamma
    """
    given, values = _observed(covariance, y, rest=0)
    if values.ndim != 1:
        refuse("y", values, "one data set, shape (n,)")
    square = float(_square(_root("covariance", given), values))
    return InverseGamma(scale.shape + len(values) / 2, scale.rate + square / 2)


def posterior(covariance: ArrayLike, y: ArrayLike, scale: InverseGamma) -> StudentT:
    """Return the law of the last m values given the first n.

    It is t with 2a + n degrees of freedom about ``K* K^-1 y`` and has the shape
    ``(2b + y' K^-1 y) / (2a + n) (K** - K* K^-1 K*')``.

    Parameters
    ----------
    covariance : array_like, shape (..., n + m, n + m)
        Of all the points, those that were observed first.
    y : array_like, shape (..., n)
    scale : InverseGamma

    Raises
    ------
    ValueError
        If y leaves no point to predict, or shapes do not go together, or the covariance is not
        positive definite.
    """
    given, values = _observed(covariance, y, rest=1)
    count = values.shape[-1]
    root = _root("covariance", given)
    seen, cross, rest = root[..., :count, :count], root[..., count:, :count], root[..., count:, :]
    white = _solve(seen, values)
    location = (cross @ white[..., None])[..., 0]
    freedom = 2 * scale.shape + count
    left = rest[..., count:]  # the Schur complement's own Cholesky factor
    spread = (2 * scale.rate + (white**2).sum(axis=-1)) / freedom
    return StudentT(freedom, location, spread[..., None, None] * (left @ np.swapaxes(left, -1, -2)))


def _observed(covariance: ArrayLike, y: ArrayLike, rest: int) -> tuple[Floats, Floats]:
    """Return what was given, checked: at least `rest` points beyond those of y, none for 0."""
    given = symmetric("covariance", covariance, ASYMMETRY)
    values = finite_array("y", y, least=1)
    beyond = given.shape[-1] - values.shape[-1]
    if given.shape[:-2] != values.shape[:-1] or beyond < rest or (rest == 0 and beyond):
        refuse("y", values, f"values at points of the covariance, whose shape is {given.shape}")
    return given, values


def _root(name: str, matrix: Floats) -> Floats:
    """Return lower Cholesky factors, else raise ValueError."""
    try:
        return np.asarray(np.linalg.cholesky(matrix))
    except np.linalg.LinAlgError:
        refuse(name, matrix, "positive definite matrices; a little jitter on the diagonal may help")


def _solve(root: Floats, values: Floats) -> Floats:
    """Return the solutions of ``root u = values``, shape (..., n)."""
    return np.asarray(np.linalg.solve(root, values[..., None])[..., 0])


def _square(root: Floats, values: Floats) -> Floats:
    return np.asarray((_solve(root, values) ** 2).sum(axis=-1))


def _log_root(root: Floats) -> Floats:
    """Return half the log determinant of ``root root'``."""
    return np.asarray(np.log(np.diagonal(root, axis1=-2, axis2=-1)).sum(axis=-1))
