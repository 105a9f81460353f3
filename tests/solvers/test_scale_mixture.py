"""Variational Bayes for scale mixtures against loops, quadrature, draws and exact evidence."""

import itertools
import math

import numpy as np
import pytest
import scipy
import scipy.stats
from refutable.solvers import scale_mixture as vb
from refutable.solvers.scale_mixture import ScalePosterior, ScalePrior

RNG = np.random.default_rng(0)
PRIOR = ScalePrior(0.7, 1.5, 0.4)
Y = RNG.standard_normal((2, 6)) * np.array([0.2, 1, 0.3, 2, 0.1, 1])
START = RNG.dirichlet(np.ones(3), (2, 6))


def by_loops(y, r, prior, sweeps):
    """One data set, the textbook's sums one by one."""
    n, k = r.shape
    for _ in range(sweeps):
        counts = [sum(r[i, j] for i in range(n)) for j in range(k)]
        alpha = [prior.concentration + c for c in counts]
        a = [prior.shape + c / 2 for c in counts]
        b = [prior.rate + sum(r[i, j] * y[i] ** 2 for i in range(n)) / 2 for j in range(k)]
        psi = scipy.special.psi
        rho = np.empty((n, k))
        for i, j in itertools.product(range(n), range(k)):
            rho[i, j] = math.exp(psi(alpha[j]) - psi(sum(alpha)))
            rho[i, j] *= math.exp((psi(a[j]) - math.log(b[j])) / 2) / math.sqrt(2 * math.pi)
            rho[i, j] *= math.exp(-a[j] / b[j] * y[i] ** 2 / 2)
        r = rho / rho.sum(axis=1, keepdims=True)
    return r, alpha, a, b


def test_sweeps_are_the_textbooks():
    found = vb.fit_scales(Y, START, 4, PRIOR).posterior
    for i in range(2):
        r, alpha, a, b = by_loops(Y[i], START[i], PRIOR, 4)
        np.testing.assert_allclose(found.responsibilities[i], r, rtol=1e-12)
        np.testing.assert_allclose(found.concentration[i], alpha, rtol=1e-12)
        np.testing.assert_allclose(found.shape[i], a, rtol=1e-12)
        np.testing.assert_allclose(found.rate[i], b, rtol=1e-12)


def test_the_bound_is_the_mean_over_q_of_a_log_ratio_of_scipys_densities():
    q = ScalePosterior(
        START[0], np.array([2.0, 3.0, 1.2]), np.array([3.0, 2.0, 4.0]), np.array([0.5, 1.0, 2.0])
    )
    draws, y = 100_000, Y[0]
    rng, gamma = np.random.default_rng(1), scipy.stats.gamma
    pi = rng.dirichlet(q.concentration, draws)
    tau = rng.gamma(q.shape, 1 / q.rate, (draws, 3))
    cdf = np.cumsum(q.responsibilities, axis=1)[:, :-1]
    z = (rng.random((draws, 6, 1)) >= cdf).sum(axis=2)
    chosen = np.take_along_axis(tau, z, axis=1)
    ratio = scipy.stats.norm.logpdf(y, scale=chosen**-0.5).sum(axis=1)
    ratio += np.log(np.take_along_axis(pi, z, axis=1)).sum(axis=1)
    ratio -= np.log(q.responsibilities[np.arange(6), z]).sum(axis=1)
    ratio += gamma.logpdf(tau, PRIOR.shape, scale=1 / PRIOR.rate).sum(axis=1)
    ratio -= gamma.logpdf(tau, q.shape, scale=1 / q.rate).sum(axis=1)
    ratio += scipy.stats.dirichlet.logpdf(pi.T, np.full(3, PRIOR.concentration))
    ratio -= scipy.stats.dirichlet.logpdf(pi.T, q.concentration)
    error = ratio.std() / math.sqrt(draws)
    assert abs(vb.evidence_bound(y, q, PRIOR) - ratio.mean()) < 4.5 * error
    assert error < 0.02


def test_the_bounds_of_a_fit_are_those_of_its_factors():
    before = vb.fit_scales(Y, START, 2, PRIOR)
    after = vb.fit_scales(Y, START, 3, PRIOR)
    half = vb.weights_and_scales(Y, before.posterior.responsibilities, PRIOR)
    np.testing.assert_allclose(after.bounds[:, :4], before.bounds, rtol=1e-13)
    np.testing.assert_allclose(after.bounds[:, 4], vb.evidence_bound(Y, half, PRIOR), rtol=1e-12)
    found = vb.evidence_bound(Y, after.posterior, PRIOR)
    np.testing.assert_allclose(after.bounds[:, 5], found, rtol=1e-12)


def log_evidence(y, k, prior):
    """Sum over all labels of a Dirichlet-multinomial times integrals over the precisions."""
    terms = []
    for z in itertools.product(range(k), repeat=len(y)):
        counts = np.bincount(z, minlength=k)
        weight = np.array([prior.concentration] * k)
        log = _log_beta(weight + counts) - _log_beta(weight)
        for j in range(k):
            own = y[np.array(z) == j]
            a, b = prior.shape + len(own) / 2, prior.rate + (own**2).sum() / 2
            log += prior.shape * math.log(prior.rate) - math.lgamma(prior.shape)
            log += math.lgamma(a) - a * math.log(b) - len(own) / 2 * math.log(2 * math.pi)
        terms.append(log)
    return scipy.special.logsumexp(terms)


