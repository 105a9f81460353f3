"""Off-line replacement: evict the item whose next use lies farthest ahead (Belady 1966, MIN)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from refutable.solvers._compiling import compiled
from refutable.solvers.argument_checks import whole_array, whole_number

Traces = NDArray[np.int64]
Hits = NDArray[np.bool_]


def checked_traces(traces: Traces, n_items: int) -> Traces:
    """Return traces as contiguous int64 (R, T) of ids below a checked `n_items`, else raise."""
    return np.ascontiguousarray(whole_array("traces", traces, 0, n_items - 1, ndim=2))


def belady_hits(traces: Traces, n_items: int, capacity: int, look_ahead: int | None = None) -> Hits:
    """Hits of evicting the item whose next use lies farthest ahead.

    Parameters
    ----------
    traces
        (R, T) item ids.
    n_items
        N; ids lie below it.
    capacity
        Items the cache holds, at least 1.
    look_ahead
        How many coming requests are known; all by default. Items that do not occur among them
        go first, the least recently used before the others, so that 0 is LRU.

    Returns
    -------
    Hits
        (R, T) booleans.

    Notes
    -----
    O(log capacity) per request with full knowledge, O(capacity) per miss with a window.
    """
    n_items = whole_number("n_items", n_items)
    traces = checked_traces(traces, n_items)
    slots = whole_number("capacity", capacity)
    if look_ahead is not None:
        look_ahead = whole_number("look_ahead", look_ahead, 0)
    nexts = _next_uses(traces, n_items)
    hits: Hits
    if look_ahead is None:
        hits = _min(traces, nexts, n_items, slots)
    else:
        hits = _windowed(traces, nexts, n_items, slots, look_ahead)
    return hits


@compiled()
def _next_uses(traces: Traces, n_items: int) -> Traces:
    rows, length = traces.shape
    nexts = np.empty((rows, length), dtype=np.int64)
    for r in range(rows):
        seen = np.full(n_items, length, dtype=np.int64)
        for t in range(length - 1, -1, -1):
            nexts[r, t] = seen[traces[r, t]]
            seen[traces[r, t]] = t
    return nexts


@compiled()
def _sift(heap: Traces, place: Traces, key: Traces, size: int, at: int) -> None:
    # restore the max-heap `heap[:size]` of items by key after the entry `at` has changed
    item = heap[at]
    while at > 0 and key[heap[(at - 1) // 2]] < key[item]:
        heap[at] = heap[(at - 1) // 2]
        place[heap[at]] = at
        at = (at - 1) // 2
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size and key[heap[child + 1]] > key[heap[child]]:
            child += 1
        if key[heap[child]] <= key[item]:
            break
        heap[at] = heap[child]
        place[heap[at]] = at
        at = child
    heap[at] = item
    place[item] = at


@compiled()
def _min(traces: Traces, nexts: Traces, n_items: int, capacity: int) -> Hits:
    rows, length = traces.shape
    hits = np.zeros((rows, length), dtype=np.bool_)
    heap = np.empty(capacity, dtype=np.int64)
    key = np.empty(n_items, dtype=np.int64)
    for r in range(rows):
        place = np.full(n_items, -1, dtype=np.int64)
        size = 0
        for t in range(length):
            item = traces[r, t]
            key[item] = nexts[r, t]
            if place[item] >= 0:
                hits[r, t] = True
            elif size < capacity:
                heap[size] = item
                place[item] = size
                size += 1
            else:
                place[heap[0]] = -1
                heap[0] = item
                place[item] = 0
            _sift(heap, place, key, size, place[item])
    return hits


@compiled()
def _windowed(traces: Traces, nexts: Traces, n_items: int, capacity: int, look_ahead: int) -> Hits:
    rows, length = traces.shape
    hits = np.zeros((rows, length), dtype=np.bool_)
    next_use = np.empty(n_items, dtype=np.int64)
    last_use = np.empty(n_items, dtype=np.int64)
    slots = np.empty(capacity, dtype=np.int64)
    for r in range(rows):
        inside = np.zeros(n_items, dtype=np.bool_)
        size = 0
        for t in range(length):
            item = traces[r, t]
            next_use[item], last_use[item] = nexts[r, t], t
            if inside[item]:
                hits[r, t] = True
                continue
            inside[item] = True
            if size < capacity:
                slots[size] = item
                size += 1
                continue
            victim, worst = 0, -1
            for s in range(capacity):
                known = next_use[slots[s]] <= t + look_ahead
                # beyond the window: past every known use, the least recently used farthest
                far = next_use[slots[s]] if known else 2 * length + look_ahead - last_use[slots[s]]
                if far > worst:
                    victim, worst = s, far
            inside[slots[victim]] = False
            slots[victim] = item
    return hits
