"""Mean and covariance of the samples of one class, N(mu, I): from samples, or by their law."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.solvers.gaussian_mixture import random_directions

from refutable import FloatArray

Moments = tuple[FloatArray, FloatArray]
"""Means (size, d) and covariances with divisor n, (size, d, d)."""

CLASS = ("x | y = k is $N(mu_k, I)$ with n samples", "the denoiser is linear and trained exactly")


def from_samples(rng: Generator, size: int, d: int, n: int, norm: float) -> Moments:
    """Draw n samples of `size` classes whose means have length `norm`."""
    samples = norm * random_directions(rng, size, d)[:, None] + rng.standard_normal((size, n, d))
    mean = samples.mean(axis=1)
    apart = samples - mean[:, None]
    return mean, np.swapaxes(apart, 1, 2) @ apart / n


def by_law(rng: Generator, size: int, d: int, n: int, norm: float) -> Moments:
    """Draw the same from its law: ``N(mu, I/n)`` and, independent of it, Wishart(n - 1, I)/n."""
    mean = norm * random_directions(rng, size, d) + rng.standard_normal((size, d)) / np.sqrt(n)
    root = _bartlett(rng, size, d, n - 1)
    return mean, root @ np.swapaxes(root, 1, 2) / n


def _bartlett(rng: Generator, size: int, d: int, degrees: int) -> FloatArray:
    """Lower triangular T, shape (size, d, d), with ``T T'`` Wishart (Bartlett 1933)."""
    root = np.tril(rng.standard_normal((size, d, d)), -1)
    diagonal = np.arange(d)
    root[:, diagonal, diagonal] = np.sqrt(rng.chisquare(degrees - diagonal, size=(size, d)))
    return root
