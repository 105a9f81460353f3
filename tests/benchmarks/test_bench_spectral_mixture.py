"""Derivatives of many mixtures at once against those of single kernels, component by component."""

import numpy as np
import pytest
from refutable.solvers.kernels import SpectralMixture, matern52, times_cosine


@pytest.fixture(scope="module")
def case():
    rng = np.random.default_rng(0)
    lags = np.broadcast_to(np.linspace(0, 1, 40), (24, 40))
    return lags, rng.standard_normal((24, 6)), rng.standard_normal((24, 6)), 9 * rng.random((24, 6))


def ours(lags, weights, lengths, cycles):
    return SpectralMixture("matern52", lags, weights, lengths, cycles).derivatives


def plain(lags, weights, lengths, cycles):
    r, f = lags[:, None], cycles[..., None]
    waves = times_cosine(matern52(r, np.exp(lengths)[..., None], 4), r, f)[::2]
    return np.einsum("bq,mbqn->bmn", np.exp(weights), waves)


@pytest.mark.benchmark(group="derivatives of 24 mixtures of 6 kernels")
def test_derivatives(beside, case):
    np.testing.assert_allclose(ours(*case), plain(*case), rtol=1e-9, atol=1e-9)
    assert beside("single kernels", ours, plain, *case) > 1.25
