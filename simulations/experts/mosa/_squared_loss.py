"""The linear model on which sparse training is tried: moments of frozen features and outputs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from refutable.solvers.subsets import random_partitions

from refutable import ByEffort, Cell, Cells, FloatArray

RANK, OUTPUTS, NOISE = 16, 8, 0.3

CORRELATED = ByEffort(
    smoke=Cells(n=(4,), corr=(0.3, 0.6), samples=(500,)),
    standard=Cells(n=(4,), corr=(0.3, 0.6), samples=(1000,)),
    full=Cells(n=(2, 4, 8), corr=(0.3, 0.6), samples=(4000,)),
)


class Moments(NamedTuple):
    """Empirical moments of features z and outputs y, and a random split of the entries."""

    sigma: FloatArray  # z z', (size, RANK, RANK)
    cross: FloatArray  # y z', (size, OUTPUTS, RANK)
    groups: NDArray[np.int64]  # module of every entry, (size, OUTPUTS, RANK)
    power: FloatArray  # |y|^2, (size,)


def moments(cell: Cell, rng: np.random.Generator, size: int, whiten: bool = False) -> Moments:
    """Draw AR(1) features and noisy linear outputs; `whiten` makes sigma exactly the identity."""
    lag = np.abs(np.subtract.outer(np.arange(RANK), np.arange(RANK)))
    factor = np.linalg.cholesky(float(cell.corr) ** lag)
    z = rng.standard_normal((size, cell.samples, RANK)) @ factor.T
    if whiten:
        spread = np.swapaxes(z, 1, 2) @ z / cell.samples
        z = z @ np.linalg.inv(np.swapaxes(np.linalg.cholesky(spread), 1, 2))
    y = z @ rng.standard_normal((size, RANK, OUTPUTS))
    y += NOISE * rng.standard_normal(y.shape)
    turned = np.swapaxes(z, 1, 2)
    sigma, cross = turned @ z / cell.samples, np.swapaxes(turned @ y, 1, 2) / cell.samples
    groups = random_partitions(rng, size, RANK * OUTPUTS, cell.n).reshape(size, OUTPUTS, RANK)
    return Moments(sigma, cross, groups, (y**2).mean(axis=1).sum(axis=-1))


def mean_square(weights: FloatArray, drawn: Moments) -> FloatArray:
    """Mean squared error per output on the sample, from the moments: (size,)."""
    sigma, cross = drawn.sigma, drawn.cross
    fit = ((weights @ sigma) * weights).sum(axis=(1, 2)) - 2 * (weights * cross).sum(axis=(1, 2))
    return np.asarray((drawn.power + fit) / OUTPUTS)
