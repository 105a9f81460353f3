r"""A Gaussian process of mean zero given observations of covariance C: evidence and prediction.

Rasmussen and Williams, "Gaussian Processes for Machine Learning" (2006): equations 2.25 and 2.26
(prediction), 2.30 (evidence) and 5.9 (its gradient). With an output scale, C standing for
:math:`s^2C`, the evidence has its greatest value at :math:`s^2=y^TC^{-1}y/n`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import Floats, finite_array, refuse
from refutable.solvers.gaussian_process.cholesky import Factor, jittered_cholesky


@dataclass(frozen=True)
class Posterior:
    """Law of values given the observations.

    Attributes
    ----------
    mean : array, shape (..., m)
    covariance : array, shape (..., m, m)
        Or (..., m), the variances, where the prior was given as variances.
    jitter : array, shape (...)
        What stood on the diagonal of C beside the noise.
    """

    mean: Floats
    covariance: Floats
    jitter: Floats


@dataclass(frozen=True)
class Process:
    """Observations and the factor of their covariance.

    Attributes
    ----------
    y : array, shape (..., n)
    factor : Factor
        Of C, shape (..., n, n), with the jitter that it took: ``factor.jitter``.
    """

    y: Floats
    factor: Factor

    @cached_property
    def white(self) -> Floats:
        """``L^(-1) y``, shape (..., n)."""
        return np.asarray((self.factor.inverse @ self.y[..., None])[..., 0])

    @cached_property
    def weights(self) -> Floats:
        """``C^(-1) y``, shape (..., n)."""
        back = np.swapaxes(self.factor.inverse, -1, -2)
        return np.asarray((back @ self.white[..., None])[..., 0])

    @property
    def energy(self) -> Floats:
        """``y' C^(-1) y``, shape (...)."""
        return np.asarray((self.white**2).sum(axis=-1))

    @property
    def log_evidence(self) -> Floats:
        """Log density of the observations, shape (...)."""
        constant = self.y.shape[-1] * np.log(2 * np.pi)
        return np.asarray(-(self.energy + self.factor.log_determinant + constant) / 2)

    @property
    def slope(self) -> Floats:
        """S with ``d log_evidence = tr(S dC)``, symmetric, shape (..., n, n)."""
        return self._slope(self.weights)

    @property
    def scale(self) -> Floats:
        """Output variance ``s^2 = y' C^(-1) y / n`` of greatest evidence, shape (...)."""
        return np.asarray(self.energy / self.y.shape[-1])

    @property
    def profiled_loss(self) -> Floats:
        """``(n log s^2 + log det C) / 2`` at that scale, shape (...); minus infinity for y = 0.

        Minus the log evidence with ``s^2 C`` in place of C, but for ``n (1 + log 2 pi) / 2``.
        """
        with np.errstate(divide="ignore"):
            volume = self.y.shape[-1] * np.log(self.scale)
        return np.asarray((volume + self.factor.log_determinant) / 2)

    @property
    def profiled_slope(self) -> Floats:
        """S with ``d profiled_loss = -tr(S dC)``: that of the evidence at the scaled C."""
        return self._slope(self.weights / np.sqrt(self.scale)[..., None])

    def _slope(self, weights: Floats) -> Floats:
        outer = weights[..., :, None] * weights[..., None, :]
        return np.asarray((outer - self.factor.precision) / 2)

    def predict(self, cross: ArrayLike, prior: ArrayLike) -> Posterior:
        """Return the law of m values of the process, without noise.

        Parameters
        ----------
        cross : array_like, shape (..., m, n)
            Covariances of the values and the observations.
        prior : array_like, shape (..., m, m) or (..., m)
            Covariance of the values or, with an axis less than `cross` and length m, variances.

        Raises
        ------
        ValueError
            If something is not finite or shapes do not go together.
        """
        k = finite_array("cross", cross, least=2)
        own = finite_array("prior", prior, least=1)
        if k.shape[-1] != self.y.shape[-1]:
            refuse("cross", k, f"a column for each of the {self.y.shape[-1]} observations")
        _leading("cross", k.shape[:-2], self.white.shape[:-1])
        whole = own.ndim >= k.ndim
        if own.shape[-1] != k.shape[-2] or (whole and own.shape[-2] != k.shape[-2]):
            refuse("prior", own, f"covariance or variance of the {k.shape[-2]} values")
        root = k @ np.swapaxes(self.factor.inverse, -1, -2)
        mean = (root @ self.white[..., None])[..., 0]
        _leading("prior", own.shape[: -2 if whole else -1], root.shape[:-2])
        taken = root @ np.swapaxes(root, -1, -2) if whole else (root**2).sum(axis=-1)
        return Posterior(mean, np.asarray(own - taken), self.factor.jitter)


def condition(
    covariance: ArrayLike, y: ArrayLike, jitter: float = 0.0, most: float = 1e-6
) -> Process:
    """Return a process of mean zero with what was observed of it.

    Parameters
    ----------
    covariance : array_like, shape (..., n, n)
        C, of the observations, noise included.
    y : array_like, shape (..., n)
        Leading axes broadcast with those of the covariance.
    jitter, most : float
        As for `jittered_cholesky`.

    Raises
    ------
    ValueError
        If the covariance is none, or the shapes do not go together.
    """
    values = finite_array("y", y, least=1)
    factor = jittered_cholesky(covariance, jitter, most)
    if values.shape[-1] != factor.lower.shape[-1]:
        refuse("y", values, f"a value for each of the {factor.lower.shape[-1]} rows of covariance")
    _leading("y", values.shape[:-1], factor.lower.shape[:-2])
    return Process(values, factor)


def _leading(name: str, own: tuple[int, ...], others: tuple[int, ...]) -> None:
    """Raise ValueError unless leading axes broadcast."""
    try:
        np.broadcast_shapes(own, others)
    except ValueError:
        refuse(name, own, f"leading axes that broadcast with {others}")
