"""The experiments of FineQuant: figures of the roofline and the fixed vector."""

import numpy as np
import pytest
from refutable.simulations.compression.finequant import halving, memory_bound, outliers

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
    without = outliers.columns(cell, np.random.default_rng(0), 8, outlier=False)
    assert (with_one["mse_4096"] > 0.9).all()
    assert without["mse_4096"].mean() / without["mse_64"].mean() == pytest.approx(2.0, abs=0.3)
