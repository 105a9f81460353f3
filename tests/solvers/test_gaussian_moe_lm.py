"""The optimiser on quadratics, where every answer is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refutable.solvers.gaussian_moe.lm import Rule, maximise


def quadratic(curvature, peak, understated=1.0):
    """-(x - peak)' C (x - peak)/2 with the information reported as C * understated."""

    def evaluate(theta, index):
        gap = theta - peak
        value = -0.5 * np.einsum("fp,pq,fq->f", gap, curvature, gap)
        information = np.broadcast_to(understated * curvature, (len(index), *curvature.shape))
        return value, -gap @ curvature, information.copy()

    return evaluate


def random_curvature(rng, size):
    root = rng.standard_normal((size, size))
    return root @ root.T + np.eye(size)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.3, 0.6, 1.0, 2.0]))
def test_reaches_the_peak_with_right_and_wrong_information(seed, understated):
    rng = np.random.default_rng(seed)
    curvature, peak = random_curvature(rng, 4), rng.standard_normal(4)
    start = rng.standard_normal((3, 4)) * 3
    top = maximise(quadratic(curvature, peak, understated), start, Rule(), np.full(4, -np.inf))
    assert top.done.all()
    np.testing.assert_allclose(top.theta, np.broadcast_to(peak, (3, 4)), atol=1e-3)
    np.testing.assert_allclose(top.value, 0, atol=1e-6)


def test_bound_that_holds_the_peak_back_is_active_and_the_rest_adapts():
    curvature, peak = np.array([[2.0, 1.0], [1.0, 2.0]]), np.array([-1.0, 0.5])
    lower = np.array([0.0, -np.inf])
    top = maximise(quadratic(curvature, peak), np.array([[3.0, 3.0]]), Rule(), lower)
    assert top.done.all()
    # with x1 = 0 the stationary point is x2 = peak2 - (0 - peak1)/2
    np.testing.assert_allclose(top.theta, [[0.0, 0.0]], atol=1e-6)


def test_bound_is_left_when_the_gradient_points_inwards():
    top = maximise(
        quadratic(np.eye(2), np.array([1.0, 2.0])), np.zeros((1, 2)), Rule(), np.zeros(2)
    )
    np.testing.assert_allclose(top.theta, [[1.0, 2.0]], atol=1e-6)


def test_flat_directions_stay_where_they_started():
    curvature = np.diag([1.0, 0.0])
    top = maximise(
        quadratic(curvature, np.zeros(2)), np.array([[2.0, 0.7]]), Rule(), np.full(2, -np.inf)
    )
    assert top.done.all()
    assert top.theta[0, 1] == 0.7


def test_reach_shortens_a_step_as_a_whole():
    visited = []
    base = quadratic(np.eye(2), np.array([10.0, 5.0]))

    def evaluate(theta, index):
        visited.append(theta.copy())
        return base(theta, index)

    maximise(evaluate, np.zeros((1, 2)), Rule(), np.full(2, -np.inf), reach=np.array([1.0, np.inf]))
    steps = np.diff(np.concatenate(visited), axis=0)
    assert np.abs(steps[:, 0]).max() <= 1.0 + 1e-12
    np.testing.assert_allclose(steps[0], [1.0, 0.5], rtol=1e-9)


def test_start_without_a_value_is_not_done():
    def nowhere(theta, index):
        size = theta.shape[1]
        return np.full(len(index), np.nan), np.zeros_like(theta), np.zeros((len(index), size, size))

    top = maximise(nowhere, np.zeros((2, 2)), Rule(), np.full(2, -np.inf))
    assert not top.done.any()


def test_iterations_are_counted_and_limited():
    base = quadratic(np.eye(1), np.array([1e6]))
    top = maximise(
        base, np.zeros((1, 1)), Rule(iterations=5), np.array([-np.inf]), reach=np.array([1.0])
    )
    assert top.iterations[0] == 5
    assert not top.done[0]
    assert top.promise[0] == pytest.approx(0.5 * (1e6 - top.theta[0, 0]) ** 2, rel=1e-3)
