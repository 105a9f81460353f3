"""Gradients of independent coordinates at the optimum, where model and target are one law."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from refutable.theory.generative.marginalization_models import OneStep

from refutable import FloatArray

Q = 0.7
DRAWS = 100
"""Gradients that a replicate averages over: its batch."""


def log_probabilities(x: NDArray[np.bool_], q: float) -> FloatArray:
    """Of every coordinate."""
    return np.asarray(np.where(x, np.log(q), np.log1p(-q)), dtype=np.float64)


def one_step(rng: Generator, x: NDArray[np.bool_], q: float, shared: bool) -> FloatArray:
    """Return the moved coordinate of one-step gradients: (..., D) to (...)."""
    dimension = x.shape[-1]
    logs = log_probabilities(x, q)
    moved = rng.integers(dimension, size=(*x.shape[:-1], 1))
    scored = moved if shared else rng.integers(dimension, size=moved.shape)
    score = dimension * (np.take_along_axis(x, moved, -1) - q)
    excess = dimension * np.take_along_axis(logs, scored, -1)[..., 0] - logs.sum(axis=-1)
    return np.asarray(score[..., 0] * excess)


def drawn(rng: Generator, size: int, dimension: int, q: float) -> NDArray[np.bool_]:
    """Draw batches, shape (size, DRAWS, D); single precision moves q by less than 1e-7."""
    return np.asarray(rng.random((size, DRAWS, dimension), dtype=np.float32) < q)


def averaged(predicted: OneStep, moved: FloatArray) -> FloatArray:
    """Return a batch's mean spread, shape (size,)."""
    return np.asarray(predicted.spread(moved).mean(axis=-1))
