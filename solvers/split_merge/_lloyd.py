"""K-means and 2-means of one data set, compiled."""

from typing import Any

import numpy as np
from refutable.solvers._compiling import compiled
from refutable.solvers._vector import SUM

Array = np.ndarray[Any, Any]


@compiled()
def group_means(x: Array, labels: Array, k: int) -> tuple[Array, Array]:
    """Return centres (k, d) and counts (k,); an empty group has centre 0."""
    n, d = x.shape
    centres, counts = np.zeros((k, d)), np.zeros(k, np.int64)
    for i in range(n):
        counts[labels[i]] += 1
        for q in range(d):
            centres[labels[i], q] += x[i, q]
    for j in range(k):
        for q in range(d):
            centres[j, q] /= max(counts[j], 1)
    return centres, counts


@compiled(fastmath=SUM)
def squared_distance(a: Array, i: int, b: Array, j: int) -> float:
    """Return |a_i - b_j|^2 of two rows."""
    total = 0.0
    for q in range(a.shape[1]):
        apart = a[i, q] - b[j, q]
        total += apart * apart
    return total


@compiled()
def assign(x: Array, centres: Array, counts: Array, labels: Array) -> bool:
    """Give every point to its nearest centre that is not empty; say whether a label changed."""
    moved = False
    for i in range(x.shape[0]):
        best, at = np.inf, labels[i]
        for j in range(centres.shape[0]):
            if counts[j] > 0:
                far = squared_distance(x, i, centres, j)
                if far < best:
                    best, at = far, j
        if at != labels[i]:
            labels[i], moved = at, True
    return moved


@compiled()
def lloyd(x: Array, labels: Array, k: int, steps: int) -> bool:
    """Run k-means from the means of a labelling, in place; say whether it stands after `steps`."""
    for _ in range(steps):
        centres, counts = group_means(x, labels, k)
        if not assign(x, centres, counts, labels):
            return True
    return False


@compiled()
def two_means(rng: Any, x: Array, steps: int) -> Array:
    """Return labels 0 and 1 by 2-means from a k-means++ start; needs a point."""
    n = x.shape[0]
    first, total = int(rng.random() * n), 0.0
    for i in range(n):
        total += squared_distance(x, i, x, first)
    second, left = 0, rng.random() * total
    while second < n - 1 and left >= squared_distance(x, second, x, first):
        left -= squared_distance(x, second, x, first)
        second += 1
    labels = np.zeros(n, np.int64)
    for i in range(n):
        if squared_distance(x, i, x, second) < squared_distance(x, i, x, first):
            labels[i] = 1
    lloyd(x, labels, 2, steps)
    return labels
