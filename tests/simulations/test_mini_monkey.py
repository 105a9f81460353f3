"""The experiments of Mini-Monkey: placements, rules and token positions."""

import numpy as np
import pytest
from refutable.simulations.selection.mini_monkey import (
    _grids,
    cut_probability,
    shared_lines,
    token_counts,
)
from refutable.theory.selection import mini_monkey as theory

from refutable import Cell


def test_placements_follow_the_closed_form():
    cell = cut_probability.cut_cells(cut_probability.TWO_PAIRS, cut_probability.SIZES).cells[2]
    columns = cut_probability.placements(cell, np.random.default_rng(0), 100_000)
    error = 5 * 0.5 / np.sqrt(100_000)
    assert columns["either"].mean() == pytest.approx(
        cut_probability.predicted_either(cell), abs=error
    )
    gained = cut_probability.rescued(cell, np.random.default_rng(0), 100_000)["gained"].mean()
    assert gained == pytest.approx((columns["either"] & ~columns["first"]).mean())


def test_identical_grids_gain_nothing():
    cell = cut_probability.cut_cells((((4, 3), (4, 3)),), ((0.1, 0.1),)).cells[0]
    assert not cut_probability.rescued(cell, np.random.default_rng(0), 1000)["gained"].any()


def test_all_pairs():
    assert len(set(_grids.every_pair())) == 390
    found = shared_lines.shared_lines(Cell({}))
    assert found["gcd_mismatches"] == 0
    assert found["divisor_mismatches"] > 50


def test_shares_of_batches_and_pairs_never_cut_twice():
    cells = list(cut_probability.pair_cells(26))
    assert {cell.never_cut_twice for cell in cells} == {False, True}
    for cell in cells:
        columns = cut_probability.share_whole(cell, np.random.default_rng(0), 10)
        assert columns["either"].mean() == pytest.approx(
            cut_probability.predicted_either(cell), abs=0.02
        )
        assert (columns["either"] == 1).all() or not cell.never_cut_twice


@pytest.mark.parametrize(
    ("rule", "share"), [("released", 0.42), ("none", 0.67), ("neither-divides", 0), ("coprime", 0)]
)
def test_rules(rule, share):
    columns = shared_lines.chosen_grids(Cell({"rule": rule}), np.random.default_rng(0), 4000)
    assert columns["shares_a_line"].mean() == pytest.approx(share, abs=0.04)
    missing = 0.355 if rule == "neither-divides" else 0
    assert columns["no_candidate"].mean() == pytest.approx(missing, abs=0.04)


def test_counts():
    counts = token_counts.token_counts(Cell({}))
    assert [counts[f"{name}_grids"] for name in ("all", "detailed", "adaptive")] == [35, 30, 13]
    assert counts["all_unordered"] < 35


@pytest.mark.parametrize(("detailed", "adaptive"), [(12, 7), (4, 3), (12, 3)])
def test_released_indices_lose_one_token(detailed, adaptive):
    cell = Cell({"detailed": detailed, "adaptive": adaptive, "before": 5, "after": 9})
    found = token_counts.released_indices(cell)
    assert found["image_tokens"] == theory.compressed_tokens(detailed, adaptive) - 1
    assert found["adaptive_in_window"] == min(adaptive, detailed) * 256
