"""Mixtures that several of the claims draw: equidistant centres, elongated groups, their noise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from refutable.theory.mixtures import ila_sdp as theory

from refutable import Axis, Cell, Columns, FloatArray

IntArray = NDArray[np.intp]
Noise = Callable[[Generator, tuple[int, int, int]], FloatArray]

CHUNK = 2_000_000
"""Most floats of points held at once."""

EQUIDISTANT = ("equal groups", "common isotropic Gaussian noise", "equidistant centres")
"""What the claims on the K-means program grant."""

RATIO = Axis(
    x="ratio", label="squared separation / cutoff", curve=True, marks=(("the cutoff", 1.0),)
)


PLANE: Mapping[str, tuple[float, ...]] = {
    "ratio": tuple(round(0.525 + 0.05 * step, 3) for step in range(20)),
    "n": (60, 80, 100, 140, 180, 240, 320, 420, 540, 680, 840, 1000),
}
"""Separations around the cutoff, and sizes that are multiples of four, of the phase diagrams."""


def gaussian(rng: Generator, shape: tuple[int, int, int]) -> FloatArray:
    """Draw standard normal noise."""
    return rng.standard_normal(shape)


def heavy_tailed(rng: Generator, shape: tuple[int, int, int]) -> FloatArray:
    """Draw Student noise with three degrees of freedom, scaled to unit variance."""
    return np.asarray(rng.standard_t(3.0, shape) / np.sqrt(3.0))


def quieter(rng: Generator, shape: tuple[int, int, int]) -> FloatArray:
    """Draw normal noise of standard deviation 0.85, as if centres were 1.18 times as far apart."""
    return 0.85 * rng.standard_normal(shape)


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
    cell: Cell, rng: Generator, size: int, noise: Noise = gaussian
) -> Iterator[FloatArray]:
    """`separated_mixtures` at ``cell.ratio`` times the cutoff for the squared separation."""
    separation = cell.ratio * theory.cutoff(cell.n, cell.p, cell.k)
    return separated_mixtures(rng, size, cell.n, cell.p, cell.k, separation, noise)


def elongated_covariances(p: int, k: int, cond: float) -> FloatArray:
    """Identity but for the variance `cond` along axis ``group + 1``, shape (k, p, p)."""
    stack = np.tile(np.eye(p), (k, 1, 1))
    axes = (np.arange(k) + 1) % p
    stack[np.arange(k), axes, axes] = cond
    return stack


def elongated_mixtures(cell: Cell, rng: Generator, size: int) -> tuple[FloatArray, FloatArray]:
    """Draw mixtures elongated in different directions, centres ``cell.sep`` apart.

    Returns
    -------
    points : ndarray, shape (size, n, p)
    covariances : ndarray, shape (k, p, p)
    """
    labels = contiguous_labels(cell.n, cell.k)
    covariances = elongated_covariances(cell.p, cell.k, cell.cond)
    deviations = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    points = rng.standard_normal((size, cell.n, cell.p)) * deviations[labels]
    points[:, np.arange(cell.n), labels] += cell.sep / np.sqrt(2.0)
    return points, covariances


def stacked(rows: Sequence[Mapping[str, float]]) -> Columns:
    """Turn the outcomes of single data sets into columns."""
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def joined(parts: Sequence[Columns]) -> Columns:
    """Concatenate the columns of several batches."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
