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


def near_starts(rng: Generator, size: int) -> Mixture:
    """Draw starts: the true centres + N(0, I), equal weights, unit variance; batch (size,)."""
    means = centres() + rng.standard_normal((size, CLASSES, CHANNELS))
    return Mixture(np.full((size, CLASSES), 1 / CLASSES), means, np.ones(size), "tied_spherical")


def pixels(
    rng: Generator,
    shape: tuple[int, int],
    at: FloatArray,
    deviations: tuple[float, ...] = DEVIATIONS["equal"],
    weights: tuple[float, ...] = EQUAL,
) -> tuple[FloatArray, NDArray[np.int64]]:
    """Draw pixels, shape (*shape, C), and their classes, of three weights and deviations."""
    uniform = rng.random(shape)
    label = (uniform > weights[0]).astype(np.int64) + (uniform > weights[0] + weights[1])
    x = rng.standard_normal((*shape, at.shape[1]))
    if deviations != DEVIATIONS["equal"]:
        x *= np.array(deviations)[label][..., None]
    for channel in np.flatnonzero(at.any(axis=0)):  # most are 0: at[label] would be as large as x
        x[..., channel] += at[:, channel][label]
    return x, label


def squared_distances(x: FloatArray, origin: FloatArray) -> FloatArray:
    """Return |x - origin|^2 over the last axis."""
    apart = x - origin
    return np.asarray(np.einsum("...c,...c->...", apart, apart))
