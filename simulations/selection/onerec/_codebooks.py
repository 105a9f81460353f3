"""Items half tight and half spread, the first centroids among them, and plain k-means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from refutable import Cell, FloatArray

if TYPE_CHECKING:
    from sklearn.cluster import KMeans


def items(rng: np.random.Generator, n: int) -> FloatArray:
    """Half N(3, 0.3^2 I) and half N(0, 1.5^2 I) in eight dimensions."""
    tight = 3.0 + 0.3 * rng.standard_normal((n // 2, 8))
    return np.concatenate([tight, 1.5 * rng.standard_normal((n - n // 2, 8))])


def plain_kmeans(points: FloatArray, start: FloatArray) -> KMeans:
    """Run k-means without constraint from the same start."""
    from sklearn.cluster import KMeans

    return KMeans(len(start), n_init=1, init=start, max_iter=300).fit(points)


def start(cell: Cell, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Draw items, and K of them as first centroids."""
    points = items(rng, cell.n)
    return points, points[rng.choice(cell.n, cell.codes, replace=False)]
