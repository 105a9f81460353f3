"""Batched EM for Gaussian mixtures against scikit-learn: the same starts, the same iterations.

Every speed is a ratio within this process, of processor time, so that neighbours count little.
"""

import tracemalloc
from functools import partial

import numpy as np
import pytest
from refutable.solvers import mixture_em as em
from refutable.solvers.mixture_em import Rule
from sklearn.mixture import GaussianMixture

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
KINDS = ("full", "diag", "spherical", "tied")


def data(rows, n, d=4):
    rng = np.random.default_rng(0)
    centres = 2.5 * rng.standard_normal((3, d))
    return centres[rng.integers(0, 3, (rows, n))] + rng.standard_normal((rows, n, d))


def start(x, kind, k=3):
    return em.mixture_at(x, em.kmeans_plus_plus(np.random.default_rng(1), x, k), kind)


def peer(x, mixture, rule):
    spread = mixture.covariances
    inverse = np.linalg.inv(spread) if mixture.kind in ("full", "tied") else 1 / spread
    model = GaussianMixture(
        mixture.k,
        covariance_type=mixture.kind,
        tol=rule.tolerance,
        max_iter=rule.iterations,
        weights_init=mixture.weights,
        means_init=mixture.means,
        precisions_init=inverse,
    )
    return model.fit(x)


@pytest.mark.benchmark(group="fits of three components, d = 4")
@pytest.mark.parametrize(("rows", "n"), [(64, 1000), (1, 100_000)])
@pytest.mark.parametrize("kind", KINDS)
def test_fits(benchmark, rows, n, kind):
    x = data(rows, n)
    begin = start(x, kind)
    found = benchmark.pedantic(
        em.fit, (x, begin), {"rule": Rule(1e-6, 500)}, rounds=3, warmup_rounds=1
    )
    benchmark.extra_info["iterations per fit"] = float(found.iterations.mean())


@pytest.mark.benchmark(group="64 fits of three components to 1000 points, to convergence")
@pytest.mark.parametrize("kind", KINDS)
def test_ten_times_as_many_fits_in_batches(beside, kind):
    x, rule, few = data(64, 1000), Rule(1e-6, 500), 6
    begin = start(x, kind)
    found = em.fit(x, begin, rule=rule)
    for r in range(few):
        value = 1000 * peer(x[r], begin[r, 0], rule).score(x[r])
        # theirs stops one M-step later, which gains no more than the tolerance
        assert abs(found.log_likelihood[r, 0] - value) < 1000 * 1e-6

    def theirs():
        return [peer(x[r], begin[r, 0], rule) for r in range(few)]

    ours = partial(em.fit, x, begin, rule=rule)
    assert beside("scikit-learn, six of the fits", ours, theirs, work=(64, few), turns=3) > 10


@pytest.mark.benchmark(group="four iterations on 100,000 points")
@pytest.mark.parametrize(("d", "k"), [(4, 3), (8, 5), pytest.param(32, 4, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", KINDS)
def test_an_iteration_on_many_observations_is_not_slower(beside, kind, d, k):
    x, rule = data(1, 100_000, d), Rule(0.0, 4)
    begin = start(x, kind, k)
    ours, theirs = partial(em.fit, x, begin, rule=rule), partial(peer, x[0], begin[0, 0], rule)
    assert beside("scikit-learn", ours, theirs, turns=3) > 1


def test_memory_does_not_grow_with_components_and_starts():
    x = data(2, 50_000)
    centres = em.kmeans_plus_plus(np.random.default_rng(2), x[:, :200], 20, 4)
    begin = em.mixture_at(x[:, :200], centres)
    em.fit(x[:, :200], begin, rule=Rule(0.0, 1))
    tracemalloc.start()
    em.fit(x, begin, rule=Rule(0.0, 2))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # responsibilities alone would be 20 x 4 / 4 = 20 times the data
    assert peak < 4 * x.nbytes
