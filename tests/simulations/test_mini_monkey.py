"""The experiments of Mini-Monkey: placements, rules and token positions."""

import numpy as np
import pytest
from refutable.simulations.selection.mini_monkey import shared_lines as simulation
from refutable.theory.selection import mini_monkey as theory

from refutable import Cell


def test_placements_follow_the_closed_form():
    cell = simulation.cut_cells(simulation.TWO_PAIRS, simulation.SIZES).cells[2]
    columns = simulation.placements(cell, np.random.default_rng(0), 100_000)
    error = 5 * 0.5 / np.sqrt(100_000)
    assert columns["either"].mean() == pytest.approx(simulation.predicted_either(cell), abs=error)
    gained = simulation.rescued(cell, np.random.default_rng(0), 100_000)["gained"].mean()
    assert gained == pytest.approx((columns["either"] & ~columns["first"]).mean())


def test_identical_grids_gain_nothing():
    cell = simulation.cut_cells((((4, 3), (4, 3)),), ((0.1, 0.1),)).cells[0]
    assert not simulation.rescued(cell, np.random.default_rng(0), 1000)["gained"].any()


def test_all_pairs():
    assert len(set(simulation.every_pair())) == 390
    found = simulation.shared_lines(Cell({}))
    assert found["gcd_mismatches"] == 0
    assert found["divisor_mismatches"] > 50


def test_shares_of_batches_and_pairs_never_cut_twice():
    cells = list(simulation.pair_cells(26))
    assert {cell.never_cut_twice for cell in cells} == {False, True}
    for cell in cells:
        columns = simulation.share_whole(cell, np.random.default_rng(0), 10)
        assert columns["either"].mean() == pytest.approx(
            simulation.predicted_either(cell), abs=0.02
        )
        assert (columns["either"] == 1).all() or not cell.never_cut_twice


@pytest.mark.parametrize(
    ("rule", "share"), [("released", 0.42), ("none", 0.67), ("neither-divides", 0), ("coprime", 0)]
)
def test_rules(rule, share):
    columns = simulation.chosen_grids(Cell({"rule": rule}), np.random.default_rng(0), 4000)
    assert columns["shares_a_line"].mean() == pytest.approx(share, abs=0.04)
    missing = 0.355 if rule == "neither-divides" else 0
    assert columns["no_candidate"].mean() == pytest.approx(missing, abs=0.04)


def test_counts():
    counts = simulation.token_counts(Cell({}))
    assert [counts[f"{name}_grids"] for name in ("all", "detailed", "adaptive")] == [35, 30, 13]
    assert counts["all_unordered"] < 35


@pytest.mark.parametrize(("detailed", "adaptive"), [(12, 7), (4, 3), (12, 3)])
def test_released_indices_lose_one_token(detailed, adaptive):
    cell = Cell({"detailed": detailed, "adaptive": adaptive, "before": 5, "after": 9})
    found = simulation.released_indices(cell)
    assert found["image_tokens"] == theory.compressed_tokens(detailed, adaptive) - 1
    assert found["adaptive_in_window"] == min(adaptive, detailed) * 256
