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


def test_objects_placed_anew_are_cut_independently():
    cell = cut_probability.cut_cells(cut_probability.TWO_PAIRS, cut_probability.SIZES).cells[1]
    grids = cut_probability.grids_of(cell)
    columns = cut_probability.placements(cell, np.random.default_rng(0), 100_000, apart=True)
    predicted = theory.uncut_if_independent(grids, cell.w, cell.h)
    assert columns["either"].mean() == pytest.approx(predicted, abs=0.008)
    assert abs(predicted - cut_probability.predicted_either(cell)) > 0.02


def test_stretched_objects():
    for cell in cut_probability.pair_cells(130):
        columns = cut_probability.share_whole(cell, np.random.default_rng(0), 2000, stretch=1.5)
        grids = cut_probability.grids_of(cell)
        for name, some in (("first", grids[:1]), ("either", grids)):
            larger = theory.uncut(some, 1.5 * cell.w, 1.5 * cell.h)
            assert columns[name].mean() == pytest.approx(larger, abs=0.008)


def test_identical_grids_gain_nothing():
    cell = cut_probability.cut_cells((((4, 3), (4, 3)),), ((0.1, 0.1),)).cells[0]
    assert not cut_probability.rescued(cell, np.random.default_rng(0), 1000)["gained"].any()


def test_all_pairs():
    assert len(set(_grids.every_pair())) == 390
    found = shared_lines.shared_lines(Cell({}))
    assert found["mismatches"] == 0
    assert shared_lines.shared_lines(Cell({}), shared_lines.both_divide)["mismatches"] > 50


def test_shares_of_batches_and_pairs_never_cut_twice():
    cells = list(cut_probability.pair_cells(26))
    assert {cell.never_cut_twice for cell in cells} == {False, True}
    for cell in cells:
        columns = cut_probability.share_whole(cell, np.random.default_rng(0), 400)
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


def test_coprime_columns_alone_leave_shared_rows():
    rules = {"coprime": shared_lines.coprime_columns}
    columns = shared_lines.chosen_grids(
        Cell({"rule": "coprime"}), np.random.default_rng(0), 2000, rules
    )
    assert 0.05 < columns["shares_a_line"].mean() < 0.6
    assert shared_lines.coprime_columns((4, 6), (3, 2))
    assert not shared_lines.coprime_columns((4, 6), (2, 5))


def test_counts():
    counts = token_counts.token_counts(Cell({}))
    assert [counts[f"{name}_grids"] for name in ("all", "detailed", "adaptive")] == [35, 30, 13]
    unordered = token_counts.token_counts(Cell({}), thumbnails=0, ordered=False)
    # m <= k and m k <= 12: 12 with one column, 5 with two, 2 with three.
    assert unordered["all_grids"] == 19
    assert counts["pyramid_tokens"] - unordered["pyramid_tokens"] == 256
    assert counts["compressed_tokens"] - unordered["compressed_tokens"] == 256


@pytest.mark.parametrize(("detailed", "adaptive"), [(12, 7), (4, 3), (12, 3)])
def test_released_indices_lose_one_token(detailed, adaptive):
    cell = Cell({"detailed": detailed, "adaptive": adaptive, "before": 5, "after": 9})
    found = token_counts.released_indices(cell)
    assert found["image_tokens"] == theory.compressed_tokens(detailed, adaptive) - 1
    assert found["adaptive_in_window"] == min(adaptive, detailed) * 256
    kept = [token_counts.released_indices(cell, skipped)["image_tokens"] for skipped in (0, 2)]
    assert kept == [found["image_tokens"] + 1, found["image_tokens"] - 1]
