"""Networks with one random scale each: their inputs, their limits, and their draws."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
import scipy
from numpy.random import Generator
from refutable.solvers.finite_networks import features
from refutable.solvers.kernels import InfiniteWidth, WideKernels

from refutable import FloatArray

Cdf = Callable[[FloatArray], FloatArray]

WEIGHT, BIAS = 2.25, 0.09
"""Variances of hidden weights and biases."""

INPUTS = np.array([[1.0, 0.2], [-0.5, 1.0], [0.3, -1.2]])
"""Of untrained networks."""

TRAINED = np.array([[-1.8, 0.2], [1.1, -1.1], [0.9, 0.6], [0.3, -0.6]])
"""Three inputs with targets, and one without. Here the NNGP and the NTK predict apart, by some 0.4
of the scale, and kernels are well conditioned."""

TARGETS = np.array([0.35, 0.18, -0.18])

HIDDEN = "hidden weights have variance 2.25, hidden biases 0.09; inputs have two coordinates"
SCALE = "one squared scale to a network, inverse gamma with $a = b$"


def architecture(depth: int = 1, weight: float = WEIGHT) -> InfiniteWidth:
    """Return erf layers under a readout of variance 1, without bias."""
    return InfiniteWidth("erf", depth, weight, BIAS)


@functools.cache
def limits(depth: int = 1, trained: bool = False) -> WideKernels:
    """Return both kernels at the inputs of untrained or of trained networks."""
    return architecture(depth).at(TRAINED if trained else INPUTS)


def scales(rng: Generator, a: float, size: int | tuple[int, ...]) -> FloatArray:
    """Draw sigma: the squares are inverse gamma with both parameters a."""
    return np.asarray(np.sqrt(a / rng.gamma(a, size=size)))


def readouts(rng: Generator, hidden: FloatArray) -> FloatArray:
    """Return outputs ``v phi / sqrt(n)`` at scale 1, shape (count, P), of features."""
    count, _, width = hidden.shape
    weights = rng.standard_normal((count, width, 1)) / np.sqrt(width)
    return np.asarray((hidden @ weights)[..., 0])


def draw(
    rng: Generator, points: FloatArray, depth: int, width: int, sigma: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return features and outputs of networks with these scales, at the points."""
    hidden = features(architecture(depth), points, width, len(sigma), rng)
    return hidden, sigma[:, None] * readouts(rng, hidden)


def below(freedom: float, z: FloatArray) -> FloatArray:
    """Return the distribution function of the standard t law."""
    return np.asarray(scipy.special.stdtr(freedom, z))
