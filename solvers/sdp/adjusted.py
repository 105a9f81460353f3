"""The likelihood-adjusted semidefinite program: one membership matrix for each group.

Zhuang, Chen & Yang (ICML 2023). With known covariances ``S_k`` and means profiled out, twice the
log-likelihood of a partition is, up to a constant, ``sum_k <A_k, B_k>`` with

    A_k[i, j] = -|S_k^{-1/2} (x_i - x_j)|^2 / 2 - log det S_k,    B_k = 1 1^T / n_k on group k.

The relaxation maximises ``sum_k <A_k, Z_k>`` over positive semidefinite ``Z_k >= 0`` with
``tr Z_k = 1`` and ``sum_k Z_k 1 = 1``. No centroid appears.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy
from numpy.typing import NDArray
from refutable.solvers.argument_checks import finite_array, refuse, symmetric
from refutable.solvers.sdp.kkt import squared_distances
from refutable.solvers.sdp.problem import (
    FloatArray,
    IntArray,
    KMeansProblem,
    points_array,
)

ASYMMETRY = 1e-5
"""Relative difference of covariances from their transposes that counts as rounding, as in
`numpy.allclose`: estimates in single precision pass, mistakes do not."""

FARTHEST = 1e70
"""Most deviations from the mean whose fourth powers, summed, are floating-point numbers."""


def checked_covariances(covariances: FloatArray, p: int) -> FloatArray:
    """Return lower Cholesky factors, shape (K, p, p).

    Raises
    ------
    ValueError
        When the shape is not ``(K, p, p)`` or a matrix is not symmetric positive definite.
    """
    stack = finite_array("covariances", covariances, ndim=3)
    if stack.shape[1:] != (p, p):
        refuse("covariances", stack, f"shape (K, {p}, {p})")
    symmetric("covariances", stack, ASYMMETRY)
    try:
        return np.asarray(np.linalg.cholesky(stack))
    except np.linalg.LinAlgError:
        raise ValueError("covariances is not positive definite: add a small ridge") from None


@dataclass(frozen=True, eq=False)
class AdjustedProblem:
    """Points and the covariance of each group.

    Attributes
    ----------
    points : ndarray, shape (n, p)
        The points.
    covariances : ndarray, shape (K, p, p)
        Positive definite, one for each of ``K <= n`` groups.

    Raises
    ------
    ValueError
        When the points are malformed, a covariance is not positive definite, or the points lie
        more than 1e70 deviations apart.
    """

    points: FloatArray
    covariances: FloatArray

    def __post_init__(self) -> None:
        points = points_array(self.points)
        covariances = finite_array("covariances", self.covariances, ndim=3)
        if len(covariances) > len(points):
            refuse("covariances", covariances, f"at most as many as the {len(points)} points")
        checked_covariances(covariances, points.shape[1])
        object.__setattr__(self, "points", KMeansProblem(points, 1).points)
        object.__setattr__(self, "covariances", covariances)
        farthest = float(np.abs(self.whitened).max())
        if not farthest <= FARTHEST:
            raise ValueError(
                f"covariances is so small that points lie {farthest:.1e} deviations from their "
                "mean: add a ridge or change the unit of measurement"
            )

    @cached_property
    def factors(self) -> FloatArray:
        """Lower Cholesky factors of the covariances, shape (K, p, p)."""
        return checked_covariances(self.covariances, self.points.shape[1])

    @property
    def n(self) -> int:
        """Number of points."""
        return len(self.points)

    @property
    def k(self) -> int:
        """Number of groups."""
        return len(self.covariances)

    @cached_property
    def whitened(self) -> FloatArray:
        """Centred points in the metric of each group, shape (K, n, p)."""
        centred = self.points - self.points.mean(axis=0)
        turned = [
            scipy.linalg.solve_triangular(factor, centred.T, lower=True).T
            for factor in self.factors
        ]
        return np.asarray(turned)

    @cached_property
    def log_determinants(self) -> FloatArray:
        """Logarithms of the determinants, shape (K,)."""
        diagonals = np.diagonal(self.factors, axis1=1, axis2=2)
        return np.asarray(2.0 * np.log(diagonals).sum(axis=1))

    @cached_property
    def similarities(self) -> FloatArray:
        """The matrices ``A_k``, shape (K, n, n)."""
        apart = np.stack([squared_distances(cloud, cloud) for cloud in self.whitened])
        return np.asarray(-0.5 * apart - self.log_determinants[:, None, None])

    def group_values(self, labels: IntArray) -> FloatArray:
        """``<A_k, B_g>`` for every covariance ``k`` and group ``g`` of a partition, (K, K)."""
        indicator = (labels[:, None] == np.arange(self.k)).astype(np.float64)
        sizes = np.maximum(indicator.sum(axis=0), 1.0)
        sums = np.swapaxes(self.whitened, 1, 2) @ indicator
        between = (sums**2).sum(axis=1) / sizes
        total = (self.whitened**2).sum(axis=2) @ indicator
        return np.asarray(between - total - self.log_determinants[:, None] * indicator.sum(axis=0))

    def partition_value(self, labels: IntArray) -> float:
        """Objective of a partition, group ``k`` having covariance ``k``."""
        return float(np.trace(self.group_values(labels)))

    def partition_within(self, labels: IntArray) -> float:
        """Squared deviations from the means of a partition, each group in its own metric."""
        rows, sizes = np.arange(self.n), np.bincount(labels, minlength=self.k).astype(np.float64)
        return float(self._distances_to_means(labels, sizes)[rows, labels].sum())

    def members_within(self, members: FloatArray) -> float:
        """Return the same for any membership matrices, from the objective (K, n, n)."""
        masses = members.sum(axis=(1, 2))
        return -float(np.vdot(self.similarities, members) + self.log_determinants @ masses)

    def matched(self, labels: IntArray) -> IntArray:
        """Rename the groups so that the objective is largest (Hungarian method)."""
        from scipy.optimize import linear_sum_assignment  # loads slowly

        rows, columns = linear_sum_assignment(self.group_values(labels), maximize=True)
        names = np.empty(self.k, dtype=np.intp)
        names[columns] = rows
        return names[labels]

    def best_single_moves(self, labels: IntArray, moves: int = 200) -> IntArray:
        """Move the one point that raises the objective most, again and again."""
        labels = labels.copy()
        for _ in range(moves):
            gain = self.move_gains(labels)
            point, group = divmod(int(gain.argmax()), self.k)
            # Less is rounding of the sums of squares.
            if gain[point, group] <= 1e-10 * (1.0 + np.abs(self.log_determinants).max()):
                break
            labels[point] = group
        return labels

    def move_gains(self, labels: IntArray) -> FloatArray:
        """Change of the objective when a point moves to a group, (n, K); 0 for its own.

        A group keeps its last point: such moves gain minus infinity.
        """
        rows, sizes = np.arange(self.n), np.bincount(labels, minlength=self.k).astype(np.float64)
        distances = self._distances_to_means(labels, sizes)
        own = sizes[labels]
        leaving = distances[rows, labels] * own / np.maximum(own - 1.0, 1.0)
        leaving = leaving + self.log_determinants[labels]
        gain = leaving[:, None] - distances * (sizes / (sizes + 1.0)) - self.log_determinants
        gain[own <= 1] = -np.inf
        gain[rows, labels] = 0.0
        return np.asarray(gain)

    def _distances_to_means(self, labels: IntArray, sizes: FloatArray) -> FloatArray:
        """Squared distance of each point to each mean in that group's metric, (n, K)."""
        columns = []
        for group, cloud in enumerate(self.whitened):
            mean = cloud[labels == group].sum(axis=0) / max(sizes[group], 1.0)
            columns.append(((cloud - mean) ** 2).sum(axis=1))
        return np.stack(columns, axis=1)


def partition_members(labels: IntArray, k: int) -> FloatArray:
    """Return the matrices ``B_k`` of a partition, shape (k, n, n)."""
    indicator: NDArray[np.float64] = (labels == np.arange(k)[:, None]).astype(np.float64)
    sizes = np.maximum(indicator.sum(axis=1), 1.0)
    return np.asarray(indicator[:, :, None] * indicator[:, None, :] / sizes[:, None, None])
