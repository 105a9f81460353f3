"""Whether every step of the sort is a permutation that brings the grid nearer to its target."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from refutable.simulations.compression.self_organizing_gaussians._grids import UNIFORM, drawn
from refutable.solvers.parallel_linear_assignment_sorting import (
    ORDERS,
    assign_four,
    blurred,
    sort_grids,
    sort_towards,
)

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    FloatArray,
    Origin,
    Scope,
)

PASSES, GROUPS = 4, 50
"""Passes towards each target, and groups of four for each grid."""

Orders = NDArray[np.int64]

INVERSE = ORDERS.argsort(axis=1)
"""Each order the wrong way round: place ``order[i]`` takes what was in place i."""


def copying() -> Orders:
    """Orders of which one puts the same cell in two places."""
    spoiled = ORDERS.copy()
    spoiled[1] = (0, 1, 3, 3)
    return spoiled


def distance(grids: FloatArray, targets: FloatArray) -> FloatArray:
    """Squared distance of each grid from its target, shape (R,)."""
    return np.asarray(((grids - targets) ** 2).sum(axis=(1, 2, 3)))


def over_hungarian(rng: Generator, size: int, choices: Orders) -> FloatArray:
    """How far the cheapest order of four lies above the Hungarian method, the most of 50 groups."""
    from scipy.optimize import linear_sum_assignment  # loads slowly

    costs = rng.random((size * GROUPS, 4, 4))
    least = np.array([one[linear_sum_assignment(one)].sum() for one in costs])
    off: FloatArray = np.abs(assign_four(costs, choices)[1] - least)
    return np.asarray(off.reshape(size, GROUPS).max(axis=1))


def lost(order: Orders) -> Orders:
    """Cells that an order has nowhere, shape (R,)."""
    steps = np.sort(order, axis=1) != np.arange(order.shape[1])
    return np.asarray(steps.sum(axis=1))


def colours(grids: FloatArray) -> FloatArray:
    """All colours of each grid, sorted, shape (R, n * n)."""
    return np.asarray(np.sort(grids.reshape(len(grids), -1, 3) @ (65536.0, 256.0, 1.0), axis=1))


def passes(
    cell: Cell, rng: Generator, size: int, choices: Orders = ORDERS, moves: Orders = ORDERS
) -> Columns:
    """Follow passes of the sort at four radii, and one whole sort.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``lost``: cells missing after a pass or the sort; ``changed``: colours that are not those
        of the start; ``increase``: largest growth of the squared distance in a pass, as a share;
        ``over_hungarian``: of groups of four random costs.
    """
    grids = start = drawn(rng, size, cell.n)
    gone, growth = lost(sort_grids(grids, rng, 1e-3, choices).order), np.full(size, -np.inf)
    for radius in (cell.n // 2 - 1, cell.n // 4, 2, 1):
        target = blurred(grids, radius).astype(np.float32).astype(np.float64)
        for _ in range(PASSES):
            moved = sort_towards(grids, target, radius, rng, 1.0, 1, choices, moves)
            before = distance(grids, target)
            growth = np.maximum(growth, distance(moved.grids, target) / before - 1.0)
            gone += lost(moved.order)
            grids = moved.grids
    return {
        "lost": gone,
        "changed": (colours(grids) != colours(start)).sum(axis=1),
        "increase": growth,
        "over_hungarian": over_hungarian(rng, size, choices),
    }


MONOTONE = Claim(
    id="self_organizing_gaussians.permutation-monotone",
    title="Every pass of the sort is a permutation that never moves the grid off its target",
    source="plas/core.py of fraunhoferhhi/PLAS: reorder_plas and reorder_blocky_shuffled",
    origin=Origin.IMPLIED,
    basis=Basis.CODE,
    statement="Each pass towards a fixed target permutes the cells and never increases the squared "
    "distance from the target, and the best of the 24 orders of four cells is the one that the "
    "Hungarian method finds.",
    formula="sum_i norm(x_(pi(i)) - t_i)^2 <= sum_i norm(x_i - t_i)^2",
    scope=Scope.AS_STATED,
    does_not_show="That the grid ends near the best permutation: see near-assignment.",
    assumptions=(UNIFORM, "the target is rounded to single precision, as the sort sees it"),
    cells=ByEffort(smoke=Cells(n=(16, 32)), standard=Cells(n=(16, 32)), full=Cells(n=(16, 32, 64))),
    simulate=passes,
    expect=(
        Exact("lost").equals(0),
        Exact("changed").equals(0),
        Exact("increase").at_most(1e-12),
        Exact("over_hungarian").equals(0, 1e-12),
    ),
    controls=(
        BrokenWorld(
            "orders applied the wrong way round",
            change={"moves": INVERSE},
            at={"n": 16},
            judged_by="increase",
        ),
        BrokenWorld(
            "one of the 24 orders copies a cell",
            change={"moves": copying()},
            at={"n": 16},
            judged_by=("lost", "changed"),
        ),
        BrokenWorld(
            "23 of the 24 orders tried",
            change={"choices": ORDERS[:23]},
            at={"n": 16},
            judged_by="over_hungarian",
        ),
    ),
    block=8,
    cap=ByEffort(smoke=8, standard=64, full=256),
)
