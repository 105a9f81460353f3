"""EM with an inner loop, held to a readable one and to its own definition of a stop."""

import numpy as np
import pytest
from gaussian_moe_reference import Experts, log_terms, responsibilities, total
from refutable.solvers.gaussian_moe import (
    EmRule,
    Gate,
    InnerRule,
    Status,
    fit_nested_em,
    sample,
    scalar,
)
from scipy.optimize import minimize
from scipy.special import logsumexp

TRUTH = scalar(
    (-1.0, 0.5, 0.0), (2.0, -1.0, 0.0), (1.0, -1.0, 0.3), (0.0, 1.0, -1.0), (0.2, 0.3, 0.4)
)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    x = rng.uniform(-2, 2, (2, 400))
    return x, sample(rng, TRUTH, Gate(), x)


def one_iteration(model, x, y):
    """M-step with the gate's maximum by BFGS and the experts' by least squares."""
    u = np.column_stack([np.ones_like(x), x])
    t = responsibilities(log_terms(model, u, y))[1]

    def loss(free):
        z = u @ np.vstack([free.reshape(2, 2), np.zeros(2)]).T
        return -(t * (z - logsumexp(z, axis=1, keepdims=True))).sum()

    gate = minimize(loss, model.gate[:-1].ravel(), method="BFGS", tol=1e-9).x
    root = np.sqrt(t.T)[..., None]
    expert = np.array([np.linalg.lstsq(r * u, r[:, 0] * y, rcond=None)[0] for r in root])
    v = (t * (y[:, None] - u @ expert.T) ** 2).sum(axis=0) / t.sum(axis=0)
    return Experts(np.vstack([gate.reshape(2, 2), np.zeros(2)]), expert, v)


def test_every_iteration_is_a_full_m_step(data):
    x, y = data
    p = TRUTH
    model = Experts(
        np.column_stack([p.b0, p.b1[:, 0]]), np.column_stack([p.c, p.a[:, 0]]), p.v
    )  # fmt: skip
    for count in (1, 2, 3):
        model = one_iteration(model, x[1], y[1])
        rule, inner = EmRule(0.0, count, "relative"), InnerRule(0.0, 0.0, 30)
        found = fit_nested_em(x, y, TRUTH, rule=rule, inner=inner)
        np.testing.assert_allclose(found.parameters.b1[1, :, 0], model.gate[:, 1], atol=1e-4)
        np.testing.assert_allclose(found.parameters.c[1], model.expert[:, 0], atol=1e-5)
        np.testing.assert_allclose(found.parameters.v[1], model.v, atol=1e-5)
    u = np.column_stack([np.ones(400), x[1]])
    assert found.log_likelihood[1] == pytest.approx(total(log_terms(model, u, y[1])), abs=1e-5)


def test_the_stop_compares_two_e_steps(data):
    x, y = data
    values = [
        fit_nested_em(x, y, TRUTH, rule=EmRule(0.0, count)).log_likelihood for count in range(1, 9)
    ]
    gains = np.diff(values, axis=0)  # gains[i]: of the (i + 2)nd M-step
    assert (gains > 0).all()
    tolerance = 0.5 * (gains[2, 0] + gains[3, 0])
    found = fit_nested_em(x, y, TRUTH, rule=EmRule(tolerance, 50))
    # the sixth E-step sees the gain of the fifth M-step, and one more M-step follows
    assert found.iterations[0] == 6
    assert found.log_likelihood[0] == pytest.approx(values[5][0], abs=1e-9)
    assert (found.status == Status.CONVERGED).all()


def test_starts_are_fitted_side_by_side(data):
    x, y = data
    other = scalar(TRUTH.b0, TRUTH.b1[:, 0], TRUTH.a[:, 0] + 0.2, TRUTH.c, TRUTH.v)
    rule = EmRule(1e-6, 30, "relative")
    alone = [fit_nested_em(x, y, start, rule=rule) for start in (TRUTH, other)]
    stacked = scalar(*(
        np.broadcast_to(np.stack([getattr(TRUTH, n), getattr(other, n)])[..., 0]
                        if n in ("b1", "a") else np.stack([getattr(TRUTH, n), getattr(other, n)]),
                        (2, 2, 3))
        for n in ("b0", "b1", "a", "c", "v")
    ))  # fmt: skip
    both = fit_nested_em(x, y, stacked, rule=rule)
    for i, single in enumerate(alone):
        np.testing.assert_allclose(both.log_likelihood[:, i], single.log_likelihood, rtol=1e-12)
        np.testing.assert_array_equal(both.iterations[:, i], single.iterations)


def test_one_expert_is_least_squares(data):
    x, y = data
    found = fit_nested_em(x, y, scalar((0.0,), (0.0,), (0.0,), (0.0,), (1.0,)))
    slope, intercept = np.polyfit(x[0], y[0], 1)
    assert found.parameters.a[0, 0, 0] == pytest.approx(slope)
    assert found.parameters.c[0, 0] == pytest.approx(intercept)


def test_inner_loops_stop_at_either_gain():
    rule = InnerRule(relative=1e-3, absolute=1e-2)
    met = rule.met(np.array([0.5, 0.005, 0.05]), np.array([-1000.0, -1.0, -1.0]))
    np.testing.assert_array_equal(met, [True, True, False])
