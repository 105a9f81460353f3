"""Cost of the tester-learner: linear in n, and against peers in the same process."""

from functools import partial

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


def fit(x, y):
    return hs.TesterLearner(0.3, 0.1, 0.1, batch=4000, random_state=0).fit(x, y)


@pytest.mark.benchmark(group="halfspace fit")
@pytest.mark.parametrize("n", [20_000, 80_000])
def test_fit(benchmark, n):
    x, y = sample(n)
    benchmark(fit, x, y)


@pytest.mark.benchmark(group="halfspace fit, 40,000 rows")
def test_peers(beside):
    """Recorded, not judged: linear models are faster, and certify nothing."""
    x, y = sample(40_000)
    peers = {
        "LogisticRegression": LogisticRegression(fit_intercept=False),
        "LinearSVC": LinearSVC(fit_intercept=False, random_state=0),
    }
    for name, peer in peers.items():
        beside(f"scikit-learn's {name}", fit, peer.fit, x, y)


@pytest.mark.benchmark(group="halfspace fit of many rows")
def test_cost_is_at_most_linear_in_n(growth):
    slope = growth("n", {n: partial(fit, *sample(n)) for n in (100_000, 400_000)}, turns=5)
    assert slope < 1.4  # four times the rows take less than 7 times as long


@pytest.mark.benchmark(group="gradient of the ramp, 100,000 rows")
def test_fused_gradient_beats_plain_numpy(beside):
    x, y = sample(100_000)
    w = np.eye(5)[0]

    def plain():
        return -(hs.ramp_slope(x @ w, 0.5) * y) @ x / len(x)

    np.testing.assert_allclose(gradient_on_rows(x, y, w, 0.5), plain(), atol=1e-12)
    assert beside("plain NumPy", lambda: gradient_on_rows(x, y, w, 0.5), plain) > 1 / 1.2
