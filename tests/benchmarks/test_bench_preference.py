"""The Newton solver of pairwise preferences against scipy's BFGS on the same problem."""

import numpy as np
import pytest
from refutable.solvers.preference import PairwiseProblem, fit_pairwise
from scipy.optimize import minimize
from scipy.special import expit

RESPONSES = 50


@pytest.fixture(scope="module")
def problem():
    rng = np.random.default_rng(0)
    reward = rng.normal(size=RESPONSES)
    policy = rng.dirichlet(np.full(RESPONSES, 2.0))
    labels = expit(reward[:, None] - reward)
    return PairwiseProblem(2 * np.outer(policy, policy), labels)


def by_bfgs(problem):
    start = np.zeros(RESPONSES)
    return minimize(
        lambda t: float(problem.loss(t)), start, jac=problem.gradient, options={"gtol": 1e-8}
    ).x


@pytest.mark.benchmark(group="preferences between 50 responses")
def test_newton(beside, problem):
    fit = fit_pairwise(problem)
    assert fit.gradient_norm < 1e-12
    reference = by_bfgs(problem)
    np.testing.assert_allclose(fit.theta, reference - reference.mean(), atol=1e-2)
    assert beside("SciPy's BFGS", fit_pairwise, by_bfgs, problem) > 2
