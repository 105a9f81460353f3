"""Sinkhorn's scaling against POT, a plan that is known, and the conditions that mark the plan."""

from __future__ import annotations

import numpy as np
import ot
import pytest
from refutable.solvers.sinkhorn import entropic_plan


def problem(n: int = 12, m: int = 9) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    cost = (rng.normal(size=(n, 1)) - rng.normal(size=m)) ** 2 / 2
    return cost, rng.dirichlet(np.ones(n)), rng.dirichlet(np.ones(m))


@pytest.mark.parametrize("epsilon", [1.0, 0.1])
def test_plan_is_that_of_pot(epsilon: float) -> None:
    cost, a, b = problem()
    found = entropic_plan(-cost / epsilon, a, b)
    wanted = ot.sinkhorn(a, b, cost, epsilon, method="sinkhorn_log", stopThr=1e-14, numItermax=9999)
    np.testing.assert_allclose(found.plan, wanted, rtol=1e-8, atol=1e-15)
    assert found.violation < 1e-12
    assert found.sweeps < 9999


def test_sums_and_scalings() -> None:
    cost, a, b = problem()
    found = entropic_plan(-cost / 0.3, a, b)
    np.testing.assert_allclose(found.plan.sum(axis=0), b, rtol=1e-12)
    np.testing.assert_allclose(found.plan.sum(axis=1), a, rtol=1e-11)
    levels = found.log_rows[:, None] - cost / 0.3 + found.log_columns
    np.testing.assert_allclose(np.log(found.plan), levels, atol=1e-11)


def test_two_points_with_a_small_epsilon() -> None:
    # Equal masses on 0 and 1: the mass p that stays has p / (1/2 - p) = exp(1 / (2 epsilon)), so
    # that hardly any moves, and of a cost raised by 10^4 nothing is lost.
    epsilon = 0.02
    cost = np.array([[0.0, 0.5], [0.5, 0.0]]) + np.array([[1e4], [0.0]])
    found = entropic_plan(-cost / epsilon, [0.5, 0.5], [0.5, 0.5])
    odds = np.exp(0.5 / epsilon)
    assert found.plan[0, 1] == pytest.approx(0.5 / (1 + odds), rel=1e-9)


def test_the_violation_is_what_one_sweep_leaves() -> None:
    cost, a, b = problem()
    found = entropic_plan(-cost / 0.1, a, b, sweeps=1)
    assert found.sweeps == 1
    assert found.violation == pytest.approx(np.abs(found.plan.sum(axis=1) / a - 1).max())
    assert found.violation > 1e-3


def test_a_kernel_that_underflows_is_refused() -> None:
    cost = np.array([[0.0, 1.0], [0.0, 1.0], [1e4, 0.0]])
    with pytest.raises(ValueError, match="log_kernel"):
        entropic_plan(-cost, [0.2, 0.3, 0.5], [0.9, 0.1])
