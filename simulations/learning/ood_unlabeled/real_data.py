"""Robust self-supervised training on bundled data, rows resampled."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.random import Generator
from refutable.simulations.learning._bundled_data import dataset
from refutable.solvers.gaussian_mixture import mean_estimator
from refutable.solvers.robust_self_training import robust_self_training


def _labelled_first(rng: Generator, size: int, y: np.ndarray, m: int) -> np.ndarray:
    """Shuffle the rows, shape (size, N), with m/2 of each class in front."""
    order = rng.permuted(np.tile(np.arange(y.size), (size, 1)), axis=1)
    rank_in_class = np.where(
        y[order] > 0, np.cumsum(y[order] > 0, axis=1), np.cumsum(y[order] < 0, axis=1)
    )
    chosen = np.argsort(rank_in_class > m // 2, axis=1, kind="stable")
    return np.take_along_axis(order, chosen, axis=1)


def real_data(
    cell: Any, rng: Generator, size: int, unlabelled_from: str | None = None
) -> Mapping[str, Any]:
    """Train on m labelled and 200 unlabelled rows; measure on the rest."""
    x, y = dataset(cell.data)
    order = _labelled_first(rng, size, y, cell.m)
    few, many, rest = np.split(order, (cell.m, cell.m + 200), axis=1)
    cloud = x[many]
    if unlabelled_from is not None:
        other = dataset(unlabelled_from)[0]
        cloud = other[rng.integers(len(other), size=(size, 200))]
    trained = robust_self_training(x[few], y[few], cloud)
    return {
        "gain": _hits(trained, x[rest], y[rest])
        - _hits(mean_estimator(x[few], y[few]), x[rest], y[rest])
    }


def _hits(w: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return (np.sign(np.einsum("snd,sd->sn", x, w)) == y).mean(axis=1)


def other_digits(cell: Any, rng: Generator, size: int) -> Mapping[str, Any]:
    """Take the unlabelled rows from two other digits."""
    return real_data(cell, rng, size, unlabelled_from="0 or 1")
