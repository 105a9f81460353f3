"""Both methods from the same batches: when each arrives, and where each ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from refutable.simulations.generative.meco._line import LOG_ROOT, REACHED, Normal
from refutable.solvers.unnormalized_gradients import (
    WeightedSample,
    compositional_gradient,
    contrastive_gradient,
)
from refutable.theory.generative import meco as theory

from refutable import FloatArray

BATCH, STEP, KEPT = 128, 0.1, 0.9
"""Draws of data and of noise; step of the composition, and share of the old inner mean."""
CLIP = 20.0
"""The composed estimate is kept in [-20, 20]: what leaves would never come back."""

RUN = (
    "data are N(R, 1); batches of 128 from data and noise, the same for both methods",
    "composition: steps of 0.1, inner mean with weight 0.1 on the newest batch, no momentum",
    "arrived: the estimate of the mean is within a tenth of R",
)


@dataclass(frozen=True)
class Trace:
    """Where a method's estimates of the mean went, one for each replicate.

    Attributes
    ----------
    arrived : ndarray, shape (size,)
        First iteration within a tenth of the distance; one more than there were, if never.
    final : ndarray, shape (size,)
        Distance of the last estimate from the truth.
    """

    arrived: NDArray[np.int64]
    final: FloatArray


class _Watch:
    """Notes when estimates arrive."""

    def __init__(self, size: int, distance: float, iterations: int) -> None:
        self.arrived = np.full(size, iterations + 1)
        self.distance = distance
        self.never = iterations + 1

    def note(self, iteration: int, estimate: FloatArray) -> None:
        close = np.abs(estimate - self.distance) < REACHED * self.distance
        self.arrived[close & (self.arrived == self.never)] = iteration

    def trace(self, estimate: FloatArray) -> Trace:
        return Trace(self.arrived, np.abs(estimate - self.distance))


def batches(
    rng: Generator, size: int, distance: float, noise: Normal, batch: int
) -> tuple[FloatArray, FloatArray]:
    """Draw a batch of data and of noise, each of shape (size, batch)."""
    x, z = rng.standard_normal((2, size, batch))
    return distance + x, noise.mean + noise.deviation * z


def _composed_sample(x: FloatArray, noise: Normal) -> WeightedSample:
    return WeightedSample(x[..., None], -0.5 * x**2 - noise.log_density(x))


def _contrastive_sample(x: FloatArray, noise: Normal) -> WeightedSample:
    statistics = np.stack([x, -np.ones_like(x)], axis=-1)
    return WeightedSample(statistics, -0.5 * x**2 - LOG_ROOT - noise.log_density(x))


def composed_run(
    rng: Generator, size: int, distance: float, noise: Normal, iterations: int, batch: int = BATCH
) -> Trace:
    """Run the composition alone, from 0."""
    return _run(rng, size, distance, noise, iterations, batch, None)[0]


def race(
    rng: Generator, size: int, distance: float, noise: Normal, iterations: int, boost: float = 1.0
) -> tuple[Trace, Trace]:
    """Run composition and NCE on the same batches, both from the base law N(0, 1).

    The step of NCE is `boost` over the largest curvature that its expected loss has anywhere.
    """
    step = boost / theory.smoothness(distance, noise.mean, noise.deviation)
    return _run(rng, size, distance, noise, iterations, BATCH, step)


def _run(
    rng: Generator,
    size: int,
    distance: float,
    noise: Normal,
    iterations: int,
    batch: int,
    contrastive_step: float | None,
) -> tuple[Trace, Trace]:
    theta, log_inner = np.zeros((size, 1)), None
    other = np.zeros((size, 2))
    composed, contrastive = (_Watch(size, distance, iterations) for _ in range(2))
    for iteration in range(1, iterations + 1):
        x, z = batches(rng, size, distance, noise, batch)
        data, drawn = _composed_sample(x, noise), _composed_sample(z, noise)
        slope, log_inner = compositional_gradient(theta, data, drawn, log_inner, KEPT)
        theta = np.clip(theta - STEP * slope, -CLIP, CLIP)
        composed.note(iteration, theta[:, 0])
        if contrastive_step is not None:
            data, drawn = _contrastive_sample(x, noise), _contrastive_sample(z, noise)
            other = other - contrastive_step * contrastive_gradient(other, data, drawn)
            contrastive.note(iteration, other[:, 0])
    return composed.trace(theta[:, 0]), contrastive.trace(other[:, 0])
