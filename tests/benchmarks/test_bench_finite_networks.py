"""Many networks trained at once against one after another, by the textbook."""

import numpy as np
import pytest
import scipy
from refutable.solvers.finite_networks import ErfNetworks
from refutable.solvers.kernels import InfiniteWidth

COUNT, WIDTH, STEPS = 128, 64, 25
NET = InfiniteWidth("erf", 1, 2.25, 0.09)
X, Y = np.array([[-1.8, 0.2], [1.1, -1.1], [0.9, 0.6]]), np.array([0.35, 0.18, -0.18])


@pytest.fixture(scope="module")
def case():
    return ErfNetworks.draw(NET, 2, WIDTH, np.ones(COUNT), np.random.default_rng(0))


def ours(nets):
    return nets.descend(X, Y, np.full(COUNT, 0.4), STEPS).outputs(X)


def textbook(nets):
    out = []
    for w, c, v in zip(nets.weights, nets.biases, nets.readout, strict=True):
        for _ in range(STEPS + 1):
            hidden = 1.5 / np.sqrt(2) * X @ w + 0.3 * c
            phi = scipy.special.erf(hidden)
            f = phi @ v / np.sqrt(WIDTH)
            pull = 0.4 * (f - Y) / np.sqrt(WIDTH)
            slope = pull[:, None] * v * 2 / np.sqrt(np.pi) * np.exp(-(hidden**2))
            w = w - 1.5 / np.sqrt(2) * X.T @ slope
            c = c - 0.3 * slope.sum(axis=0)
            v = v - pull @ phi
        out.append(f)
    return np.array(out)


@pytest.mark.benchmark(group="128 networks of width 64, 25 steps")
def test_all_at_once(beside, case):
    np.testing.assert_allclose(ours(case), textbook(case), rtol=1e-9, atol=1e-12)
    assert beside("textbook, one after another", ours, textbook, case) > 1
