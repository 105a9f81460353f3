"""Stopping boundaries of the Bernoulli kernel: how many successes the evidence needs."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from refutable.deciding.kernels import _validate, bernoulli

Counts = NDArray[np.int64]


def most_against(p0: float, trials: ArrayLike, bar: float) -> Counts:
    """Return the most successes at which "the rate is at least `p0`" is still excluded.

    Parameters
    ----------
    p0 : float
        Rate in [0, 1].
    trials : array_like of int
        Numbers of trials, at least 0.
    bar : float
        Log e-value that excludes, positive.

    Returns
    -------
    ndarray of int
        One number per number of trials; -1 where no outcome excludes. The evidence falls with
        every success, so bisection finds it.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    _validate.probability("p0", p0)
    if not bar > 0.0:
        raise ValueError(f"bar must be positive, got {bar}")
    n = np.asarray(trials, dtype=np.int64)
    if (n < 0).any():
        raise ValueError("trials must not be negative")
    low, high = np.full(n.shape, -1, dtype=np.int64), n + 1
    while (high - low > 1).any():
        middle = (low + high) // 2
        # where the search has ended `middle` equals `low`, which may be -1: no valid count
        excludes = bernoulli.log_e_values(p0, np.maximum(middle, 0), n, below=True) >= bar
        excludes |= middle == low
        low, high = np.where(excludes, middle, low), np.where(excludes, high, middle)
    return low


def fewest_for(p0: float, trials: ArrayLike, bar: float) -> Counts:
    """Return the fewest successes at which "the rate is at most `p0`" is excluded.

    Parameters and errors are those of `most_against`; ``trials + 1`` where no outcome excludes.
    """
    n = np.asarray(trials, dtype=np.int64)
    return n - most_against(1.0 - _validate.probability("p0", p0), n, bar)
