"""The setting of the public simulation, and its run as the figures have it."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.solvers.naive_bayes_augmentation import augment_by_statistics, finite_test_noise
from refutable.theory.learning import generative_augmentation as theory
from refutable.theory.learning.generative_augmentation import Augmentation

from refutable import Cell, Columns, FloatArray

GAUSSIAN = (
    "x given y is N(y mu, sigma^2 I) with |mu| = 1 and sigma = 0.6, class sizes equal",
    "the generator is naive Bayes with one pooled diagonal variance",
)
TEST_POINTS = 10_000
"""Size of the finite test set in the public code."""


def setting(cell: Cell) -> Augmentation:
    """Return the setting of a cell; the generator's variances are unbiased by default."""
    return Augmentation(cell.d, cell.m, cell.gamma, int(cell.get("ddof", 1)))


def averaged(values: FloatArray, size: int) -> FloatArray:
    """Average consecutive training sets into `size` replicates.

    More sets are averaged in low dimension, so that every cell costs about the same.
    """
    return np.asarray(values.reshape(size, -1).mean(axis=1))


def plotted_gap(cell: Cell, rng: Generator, size: int) -> Columns:
    """Draw |gap| as plotted (10,000 test points), and two quantities easily mistaken for it.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``absolute_gap``; ``unscaled_gap``: of the loss without 1/sigma^2; ``excess_test_loss``.
    """
    drawn = augment_by_statistics(rng, size * max(10, 100 // cell.d), cell.m, cell.d, (cell.gamma,))
    measured = drawn.test + finite_test_noise(rng, drawn.excess, cell.d, TEST_POINTS)
    gap = np.abs(measured - drawn.train)
    return {
        "absolute_gap": averaged(gap, size),
        "unscaled_gap": averaged(gap * 0.6**2, size),
        "excess_test_loss": averaged(drawn.excess, size),
    }


def folded_gap(cell: Cell) -> float:
    """Return the mean of |gap| as plotted, by the folded normal with its exact moments."""
    return theory.expected_absolute_gap(setting(cell), TEST_POINTS)
