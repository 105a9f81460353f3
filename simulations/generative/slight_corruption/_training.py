"""Exact training of the denoiser from its normal equations, and what it then generates.

Nothing here knows the closed forms: the objective is quadratic in (W, V), its second moments are
those of the features ``(r x + s eps; c + gamma xi)``, and the equations are solved as they stand.
"""

from __future__ import annotations

import functools

import numpy as np
from refutable.solvers.linear_gaussian import Gaussian, flow, law_after
from refutable.theory.generative.slight_corruption.denoiser import (
    Floats,
    denoiser,
    isotropic,
    noise,
    signal,
)

CLASSES = 3
"""Length of the one-hot code; what the other classes' entries learn is multiplied by 0."""

HORIZON = 20.0
"""For infinity: N(0, I) is off by ``exp(-20)`` times the mean there, 2e-9."""

END = 1e-9
"""For time 0, where the equations are singular; the law moves by as much."""

NODES = 4
"""Gauss-Legendre nodes in ``u = r^2``: the error is 2e-6 of the gain where the covariance's
eigenvalues reach from 0.5 to 2.2, as the integrand's next pole then lies at u = -0.8."""


def train(
    mean: Floats, covariance: Floats, gamma: float, time: float, corrupted: str = "label"
) -> tuple[Floats, Floats]:
    """Minimise the objective: matrices (size, d, d), and offsets V c (size, d).

    Parameters
    ----------
    mean, covariance : array, shape (size, d) and (size, d, d)
        Of the training samples of a class.
    gamma : float
        Standard deviation of the label noise.
    time : float
    corrupted : str
        ``label``; ``data``: noise of variance ``a |m|^2`` is added to the data in place of it;
        ``printed``: not trained, but the closed form of Lemma 2.
    """
    if corrupted == "printed":
        return denoiser(mean, covariance, gamma, time, isotropic)
    if corrupted == "data":
        return _minimise(mean, covariance + isotropic(mean, gamma), 0.0, time)
    return _minimise(mean, covariance, gamma, time)


def _minimise(mean: Floats, covariance: Floats, gamma: float, time: float) -> tuple[Floats, Floats]:
    r, s, (size, d) = signal(time), noise(time), mean.shape
    # Without noise the other entries of the code are never seen: the least solution has 0 there.
    code = np.eye(CLASSES if gamma else 1)[0]
    second = np.empty((size, d + len(code), d + len(code)))
    second[:, :d, :d] = r**2 * (covariance + mean[:, :, None] * mean[:, None, :])
    second[:, :d, :d] += s**2 * np.eye(d)
    second[:, :d, d:] = r * mean[:, :, None] * code
    second[:, d:, :d] = np.swapaxes(second[:, :d, d:], 1, 2)
    second[:, d:, d:] = np.outer(code, code) + gamma**2 * np.eye(len(code))
    with_noise = s * np.eye(d + len(code), d)  # of (features, eps)
    weights = np.linalg.solve(second, np.broadcast_to(with_noise, (size, *with_noise.shape)))
    return np.swapaxes(weights[:, :d], 1, 2), code @ weights[:, d:]


def generate(mean: Floats, covariance: Floats, gamma: float, corrupted: str) -> Gaussian:
    """Follow the probability-flow ODE of each trained denoiser from N(0, I); batch (size,)."""
    shape = mean.shape

    @functools.lru_cache(maxsize=1)  # both coefficients are asked for at each time
    def trained(time: float) -> tuple[Floats, Floats]:
        matrix, offset = train(mean, covariance, gamma, time, corrupted)
        return matrix / noise(time), offset / noise(time)

    step = flow(
        HORIZON,
        END,
        lambda t: trained(t)[0] - np.eye(shape[-1]),
        lambda t: trained(t)[1],
        lambda t: np.zeros((*shape, shape[-1])),
    )
    start = np.zeros(shape)
    return law_after(step, Gaussian(start, np.broadcast_to(np.eye(shape[-1]), covariance.shape)))


def entropy_gain(mean: Floats, covariance: Floats, gamma: float, corrupted: str) -> Floats:
    """By how much corruption raises the entropy of what is generated, shape (size,).

    An ODE changes the entropy by the integral of its divergence, ``d - tr W/s``. Of two denoisers
    the difference is the integral of ``tr (W_0 - W_gamma)/s`` over t, and over ``u = exp(-2t)``
    that of the same over 2u, which is smooth. So no law of what is generated is assumed.
    """
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    total = np.zeros(len(mean))
    for u, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        time = -np.log(u) / 2
        clean, _ = train(mean, covariance, 0.0, time)
        noisy, _ = train(mean, covariance, gamma, time, corrupted)
        total += weight * np.trace(clean - noisy, axis1=1, axis2=2) / (2 * u * noise(time))
    return total
