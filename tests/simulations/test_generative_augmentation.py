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
    assert run["excess_test_loss"].mean() == pytest.approx(2.5, abs=0.05)


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


FEW = [(50, 10, 0), (50, 10, 5), (1, 20, 50), (5, 20, 50)]


@pytest.mark.parametrize(("d", "m", "gamma"), FEW)
def test_declared_variances_hold_for_the_claims_and_their_controls(d, m, gamma):
    cell, rng = Cell({"d": d, "m": m, "gamma": gamma, "route": "statistics"}), _rng(d + m + gamma)
    for more in (0, 2):
        plotted = _setting.plotted_gap(cell, rng, 400, more)
        _within_variance(plotted["absolute_gap"], _setting.plotted_variance(cell))
        relative = expected_gap.relative_gap(cell, rng, 400, more)["relative_gap"]
        _within_variance(relative, expected_gap._relative_variance(cell))
    _within_variance(plotted["excess_test_loss"], _setting.excess_variance(cell))


@pytest.mark.parametrize(("d", "m", "gamma"), FEW)
def test_declared_variances_of_differences_hold_for_the_claims_and_their_controls(d, m, gamma):
    cell, rng = Cell({"d": d, "m": m, "gamma": gamma}), _rng(d + m + gamma)
    for more in (0, 4):
        ratios = gap_and_risk.gap_with_and_without(cell, rng, 200, more)
        for name, values in ratios.items():
            _within_variance(values, gap_and_risk._less(name).variance_at_most(cell))
    for ddof, more in ((1, 0), (0, 0), (1, 2)):
        pair = gap_and_risk.losses_with_and_without(cell, rng, 400, more, ddof)
        _within_variance(pair["test_increase"], gap_and_risk._rise_variance(cell))
        _within_variance(pair["gap_decrease"], gap_and_risk._decrease_variance(cell))
        change = expected_gap.gap_change(Cell({**cell, "ddof": ddof}), rng, 400)["change"]
        declared = expected_gap._change_variance(Cell({**cell, "ddof": ddof}))
        _within_variance(change, declared)


def test_the_declared_variance_of_the_decrease_is_that_of_the_wider_estimator():
    cell = Cell({"d": 50, "m": 10, "gamma": 5})
    exact = [
        theory.controlled_gap_variance(Augmentation(50, 10, 5, ddof), less_plain=True) / 20
        for ddof in (0, 1)
    ]
    assert exact[0] > 1.1 * exact[1]
    assert gap_and_risk._decrease_variance(cell) == pytest.approx(exact[0])


def _parts(columns, cell):
    """The two gaps that the differences are made of, and what multiplies the second."""
    rule = {name: multiple(cell) for name, multiple in gap_and_risk.MULTIPLES.items()}
    low, high, one = (columns[name] for name in ("less_low", "less_high", "less_one"))
    augmented = (low - high) / (rule["less_high"] - rule["less_low"])
    return one + augmented, augmented, rule


def test_differences_change_sign_where_the_ratio_passes_their_multiple():
    cell = Cell({"d": 50, "m": 10, "gamma": 50})
    columns = gap_and_risk.gap_with_and_without(cell, _rng(1), 400)
    plain, augmented, rule = _parts(columns, cell)
    ratio = plain.mean() / augmented.mean()
    assert columns["less_low"].mean() > 0 > columns["less_high"].mean()
    assert rule["less_low"] < ratio < rule["less_high"]
    assert ratio == pytest.approx(theory.improvement(50, 10, 50), rel=0.05)


@pytest.mark.parametrize(("d", "m"), [(100, 10), (5, 20), (1, 20)])
def test_the_declared_spread_of_a_difference_covers_the_worst_dependence(d, m):
    cell = Cell({"d": d, "m": m, "gamma": 50})
    plain, augmented, rule = _parts(gap_and_risk.gap_with_and_without(cell, _rng(2), 1000), cell)
    for name, multiple in rule.items():
        worst = plain.std() + multiple * augmented.std()
        declared = np.sqrt(gap_and_risk._less(name).variance_at_most(cell))
        assert 0.95 * worst < declared < 1.4 * worst


def _rng(seed):
    return np.random.default_rng(seed)


def _within_variance(sample, declared):
    """A sample's variance is at most the declared one, up to five standard errors."""
    squares = (sample - sample.mean()) ** 2
    assert squares.mean() <= declared + 5 * squares.std() / np.sqrt(squares.size)
