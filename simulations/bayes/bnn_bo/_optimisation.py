"""Bayesian optimisation by expected improvement over random candidates, many runs side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.random import Generator
from refutable.simulations.bayes.bnn_bo._surrogates import Inputs, Surrogate, posterior

from refutable import FloatArray

Function = Callable[[FloatArray], FloatArray]

SPREADS = (0.05, 0.2)
"""Deviations of candidates about the best point so far."""
LEAST = 1e-12
"""Predictive variance that counts as this much, in units of the outputs': rounding."""


@dataclass(frozen=True)
class Candidates:
    """How many points compete for the next evaluation.

    Attributes
    ----------
    uniform : int
    local : int
        About the best point so far, for each of `SPREADS`; clipped to the cube.
    """

    uniform: int = 100
    local: int = 50

    def draw(self, rng: Generator, size: int, dimension: int) -> tuple[FloatArray, FloatArray]:
        """Draw uniform points and steps from the best point, each (size, number, dimension)."""
        spreads = np.repeat(SPREADS, self.local)[:, None]
        steps = rng.standard_normal((size, len(spreads), dimension)) * spreads
        return rng.random((size, self.uniform, dimension)), steps


def expected_improvement(mean: FloatArray, deviation: FloatArray, best: FloatArray) -> FloatArray:
    """Return ``E max(f - best, 0)`` for ``f ~ N(mean, deviation^2)``."""
    z = (mean - best) / deviation
    density = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
    return np.asarray(deviation * (z * scipy.special.ndtr(z) + density))


def improvement(
    surrogate: Surrogate, x: FloatArray, y: FloatArray, candidates: FloatArray
) -> FloatArray:
    """Return the expected improvement at candidates, shape (size, t), outputs standardised.

    Parameters
    ----------
    x, candidates : ndarray, shapes (size, n, d) and (size, t, d)
    y : ndarray, shape (size, n)
    """
    y = (y - y.mean(axis=1, keepdims=True)) / y.std(axis=1, keepdims=True)
    inputs = Inputs.of(np.concatenate([x, candidates], axis=1), x.shape[1])
    process, cross, prior = posterior(surrogate, inputs, y)
    law = process.predict(cross, prior)
    variance = np.maximum(process.scale[:, None] * law.covariance, LEAST)
    return expected_improvement(law.mean, np.sqrt(variance), y.max(axis=1, keepdims=True))


def _next(
    surrogate: Surrogate, function: Function, x: FloatArray, drawn: tuple[FloatArray, FloatArray]
) -> FloatArray:
    """Return the points with the one of the largest expected improvement added."""
    y, rows = function(x), np.arange(len(x))
    uniform, steps = drawn
    near = np.clip(x[rows, y.argmax(axis=1)][:, None] + steps, 0.0, 1.0)
    candidates = np.concatenate([uniform, near], axis=1)
    chosen = improvement(surrogate, x, y, candidates).argmax(axis=1)
    return np.concatenate([x, candidates[rows, chosen][:, None]], axis=1)


def best_values(
    rng: Generator,
    size: int,
    function: Function,
    dimension: int,
    surrogates: tuple[Surrogate, ...],
    first: int,
    steps: int,
    candidates: Candidates,
) -> FloatArray:
    """Maximise a function with each surrogate and at random, from the same first points.

    Uniform candidates, and steps from the best point, are the same for all surrogates.

    Returns
    -------
    ndarray, shape (number of surrogates + 1, size)
        Best values found, those of random search last.
    """
    start = rng.random((size, first, dimension))
    tried = [start for _ in surrogates]
    for _ in range(steps):
        drawn = candidates.draw(rng, size, dimension)
        tried = [
            _next(surrogate, function, x, drawn)
            for surrogate, x in zip(surrogates, tried, strict=True)
        ]
    tried.append(np.concatenate([start, rng.random((size, steps, dimension))], axis=1))
    return np.stack([function(x).max(axis=1) for x in tried])
