"""Gradients for an unnormalised exponential family, by a logistic loss and by a composition.

The model is ``p_theta(x) = h(x) exp(theta . T(x))`` without its constant, the noise law has a known
density q. A sample is given by its statistics T(x), its offsets ``log h(x) - log q(x)`` and the
weights of its points, so that a batch of draws and a quadrature of the expectation are served by
one code.

- `contrastive_gradient`, `contrastive_curvature`: noise-contrastive estimation (Gutmann and
  Hyvarinen 2010) with as much noise as data, the loss being one half of the sum over both of the
  logistic losses of ``log p_theta / q``. The constant is a parameter: a statistic of -1.
- `compositional_gradient`: of ``-E log p_theta + log E_q (p_theta / q)``, whose inner mean is
  tracked by a moving average (MECO, Jiang et al. 2023, arXiv 2306.07485). It is kept as a logarithm
  since ratios overflow where the model has left the noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    below,
    bounded_array,
    finite_array,
    refuse,
)
from refutable.solvers.information_quadrature import InformationSpectrum, information_spectrum


@dataclass(frozen=True)
class WeightedSample:
    """Points of a law, seen through a model and a noise law; leading axes are replicates.

    Parameters
    ----------
    statistics : array_like, shape (..., n, P)
        T(x).
    offsets : array_like, shape (..., n)
        ``log h(x) - log q(x)``.
    weights : array_like, shape (..., n) or (n,), optional
        At least 0, for the mean over the law; 1/n if left out.

    Raises
    ------
    ValueError
        If an array is malformed or a weight is negative.
    """

    statistics: Floats
    offsets: Floats
    weights: Floats

    def __init__(
        self, statistics: ArrayLike, offsets: ArrayLike, weights: ArrayLike | None = None
    ) -> None:
        rows = finite_array("statistics", statistics, least=2)
        object.__setattr__(self, "statistics", rows)
        object.__setattr__(self, "offsets", finite_array("offsets", offsets, shape=rows.shape[:-1]))
        n = rows.shape[-2]
        even = np.full(n, 1 / n) if weights is None else weights
        masses = bounded_array("weights", even, 0, least=1)
        if masses.shape not in (rows.shape[:-1], (n,)):
            refuse("weights", masses, f"shape {rows.shape[:-1]}, or one weight for each point")
        object.__setattr__(self, "weights", masses)

    def log_ratio(self, theta: Floats) -> Floats:
        """Return ``log p_theta / q`` at the points, shape (..., n)."""
        return np.asarray(np.einsum("...np,...p->...n", self.statistics, theta) + self.offsets)

    def mean_statistic(self, factor: Floats) -> Floats:
        """Return the weighted sum of ``factor * T``, shape (..., P)."""
        return np.asarray(
            np.einsum("...n,...np->...p", self.weights * factor, self.statistics),
        )


def _parameters(theta: ArrayLike, *samples: WeightedSample) -> Floats:
    point = finite_array("theta", theta, least=1)
    for sample in samples:
        shape = (*sample.statistics.shape[:-2], sample.statistics.shape[-1])
        if point.shape != shape:
            refuse("theta", point, f"shape {shape}, one parameter for each statistic")
    return point


def _logistic(x: Floats) -> Floats:
    """Return ``1 / (1 + exp(-x))``; by tanh it neither overflows nor needs SciPy."""
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * x))


def _logistic_slope(x: Floats) -> Floats:
    """Return ``s (1 - s)`` for the logistic s, with all digits where 1 - s would lose them."""
    tail = np.exp(-np.abs(x))
    return np.asarray(tail / (1 + tail) ** 2)


def contrastive_gradient(theta: ArrayLike, data: WeightedSample, noise: WeightedSample) -> Floats:
    """Gradient of the logistic loss, shape (..., P).

    Parameters
    ----------
    theta : array_like, shape (..., P)
    data, noise : WeightedSample
        Their replicates are those of `theta`.

    Raises
    ------
    ValueError
        If `theta` does not go with the samples.
    """
    point = _parameters(theta, data, noise)
    taken = noise.mean_statistic(_logistic(noise.log_ratio(point)))
    missed = data.mean_statistic(_logistic(-data.log_ratio(point)))
    return 0.5 * (taken - missed)


def contrastive_curvature(
    theta: ArrayLike, data: WeightedSample, noise: WeightedSample
) -> InformationSpectrum:
    """Eigenvalues and eigenvectors of the Hessian of the logistic loss; arguments as there."""
    point = _parameters(theta, data, noise)
    both = (data, noise)
    weights = [0.5 * s.weights * _logistic_slope(s.log_ratio(point)) for s in both]
    rows = np.concatenate([sample.statistics for sample in both], axis=-2)
    return information_spectrum(rows, np.concatenate(weights, axis=-1))


def compositional_gradient(
    theta: ArrayLike,
    data: WeightedSample,
    noise: WeightedSample,
    log_inner: ArrayLike | None = None,
    averaging: float = 0.0,
) -> tuple[Floats, Floats]:
    """Gradient of the composed objective, shape (..., P), and the logarithm of the inner mean.

    Parameters
    ----------
    theta : array_like, shape (..., P)
    data, noise : WeightedSample
        Their replicates are those of `theta`.
    log_inner : array_like, shape (...), optional
        What the step before returned; without it the inner mean starts at that of this sample.
    averaging : float in [0, 1)
        Share of the old inner mean that is kept.

    Raises
    ------
    ValueError
        If the arrays do not go together, or `averaging` is out of range.
    """
    point = _parameters(theta, data, noise)
    kept = below("averaging", averaging, 0, 1)
    log_ratio = noise.log_ratio(point)
    top = log_ratio.max(axis=-1, keepdims=True)
    mean = (noise.weights * np.exp(log_ratio - top)).sum(axis=-1)
    inner = np.asarray(np.log(mean) + top[..., 0])
    if log_inner is not None:
        before = finite_array("log_inner", log_inner, shape=inner.shape)
        if kept > 0:
            inner = np.logaddexp(np.log(kept) + before, np.log1p(-kept) + inner)
    expected = noise.mean_statistic(np.exp(log_ratio - inner[..., None]))
    observed = data.mean_statistic(np.ones(data.offsets.shape))
    return expected - observed, np.asarray(inner)
