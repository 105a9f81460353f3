"""The trained linear denoiser and the law that it generates, as printed and of rank one.

Means are arrays (..., d), covariances (..., d, d). The forward process is ``dx = -x dt + sqrt(2)
dw``: at time t, ``r x + s N(0, I)`` with ``r = exp(-t)`` and ``r^2 + s^2 = 1``.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, expm1, sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Extra = Callable[[Floats, float], Floats]
"""What corruption adds to the covariance, given the class mean and gamma."""


def signal(time: float) -> float:
    """``r = exp(-t)``."""
    return exp(-time)


def noise(time: float) -> float:
    """``s = sqrt(1 - exp(-2t))``."""
    return sqrt(-expm1(-2 * time))


def lost_share(gamma: float) -> float:
    """Return ``a = gamma^2/(1 + gamma^2)``, the share by which the generated mean shrinks."""
    return gamma**2 / (1 + gamma**2)


def rank_one(mean: Floats, gamma: float) -> Floats:
    """Return ``a m m'``: what the normal equations give [derived]."""
    return np.asarray(lost_share(gamma) * mean[..., :, None] * mean[..., None, :])


def isotropic(mean: Floats, gamma: float) -> Floats:
    """Return ``a |m|^2 I``: what Lemma 2, equation 23, prints."""
    size = lost_share(gamma) * (mean**2).sum(axis=-1)
    return np.asarray(size[..., None, None] * np.eye(mean.shape[-1]))


def denoiser(
    mean: Floats, covariance: Floats, gamma: float, time: float, extra: Extra = rank_one
) -> tuple[Floats, Floats]:
    """Matrix and offset of the minimiser, ``W = s [s^2 I + r^2 (S + extra)]^-1``.

    Eliminating V from the normal equations leaves
    ``W [s^2 I + r^2 (S + m m') - r^2 m m'/(1 + gamma^2)] = s I`` and
    ``b = V c = -(r/(1 + gamma^2)) W m``, which is rank one.

    Parameters
    ----------
    mean, covariance : array, shape (..., d) and (..., d, d)
    gamma : float
        Standard deviation of the label noise, at least 0.
    time : float
        Above 0.
    extra : callable
        `rank_one`, or `isotropic` for the printed formula.

    Returns
    -------
    matrix : array, shape (..., d, d)
    offset : array, shape (..., d)
    """
    r, s = signal(time), noise(time)
    spread = covariance + extra(mean, gamma)
    matrix = s * np.linalg.inv(s**2 * np.eye(mean.shape[-1]) + r**2 * spread)
    offset = -(r / (1 + gamma**2)) * (matrix @ mean[..., None])[..., 0]
    return np.asarray(matrix), np.asarray(offset)


def generated_law(
    mean: Floats, covariance: Floats, gamma: float, extra: Extra = rank_one
) -> tuple[Floats, Floats]:
    """Mean ``m/(1 + gamma^2)`` and covariance ``S + extra`` of samples; as printed, Lemma 4.

    ``-(W x + b)/s`` is the score of this very law at every time, so that the ODE, started from
    N(0, I) at infinity, ends in it.
    """
    return np.asarray(mean / (1 + gamma**2)), np.asarray(covariance + extra(mean, gamma))
