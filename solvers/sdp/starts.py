"""K-means starts: principal directions, many seedings at once, Lloyd's iterations, single moves."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.random import Generator
from refutable.solvers.argument_checks import generator, whole_number
from refutable.solvers.sdp.kkt import group_means, squared_distances
from refutable.solvers.sdp.problem import FloatArray, IntArray, KMeansProblem

ROUNDING = 1e-12
"""Gain of a single move, over the loss of the point's group, that may be rounding of its sums."""

LLOYD_NUMBERS = 10**7
"""Most distances that Lloyd's iterations from several seedings hold at once: 80 MB."""


def principal_coordinates(points: FloatArray, count: int) -> FloatArray:
    """Coordinates of centred points (n, p) along their `count` leading directions, (n, count)."""
    n, p = points.shape
    count = min(count, n, p)
    square = points @ points.T if n < p else points.T @ points
    size = len(square)
    values, vectors = scipy.linalg.eigh(
        square, subset_by_index=(size - count, size - 1), driver="evr"
    )
    if n < p:
        return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))
    return np.asarray(points @ vectors)


def plus_plus(points: FloatArray, k: int, restarts: int, rng: Generator) -> FloatArray:
    """Seed k-means ``restarts`` times by distance-squared sampling, (restarts, k, p)."""
    n = len(points)
    chosen = np.empty((restarts, k), dtype=np.intp)
    chosen[:, 0] = rng.integers(n, size=restarts)
    nearest = squared_distances(points, points[chosen[:, 0]]).T
    for step in range(1, k):
        mass = np.cumsum(nearest, axis=1)
        draw = rng.random((restarts, 1)) * mass[:, -1:]
        chosen[:, step] = np.minimum((mass < draw).sum(axis=1), n - 1)
        nearest = np.minimum(nearest, squared_distances(points, points[chosen[:, step]]).T)
    return np.asarray(points[chosen])


def lloyd(points: FloatArray, means: FloatArray, iterations: int = 100) -> IntArray:
    """Run Lloyd's iterations from many sets of means at once.

    Parameters
    ----------
    points : ndarray, shape (n, p)
        The points.
    means : ndarray, shape (restarts, k, p)
        Starting means.
    iterations : int
        Most passes.

    Returns
    -------
    ndarray of int, shape (restarts, n)
        Labels; a group may be empty.
    """
    k = means.shape[1]
    labels = np.full((len(means), len(points)), -1)
    for _ in range(iterations):
        flat = (means**2).sum(axis=-1)[:, :, None] - 2.0 * (means @ points.T)
        new = flat.argmin(axis=1)
        if np.array_equal(new, labels):
            break
        labels = new
        indicator = (labels[:, None, :] == np.arange(k)[:, None]).astype(np.float64)
        counts = indicator.sum(axis=2, keepdims=True)
        means = np.where(counts > 0, (indicator @ points) / np.maximum(counts, 1.0), means)
    return labels


def fill_empty_groups(points: FloatArray, labels: IntArray, k: int) -> IntArray:
    """Give every empty group the point farthest from its group's mean."""
    labels = labels.copy()
    while (counts := np.bincount(labels, minlength=k)).min() == 0:
        sums = np.zeros((k, points.shape[1]))
        np.add.at(sums, labels, points)
        means = sums / np.maximum(counts, 1)[:, None]
        far = ((points - means[labels]) ** 2).sum(axis=1)
        far[counts[labels] == 1] = -1.0
        labels[int(far.argmax())] = int(counts.argmin())
    return labels


def best_single_moves(problem: KMeansProblem, labels: IntArray, moves: int = 200) -> IntArray:
    """Move the one point that lowers the K-means cost most, again and again (Hartigan)."""
    labels, points, rows = labels.copy(), problem.normalised.centred, np.arange(problem.n)
    for _ in range(moves):
        sizes = np.bincount(labels, minlength=problem.k).astype(np.float64)
        distances = squared_distances(points, group_means(points, labels, problem.k))
        own = sizes[labels]
        loss = np.where(own > 1, distances[rows, labels] * own / np.maximum(own - 1, 1), 0.0)
        change = distances * (sizes / (sizes + 1.0)) - loss[:, None]
        change[rows, labels] = 0.0
        point, group = divmod(int(change.argmin()), problem.k)
        if change[point, group] >= -ROUNDING * (1.0 + loss[point]):
            break
        labels[point] = group
    return labels


def polished(problem: KMeansProblem, labels: IntArray) -> IntArray:
    """K-means from a partition, Lloyd's iterations and single moves; never worse than it.

    Parameters
    ----------
    problem : KMeansProblem
        Points and number of groups.
    labels : ndarray of int, shape (n,)
        A partition that uses every group.
    """
    points, k = problem.normalised.centred, problem.k
    moved = lloyd(points, group_means(points, labels, k)[None])[0]
    moved = best_single_moves(problem, fill_empty_groups(points, moved, k))
    return better_partition(problem, labels, moved)


def better_partition(problem: KMeansProblem, first: IntArray, second: IntArray) -> IntArray:
    """Return the partition of smaller sum of squares, the first when they are equal."""
    costs = [problem.partition_within(labels) for labels in (first, second)]
    return second if costs[1] < costs[0] else first


def kmeans_start(problem: KMeansProblem, rng: Generator, restarts: int = 10) -> IntArray:
    """Return the best K-means partition of several seedings, polished by single moves.

    Seedings and Lloyd's iterations run in the leading principal directions when there are many
    coordinates: there the centres differ, elsewhere is noise.

    Parameters
    ----------
    problem : KMeansProblem
        Points and number of groups.
    rng : Generator
        Source of the seedings.
    restarts : int
        Number of seedings.

    Returns
    -------
    ndarray of int, shape (n,)
        Labels that use every group.
    """
    generator("rng", rng)
    restarts = whole_number("restarts", restarts)
    problem = problem.normalised
    points, k = problem.centred, problem.k
    few = points if points.shape[1] <= 2 * k else principal_coordinates(points, k)
    seedings = plus_plus(few, k, restarts, rng)
    together = max(1, LLOYD_NUMBERS // (problem.n * k))
    found = np.concatenate(
        [lloyd(few, seedings[i : i + together]) for i in range(0, restarts, together)]
    )
    candidates = [fill_empty_groups(points, labels, k) for labels in found]
    return polished(problem, min(candidates, key=problem.partition_within))
