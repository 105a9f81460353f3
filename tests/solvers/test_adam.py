"""Adam against another implementation of it, a descent that is known, and a minimum that is."""

from __future__ import annotations

import numpy as np
import pytest
from refutable.solvers.adam import adam, dropped_rates
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer

MATRIX = np.array([[3.0, 0.5], [0.5, 0.2]])


def noisy(here: np.ndarray, step: int) -> np.ndarray:
    noise = np.random.default_rng([5, step]).standard_normal((4, 2))
    return here @ MATRIX + noise


def test_steps_are_those_of_another_implementation() -> None:
    start = np.random.default_rng(1).standard_normal((4, 2))
    other = [start.copy()]
    peer = AdamOptimizer(other, learning_rate_init=0.05, beta_1=0.8, beta_2=0.97, epsilon=1e-16)
    for step in range(50):
        peer.update_params(other, [noisy(other[0], step)])
    ours = adam(start, noisy, np.full(50, 0.05), momentum=0.8, memory=0.97, floor=1e-16)
    np.testing.assert_allclose(ours, other[0], rtol=1e-11)


def test_a_constant_gradient_moves_by_the_rate_whatever_its_size() -> None:
    rates = dropped_rates(10, 0.3, 0.5, 0.6)
    there = adam([0.0, 0.0, 0.0], lambda x, t: np.array([2.0, -1e-3, 0.0]), rates, floor=1e-300)
    np.testing.assert_allclose(there, [-(6 + 2) * 0.3, (6 + 2) * 0.3, 0.0], rtol=1e-12)


def test_the_floor_is_added_after_the_correction() -> None:
    # One step with gradient g moves by rate * g / (g + floor) in Algorithm 1.
    there = adam(0.0, lambda x, t: np.asarray(2.0), [1.0], floor=3.0)
    assert there == pytest.approx(-2 / 5, rel=1e-12)


def test_runs_are_independent_and_end_at_the_minimum() -> None:
    start = np.array([[1.0, 1.0], [-2.0, 0.5]])
    rates = dropped_rates(3000, 0.05, 0.1, 0.8)
    both = adam(start, lambda x, t: (x - 1) @ MATRIX, rates)
    alone = adam(start[1], lambda x, t: (x - 1) @ MATRIX, rates)
    np.testing.assert_allclose(both, 1.0, atol=1e-6)
    np.testing.assert_array_equal(both[1], alone)


def test_a_gradient_that_is_lost_spoils_its_own_run_alone() -> None:
    def lost(here: np.ndarray, step: int) -> np.ndarray:
        return np.where([[True], [step == 3]], here, np.nan)

    there = adam(np.ones((2, 2)), lost, np.full(9, 0.01))
    assert np.isfinite(there[0]).all()
    assert np.isnan(there[1]).all()


def test_start_is_kept_and_the_step_counts_from_nought() -> None:
    start, seen = np.ones(2), []

    def gradient(here: np.ndarray, step: int) -> np.ndarray:
        seen.append(step)
        return here

    adam(start, gradient, np.full(3, 0.1))
    assert (start == 1).all()
    assert seen == [0, 1, 2]


def test_a_gradient_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="gradient has shape"):
        adam(np.ones((3, 2)), lambda x, t: np.ones(2), [0.1])
