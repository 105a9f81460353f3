"""Data for the claims on semidefinite clustering: equidistant centres and what may go wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from refutable.theory.mixtures import ila_sdp as theory

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
Noise = Callable[[Generator, tuple[int, int, int]], FloatArray]

CHUNK = 2_000_000
"""Most floats of points held at once."""


def gaussian(rng: Generator, shape: tuple[int, int, int]) -> FloatArray:
    """Draw standard normal noise."""
    return rng.standard_normal(shape)


def heavy_tailed(rng: Generator, shape: tuple[int, int, int]) -> FloatArray:
    """Draw Student noise with three degrees of freedom, scaled to unit variance."""
    return rng.standard_t(3.0, shape) / np.sqrt(3.0)


def contiguous_labels(n: int, k: int) -> IntArray:
    """Equal groups in contiguous blocks, shape (n,); ``k`` divides ``n``."""
    if n % k:
        raise ValueError(f"n={n} points cannot form k={k} equal groups; make n a multiple of k")
    return np.repeat(np.arange(k), n // k)


def separated_mixtures(
    rng: Generator, size: int, n: int, p: int, k: int, separation: float, noise: Noise = gaussian
) -> Iterator[FloatArray]:
    """Yield batches, (b, n, p), of `size` mixtures with centres ``sqrt(separation / 2) e_k``.

    The batches are small enough for the memory and together hold `size` data sets; the labels are
    those of `contiguous_labels`. The centres are ``sqrt(separation)`` apart; needs ``p >= k``.
    """
    labels, step = contiguous_labels(n, k), max(1, CHUNK // (n * p))
    for start in range(0, size, step):
        points = noise(rng, (min(step, size - start), n, p))
        points[:, np.arange(n), labels] += np.sqrt(separation / 2.0)
        yield points


def at_ratio(
    rng: Generator, size: int, n: int, p: int, k: int, ratio: float, noise: Noise = gaussian
) -> Iterator[FloatArray]:
    """`separated_mixtures` at `ratio` times the cutoff for the squared separation."""
    separation = ratio * theory.cutoff(n, p, k)
    return separated_mixtures(rng, size, n, p, k, separation, noise)
