"""When is a partition optimal for the K-means semidefinite program? Closed forms, batched.

Notation: group sizes ``n_k``, means ``m_k``, ``D_ik = |x_i - m_k|^2``, point ``i`` in group ``l``.
Complementary slackness fixes the sums over each group of the rows of the multiplier,

    r_ik = (n_k / 2) (D_ik - D_il - lam (1/n_k + 1/n_l)),

for the dual variable ``lam`` of the trace. They must be nonnegative, hence ``lam <= lam_hi``; and
``lam`` bounds the scatter of every group, hence ``lam >= lam_lo``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from refutable.solvers.argument_checks import finite_array, partition, whole_number
from refutable.solvers.sdp.problem import (
    FloatArray,
    IntArray,
)


@dataclass(frozen=True, eq=False)
class PartitionTest:
    """The cheap tests of a partition, each of shape (...,), the batch shape of the points.

    Attributes
    ----------
    single_moves_lose : ndarray of bool
        No point can change its group and lower the K-means cost (Hartigan's condition).
    lam_lo, lam_hi : ndarray
        The ends of the interval that the dual variable of the trace must lie in.
    """

    single_moves_lose: NDArray[np.bool_]
    lam_lo: FloatArray
    lam_hi: FloatArray

    @property
    def possible(self) -> NDArray[np.bool_]:
        """False where the partition is *proved* not to be optimal for the relaxation."""
        return np.asarray(self.lam_lo <= self.lam_hi)


def group_means(points: FloatArray, labels: IntArray, k: int) -> FloatArray:
    """Means of the groups, shape (..., k, p), of points of shape (..., n, p)."""
    indicator = (labels[None, :] == np.arange(k)[:, None]).astype(np.float64)
    return np.asarray((indicator / indicator.sum(axis=1, keepdims=True)) @ points)


def squared_distances(points: FloatArray, means: FloatArray) -> FloatArray:
    """``|x_i - m_k|^2``, shape (..., n, k), of points (..., n, p) and means (..., k, p)."""
    cross = points @ np.swapaxes(means, -1, -2)
    norms = (points**2).sum(axis=-1)[..., :, None] + (means**2).sum(axis=-1)[..., None, :]
    return np.asarray(np.maximum(norms - 2.0 * cross, 0.0))


def largest_scatter(points: FloatArray) -> FloatArray:
    """Largest eigenvalue of the scatter of each cloud (..., n, p) about its mean, shape (...,)."""
    spread = points - points.mean(axis=-2, keepdims=True)
    turned = np.swapaxes(spread, -1, -2)
    wide = points.shape[-1] > points.shape[-2]
    return np.asarray(np.linalg.eigvalsh(spread @ turned if wide else turned @ spread)[..., -1])


def partition_test(points: FloatArray, labels: IntArray, k: int) -> PartitionTest:
    """Run the necessary conditions for one partition on a batch of data sets.

    Parameters
    ----------
    points : ndarray, shape (..., n, p)
        One or many data sets.
    labels : ndarray of int, shape (n,)
        The partition, the same for the whole batch; every group from 0 to ``k - 1`` is used.
    k : int
        Number of groups.

    Returns
    -------
    PartitionTest
        The outcome for each data set.

    Raises
    ------
    ValueError
        When the points or labels are malformed.
    """
    batch = finite_array("points", points, least=2)
    n = batch.shape[-2]
    k = whole_number("k", k)
    labels = partition("labels", labels, n, k)
    # Centring first keeps the expanded squares accurate when the cloud lies far from the origin.
    batch = batch - batch.mean(axis=-2, keepdims=True)
    sizes = np.bincount(labels, minlength=k).astype(np.float64)
    excess, losing = _compare_groups(batch, labels, sizes)
    scatter = [largest_scatter(batch[..., labels == group, :]) for group in range(k)]
    return PartitionTest(losing, np.max(scatter, axis=0), excess)


def _compare_groups(
    batch: FloatArray, labels: IntArray, sizes: FloatArray
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return ``lam_hi`` and Hartigan's condition for each data set."""
    k, n = len(sizes), len(labels)
    distances = squared_distances(batch, group_means(batch, labels, k))
    own = distances[..., np.arange(n), labels][..., None]
    other = np.where(labels[:, None] == np.arange(k), np.inf, 0.0)
    inverse = 1.0 / sizes
    excess = (distances - own) / (inverse + inverse[labels][:, None]) + other
    # A singleton never leaves its group: its own distance is 0 and the factor is immaterial.
    leave = sizes / np.maximum(sizes - 1.0, 1.0)
    moved = distances * (sizes / (sizes + 1.0)) - own * leave[labels][:, None] + other
    axes = (-2, -1)
    return np.asarray(excess.min(axis=axes)), np.asarray((moved > 0.0).all(axis=axes))
