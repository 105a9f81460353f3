"""Scores of a pixel by its own class: features about a prototype, and what may be wrong there."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from refutable.solvers.prototype_scores import Distance, prototype_scores
from refutable.theory.mixtures import agmm as theory

from refutable import FloatArray

SCORE = (
    "features are $N(v, s^2 I_C)$ about the prototype v of their class, which is known",
    "the score has no variance in its exponent, as in the public code",
)

CHANNELS = (2, 16, 256, 2048)

Noise = Callable[[Generator, tuple[int, ...]], FloatArray]


def gaussian(rng: Generator, shape: tuple[int, ...]) -> FloatArray:
    """Draw standard normal noise."""
    return rng.standard_normal(shape)


def laplace(rng: Generator, shape: tuple[int, ...]) -> FloatArray:
    """Draw Laplace noise of unit variance, whose mean absolute value is sqrt(1/2)."""
    return rng.laplace(scale=math.sqrt(0.5), size=shape)


def about_the_mean_of_eight(rng: Generator, shape: tuple[int, ...]) -> FloatArray:
    """Draw deviations from the mean of eight labelled pixels, not from the true centre."""
    return math.sqrt(1 + 1 / 8) * rng.standard_normal(shape)


def common_part(rng: Generator, shape: tuple[int, ...]) -> FloatArray:
    """Draw normal noise whose channels have the correlation 0.05."""
    shared = rng.standard_normal((*shape[:-1], 1))
    return math.sqrt(0.95) * rng.standard_normal(shape) + math.sqrt(0.05) * shared


def own_scores(
    rng: Generator,
    shape: tuple[int, ...],
    noise: float,
    law: Noise = gaussian,
    distance: Distance = "mean absolute",
    own_variance: bool = False,
) -> FloatArray:
    """Scores of pixels by the prototype of their class, which is 0; shape ``shape[:-1]``.

    Parameters
    ----------
    shape : tuple of int
        The last axis are channels.
    noise : float
        Standard deviation of the features.
    law : callable
        Draws features for a noise of 1.
    distance : str
        The code's is the mean absolute one.
    own_variance : bool
        Divide by twice the mean of the squared distance, as in the line that is commented out.
    """
    channels = shape[-1]
    variance = theory.mean_square_distance(channels, noise) if own_variance else 0.5
    x = noise * law(rng, shape)
    return prototype_scores(x, np.zeros(channels), distance=distance, variance=variance)
