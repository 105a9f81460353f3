"""The mechanisms behind the claims, at sizes that take a moment."""

import numpy as np
import pytest
from refutable.simulations.learning.generative_augmentation import (
    _setting,
    expected_gap,
    gap_and_risk,
    rate,
)
from refutable.theory.learning import generative_augmentation as theory
from refutable.theory.learning.generative_augmentation import Augmentation

from refutable import Cell


def test_both_routes_give_the_same_relative_gap():
    means = [
        expected_gap.relative_gap(
            Cell({"route": route, "d": 20, "m": 10, "gamma": 2}), np.random.default_rng(1), 400
        )["relative_gap"].mean()
        for route in ("every point", "statistics")
    ]
    assert means == pytest.approx([5 / 9, 5 / 9], abs=0.03)


def test_replicates_in_low_dimension_are_averages():
    cell = Cell({"route": "statistics", "d": 1, "m": 10, "gamma": 1})
    gap = expected_gap.relative_gap(cell, np.random.default_rng(2), 300)["relative_gap"]
    assert gap.shape == (300,)
    assert gap.std() < 0.3


def test_a_figure_run_measures_on_a_finite_test_set():
    cell = Cell({"d": 50, "m": 10, "gamma": 0})
    run = _setting.plotted_gap(cell, np.random.default_rng(3), 200)
    assert run["absolute_gap"].mean() == pytest.approx(5.0, abs=0.1)
    assert np.allclose(run["unscaled_gap"], 0.36 * run["absolute_gap"])


def test_the_oracle_rung_is_a_larger_sample():
    rng = np.random.default_rng(4)
    gap = np.abs(rate._rung(rng, 20_000, 50, "oracle, m^2 points", 0)).mean()
    assert gap == pytest.approx(theory.leading_absolute_gap(1, 50 * 51, 0), rel=0.03)


def test_losses_with_and_without_share_their_training_set():
    cell = Cell({"d": 50, "m": 10, "gamma": 1})
    pair = gap_and_risk.losses_with_and_without(cell, np.random.default_rng(5), 4000)
    setting = Augmentation(50, 10, 1)
    assert pair["test_increase"].mean() == pytest.approx(
        theory.rise_of_test_loss(setting), abs=0.03
    )
    assert pair["gap_decrease"].mean() == pytest.approx(1.25, abs=0.08)


def test_maximum_likelihood_variances_undo_the_gain():
    rng = np.random.default_rng(6)
    cells = [Cell({"d": 50, "m": 10, "gamma": 1, "ddof": ddof}) for ddof in (0, 1)]
    changes = [expected_gap.gap_change(cell, rng, 600)["change"].mean() for cell in cells]
    assert changes == pytest.approx([1.0, -1.25], abs=0.2)
