"""A small transformer trained on nothing but draws from the prior."""

from __future__ import annotations

import functools

import numpy as np
from numpy.random import Generator
from refutable.simulations.bayes.pfn._prior import CONTEXT, SCALE, DataSets, draw
from refutable.solvers.context_transformer import (
    Batch,
    Layout,
    cosine_rates,
    initial_parameters,
    predict,
    train,
)

from refutable import FloatArray

LAYOUT = Layout(features=1, width=32, layers=3, heads=4)
QUERIES, BATCH, RATE = 8, 32, 4e-3
STREAM = 2022
"""Stored seed of training, beside that of a cell: a network is a function of both."""

NETWORK = (
    "a transformer of 3 layers of width 32 with 4 heads and a Gaussian head, 27,234 weights, no "
    "positional encoding; Adam at 0.004 falling along half a cosine, 32 data sets of 8 queries a "
    "step, n uniform on 1 to 8, gradients of norm 1 at most",
)


def centred(x: FloatArray) -> FloatArray:
    """Return inputs as the network takes them, on [-1, 1], with an axis for features."""
    return np.asarray(2 * x - 1)[..., None]


def batch(rng: Generator, scale: float) -> Batch:
    """Draw data sets to learn from, each with its own number of visible points."""
    sets = draw(rng, BATCH, CONTEXT + QUERIES, scale)
    seen = rng.integers(1, CONTEXT + 1, BATCH)
    y, targets = sets.y[:, :CONTEXT], sets.y[:, CONTEXT:]
    return Batch(centred(sets.x), y, targets, np.arange(CONTEXT) < seen[:, None])


def trained(steps: int, seed: int, scale: float = SCALE) -> FloatArray:
    """Return the weights after so many steps; 0 is the start.

    Parameters
    ----------
    steps : int
    seed : int
    scale : float
        Length-scale of the prior that it learns from.
    """
    return _trained(steps, seed, scale)


@functools.cache  # by all three: a default left out would be another key, and another training
def _trained(steps: int, seed: int, scale: float) -> FloatArray:
    rng = np.random.default_rng([STREAM, seed])
    start = initial_parameters(LAYOUT, rng)
    if steps == 0:
        return start
    rates = cosine_rates(steps, RATE)
    return train(start, LAYOUT, lambda _: batch(rng, scale), rates)[steps]


def predictive(weights: FloatArray, sets: DataSets, seen: int) -> tuple[FloatArray, FloatArray]:
    """Return mean and variance of each query, the points after the eighth.

    Parameters
    ----------
    weights : ndarray
        From `trained`.
    sets : DataSets
        With `CONTEXT` points and the queries.
    seen : int
        How many of the first points are seen.
    """
    visible = np.broadcast_to(np.arange(CONTEXT) < seen, (len(sets.y), CONTEXT))
    found = predict(weights, LAYOUT, centred(sets.x), sets.y[:, :CONTEXT], visible, single=True)
    return found.mean, found.deviation**2
