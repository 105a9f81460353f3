"""Spikes: an expert of least variance on a few observations is named, and not preferred."""

import numpy as np
import pytest
from refutable.solvers._starts import best_start
from refutable.solvers.gaussian_moe import (
    Gate,
    Parameters,
    Status,
    fit,
    fit_em,
    fit_nested_em,
    sample,
    scalar,
)

TRUTH = scalar([0.3, 0], [1.0, 0], [-0.5, 0.5], [0.4, -0.4], [1.0, 1.0])
METHODS = [fit, fit_em, fit_nested_em]


def draw(rows=3, n=60):
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (rows, n))
    return x, sample(rng, TRUTH, Gate(), x)


def spike_start(x, y):
    """Put the first expert of each data set on the line through its first two observations."""
    slope = (y[:, 1] - y[:, 0]) / (x[:, 1] - x[:, 0])
    level = y[:, 0] - slope * x[:, 0]
    zero, one = np.zeros(len(x)), np.ones(len(x))
    pair = lambda a, b: np.stack([a, b], axis=-1)  # noqa: E731
    rare = np.full(len(x), -np.log(len(x[0]) / 2))
    return scalar(pair(rare, zero), pair(zero, zero), pair(slope, zero), pair(level, zero),
                  pair(1e-8 * one, one), one)  # fmt: skip


def both_starts(x, y):
    spike, regular = spike_start(x, y), TRUTH.broadcast((len(x),))
    blocks = ("b0", "b1", "a", "c", "v", "tau")
    stack = [np.stack([getattr(spike, b), getattr(regular, b)], axis=1) for b in blocks]
    return Parameters(*stack)


@pytest.mark.parametrize("method", METHODS)
def test_several_starts_prefer_the_regular_fit_to_a_spike(method):
    x, y = draw()
    found = method(x, y, both_starts(x, y), variance_floor=1e-10)
    assert (found.status[:, 0] == Status.SINGULAR).all()
    assert (found.status[:, 1] != Status.SINGULAR).all()
    # the spike is the more likely one: the likelihood alone would choose it
    assert (found.log_likelihood[:, 0] > found.log_likelihood[:, 1]).all()
    best = found.best()
    np.testing.assert_array_equal(best.log_likelihood, found.log_likelihood[:, 1])
    np.testing.assert_array_equal(best.status, found.status[:, 1])


@pytest.mark.parametrize("floor", [1e-4, 1e-6, 1e-8])
def test_the_likelihood_of_a_spike_is_the_doing_of_the_floor(floor):
    x, y = draw()
    start = spike_start(x, y)
    found, lower = (fit(x, y, start, variance_floor=f) for f in (floor, floor / 1e4))
    assert (found.status == Status.SINGULAR).all()
    np.testing.assert_allclose(found.parameters.v[:, 0], floor * y.var(axis=1), rtol=1e-9)
    # two observations gain log 100 each from a hundredth of the deviation, and few are lost
    assert (lower.log_likelihood > found.log_likelihood + 1.5 * np.log(100)).all()


def test_an_expert_on_the_floor_for_many_observations_is_no_spike():
    rng = np.random.default_rng(5)
    x = rng.uniform(-1, 1, (1, 200))
    y = np.where(rng.random((1, 200)) < 0.25, 2 * x, 3 * rng.normal(size=x.shape))
    start = scalar([0.0, 0], [0.1, 0], [2, 0], [0, 0], [1e-3, 9])
    for method in METHODS:
        assert method(x, y, start).status[0] == Status.BOUNDARY


def test_where_every_start_is_a_spike_the_most_likely_one_is_kept():
    objective = np.array([[3.0, 1.0, np.nan], [3.0, 1.0, 2.0], [np.inf, 1.0, 2.0]])
    last = np.array([[True, True, False], [True, False, False], [False, True, True]])
    np.testing.assert_array_equal(best_start(objective, last)[1], [0, 2, 2])
