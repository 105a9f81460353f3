"""Random partitions and subsets, subset sums, and the finite-population formulas of sampling.

Formulas: W. G. Cochran, Sampling Techniques, theorems 2.1 and 2.2 (simple random sampling without
replacement) and section 2.4 (with replacement).
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Bools,
    Floats,
    Ints,
    finite,
    finite_array,
    flags,
    generator,
    refuse,
    whole_array,
    whole_number,
)

LARGEST_POPULATION = 20
"""All subsets of more are too many to list: 20 choose 10 is 184,756."""


def random_partitions(rng: np.random.Generator, size: int, count: int, parts: int) -> Ints:
    """Assign `count` entries to `parts` groups, at random and as evenly as possible.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    size : int
        Number of independent partitions.
    count, parts : int
        Entries in one partition, and groups; parts <= count.

    Returns
    -------
    labels : int64 array, shape (size, count)
        Group of every entry, 0..parts-1; group sizes differ by at most one.
    """
    size, count = whole_number("size", size), whole_number("count", count)
    parts = whole_number("parts", parts, 1, count)
    even = (np.arange(count, dtype=np.int64) * parts) // count
    return generator("rng", rng).permuted(np.broadcast_to(even, (size, count)), axis=1)


def random_subsets(rng: np.random.Generator, size: int, population: int, k: int) -> Ints:
    """Draw k-subsets of 0..population - 1 uniformly, by Floyd's method (Bentley and Floyd 1987).

    k draws for a subset instead of one for every member of the population.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    size : int
        Number of independent subsets.
    population, k : int
        k in 1..population.

    Returns
    -------
    members : int64 array, shape (size, k)
        Every set is equally likely; the order within a row is not.
    """
    size, population = whole_number("size", size), whole_number("population", population)
    k = whole_number("k", k, 1, population)
    draws = generator("rng", rng)
    members = np.empty((size, k), dtype=np.int64)
    for held, newest in enumerate(range(population - k, population)):
        drawn = draws.integers(0, newest + 1, size)
        taken = (members[:, :held] == drawn[:, None]).any(axis=1)
        members[:, held] = np.where(taken, newest, drawn)
    return members


def part_masks(labels: ArrayLike, parts: int) -> Bools:
    """Mark the members of each group of a partition.

    Parameters
    ----------
    labels : int array, shape (...,)
        Group of every entry, 0..parts-1.
    parts : int
        Number of groups.

    Returns
    -------
    masks : bool array, shape (parts, ...)
        ``masks[i]`` marks the entries of group i.
    """
    parts = whole_number("parts", parts)
    groups = whole_array("labels", labels, 0, parts - 1)
    index = np.arange(parts).reshape((parts,) + (1,) * groups.ndim)
    return np.asarray(groups[None] == index)


def subset_indicators(population: int, k: int) -> Bools:
    """All k-subsets of a population, shape (C(population, k), population).

    Raises
    ------
    ValueError
        If population is above 20 (too many subsets) or k is not in 1..population.
    """
    population = whole_number("population", population, 1, LARGEST_POPULATION)
    k = whole_number("k", k, 1, population)
    members = np.array(list(combinations(range(population), k)))
    return np.asarray((members[:, :, None] == np.arange(population)).any(axis=1))


def subset_sum_errors(vectors: ArrayLike, indicators: ArrayLike, scale: float) -> Floats:
    """Squared distance of ``scale * (sum over a subset)`` to the sum over the population.

    Parameters
    ----------
    vectors : array, shape (..., N, d)
        The population.
    indicators : bool array, shape (S, N)
        One subset per row.
    scale : float
        Factor on the subset sum, N/k for an unbiased estimate.

    Returns
    -------
    errors : float array, shape (..., S)
    """
    population = finite_array("vectors", vectors, least=2)
    chosen = flags("indicators", indicators)
    if chosen.ndim != 2 or chosen.shape[1] != population.shape[-2]:
        refuse("indicators", chosen, f"shape (subsets, {population.shape[-2]})")
    weights = finite("scale", scale) * chosen - 1.0
    gram = population @ np.swapaxes(population, -1, -2)
    return np.asarray(((weights @ gram) * weights).sum(axis=-1))


def _squared_deviation(vectors: ArrayLike) -> tuple[Floats, int]:
    population = finite_array("vectors", vectors, least=2)
    centred = population - population.mean(axis=-2, keepdims=True)
    return np.asarray((centred**2).sum(axis=(-2, -1))), population.shape[-2]


def sampling_error(vectors: ArrayLike, k: int) -> Floats:
    r"""Mean squared error of the scaled sum of a uniform k-subset, without replacement.

    :math:`\frac{N^2}{k}(1-\frac kN)S^2`, :math:`S^2=\frac{1}{N-1}\sum_i\|e_i-\bar e\|^2`.

    Parameters
    ----------
    vectors : array, shape (..., N, d), N >= 2
        The population.
    k : int
        Subset size, 1..N.

    Returns
    -------
    error : float array, shape (...,)
    """
    deviation, count = _squared_deviation(vectors)
    if count < 2:
        raise ValueError(f"vectors has {count} rows: give at least 2")
    whole_number("k", k, 1, count)
    return np.asarray(count**2 / k * (1 - k / count) * deviation / (count - 1))


def with_replacement_error(vectors: ArrayLike, k: int) -> Floats:
    r"""Mean squared error of the scaled sum of k draws *with* replacement.

    :math:`\frac{N}{k}\sum_i\|e_i-\bar e\|^2`; arguments and result as in `sampling_error`.
    """
    deviation, count = _squared_deviation(vectors)
    whole_number("k", k)
    return np.asarray(count / k * deviation)
