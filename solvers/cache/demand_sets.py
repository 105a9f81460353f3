"""Requests that need several items at once, with sizes: the exact optimum and farthest-first.

A demand is a bit mask of at most 16 items, all of which must be in the cache together. Dropping
an item is free; bringing one in costs its weight (or, per step, 1 if anything was missing).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from refutable.solvers._compiling import compiled
from refutable.solvers.argument_checks import (
    bounded_array,
    positive,
    positive_array,
    refuse,
    whole_array,
)

Masks = NDArray[np.int64]
Weights = NDArray[np.float64]
Costs = NDArray[np.float64]

MOST_ITEMS = 16
"""The optimum visits every pair of contents and sub-contents, 3^16 = 4e7 of them a step."""


def optimal_cost(
    demands: Masks, sizes: Weights, capacity: float, weights: Weights, *, per_step: bool = False
) -> Costs:
    """Least possible cost of every trace, by dynamic programming over all cache contents.

    Parameters
    ----------
    demands
        (R, T) bit masks of the items needed at each step.
    sizes
        (N,) positive sizes, N at most 16.
    capacity
        Total size the cache holds; every single demand must fit.
    weights
        (N,) cost of bringing an item in, at least 0.
    per_step
        Count steps with something missing instead of weights.

    Returns
    -------
    Costs
        (R,) costs, starting from an empty cache.
    """
    checked = _checked(demands, sizes, capacity, weights)
    costs: Costs = _optimum(*checked, per_step)
    return costs


def farthest_first_cost(
    demands: Masks,
    sizes: Weights,
    capacity: float,
    weights: Weights,
    *,
    per_step: bool = False,
    nearest: bool = False,
) -> Costs:
    """Cost of evicting, while room is needed, the item whose next use lies farthest ahead.

    Items of the current demand are never evicted. With `nearest` the item with the nearest next
    use goes instead. Parameters as in `optimal_cost`.
    """
    checked = _checked(demands, sizes, capacity, weights)
    costs: Costs = _farthest_first(*checked, per_step, nearest)
    return costs


def _checked(
    demands: Masks, sizes: Weights, capacity: float, weights: Weights
) -> tuple[Masks, Weights, float, Weights]:
    size = positive_array("sizes", sizes, ndim=1)
    if size.size > MOST_ITEMS:
        refuse("sizes", size, f"at most {MOST_ITEMS} items")
    weight = bounded_array("weights", weights, 0, shape=size.shape)
    masks = whole_array("demands", demands, 0, (1 << size.size) - 1, ndim=2)
    room = positive("capacity", capacity, endless=True)
    largest = _subset_sums(size)[masks].max()
    if largest > room:
        refuse("capacity", capacity, f"at least {largest}, to hold every single demand")
    return np.ascontiguousarray(masks), size, room, weight


@compiled()
def _subset_sums(values: Weights) -> Weights:
    sums = np.zeros(1 << values.size)
    for item in range(values.size):
        bit = 1 << item
        for mask in range(bit):
            sums[mask | bit] = sums[mask] + values[item]
    return sums


@compiled()
def _price(missing: int, weight_of: Weights, per_step: bool) -> float:
    if per_step:
        return 1.0 if missing else 0.0
    return float(weight_of[missing])


@compiled()
def _optimum(
    demands: Masks, sizes: Weights, capacity: float, weights: Weights, per_step: bool
) -> Costs:
    size_of, weight_of = _subset_sums(sizes), _subset_sums(weights)
    rows, length = demands.shape
    states = size_of.size
    best = np.empty(rows)
    for r in range(rows):
        cost = np.full(states, np.inf)
        cost[0] = 0.0
        for t in range(length):
            demand = demands[r, t]
            after = np.full(states, np.inf)
            for held in range(states):
                if cost[held] == np.inf:
                    continue
                missing = demand & ~held
                price = _price(missing, weight_of, per_step)
                # keep any part of what is held besides the demand, if it fits
                spare = held & ~demand
                kept = spare
                while True:
                    target = kept | demand
                    if size_of[target] <= capacity:
                        after[target] = min(after[target], cost[held] + price)
                    if kept == 0:
                        break
                    kept = (kept - 1) & spare
            cost = after
        best[r] = cost.min()
    return best


@compiled()
def _next_need(demands: Masks, r: int, t: int, item: int) -> int:
    for later in range(t + 1, demands.shape[1]):
        if demands[r, later] >> item & 1:
            return later
    return int(demands.shape[1])


@compiled()
def _farthest_first(
    demands: Masks,
    sizes: Weights,
    capacity: float,
    weights: Weights,
    per_step: bool,
    nearest: bool,
) -> Costs:
    size_of, weight_of = _subset_sums(sizes), _subset_sums(weights)
    rows, length = demands.shape
    costs = np.zeros(rows)
    for r in range(rows):
        held = 0
        for t in range(length):
            demand = demands[r, t]
            missing = demand & ~held
            costs[r] += _price(missing, weight_of, per_step)
            held |= demand
            while size_of[held] > capacity:
                victim, worst = -1, -length - 1
                for item in range(sizes.size):
                    if held >> item & 1 and not demand >> item & 1:
                        far = _next_need(demands, r, t, item)
                        far = -far if nearest else far
                        if far > worst:
                            victim, worst = item, far
                held ^= 1 << victim
    return costs
