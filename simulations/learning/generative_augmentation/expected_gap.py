"""Runs of the augmentation experiment: gaps, losses and ladders, averaged into replicates."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.random import Generator
from refutable.solvers.naive_bayes_augmentation import (
    AugmentedLosses,
    augment_by_statistics,
    augment_literally,
    finite_test_noise,
)

TEST_POINTS = 10_000
RUNGS = (50, 100, 200, 400, 800, 1600, 3200)


def _averaged(values: np.ndarray, size: int) -> np.ndarray:
    """Average consecutive training sets into `size` replicates."""
    return values.reshape(size, -1).mean(axis=1)


def _draw(cell: Any, rng: Generator, sets: int, ddof: int) -> AugmentedLosses:
    if cell.route == "every point":
        mean = np.full(cell.d, 1 / np.sqrt(cell.d))
        return augment_literally(rng, sets, cell.m, mean, (cell.gamma,), ddof)
    return augment_by_statistics(rng, sets, cell.m, cell.d, (cell.gamma,), ddof)


def relative_gap(cell: Any, rng: Generator, size: int, ddof: int = 1) -> Mapping[str, Any]:
    """Draw the gap in units of d/m, variance reduced by a control variate of mean zero."""
    drawn = _draw(cell, rng, size * max(1, 100 // cell.d), ddof)
    gap = (drawn.gap + drawn.zero) * cell.m / cell.d
    return {"relative_gap": _averaged(gap, size)}


def relative_gap_maximum_likelihood(cell: Any, rng: Generator, size: int) -> Mapping[str, Any]:
    """Repeat it with the generator's class variances divided by n instead of n - 1."""
    return relative_gap(cell, rng, size, ddof=0)


def figure_run(cell: Any, rng: Generator, size: int) -> Mapping[str, Any]:
    """Draw |gap| as plotted (10,000 test points), and two quantities easily mistaken for it."""
    drawn = augment_by_statistics(rng, size * max(10, 100 // cell.d), cell.m, cell.d, (cell.gamma,))
    measured = drawn.test + finite_test_noise(rng, drawn.excess, cell.d, TEST_POINTS)
    gap = np.abs(measured - drawn.train)
    return {
        "absolute_gap": _averaged(gap, size),
        "unscaled_gap": _averaged(gap * 0.6**2, size),
        "excess_test_loss": _averaged(drawn.excess, size),
    }


def _rung(rng: Generator, sets: int, m: int, generator: str, gamma: int) -> np.ndarray:
    if generator == "oracle, m^2 points":
        return augment_by_statistics(rng, sets, m * (1 + m), 1, (0,)).gap
    ratio = m if generator == "fitted, m^2 points" else gamma
    return augment_by_statistics(rng, sets, m, 1, (ratio,)).gap


def rate_ladder(cell: Any, rng: Generator, size: int) -> Mapping[str, Any]:
    """Average |gap| over 128 runs at every rung m of the ladder, d = 1."""
    rungs = [_rung(rng, 128 * size, m, cell.generator, cell.gamma) for m in RUNGS]
    return {"absolute_gap": np.stack([_averaged(np.abs(g), size) for g in rungs], axis=1)}


def oracle_ladder(cell: Any, rng: Generator, size: int) -> Mapping[str, Any]:
    """Repeat `rate_ladder` with m^2 generated points that come from the true distribution."""
    rungs = [_rung(rng, 128 * size, m, "oracle, m^2 points", 0) for m in RUNGS]
    return {"absolute_gap": np.stack([_averaged(np.abs(g), size) for g in rungs], axis=1)}


def gap_with_and_without(cell: Any, rng: Generator, size: int) -> Mapping[str, Any]:
    """Pair |gap| of a training set without and with augmentation."""
    sets = size * max(10, 1000 // cell.d)
    gap = np.abs(augment_by_statistics(rng, sets, cell.m, cell.d, (0, cell.gamma)).gap)
    return {"plain": _averaged(gap[:, 0], size), "augmented": _averaged(gap[:, 1], size)}


def losses_with_and_without(cell: Any, rng: Generator, size: int) -> Mapping[str, Any]:
    """Pair the population test loss and the gap of a training set, with and without."""
    sets = size * max(1, 100 // cell.d)
    drawn = augment_by_statistics(rng, sets, cell.m, cell.d, (0, cell.gamma))
    gap = drawn.gap + drawn.zero
    return {
        "test_increase": _averaged(drawn.test[:, 1] - drawn.test[:, 0], size),
        "gap_decrease": _averaged(gap[:, 0] - gap[:, 1], size),
    }


def gap_change(cell: Any, rng: Generator, size: int) -> Mapping[str, Any]:
    """Subtract the gap without from that with augmentation, every point drawn."""
    mean = np.full(cell.d, 1 / np.sqrt(cell.d))
    drawn = augment_literally(rng, size, cell.m, mean, (0, cell.gamma), cell.ddof)
    gap = drawn.gap + drawn.zero
    return {"change": gap[:, 1] - gap[:, 0]}
