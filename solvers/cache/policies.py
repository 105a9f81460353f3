"""On-line replacement: least recently used, first in first out, random."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from refutable.solvers._compiling import compiled
from refutable.solvers.argument_checks import generator, whole_number
from refutable.solvers.cache.belady import checked_traces

Traces = NDArray[np.int64]
Hits = NDArray[np.bool_]


def lru_hits(traces: Traces, n_items: int, capacity: int) -> Hits:
    """Hits of evicting the least recently used item, in O(1) per request.

    Parameters
    ----------
    traces
        (R, T) item ids.
    n_items
        N; ids lie below it.
    capacity
        Items the cache holds, at least 1.

    Returns
    -------
    Hits
        (R, T) booleans.
    """
    n_items = whole_number("n_items", n_items)
    traces = checked_traces(traces, n_items)
    hits: Hits = _lru(traces, n_items, whole_number("capacity", capacity))
    return hits


def fifo_hits(traces: Traces, n_items: int, capacity: int) -> Hits:
    """Hits of evicting the item that entered first; parameters as in `lru_hits`."""
    n_items = whole_number("n_items", n_items)
    traces = checked_traces(traces, n_items)
    slots = whole_number("capacity", capacity)
    hits: Hits = _ring(traces, n_items, slots, np.zeros((0, 0)))
    return hits


def random_hits(traces: Traces, n_items: int, capacity: int, rng: Generator) -> Hits:
    """Hits of evicting an item chosen uniformly; parameters as in `lru_hits`."""
    n_items = whole_number("n_items", n_items)
    traces = checked_traces(traces, n_items)
    slots = whole_number("capacity", capacity)
    hits: Hits = _ring(traces, n_items, slots, generator("rng", rng).random(traces.shape))
    return hits


@compiled()
def _lru(traces: Traces, n_items: int, capacity: int) -> Hits:
    # doubly linked list in order of use; entry n_items is its sentinel: after it comes the
    # most recently used item, before it the least recently used
    rows, length = traces.shape
    hits = np.zeros((rows, length), dtype=np.bool_)
    older = np.empty(n_items + 1, dtype=np.int64)
    newer = np.empty(n_items + 1, dtype=np.int64)
    for r in range(rows):
        inside = np.zeros(n_items, dtype=np.bool_)
        older[n_items] = newer[n_items] = n_items
        used = 0
        for t in range(length):
            item = traces[r, t]
            leaving = item
            if inside[item]:
                hits[r, t] = True
            elif used < capacity:
                used += 1
                leaving = -1
            else:
                leaving = newer[n_items]
                inside[leaving] = False
            if leaving >= 0:
                newer[older[leaving]] = newer[leaving]
                older[newer[leaving]] = older[leaving]
            inside[item] = True
            newest = older[n_items]
            newer[newest], older[item] = item, newest
            newer[item], older[n_items] = n_items, item
    return hits


@compiled()
def _ring(traces: Traces, n_items: int, capacity: int, chance: NDArray[np.float64]) -> Hits:
    # slots in a ring: a miss fills the next one (FIFO) or, given uniforms, a random one
    rows, length = traces.shape
    hits = np.zeros((rows, length), dtype=np.bool_)
    for r in range(rows):
        inside = np.zeros(n_items, dtype=np.bool_)
        slots = np.full(capacity, -1, dtype=np.int64)
        misses = 0
        for t in range(length):
            item = traces[r, t]
            if inside[item]:
                hits[r, t] = True
                continue
            full = misses >= capacity
            slot = misses % capacity
            if full and chance.size > 0:
                slot = int(chance[r, t] * capacity)
            if full:
                inside[slots[slot]] = False
            slots[slot] = item
            inside[item] = True
            misses += 1
    return hits
