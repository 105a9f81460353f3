"""Three spherical classes of equal weight in R^4, on which labels and online EM are tried."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from refutable.solvers.mixture_em import Mixture

from refutable import FloatArray

CLASSES, CHANNELS = 3, 4
CORNER = 3.0
"""Centres are CORNER e_k, so that they are 4.24 standard deviations apart."""
SEPARATION = CORNER * 2**0.5
EQUAL = (1 / 3, 1 / 3, 1 / 3)

DEVIATIONS = {"equal": (1.0, 1.0, 1.0), "unequal": (0.5, 1.0, 3.0)}
"""Standard deviations of the three classes."""

THREE_CLASSES = (
    "three Gaussian classes of unit variance and equal weight",
    "centres 3 e_k, 4.24 apart",
)


def centres(channels: int = CHANNELS, corner: float = CORNER) -> FloatArray:
    """Return the centres, shape (3, channels)."""
    return corner * np.eye(CLASSES, channels)


def truth(weights: tuple[float, ...] = EQUAL) -> Mixture:
    """Return the mixture that pixels are drawn from, with one common variance."""
    return Mixture(np.array(weights), centres(), np.array(1.0), "tied_spherical")


def near_starts(rng: Generator, size: int) -> Mixture:
    """Draw starts: the true centres + N(0, I), equal weights, unit variance; batch (size,)."""
    means = centres() + rng.standard_normal((size, CLASSES, CHANNELS))
    return Mixture(np.full((size, CLASSES), 1 / CLASSES), means, np.ones(size), "tied_spherical")


def pixels(
    rng: Generator, shape: tuple[int, int], at: FloatArray, deviations: tuple[float, ...]
) -> tuple[FloatArray, NDArray[np.int64]]:
    """Draw pixels, shape (*shape, C), and their classes."""
    label = rng.integers(0, CLASSES, shape)
    noise = rng.standard_normal((*shape, at.shape[1]))
    return at[label] + np.array(deviations)[label][..., None] * noise, label
