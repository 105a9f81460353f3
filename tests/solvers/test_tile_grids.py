"""Candidate grids, their choice, and cut objects against plain loops."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refutable.solvers.tile_grids import (
    TILE,
    candidate_grids,
    closest_grids,
    cut_on_axis,
    random_starts,
)


def test_candidates() -> None:
    assert candidate_grids(1, 2).tolist() == [[1, 1], [1, 2], [2, 1]]
    grids = candidate_grids(4, 12)
    assert len(grids) == 30
    assert (np.diff(grids.prod(axis=1)) >= 0).all()


def plain_choice(width: int, height: int, grids: list[list[int]]) -> list[int]:
    best, gap = [1, 1], float("inf")
    for i, j in grids:
        new = abs(width / height - i / j)
        if new < gap:
            best, gap = [i, j], new
        elif new == gap and width * height > 0.5 * TILE * TILE * i * j:
            best = [i, j]
    return best


@given(width=st.integers(1, 4000), height=st.integers(1, 4000))
def test_choice(width: int, height: int) -> None:
    grids = candidate_grids(4, 12)
    chosen = closest_grids([width], [height], grids)
    assert grids[chosen[0]].tolist() == plain_choice(width, height, grids.tolist())


def test_ties_go_to_the_larger_grid_of_a_large_image() -> None:
    grids = candidate_grids(4, 12)
    small, large = closest_grids([400, 4000], [400, 4000], grids)
    assert grids[[small, large]].tolist() == [[2, 2], [3, 3]]


def test_no_candidate() -> None:
    assert closest_grids([1.0], [1.0], [[1, 1]], [[False]]).tolist() == [-1]


@given(
    start=st.fractions(0, 1),
    length=st.fractions(Fraction(1, 50), Fraction(9, 10)),
    m=st.integers(1, 8),
)
def test_cut(start: Fraction, length: Fraction, m: int) -> None:
    low = start * (1 - length)
    direct = any(low < Fraction(line, m) < low + length for line in range(1, m))
    near = any(
        abs(float(end) - line / m) < 1e-9 for line in range(m + 1) for end in (low, low + length)
    )
    if not near:
        assert bool(cut_on_axis(float(low), float(length), m)) == direct


def test_starts() -> None:
    starts = random_starts(np.random.default_rng(0), 1000, 0.3)
    assert 0 <= starts.min() <= starts.max() <= 0.7


def test_refusals() -> None:
    with pytest.raises(ValueError, match="high"):
        candidate_grids(4, 3)
    with pytest.raises(ValueError, match="width"):
        closest_grids([0.0], [1.0], [[1, 1]])
    with pytest.raises(ValueError, match="length"):
        random_starts(np.random.default_rng(0), 3, 1.0)
