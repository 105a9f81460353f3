"""Robust self-supervised training in the cells of the poster's table: data, runs, printed values.

The dimension is the table's, d = 200, with |mu_0| = 1; accuracies of directions are exact.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from refutable.solvers.gaussian_mixture import (
    accuracy,
    mean_estimator,
    random_directions,
    sample_mixture,
)
from refutable.solvers.robust_self_training import robust_self_training
from refutable.theory.learning import ood_unlabeled as theory

from refutable import Cell, Cells, Columns, FloatArray

DIM = 200
MIXTURE = (
    "classes are $N(y mu_0, I)$ with $d = 200$ and $|mu_0| = 1$ (the poster does not state sigma, "
    "the authors' notebook sets it to 1)",
    "mu_1 = mu_0 + shift v with v a uniform unit vector",
)

WORST, BEST = theory.accuracy_range()
"""Of homogeneous linear rules, whatever they were trained on."""

ACCURACIES = (WORST, BEST)
GAINS = (WORST - BEST, BEST - WORST)

Unlabelled = Callable[[Cell, Generator, FloatArray, FloatArray], FloatArray]
"""Draws unlabelled points, shape (size, n, d), given mu_0 and v, each of shape (size, d)."""


def shifted_mixture(
    cell: Cell, rng: Generator, centre: FloatArray, direction: FloatArray
) -> FloatArray:
    """Draw the mixture around mu_0 + shift v."""
    return sample_mixture(rng, len(centre), cell.n, centre + cell.shift * direction)[0]


def far_shifted_mixture(
    cell: Cell, rng: Generator, centre: FloatArray, direction: FloatArray
) -> FloatArray:
    """Draw a mixture shifted by 1, as much as |mu_0|, whatever the cell says."""
    return sample_mixture(rng, len(centre), cell.n, centre + direction)[0]


def no_clusters(
    cell: Cell, rng: Generator, centre: FloatArray, direction: FloatArray
) -> FloatArray:
    """Draw N(0, I) in place of a mixture."""
    del direction
    return rng.standard_normal((len(centre), cell.n, DIM))


def orthogonal_clusters(
    cell: Cell, rng: Generator, centre: FloatArray, direction: FloatArray
) -> FloatArray:
    """Draw a mixture whose clusters lie orthogonal to the labelled ones."""
    across = direction - (direction * centre).sum(axis=1, keepdims=True) * centre
    across = across / np.linalg.norm(across, axis=1, keepdims=True)
    return sample_mixture(rng, len(centre), cell.n, across)[0]


def self_training(
    cell: Cell, rng: Generator, size: int, unlabelled: Unlabelled = shifted_mixture
) -> Columns:
    """Pair the accuracy of robust self-supervised training with that of labelled points alone.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``accuracy``; ``gain`` over the mean estimator; ``excess`` risk over mu_0's rule.
    """
    centre = random_directions(rng, size, DIM)
    direction = random_directions(rng, size, DIM)
    # Ten fair labels are all alike once in 512 runs; the rule only sees y x, whose law is the same.
    x, y = sample_mixture(rng, size, cell.m, centre, balanced=True)
    trained = robust_self_training(x, y, unlabelled(cell, rng, centre, direction))
    reached = accuracy(trained, centre)
    return {
        "accuracy": reached,
        "gain": reached - accuracy(mean_estimator(x, y), centre),
        "excess": BEST - reached,
    }


def printed_accuracy(cell: Cell) -> float:
    """Return the table's entry."""
    return theory.UNLABELLED_TABLE[cell.m, cell.n, cell.shift]


def rows(*points: tuple[int, int, float]) -> Cells:
    """Return the cells of some (m, n, shift)."""
    return Cells.of(*({"m": m, "n": n, "shift": shift} for m, n, shift in points))
