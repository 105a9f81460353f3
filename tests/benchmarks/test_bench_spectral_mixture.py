"""Derivatives of many mixtures at once against those of single kernels, component by component."""

import time

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


def seconds(run, *arguments):
    start = time.process_time()
    for _ in range(5):
        run(*arguments)
    return time.process_time() - start


def test_derivatives(benchmark, case):
    np.testing.assert_allclose(benchmark(ours, *case), plain(*case), rtol=1e-9, atol=1e-9)
    pairs = [(seconds(ours, *case), seconds(plain, *case)) for _ in range(7)]
    assert min(a for a, _ in pairs) < 0.8 * min(b for _, b in pairs)
