"""Data, noise and model on a line, by quadrature: what both objectives are without sampling."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from refutable.solvers.information_quadrature import line_rule
from refutable.solvers.unnormalized_gradients import (
    WeightedSample,
    compositional_gradient,
    contrastive_gradient,
)
from refutable.theory.generative import meco as theory

from refutable import FloatArray

LOG_ROOT = 0.5 * math.log(2.0 * math.pi)

GAUSSIANS = (
    "data are N(R, 1), noise is N(0, 1)",
    "the model of NCE is $exp(b x - c)$ times the density of N(0, 1)",
)

REACHED = 0.1
"""An estimate has arrived when it is within a tenth of what it started from: of R, or of R^2."""


SPAN = (-9.0, 17.0, 521)
"""Ends and nodes of the line where descent is followed, for R up to 6: both laws end within."""


@dataclass(frozen=True)
class Normal:
    """A Gaussian law on the line."""

    mean: float = 0.0
    deviation: float = 1.0

    def log_density(self, x: FloatArray) -> FloatArray:
        """Log density, in the shape of `x`."""
        z = (x - self.mean) / self.deviation
        return np.asarray(-0.5 * z * z - LOG_ROOT - math.log(self.deviation))


def contrastive_laws(
    distance: float, noise: Normal, low: float = -12.0, high: float = 32.0, count: int = 8801
) -> tuple[WeightedSample, WeightedSample]:
    """Return data N(distance, 1) and noise as NCE sees them: statistics (x, -1), base N(0, 1)."""
    x, dx = line_rule(low, high, count)
    statistics = np.stack([x, -np.ones_like(x)], axis=-1)
    offsets = Normal().log_density(x) - noise.log_density(x)
    laws = (Normal(distance), noise)
    data, other = (
        WeightedSample(statistics, offsets, dx * np.exp(law.log_density(x))) for law in laws
    )
    return data, other


def composed_laws(distance: float, noise: Normal) -> tuple[WeightedSample, WeightedSample]:
    """Return data N(distance, 1) and noise as the composition sees them: statistic x, one theta."""
    x, dx = line_rule(*SPAN)
    offsets = -0.5 * x**2 - noise.log_density(x)
    laws = (Normal(distance), noise)
    data, other = (
        WeightedSample(x[:, None], offsets, dx * np.exp(law.log_density(x))) for law in laws
    )
    return data, other


def composed_steps(distance: float, noise: Normal, step: float, cap: int = 1000) -> int:
    """Count steps of gradient descent on the composed objective from 0 to within a tenth of R."""
    data, other = composed_laws(distance, noise)
    theta = np.zeros(1)
    for taken in range(1, cap + 1):
        theta = theta - step * compositional_gradient(theta, data, other)[0]
        if abs(theta[0] - distance) < REACHED * distance:
            return taken
    raise RuntimeError(f"no arrival within {cap} steps at distance {distance}")


@functools.cache
def contrastive_steps(distance: float, noise: Normal, cap: int = 10**6) -> int:
    """Count steps of gradient descent on NCE from the base to the optimum.

    The step is 1 over the largest curvature that there is. Arrived: b within `REACHED` times R of
    R, and c within `REACHED` times R^2 of R^2 / 2.
    """
    data, other = contrastive_laws(distance, noise, *SPAN)
    step = 1.0 / theory.smoothness(distance, noise.mean, noise.deviation)
    wanted, allowed = np.array([distance, distance**2 / 2]), REACHED * distance
    parameters = np.zeros(2)
    for taken in range(1, cap + 1):
        parameters = parameters - step * contrastive_gradient(parameters, data, other)
        b_off, c_off = np.abs(parameters - wanted)
        if b_off < allowed and c_off < allowed * distance:
            return taken
    raise RuntimeError(f"no arrival within {cap} steps at distance {distance}")
