"""The state in which independent requests keep a least-recently-used cache."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from refutable.solvers.argument_checks import generator, probabilities, whole_number

Law = NDArray[np.float64]
Traces = NDArray[np.int64]


def stationary_order(p: Law, capacity: int, rows: int, rng: Generator) -> Traces:
    """Draw what an LRU cache holds after an endless past of independent requests.

    With requests at the times of a Poisson process the times since each item's last request are
    independent exponentials of rates p_i, so that the cache holds the items of the `capacity`
    smallest ones. Put before a trace, a row is a warm-up without remainder.

    Parameters
    ----------
    p
        (N,) probabilities of the items, none of them 0.
    capacity
        Items the cache holds, 1..N.
    rows
        Independent caches R.
    rng
        Source of randomness.

    Returns
    -------
    Traces
        (R, capacity) item ids, the least recently used first.

    Raises
    ------
    ValueError
        If p holds a zero or does not sum to 1, or a number is out of range.
    """
    law = probabilities("p", p, ndim=1)
    if law.min() <= 0:
        raise ValueError("p holds a zero: leave out items that are never asked for")
    slots, count = whole_number("capacity", capacity, 1, law.size), whole_number("rows", rows)
    ages = generator("rng", rng).standard_exponential((count, law.size)) / law
    return np.argsort(ages, axis=1)[:, :slots][:, ::-1]
