"""Laws of vectors, and what a joint prior saves on them, by quadrature."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from refutable.solvers.information_quadrature import line_rule
from refutable.solvers.mixture_em import Mixture, log_density, marginal
from refutable.theory.compression import mcquic as theory

from refutable import FloatArray

REACH, NODES = 12.0, 193
"""The quadrature's interval, of both coordinates, and its nodes, eight to a unit."""


def correlated(rho: float, d: int = 2) -> FloatArray:
    """Return the covariance with entries rho^|i - j|, shape (d, d)."""
    lag = np.abs(np.subtract.outer(np.arange(d), np.arange(d)))
    return np.asarray(float(rho) ** lag)


def gaussian(rho: float, d: int = 2) -> Mixture:
    """Return one Gaussian component with unit variances."""
    return Mixture(np.ones(1), np.zeros((1, d)), correlated(rho, d)[None])


def two_components(distance: float, weight: float = 0.5, rho: float = 0.0) -> Mixture:
    """Return components at distance and minus distance in both coordinates, unit variances."""
    means = distance * np.array([[1.0, 1.0], [-1.0, -1.0]])
    return Mixture(np.array([weight, 1.0 - weight]), means, np.stack([correlated(rho)] * 2))


UNCORRELATED = 0.8
"""Distance of components whose own correlation, minus its square, cancels that of the means."""

LAWS: Mapping[str, Mixture] = MappingProxyType(
    {
        "correlation 0.5": gaussian(0.5),
        "correlation 0.9": gaussian(0.9),
        "four coordinates": gaussian(0.7, 4),
        "two components": two_components(1.5),
        "uneven components": two_components(1.5, 0.3),
        "uncorrelated": two_components(UNCORRELATED, rho=-(UNCORRELATED**2)),
    }
)
"""By the name that a cell gives them."""


def covariance(law: Mixture) -> FloatArray:
    """Return the covariance of a mixture, shape (d, d)."""
    apart = law.means - law.weights @ law.means
    return np.asarray(
        np.einsum("k,kpq->pq", law.weights, law.expanded()) + (law.weights * apart.T) @ apart
    )


def marginals(law: Mixture) -> tuple[Mixture, ...]:
    """Return the law of each coordinate."""
    return tuple(marginal(law, [i]) for i in range(law.d))


def log_ratio(joint: Mixture, factors: tuple[Mixture, ...], x: FloatArray) -> FloatArray:
    """Return ``log2 p(x) / prod_i q_i(x_i)`` for x of shape (n, d): bits that p saves over q."""
    parts = [log_density(factor, x[:, [i]]) for i, factor in enumerate(factors)]
    return np.asarray((log_density(joint, x) - np.sum(parts, axis=0)) / np.log(2))


@lru_cache(maxsize=32)
def _grid_ratio(distance: float, weight: float, rho: float) -> tuple[FloatArray, FloatArray]:
    """Return the log ratio of two components and the mass of each node, both (NODES^2,)."""
    law = two_components(distance, weight, rho)
    line, d_line = line_rule(-REACH, REACH, NODES)
    x = np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1).reshape(-1, 2)
    mass = np.outer(d_line, d_line).ravel() * np.exp(log_density(law, x))
    return log_ratio(law, marginals(law), x), mass


def ratio_moments(law: Mixture) -> tuple[float, float]:
    """Return mean and variance of the log ratio to the marginals under the law, in bits.

    In closed form for one component, by quadrature for two.
    """
    if law.k == 1:
        matrix = law.covariances[0]
        return theory.gaussian_gain(matrix), theory.gaussian_gain_variance(matrix)
    ratio, mass = _grid_ratio(
        float(law.means[0, 0]), float(law.weights[0]), float(law.covariances[0, 0, 1])
    )
    mean = float(mass @ ratio)
    return mean, float(mass @ ratio**2) - mean**2


def entropy(law: Mixture) -> float:
    """Entropy in bits of a law on a line or a plane, by the trapezoidal rule."""
    line, d_line = line_rule(-REACH, REACH, NODES)
    axes = np.meshgrid(*[line] * law.d, indexing="ij")
    logs = log_density(law, np.stack(axes, axis=-1).reshape(-1, law.d))
    weights = d_line if law.d == 1 else np.outer(d_line, d_line).ravel()
    return -float(weights @ (np.exp(logs) * logs)) / float(np.log(2))
