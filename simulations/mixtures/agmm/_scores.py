"""Scores of a pixel by its own class: features about a prototype, and what may be wrong with them.

Every distance has the features' deviations from the prototype, shape (..., C), and their standard
deviation; it returns shape (...).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from refutable.theory.mixtures import agmm as theory

from refutable import FloatArray

SCORE = (
    "features are N(v, s^2 I_C) about the prototype v of their class, which is known",
    "the score has no variance in its exponent, as in the public code",
)

CHANNELS = (2, 16, 256, 2048)

Noise = Callable[[Generator, tuple[int, ...]], FloatArray]
Distance = Callable[[FloatArray, float], FloatArray]


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


def mean_absolute(deviation: FloatArray, noise: float) -> FloatArray:
    """Return the code's distance, the mean of absolute deviations."""
    del noise
    return np.asarray(np.abs(deviation).mean(axis=-1))


def root_mean_square(deviation: FloatArray, noise: float) -> FloatArray:
    """Return the Euclidean distance over sqrt(C): the score goes to exp(-s^2)."""
    del noise
    return np.asarray(np.sqrt((deviation**2).mean(axis=-1)))


def norm_over_channels(deviation: FloatArray, noise: float) -> FloatArray:
    """Return the Euclidean distance over C: the score goes to 1."""
    return root_mean_square(deviation, noise) / math.sqrt(deviation.shape[-1])


def standardised(deviation: FloatArray, noise: float) -> FloatArray:
    """Return the distance that the variance in the commented line makes: to exp(-1/2) at any s."""
    square = theory.mean_square_distance(deviation.shape[-1], noise)
    return mean_absolute(deviation, noise) / math.sqrt(2.0 * square)


def own_scores(
    rng: Generator, shape: tuple[int, ...], noise: float, law: Noise, distance: Distance
) -> FloatArray:
    """Scores of pixels by their own class, shape ``shape[:-1]``; the last axis are channels."""
    return np.asarray(np.exp(-(distance(noise * law(rng, shape), noise) ** 2)))
