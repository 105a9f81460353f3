"""Sorting a grid: against the Hungarian method on all cells, and a pass in plain NumPy."""

import numpy as np
import pytest
from refutable.solvers import parallel_linear_assignment_sorting as plas
from scipy.optimize import linear_sum_assignment


def grid(n):
    return np.random.default_rng(3).integers(0, 256, (1, n, n, 3)).astype(np.float64)


def sort(grids, least_gain=1e-4):
    return plas.sort_grids(grids, np.random.default_rng(0), least_gain)


def hungarian(grids):
    """Assign all cells to the first blur only."""
    target = plas.blurred(grids, 1).reshape(-1, 3)
    cells = grids.reshape(-1, 3)
    costs = ((target[:, None] - cells) ** 2).sum(axis=2)
    return costs[linear_sum_assignment(costs)].sum()


def numpy_pass(cells, target, group):
    """One pass of a single block: brute force over the 24 orders, all groups at once."""
    values, aims = cells[group], target[group]
    costs = ((aims[:, :, None] - values[:, None]) ** 2).sum(axis=3)
    totals = costs[:, np.arange(4), plas.ORDERS].sum(axis=2)
    chosen = plas.ORDERS[totals.argmin(axis=1)]
    moved = cells.copy()
    moved[group] = np.take_along_axis(values, chosen[..., None], axis=1)
    return moved


@pytest.mark.benchmark(group="sort a grid of 32 by 32")
def test_all_radii_take_less_than_one_full_assignment(beside):
    """The ratio grows with the grid: at 48 by 48 it was 287, after minutes."""
    grids = grid(32)
    peer = "SciPy's Hungarian method, first blur only"
    assert beside(peer, lambda: sort(grids, 1e-2), lambda: hungarian(grids), turns=3) > 3


@pytest.mark.benchmark(group="one pass over a grid of 128 by 128")
def test_a_pass_is_faster_than_in_numpy(beside):
    grids = grid(128)
    target = plas.blurred(grids, 63)
    group = np.random.default_rng(1).permutation(128 * 128).reshape(-1, 4)
    cells, aims = grids.reshape(-1, 3), target.reshape(-1, 3)
    plain = numpy_pass(cells, aims, group)
    assert ((plain - aims) ** 2).sum() < ((cells - aims) ** 2).sum()
    rng = np.random.default_rng(0)

    def ours():
        return plas.sort_towards(grids, target, 63, rng, 1.0, 1)

    assert beside("NumPy", ours, lambda: numpy_pass(cells, aims, group)) > 1.5


@pytest.mark.benchmark(group="sort a grid of three channels")
@pytest.mark.parametrize(
    ("n", "least_gain"), [(64, 1e-4), (256, 1e-2), pytest.param(1000, 1e-2, marks=pytest.mark.slow)]
)
def test_sort(benchmark, n, least_gain):
    """The last sorts 10^6 cells; an RTX 4090 is printed with about 5 s at 1e-4 (README of PLAS)."""
    grids = grid(n)
    found = benchmark.pedantic(sort, (grids, least_gain), rounds=1, warmup_rounds=0)
    assert np.array_equal(np.sort(found.order[0]), np.arange(n * n))
