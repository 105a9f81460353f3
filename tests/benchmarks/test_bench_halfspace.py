"""Cost of the tester-learner: linear in n, and against peers in the same process."""

import time
from collections.abc import Callable

import numpy as np
import pytest
from refutable.solvers import halfspace as hs
from refutable.solvers.halfspace.ramp import gradient_on_rows
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC


def sample(n: int, d: int = 5, eta: float = 0.1):
    rng = np.random.default_rng(0)
    w = np.eye(d)[1]
    x = rng.standard_normal((n, d))
    return x, hs.flipped(hs.halfspace_labels(x, w), np.full(n, eta), rng)


def best_of(call: Callable[[], object], rounds: int = 5) -> float:
    """Least seconds of some rounds, after one to warm up."""
    call()
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def fit(x, y):
    return hs.TesterLearner(0.3, 0.1, 0.1, batch=4000, random_state=0).fit(x, y)


@pytest.mark.benchmark(group="halfspace fit")
@pytest.mark.parametrize("n", [20_000, 80_000])
def test_fit(benchmark, n):
    x, y = sample(n)
    benchmark(fit, x, y)


@pytest.mark.benchmark(group="halfspace peers")
@pytest.mark.parametrize("peer", ["ours", "logistic", "svc"])
def test_peers(benchmark, peer):
    x, y = sample(40_000)
    fits = {
        "ours": lambda: fit(x, y),
        "logistic": lambda: LogisticRegression(fit_intercept=False).fit(x, y),
        "svc": lambda: LinearSVC(fit_intercept=False, random_state=0).fit(x, y),
    }
    benchmark(fits[peer])


def test_cost_is_at_most_linear_in_n():
    small, large = sample(100_000), sample(400_000)
    ratio = best_of(lambda: fit(*large), 3) / best_of(lambda: fit(*small), 3)
    assert ratio < 4 * 1.75


def test_fused_gradient_beats_plain_numpy():
    x, y = sample(100_000)
    w = np.eye(5)[0]

    def plain():
        return -(hs.ramp_slope(x @ w, 0.5) * y) @ x / len(x)

    np.testing.assert_allclose(gradient_on_rows(x, y, w, 0.5), plain(), atol=1e-12)
    assert best_of(lambda: gradient_on_rows(x, y, w, 0.5)) < 1.2 * best_of(plain)
