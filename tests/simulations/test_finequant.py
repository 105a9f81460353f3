"""The experiments of FineQuant: figures of the roofline and the fixed vector."""

import numpy as np
import pytest
from refutable.simulations.compression.finequant import group_law, halving, memory_bound, outliers

from refutable import Cell


@pytest.mark.parametrize(
    ("batch", "speed_up"), [(1, 3.76), (32, 3.71), (64, 2.42), (128, 1.22), (153, 1.025), (256, 1)]
)
def test_roofline_figures(batch, speed_up):
    found = memory_bound.roofline(Cell({"bits": 4, "group": 64, "batch": batch}))
    assert found["speed_up"] == pytest.approx(speed_up, abs=5e-3)
    assert found["gigabytes"] == pytest.approx(92.97, abs=5e-3)


def test_ridge_is_where_compute_and_reading_meet():
    for bits, printed in ((4.25, 40.645), (16, 153.016)):
        batch = memory_bound.ridge_batch(bits)
        assert batch == pytest.approx(printed, abs=5e-4)
        weights = memory_bound.WIDTH**2
        reading = weights * bits / 8 / 2.039e12
        assert 2 * batch * weights / 312e12 == pytest.approx(reading)


@pytest.mark.parametrize(("batch", "gain"), [(40, 3.7647), (41, 3.7321), (153, 1.0001), (154, 1)])
def test_gain_without_activations(batch, gain):
    assert memory_bound.without_activations(batch, 4.25) == pytest.approx(gain, abs=5e-5)


def test_error_of_the_fixed_vector_grows():
    found = halving.halving(Cell({}), np.random.default_rng(0), 3)
    assert found["error_of_vector_grown"] == pytest.approx(np.full(3, 0.0153), abs=5e-5)
    assert (found["scales_grown"] == 0).all()


def test_outliers_replace_one_weight_per_column():
    cell = Cell({"outlier": 60.0})
    with_one = outliers.columns(cell, np.random.default_rng(0), 8)
    without = outliers.columns(cell, np.random.default_rng(0), 8, outliers=0)
    assert (with_one["mse_4096"] > 0.9).all()
    assert without["mse_4096"].mean() / without["mse_64"].mean() == pytest.approx(2.0, abs=0.3)
    fall = with_one["mse_4096"] - 30 * with_one["mse_64"]
    assert with_one["fall"] == pytest.approx(fall)


@pytest.mark.parametrize(("outliers_of_column", "scale"), [(1, 1.0), (1, 0.5), (2, 1.0)])
def test_declared_variances_hold_with_every_outlier(outliers_of_column, scale):
    cell = Cell({"outlier": 60.0})
    drawn = outliers.columns(
        cell, np.random.default_rng(2), 1000, outliers=outliers_of_column, scale=scale
    )
    for group in outliers.GROUPS:
        assert drawn[f"mse_{group}"].var() < outliers.variance(group, outliers_of_column)
    declared = outliers.falls(outliers_of_column).functional.variance_at_most
    assert drawn["fall"].var() < declared(cell)


def test_weights_that_end_somewhere_are_normal_below():
    drawn = group_law.cut_off(np.random.default_rng(0), (100, 1000))
    assert np.abs(drawn).max() <= group_law.CUT
    # the variance of a normal cut at c is 1 - 2 c phi(c) / (2 Phi(c) - 1)
    assert drawn.var() == pytest.approx(0.9733, abs=0.02)


def test_halved_groups_have_the_error_of_half_the_group():
    rows = [
        group_law.group_errors(Cell({"bits": 4, "group": g}), np.random.default_rng(0), 2, parts=p)
        for g, p in ((64, 2), (32, 1))
    ]
    assert rows[0]["half"] == pytest.approx(rows[1]["half"], abs=0)
