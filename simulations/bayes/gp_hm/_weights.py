"""Two components of a process, and the most probable weight of one of them by two routes."""

from __future__ import annotations

import functools

import numpy as np
import scipy
from refutable.solvers.gaussian_process import condition
from refutable.solvers.kernels import squared_exponential, times_cosine

from refutable import FloatArray

POINTS = 40
NUGGET = 1e-6
WIDEST = 8.0
"""Weights are looked for from ``exp(-8)`` to ``exp(8)``; drawn is 1."""
GOLDEN = (np.sqrt(5) - 1) / 2

ABSTRACT = "Abstract: weights estimated in the log domain, said to be shown equivalent to a "
SETTING = (
    "the values are a process at 40 even points of [0, 1]: $exp(-50 d^2)$, and beside it $exp(-5 "
    "d^2)$ cos(16 pi d), each with a millionth of white noise of its own",
)


@functools.cache
def components() -> tuple[FloatArray, FloatArray]:
    """Return ``exp(-50 d^2)`` and ``exp(-5 d^2) cos(16 pi d)`` on an even grid of [0, 1]."""
    x = np.linspace(0, 1, POINTS)
    lag = x[:, None] - x
    smooth = squared_exponential(lag, 0.1)
    wave = times_cosine(squared_exponential(lag, np.sqrt(0.1)), lag, 8.0)
    return smooth[0] + NUGGET * np.eye(POINTS), wave[0] + NUGGET * np.eye(POINTS)


def most_probable(u: FloatArray, fixed: FloatArray, k: FloatArray, prior: float) -> FloatArray:
    """Return the w at the peak of ``log N(u; 0, fixed + w k) - prior log w``, shape (size,).

    Its logarithm is looked for by function values alone: on a grid, then by golden sections.
    """

    def value(log_w: FloatArray) -> FloatArray:
        covariance = fixed + np.exp(log_w)[:, None, None] * k
        return np.asarray(condition(covariance, u).log_evidence - prior * log_w)

    grid = np.linspace(-WIDEST, WIDEST, 17)
    best = np.argmax([value(np.full(len(u), x)) for x in grid], axis=0)
    low, high = grid[np.maximum(best - 1, 0)], grid[np.minimum(best + 1, len(grid) - 1)]
    for _ in range(28):  # to 3e-6 of a width of 2
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        falls = value(left) > value(right)
        low, high = np.where(falls, low, left), np.where(falls, right, high)
    return np.asarray(np.exp((low + high) / 2))


def stationary(u: FloatArray, fixed: FloatArray, k: FloatArray, prior: float) -> FloatArray:
    """Return the w at the same peak, where the slope in w is 0.

    In coordinates in which both matrices are diagonal the slope is a sum; by bisection in w,
    between the neighbours of the best weight of a grid.
    """
    values, vectors = scipy.linalg.eigh(fixed, k)
    squares = (u @ vectors) ** 2

    def variance(w: FloatArray) -> FloatArray:
        return np.asarray(values + w[..., None])

    grid = np.exp(np.linspace(-WIDEST, WIDEST, 17))
    v = variance(grid)[:, None]
    loss = (np.log(v) + squares / v).sum(axis=-1) + 2 * prior * np.log(grid)[:, None]
    best = np.argmin(loss, axis=0)
    low, high = grid[np.maximum(best - 1, 0)], grid[np.minimum(best + 1, len(grid) - 1)]
    for _ in range(60):
        middle = (low + high) / 2
        v = variance(middle)
        rises = (squares / v**2 - 1 / v).sum(axis=-1) > 2 * prior / middle
        low, high = np.where(rises, middle, low), np.where(rises, high, middle)
    return np.asarray((low + high) / 2)
