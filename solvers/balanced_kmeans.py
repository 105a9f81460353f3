"""Clusters of equal size: sequential absorption, optimal balanced assignment, plain nearest.

Sequential absorption is Algorithm 1 of OneRec (arXiv 2502.18965): each centroid in turn takes its
w nearest unassigned points and moves to their mean, until the assignment stops changing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    Ints,
    finite_array,
    refuse,
    whole_array,
    whole_number,
)

UNASSIGNED = -1
"""Label of a point that no cluster took."""


@dataclass(frozen=True)
class BalancedClusters:
    """Result of sequential absorption.

    Attributes
    ----------
    labels : int64 array, shape (n,)
        Cluster of every point; -1 for a point that no cluster took.
    centroids : array, shape (k, d)
    iterations : int
        Sweeps over all centroids that were run.
    converged : bool
        Whether the last sweep left the assignment as it was.
    """

    labels: Ints
    centroids: Floats
    iterations: int
    converged: bool


def _sweep(points: Floats, centroids: Floats, width: int) -> tuple[Ints, Floats]:
    labels = np.full(len(points), UNASSIGNED, dtype=np.int64)
    moved = np.empty_like(centroids)
    free = np.arange(len(points))
    for k, centroid in enumerate(centroids):
        squared = ((points[free] - centroid) ** 2).sum(axis=1)
        order = np.argsort(squared, kind="stable")
        taken = free[order[:width]]
        labels[taken] = k
        moved[k] = points[taken].mean(axis=0)
        free = np.sort(free[order[width:]])
    return labels, moved


def _checked(points: ArrayLike, centroids: ArrayLike) -> tuple[Floats, Floats]:
    items = finite_array("points", points, ndim=2)
    centres = finite_array("centroids", centroids, ndim=2)
    if centres.shape[1] != items.shape[1]:
        refuse("centroids", centres, f"the width of points, {items.shape[1]}")
    return items, centres


def _squared_distances(items: Floats, centres: Floats) -> Floats:
    from scipy.spatial.distance import cdist  # loads slowly

    return np.asarray(cdist(items, centres, "sqeuclidean"))


def absorb_in_turn(
    points: ArrayLike, centroids: ArrayLike, sweeps: int = 200, remainder: bool = False
) -> BalancedClusters:
    """Cluster points by letting each centroid in turn absorb its nearest free points.

    Parameters
    ----------
    points : array, shape (n, d)
        The items.
    centroids : array, shape (k, d)
        Start; k <= n.
    sweeps : int, optional
        Most sweeps. No objective decreases monotonically, so convergence is not guaranteed.
    remainder : bool, optional
        Allow k not dividing n; the n mod k points left over stay unassigned (label -1).

    Raises
    ------
    ValueError
        If shapes differ, k > n, or k does not divide n and `remainder` is False.
    """
    items, centres = _checked(points, centroids)
    if len(centres) > len(items):
        refuse("centroids", centres, f"at most as many as the {len(items)} points")
    if len(items) % len(centres) and not remainder:
        give = f"rows that divide {len(items)} points, or remainder=True to leave some unassigned"
        refuse("centroids", centres, give)
    sweeps = whole_number("sweeps", sweeps)
    labels = np.full(len(items), UNASSIGNED, dtype=np.int64)
    for sweep in range(1, sweeps + 1):
        previous, (labels, centres) = labels, _sweep(items, centres, len(items) // len(centres))
        if np.array_equal(previous, labels):
            return BalancedClusters(labels, centres, sweep, True)
    return BalancedClusters(labels, centres, sweeps, False)


def optimal_balanced_labels(points: ArrayLike, centroids: ArrayLike) -> Ints:
    """Labels of least total squared distance with equal cluster sizes (Hungarian method).

    Arguments as in `absorb_in_turn`; k must divide n. O(n^3) time, O(n^2) memory.
    """
    from scipy.optimize import linear_sum_assignment  # loads slowly

    items, centres = _checked(points, centroids)
    if len(items) % len(centres):
        refuse("centroids", centres, f"rows that divide {len(items)} points")
    squared = _squared_distances(items, centres)
    places = np.repeat(np.arange(len(centres)), len(items) // len(centres))
    rows, columns = linear_sum_assignment(squared[:, places])
    labels = np.empty(len(items), dtype=np.int64)
    labels[rows] = places[columns]
    return labels


def nearest_labels(points: ArrayLike, centroids: ArrayLike) -> Ints:
    """Index of the nearest centroid for every point, shape (n,)."""
    items, centres = _checked(points, centroids)
    return np.asarray(_squared_distances(items, centres).argmin(axis=1), dtype=np.int64)


def mean_distortion(points: ArrayLike, centroids: ArrayLike, labels: ArrayLike) -> float:
    """Mean squared distance of the assigned points to their centroid."""
    items, centres = _checked(points, centroids)
    groups = whole_array("labels", labels, UNASSIGNED, len(centres) - 1, shape=(len(items),))
    held = groups != UNASSIGNED
    if not held.any():
        raise ValueError("labels leaves every point unassigned: give at least one a cluster")
    gaps = items[held] - centres[groups[held]]
    return float((gaps**2).sum(axis=1).mean())


def code_entropy(labels: ArrayLike, codes: int) -> float:
    """Entropy in bits of the empirical distribution of labels in 0..codes-1."""
    codes = whole_number("codes", codes)
    groups = whole_array("labels", labels, UNASSIGNED, codes - 1).ravel()
    counts = np.bincount(groups[groups != UNASSIGNED], minlength=codes)
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log2(shares)).sum())
