"""Caching experiments of Read-ME: traces, policies and optima."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from refutable.solvers import cache
from refutable.theory.experts import read_me as theory

EXPERTS = 8


WARM_UP = 256


SIZES = np.array([1.0, 2.0, 3.0, 1.0, 2.0])


WINDOWS = (0, 1, 2, 4, 8, 16, 64)


def policies_on_traces(cell, rng, size):
    """MIN against the exact optimum and the on-line policies, on uniform random traces."""
    traces = rng.integers(0, cell.experts, (size, cell.length))
    run = (traces, cell.experts, cell.k)
    best = cache.belady_hits(*run).sum(axis=1)
    lru = cache.lru_hits(*run).sum(axis=1)
    others = [cache.fifo_hits(*run).sum(axis=1), cache.random_hits(*run, rng).sum(axis=1)]
    ones = np.ones(cell.experts)
    optimum = cell.length - cache.optimal_cost(1 << traces, ones, cell.k, ones)
    misses = cell.length - best
    return {
        "gap_to_optimum": optimum - best,
        "others_ahead": np.max([lru, *others], axis=0) - best,
        "beyond_k_competitive": cell.length - lru - cell.k * misses - cell.k,
    }


def nearest_first(cell, rng, size):
    """Evict the nearest next use instead of the farthest."""
    demands = 1 << rng.integers(0, cell.experts, (size, cell.length))
    return gap(demands, np.ones(cell.experts), cell.k, nearest=True)


def gap(demands, sizes, capacity, *, nearest=False, per_step=False):
    """Cost of farthest-first (or nearest-first) above the least possible."""
    ones = np.ones_like(sizes)
    args = (demands, sizes, capacity, ones)
    greedy = cache.farthest_first_cost(*args, per_step=per_step, nearest=nearest)
    return {"gap_to_optimum": greedy - cache.optimal_cost(*args, per_step=per_step)}


def pairs(rng, size, length, experts):
    """Demands of two different experts at every step, as bit masks (size, length)."""
    ids = np.argsort(rng.random((size, length, experts)), axis=2)[..., :2]
    return (1 << ids).sum(axis=2)


def unequal_pairs(cell, rng, size):
    """Two experts of unequal size per step; room for any two of the five."""
    del cell
    return gap(pairs(rng, size, 9, SIZES.size), SIZES, 5.0)


def unit_pairs(cell, rng, size):
    """Two experts of unit size per step, cost being the number of missed experts."""
    return gap(pairs(rng, size, cell.length, cell.experts), np.ones(cell.experts), cell.k)


def unit_pairs_by_step(cell, rng, size):
    """Two experts of unit size per step, cost being the number of steps with a miss."""
    demands = pairs(rng, size, cell.length, cell.experts)
    return gap(demands, np.ones(cell.experts), cell.k, per_step=True)


def cycle(cell):
    """Hit ratios on a cycle through k + 1 experts."""
    trace = np.arange(cell.length)[None] % (cell.k + 1)
    return {
        "min_ratio": cache.belady_hits(trace, cell.k + 1, cell.k).mean(),
        "lru_ratio": cache.lru_hits(trace, cell.k + 1, cell.k).mean(),
    }


def draws(law, rng, shape):
    """Independent requests, by inversion."""
    ids = np.searchsorted(np.cumsum(law), rng.random(shape), side="right")
    return np.minimum(ids, len(law) - 1)


def independent(cell, rng, size):
    """Independent requests from the cell's law."""
    law = theory.request_law(cell.law, EXPERTS)
    return draws(law, rng, (size, WARM_UP + cell.length))


def sticky(cell, rng, size):
    """Every request repeats the last one with probability 1/2: locality within a request."""
    traces = independent(cell, rng, size)
    fresh = rng.random(traces.shape) < 0.5
    fresh[:, 0] = True
    last = np.maximum.accumulate(np.where(fresh, np.arange(traces.shape[1]), 0), axis=1)
    return np.take_along_axis(traces, last, axis=1)


def hit_ratios(requests):
    """Hit ratios of all policies on common traces, after a warm-up."""

    def simulate(cell, rng, size):
        traces = requests(cell, rng, size)
        run = (traces, EXPERTS, cell.k)
        hits = {
            "lru": cache.lru_hits(*run),
            "fifo": cache.fifo_hits(*run),
            "random": cache.random_hits(*run, rng),
            "belady": cache.belady_hits(*run),
        }
        ratio = {name: hit[:, WARM_UP:].mean(axis=1) for name, hit in hits.items()}
        return ratio | {
            "fifo_minus_random": ratio["fifo"] - ratio["random"],
            "fifo_minus_lru": ratio["fifo"] - ratio["lru"],
            "lru_minus_belady": ratio["lru"] - ratio["belady"],
        }

    return simulate


def windows(cell, rng, size):
    """Hit ratios with look-ahead W on common traces, and each step's gain."""
    traces = draws(theory.request_law("zipf", EXPERTS), rng, (size, cell.length))
    run = (traces, EXPERTS, cell.k)
    ratio = {w: cache.belady_hits(*run, look_ahead=w).mean(axis=1) for w in WINDOWS}
    best = cache.belady_hits(*run).mean(axis=1)
    lru = cache.lru_hits(*run)
    return {
        **{f"gain_{b}": ratio[b] - ratio[a] for a, b in pairwise(WINDOWS)},
        **{f"short_{w}": best - ratio[w] for w in WINDOWS},
        "differs_from_lru": (cache.belady_hits(*run, look_ahead=0) != lru).sum(axis=1),
    }


def table_4(cell):
    """Compare the printed rows, in points."""
    del cell
    rows = {name: np.array(row) for name, row in theory.TABLE_4.items()}
    return {
        "belady_ahead": rows["belady"] - np.maximum(rows["lru"], rows["random"]),
        "lru_over_random": rows["lru"] - rows["random"],
    }
