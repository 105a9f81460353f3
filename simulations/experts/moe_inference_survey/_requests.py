"""Requests for experts whose popularity falls off by Zipf's law, and the caches they meet."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from refutable.solvers import cache
from refutable.theory.experts import moe_inference_survey as theory

from refutable import Cell, Cells, Columns, FloatArray

Ids = NDArray[np.int64]
Policy = Callable[[Ids, int, int], NDArray[np.bool_]]

RATIO, DIFFERENCE = (0, 1), (-1, 1)
"""Bounds of a hit ratio, and of the difference of two."""


def law(cell: Cell) -> FloatArray:
    """Popularity of the cell's experts, the most popular first."""
    return theory.zipf(cell.experts, cell.exponent)


def trace(
    p: FloatArray, slots: int, rng: np.random.Generator, size: int, length: int, repeats: float
) -> Ids:
    """Draw requests (size, slots + length), the first `slots` of which fill the cache.

    What fills it is what an endless past would have left there. Each later request repeats the
    one before it with probability `repeats`.
    """
    past = cache.stationary_order(p, slots, size, rng)
    drawn = np.searchsorted(np.cumsum(p), rng.random((size, length)), side="right")
    ids = np.concatenate([past, np.minimum(drawn, p.size - 1)], axis=1)
    if repeats:
        fresh = rng.random(ids.shape) >= repeats
        fresh[:, :slots] = True
        last = np.maximum.accumulate(np.where(fresh, np.arange(ids.shape[1]), 0), axis=1)
        ids = np.take_along_axis(ids, last, axis=1)
    return ids


def hit_ratios(
    cell: Cell,
    rng: np.random.Generator,
    size: int,
    repeats: float = 0.0,
    policy: Policy = cache.lru_hits,
    skipped: int = 0,
    steeper: float = 0.0,
) -> Columns:
    """Hit ratios of LRU and of a static cache on common requests.

    Parameters
    ----------
    repeats : float
        Share of the requests that repeat the one before.
    policy : callable
        What plays under LRU's name.
    skipped : int
        The static cache leaves out its last expert and keeps the one so many places after it.
    steeper : float
        Added to the exponent of Zipf's law.
    """
    p, slots = theory.zipf(cell.experts, cell.exponent + steeper), cell.slots
    ids = trace(p, slots, rng, size, cell.length, repeats)
    kept = np.arange(cell.experts) < slots - (skipped > 0)
    kept[slots - 1 + skipped] = True
    lru = policy(ids, cell.experts, slots)[:, slots:].mean(axis=1)
    static = kept[ids[:, slots:]].mean(axis=1)
    return {"lru": lru, "static": static, "static_minus_lru": static - lru}


def che(cell: Cell) -> float:
    """Che's approximation in the cell."""
    return theory.che_hit_ratio(law(cell), cell.slots)


def caches(
    experts: tuple[int, ...],
    exponents: tuple[float, ...],
    parts: tuple[int, ...] = (8, 4, 2),
    length: int = 200,
    least: int = 2,
) -> Cells:
    """List caches of an eighth to a half of the experts that hold at least `least` of them."""
    return Cells.of(
        *(
            {"experts": e, "exponent": a, "slots": e // part, "length": length}
            for e in experts
            for a in exponents
            for part in parts
            if e // part >= least
        )
    )
