"""Variational Bayes for many small data sets at once against the textbook, one after another."""

import numpy as np
import pytest
import scipy
from refutable.solvers.scale_mixture import fit_scales

ROWS, N, SWEEPS = 50, 200, 30


@pytest.fixture(scope="module")
def case():
    rng = np.random.default_rng(0)
    loud = rng.random((ROWS, N)) < 0.3
    y = rng.standard_normal((ROWS, N)) * np.where(loud, 1, 0.1)
    return y, rng.dirichlet(np.ones(2), (ROWS, N))


def ours(y, start):
    return fit_scales(y, start, SWEEPS).posterior.responsibilities


def textbook(y, start):
    """One sweep without any bound, which is less work than ours."""
    psi, out = scipy.special.psi, []
    for values, r in zip(y, start, strict=True):
        for _ in range(SWEEPS):
            counts = r.sum(axis=0)
            a, b, alpha = 1 + counts / 2, 1 + r.T @ values**2 / 2, 1 + counts
            level = psi(alpha) - psi(alpha.sum()) + (psi(a) - np.log(b)) / 2
            r = scipy.special.softmax(level - a / b * values[:, None] ** 2 / 2, axis=1)
        out.append(r)
    return np.array(out)


@pytest.mark.benchmark(group="variational Bayes for 50 data sets, 30 sweeps")
def test_all_at_once(beside, case):
    np.testing.assert_allclose(ours(*case), textbook(*case), rtol=1e-9)
    assert beside("textbook, one after another", ours, textbook, *case) > 1
