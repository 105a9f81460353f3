"""The normal-inverse-Wishart law: posterior, evidence of a group, predictive of a point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import finite_array, positive_array, refuse, symmetric
from refutable.solvers.normal_inverse_wishart.groups import Array, GroupStatistics

__all__ = ["NormalInverseWishart", "log_marginal", "log_predictive"]

_ASYMMETRY = 1e-10  # rounding of a sum of products, and far below what is measured


@dataclass(frozen=True)
class NormalInverseWishart:
    """A prior or posterior over mean and covariance.

    Parameters
    ----------
    mean : ndarray, shape (..., d)
        m.
    kappa : ndarray, shape (...)
        Above 0: how many points the mean counts for.
    nu : ndarray, shape (...)
        Degrees of freedom, above d - 1.
    scale : ndarray, shape (..., d, d)
        Psi, symmetric and positive definite.

    Raises
    ------
    ValueError
        If a shape or a range is not as above.
    """

    mean: Array
    kappa: Array
    nu: Array
    scale: Array

    def __post_init__(self) -> None:
        mean = finite_array("mean", self.mean, least=1)
        d = mean.shape[-1]
        kappa, nu = positive_array("kappa", self.kappa), finite_array("nu", self.nu)
        if (nu <= d - 1).any():
            raise ValueError(f"nu holds {nu.min()}: give numbers above d - 1 = {d - 1}")
        scale = symmetric("scale", self.scale, _ASYMMETRY)
        if scale.shape[-1] != d:
            refuse("scale", scale, f"shape (..., {d}, {d}), to go with mean")
        _half_log_det("scale", scale)
        for name, value in (("mean", mean), ("kappa", kappa), ("nu", nu), ("scale", scale)):
            object.__setattr__(self, name, value)

    @property
    def d(self) -> int:
        """Dimension."""
        return int(self.mean.shape[-1])

    def posterior(self, group: GroupStatistics) -> NormalInverseWishart:
        """Return the posterior given the points of a group: kappa*, nu*, m* and Psi*."""
        if group.mean.shape[-1] != self.d:
            refuse("group", group.mean, f"points of dimension {self.d}")
        kappa, nu = self.kappa + group.count, self.nu + group.count
        apart = group.mean - self.mean
        mean = self.mean + (group.count / kappa)[..., None] * apart
        pull = (self.kappa * group.count / kappa)[..., None, None]
        between = apart[..., :, None] * apart[..., None, :]
        return NormalInverseWishart(mean, kappa, nu, self.scale + group.scatter + pull * between)

    @property
    def mode_covariance(self) -> Array:
        """Covariance where the joint density of mean and covariance is largest."""
        return np.asarray(self.scale / (self.nu + self.d + 2)[..., None, None])


def log_marginal(prior: NormalInverseWishart, group: GroupStatistics) -> Array:
    """Return the log evidence of the points of a group, shape (...); 0 for an empty group.

    ``log h = -(N d/2) log pi + log Gamma_d(nu*/2) - log Gamma_d(nu/2) + (nu/2) log|Psi|
    - (nu*/2) log|Psi*| + (d/2)(log kappa - log kappa*)``.

    Parameters
    ----------
    prior : NormalInverseWishart
    group : GroupStatistics
        Leading axes that broadcast with those of the prior.
    """
    after, d = prior.posterior(group), prior.d
    return np.asarray(
        -0.5 * d * np.log(np.pi) * group.count
        + scipy.special.multigammaln(after.nu / 2, d)
        - scipy.special.multigammaln(prior.nu / 2, d)
        + prior.nu * _half_log_det("scale", prior.scale)
        - after.nu * _half_log_det("scale", after.scale)
        + 0.5 * d * (np.log(prior.kappa) - np.log(after.kappa))
    )


def log_predictive(law: NormalInverseWishart, x: ArrayLike) -> Array:
    """Return the log density of single points: a multivariate t.

    With nu - d + 1 degrees of freedom, location m and scale Psi (kappa + 1)/(kappa (nu - d + 1)).

    Parameters
    ----------
    law : NormalInverseWishart
        Prior or posterior.
    x : array_like, shape (..., d)
        Leading axes that broadcast with those of `law`.
    """
    points, d = finite_array("x", x, least=1), law.d
    if points.shape[-1] != d:
        refuse("x", points, f"points of dimension {d}")
    freedom = law.nu - d + 1
    widen = (law.kappa + 1) / law.kappa
    apart = (points - law.mean)[..., None]
    square = (np.linalg.solve(law.scale, apart) * apart).sum(axis=(-1, -2)) / widen
    gammas = scipy.special.gammaln((law.nu + 1) / 2) - scipy.special.gammaln(freedom / 2)
    volume = 0.5 * d * np.log(np.pi * widen) + _half_log_det("scale", law.scale)
    return np.asarray(gammas - volume - 0.5 * (law.nu + 1) * np.log1p(square))


def _half_log_det(name: str, matrices: Array) -> Array:
    """Return half the log determinants; ValueError unless the matrices are positive definite."""
    try:
        root = np.linalg.cholesky(matrices)
    except np.linalg.LinAlgError:
        raise ValueError(
            f"{name} is not positive definite: give a covariance-like matrix"
        ) from None
    return np.asarray(np.log(np.einsum("...pp->...p", root)).sum(axis=-1))
