"""Groups of four cells put in their best orders, block by block, pass after pass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from refutable.solvers._compiling import compiled

Ints = NDArray[np.int64]

ORDERS: Ints = np.array([
    [*first[::one], *last[::two]]
    for first, last in (
        ((0, 1), (2, 3)), ((0, 2), (1, 3)), ((0, 3), (1, 2)),
        ((1, 2), (0, 3)), ((1, 3), (0, 2)), ((2, 3), (0, 1)),
    )
    for one in (1, -1)
    for two in (1, -1)
])  # fmt: skip
"""The 24 orders of four, the identity first: place i takes what was in place ``order[i]``.

Four at a time share those that go to the first two places."""


@compiled(nogil=True, error_model="numpy")
def draw(state, r, below):  # type: ignore[no-untyped-def]
    """Return a whole number from 0 to below - 1 and move state[r] on (splitmix64)."""
    state[r] += np.uint64(0x9E3779B97F4A7C15)
    z = state[r]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return np.int64(((z >> np.uint64(32)) * np.uint64(below)) >> np.uint64(32))


@compiled(nogil=True, error_model="numpy")
def best_order(cost, choices):  # type: ignore[no-untyped-def]
    """Return the cheapest row of `choices`, a part of `ORDERS`, and its cost.

    All of them are compared by which two go to the first two places: best order of these, best
    order of the others. The first row wins where others are not cheaper.
    """
    if choices.shape[0] < 24:
        at, best = 0, np.inf
        for p in range(choices.shape[0]):
            total = 0.0
            for i in range(4):
                total += cost[i, choices[p, i]]
            if total < best:
                at, best = p, total
        return at, best
    at, best = 0, cost[0, 0] + cost[1, 1] + cost[2, 2] + cost[3, 3]
    for s in range(0, 24, 4):
        a, b, c, d = choices[s, 0], choices[s, 1], choices[s, 2], choices[s, 3]
        first, turned = cost[0, a] + cost[1, b], cost[0, b] + cost[1, a]
        last, swapped = cost[2, c] + cost[3, d], cost[2, d] + cost[3, c]
        total = min(first, turned) + min(last, swapped)
        if total < best:
            best = total
            at = s + 2 * (turned < first) + (swapped < last)
    return at, best


@compiled(nogil=True, error_model="numpy")
def one_pass(cell, order, rows, columns, blocks, side, group, choices, moves):  # type: ignore[no-untyped-def]
    """Rearrange every group of four once; return the distance before and how much less it is.

    A row of `cell` holds a cell's value and then its target. `rows` and `columns` say where the
    rows and columns of the shifted grid lie, `group` the places in a block, four in a row a group.
    """
    channels = cell.shape[1] // 2
    cost, at, kept = np.empty((4, 4)), np.empty(4, np.int64), np.empty(4, order.dtype)
    held, aims = np.empty((channels, 4)), np.empty((channels, 4))
    before, gain = 0.0, 0.0
    for block in range(blocks * blocks):
        top, left = block // blocks * side, block % blocks * side
        for first in range(0, side * side, 4):
            for i in range(4):
                place = group[first + i]
                at[i] = rows[top + (place >> 16)] + columns[left + (place & 0xFFFF)]
            for c in range(channels):
                for i in range(4):
                    held[c, i], aims[c, i] = cell[at[i], c], cell[at[i], channels + c]
            for i in range(4):
                a = b = d = e = 0.0
                for c in range(channels):
                    aim = aims[c, i]
                    a += (held[c, 0] - aim) ** 2
                    b += (held[c, 1] - aim) ** 2
                    d += (held[c, 2] - aim) ** 2
                    e += (held[c, 3] - aim) ** 2
                cost[i, 0], cost[i, 1], cost[i, 2], cost[i, 3] = a, b, d, e
            stay = cost[0, 0] + cost[1, 1] + cost[2, 2] + cost[3, 3]
            chosen, best = best_order(cost, choices)
            before += stay
            if chosen == 0:
                continue
            gain += stay - best
            for i in range(4):
                kept[i] = order[at[i]]
            for i in range(4):
                source = moves[chosen, i]
                order[at[i]] = kept[source]
                for c in range(channels):
                    cell[at[i], c] = held[c, source]
    return before, gain


@compiled(nogil=True, error_model="numpy")
def approach(cells, orders, state, n, side, least_gain, shifts, choices, moves, visits):  # type: ignore[no-untyped-def]
    """Move the cells of each grid r towards their targets; everything but the settings changes."""
    blocks = n // side
    group = np.empty(side * side, np.int32)
    rows, columns, corner = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(2, np.int64)
    for r in range(cells.shape[0]):
        for i in range(side * side):
            group[i] = ((i // side) << 16) + i % side
        tried, improved = 0, True
        while improved or tried < shifts:
            for i in range(2):
                corner[i] = draw(state, r, side)
            for i in range(n):
                rows[i], columns[i] = (i - corner[0]) % n * n, (i - corner[1]) % n
            before, gain, passes = 1.0, 1.0, 0
            while gain > 0.0 and gain >= least_gain * before:
                for i in range(side * side - 1, 0, -1):
                    j = draw(state, r, i + 1)
                    group[i], group[j] = group[j], group[i]
                before, gain = one_pass(
                    cells[r], orders[r], rows, columns, blocks, side, group, choices, moves
                )
                passes += 1
            visits[r] += passes * (blocks * side) ** 2
            improved, tried = passes > 1, tried + 1


@compiled(nogil=True, error_model="numpy")
def assign(costs, choices, found, totals):  # type: ignore[no-untyped-def]
    for r in range(costs.shape[0]):
        at, totals[r] = best_order(costs[r], choices)
        for i in range(4):  # one number at a time: an assigned slice compiles for seconds
            found[r, i] = choices[at, i]
