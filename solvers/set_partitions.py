"""All partitions of a few points, and the best for k-means among them.

Enumeration needs no theory of the problem: it is what other exact methods are held against.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import Floats, Ints, finite_array, refuse, whole_number

__all__ = ["MOST_POINTS", "cheapest_partition", "set_partitions"]

MOST_POINTS = 12
"""More cannot be listed: 13 points have up to 7.5 million partitions into k groups."""

_CHUNK = 20_000  # partitions whose costs are held at once


def set_partitions(n: int, k: int) -> Ints:
    """Return every partition of n points into k groups, none empty.

    Parameters
    ----------
    n : int
        1 to 12.
    k : int
        1 to n.

    Returns
    -------
    int64 array, shape (S(n, k), n)
        Labels 0 to k - 1 in the order in which the groups first occur (restricted growth), sorted;
        S is Stirling's number of the second kind.
    """
    n = whole_number("n", n, 1, MOST_POINTS)
    k = whole_number("k", k, 1, n)
    labels = np.zeros((1, 1), dtype=np.int64)
    for length in range(1, n):
        used = labels.max(axis=1) + 1
        choices = np.minimum(used + 1, k)
        grown = np.repeat(labels, choices, axis=0)
        first = np.repeat(np.cumsum(choices) - choices, choices)
        new = np.arange(len(grown)) - first
        # What is left of the points must be able to open the groups that are missing.
        enough = np.maximum(np.repeat(used, choices), new + 1) + (n - length - 1) >= k
        labels = np.column_stack([grown, new])[enough]
    return labels


def cheapest_partition(x: ArrayLike, k: int) -> tuple[Ints, float]:
    """Return the k-means optimum by trying every partition.

    Parameters
    ----------
    x : array_like, shape (n, d), or (n,) on a line
        At most 12 points.
    k : int
        Groups, 1 to n.

    Returns
    -------
    labels : int64 array, shape (n,)
        The first of the cheapest.
    cost : float
        Sum of squared distances to the mean of the group.
    """
    points = finite_array("x", x, least=1)
    points = points[:, None] if points.ndim == 1 else points
    if points.ndim != 2 or len(points) > MOST_POINTS:
        refuse("x", points, f"shape (n, d) or (n,), n at most {MOST_POINTS}")
    labels = set_partitions(len(points), k)
    parts = range(0, len(labels), _CHUNK)
    costs = np.concatenate([_costs(points, labels[at : at + _CHUNK], int(k)) for at in parts])
    best = int(costs.argmin())
    return labels[best], float(costs[best])


def _costs(points: Floats, labels: Ints, k: int) -> Floats:
    """Return the within-group sum of squares of each partition."""
    total = np.zeros(len(labels))
    for group in range(k):
        member = (labels == group).astype(np.float64)
        count = member.sum(axis=1)[:, None]
        apart = points - (member @ points / count)[:, None]
        total += np.einsum("pn,pnd,pnd->p", member, apart, apart)
    return total
