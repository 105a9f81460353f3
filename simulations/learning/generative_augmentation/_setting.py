"""The setting of the public simulation, and its run as the figures have it."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.solvers.naive_bayes_augmentation import augment_by_statistics, finite_test_noise
from refutable.theory.learning import generative_augmentation as theory
from refutable.theory.learning.generative_augmentation import Augmentation

from refutable import Cell, Columns, FloatArray

GAUSSIAN = (
    "x given y is $N(y mu, sigma^2 I)$ with $abs(mu) = 1$ and $sigma = 0.6$, class sizes equal",
    "the generator is naive Bayes with one pooled diagonal variance",
)
TEST_POINTS = 10_000
"""Size of the finite test set in the public code."""


def setting(cell: Cell) -> Augmentation:
    """Return the setting of a cell; the generator's variances are unbiased by default."""
    return Augmentation(cell.d, cell.m, cell.gamma, int(cell.get("ddof", 1)))


def either_estimator(cell: Cell) -> tuple[Augmentation, Augmentation]:
    """Return the setting of a cell with either estimator: what is declared holds for both."""
    unbiased, likelihood = (Augmentation(cell.d, cell.m, cell.gamma, ddof) for ddof in (1, 0))
    return unbiased, likelihood


def averaged(values: FloatArray, size: int) -> FloatArray:
    """Average consecutive training sets into `size` replicates.

    More sets are averaged in low dimension, so that every cell costs about the same.
    """
    return np.asarray(values.reshape(size, -1).mean(axis=1))


def sets_averaged(cell: Cell) -> int:
    """Return how many training sets of `plotted_gap` make a replicate."""
    return int(max(50, 500 // cell.d))


def plotted_gap(cell: Cell, rng: Generator, size: int, more: int = 0) -> Columns:
    """Draw |gap| as plotted (10,000 test points), and a quantity easily mistaken for it.

    Parameters
    ----------
    more : int
        Training points beyond the cell's m.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``absolute_gap``; ``excess_test_loss``.
    """
    m, sets = cell.m + more, size * sets_averaged(cell)
    drawn = augment_by_statistics(rng, sets, m, cell.d, (cell.gamma,))
    measured = drawn.test + finite_test_noise(rng, drawn.excess, cell.d, TEST_POINTS)
    gap = np.abs(measured - drawn.train)
    return {
        "absolute_gap": averaged(gap, size),
        "excess_test_loss": averaged(drawn.excess, size),
    }


def exact_gap(cell: Cell) -> float:
    """Return the mean of |gap| as plotted, from the characteristic function of the gap."""
    return theory.expected_absolute_gap(setting(cell), TEST_POINTS)


def plotted_variance(cell: Cell) -> float:
    """Bound the variance of a replicate's ``absolute_gap``; it falls with the training points."""
    return theory.absolute_gap_variance(setting(cell), TEST_POINTS) / sets_averaged(cell)


def excess_variance(cell: Cell) -> float:
    """Return the variance of a replicate's ``excess_test_loss``."""
    return theory.excess_variance(setting(cell)) / sets_averaged(cell)