def _log_beta(a):
    return sum(math.lgamma(x) for x in a) - math.lgamma(sum(a))


def test_the_bound_of_one_component_is_the_evidence():
    found = vb.fit_scales(Y, np.ones((2, 6, 1)), 1, PRIOR).bounds
    for i in range(2):
        np.testing.assert_allclose(found[i], log_evidence(Y[i], 1, PRIOR), rtol=1e-12)


def test_the_bound_lies_below_the_evidence():
    start = np.random.default_rng(4).dirichlet(np.ones(2), (2, 5))
    found = vb.fit_scales(Y[:, :5], start, 200, PRIOR).bounds[:, -1]
    for i in range(2):
        assert 0 < log_evidence(Y[i, :5], 2, PRIOR) - found[i] < 1.5


def test_where_labels_are_certain_the_bound_lacks_only_their_symmetry():
    """q is then the posterior with one of the 2! orders of the components, so the gap is log 2."""
    y, prior = np.array([1e-3, -2e-3, 2e-3, -1e-3, 90.0, -120, 100, -80]), ScalePrior(1, 1, 1e-7)
    start = np.where(np.abs(y)[:, None] < 1, [0.9, 0.1], [0.1, 0.9])
    found = vb.fit_scales(y, start, 50, prior).bounds[-1]
    assert log_evidence(y, 2, prior) - found == pytest.approx(math.log(2), abs=1e-3)


def test_bounds_never_fall_and_the_short_cut_lets_them():
    rng = np.random.default_rng(2)
    y = rng.standard_normal((40, 10)) * np.where(rng.random((40, 10)) < 0.3, 1, 0.1)
    start = rng.dirichlet(np.ones(3), (40, 10))
    steps = np.diff(vb.fit_scales(y, start, 60).bounds, axis=-1)
    assert steps.min() > -1e-12
    short = np.diff(vb.fit_scales(y, start, 60, expectation="plug-in").bounds, axis=-1)
    assert (short[:, ::2].min(axis=1) < -1e-4).mean() > 0.3  # steps of the responsibilities
    assert short[:, 1::2].min() > -1e-12  # weights and scales are at their optimum as before


def test_a_component_is_found_with_the_deviation_that_known_labels_would_give():
    rng = np.random.default_rng(3)
    loud = rng.random((4, 20_000)) < 0.3
    y = rng.standard_normal(loud.shape) * np.where(loud, 1, 0.1)
    start = np.stack([1 - 0.5 * np.minimum(np.abs(y), 1), 0.5 * np.minimum(np.abs(y), 1)], axis=-1)
    found = vb.fit_scales(y, start, 60).posterior
    np.testing.assert_allclose(found.deviations, [[0.1, 1.0]] * 4, rtol=0.05)
    np.testing.assert_allclose(found.weights, [[0.7, 0.3]] * 4, atol=0.02)


def test_divergences_are_integrals():
    a, b, a0, b0 = 2.3, 0.8, 1.0, 0.02
    q, p = scipy.stats.gamma(a, scale=1 / b), scipy.stats.gamma(a0, scale=1 / b0)
    value = scipy.integrate.quad(lambda x: q.pdf(x) * (q.logpdf(x) - p.logpdf(x)), 0, 60)[0]
    assert vb.gamma_divergence(a, b, a0, b0) == pytest.approx(value, rel=1e-8)
    q, p = scipy.stats.beta(3.1, 1.7), scipy.stats.beta(0.9, 1.2)
    value = scipy.integrate.quad(lambda x: q.pdf(x) * (q.logpdf(x) - p.logpdf(x)), 0, 1)[0]
    assert vb.dirichlet_divergence([3.1, 1.7], [0.9, 1.2]) == pytest.approx(value, rel=1e-8)
    assert vb.dirichlet_divergence([[1.0, 1, 1], [2, 2, 2]], 1.0)[0] == pytest.approx(0, abs=1e-14)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: vb.fit_scales(Y, START[:, :5], 2), "^start has shape"),
        (lambda: vb.fit_scales(Y, 2 * START, 2), "^start does not sum to 1"),
        (lambda: vb.fit_scales(Y, START, 0), "^sweeps=0"),
        (lambda: vb.fit_scales(Y, START, 1, expectation="none"), "^expectation"),
        (lambda: vb.weights_and_scales(Y, START[0]), "^responsibilities has shape"),
        (lambda: ScalePrior(rate=0.0), "^rate=0"),
        (lambda: vb.gamma_divergence([1.0, 2], 1.0, [1.0, 2, 3], 1.0), "^shape has shape"),
        (lambda: vb.dirichlet_divergence([1.0, 2], np.ones(3)), "^prior has shape"),
        (lambda: vb.dirichlet_divergence(1.0, 1.0), "^concentration"),
        (lambda: vb.dirichlet_divergence([1.0, 2], np.ones((3, 2))), "^prior has shape"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
