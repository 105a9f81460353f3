"""Smoothness of grids against plain loops and scipy's entropy."""

import itertools

import numpy as np
import pytest
from refutable.solvers import grid_smoothness as smooth
from scipy import stats

GRIDS = np.random.default_rng(0).integers(0, 256, (3, 5, 7, 2))


def test_vad_is_the_mean_of_the_variances_of_both_differences():
    def plain(grid):
        x = [abs(int(b) - int(a)) for row in grid for p, q in itertools.pairwise(row)
             for a, b in zip(p, q, strict=True)]  # fmt: skip
        y = [abs(int(b) - int(a)) for up, low in itertools.pairwise(grid)
             for p, q in zip(up, low, strict=True) for a, b in zip(p, q, strict=True)]  # fmt: skip
        return (np.var(x) + np.var(y)) / 2

    wanted = [plain(grid) for grid in GRIDS]
    assert smooth.absolute_difference_variance(GRIDS) == pytest.approx(wanted)


def test_neighbours_are_those_to_the_right_and_below():
    def plain(grid):
        n, m, _ = grid.shape
        x = [((grid[i, j] - grid[i, j + 1]) ** 2).sum() for i in range(n) for j in range(m - 1)]
        y = [((grid[i, j] - grid[i + 1, j]) ** 2).sum() for i in range(n - 1) for j in range(m)]
        return np.mean(x) + np.mean(y)

    assert smooth.neighbour_distance(GRIDS) == pytest.approx([plain(grid) for grid in GRIDS])


def test_the_entropy_is_that_of_the_residuals_modulo_256():
    def plain(grid):
        n, m, channels = grid.shape
        left = [
            (grid[i, j, c] - grid[i, j - 1, c] - grid[i - 1, j, c] + grid[i - 1, j - 1, c]) % 256
            for i in range(1, n) for j in range(1, m) for c in range(channels)
        ]  # fmt: skip
        return stats.entropy(np.bincount(left), base=2)

    assert smooth.residual_entropy(GRIDS) == pytest.approx([plain(grid) for grid in GRIDS])
    plane = (3 * np.arange(6)[:, None] + 60 * np.arange(6))[None, :, :, None] % 256
    assert smooth.residual_entropy(plane).tolist() == [0.0]


def test_a_single_row_has_no_neighbours_below():
    with pytest.raises(ValueError, match="grids has shape"):
        smooth.neighbour_distance(GRIDS[:, :1])
    with pytest.raises(ValueError, match="grids has shape"):
        smooth.residual_entropy(GRIDS[:, :, :1])
