"""Disparity of robust rules on bundled data, rows resampled."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.random import Generator
from refutable.simulations.learning._bundled_data import dataset
from refutable.solvers.robust_logistic import LinearRules, robust_logistic

RADIUS = {"breast cancer": (0.2, 2.0), "3 or 8": (0.1, 0.6)}


def real_data(
    cell: Any, rng: Generator, size: int, imbalance: int | None = None
) -> Mapping[str, Any]:
    """Disparity on held-out rows with a large less that with a small radius, 100 majority rows."""
    x, y = dataset(cell.data)
    few = 100 // (cell.imbalance if imbalance is None else imbalance)
    first, second = (
        rng.permuted(np.tile(np.flatnonzero(y == label), (size, 1)), axis=1) for label in (1, -1)
    )
    train = np.concatenate((first[:, :100], second[:, :few]), axis=1)
    small, large = (
        _held_out_disparity(
            robust_logistic(x[train], y[train], radius), x[first[:, 100:]], x[second[:, few:]]
        )
        for radius in RADIUS[cell.data]
    )
    return {"increase": large - small}


def _held_out_disparity(
    rules: LinearRules, majority: np.ndarray, minority: np.ndarray
) -> np.ndarray:
    scores = [
        np.einsum("snd,sd->sn", rows, rules.w) + rules.b[:, None] for rows in (majority, minority)
    ]
    return (scores[0] > 0).mean(axis=1) - (scores[1] < 0).mean(axis=1)


def balanced_real_data(cell: Any, rng: Generator, size: int) -> Mapping[str, Any]:
    """Repeat `real_data` with as many minority as majority rows."""
    return real_data(cell, rng, size, imbalance=1)
