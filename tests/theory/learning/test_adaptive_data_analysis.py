"""Closed forms of the majority attack against enumeration and simulation."""

import itertools

import numpy as np
import pytest
from refutable.theory.learning import adaptive_data_analysis as theory
from scipy.special import ndtri
from scipy.stats import binom, norm


@pytest.mark.parametrize(("n", "k"), [(2, 3), (3, 3), (4, 3), (2, 5)])
def test_exact_by_enumerating_every_sign_matrix(n, k):
    columns = np.array(list(itertools.product([-1, 1], repeat=n)))
    # sign(0) = +1, as the attack has it
    agree = columns * np.where(columns.sum(axis=1) >= 0, 1, -1)[:, None]
    total = 0.0
    for choice in itertools.product(range(len(columns)), repeat=k):
        total += (agree[list(choice)].sum(axis=0) > 0).mean()
    assert theory.final_mean_exact(n, k) == pytest.approx(total / len(columns) ** k)


def test_limit_is_approached():
    gaps = [
        abs(theory.final_mean_exact(n, n + 1) - theory.final_mean_limit(n, n + 1))
        for n in (20, 200, 2000)
    ]
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] < 1e-4


def test_vanishing_noise_is_no_noise():
    assert theory.final_mean_exact(101, 51, 1e-9) == pytest.approx(theory.final_mean_exact(101, 51))
    assert theory.final_mean_limit(101, 51, 0.0) == theory.final_mean_limit(101, 51)


@pytest.mark.parametrize(("n", "stated"), [(100, 3e-3), (400, 1.2e-3)])
def test_the_limit_is_as_far_off_as_stated(n, stated):
    off = [
        theory.final_mean_exact(n, k, s) - theory.final_mean_limit(n, k, s)
        for k in (11, 21, 41, 101, 201, 401, 1001, 4001)
        for s in (0.0, 0.01, 0.02, 0.05, 0.1, 0.2)
    ]
    assert stated / 1.3 < max(off) < stated
    assert min(off) > -1e-4


def test_the_limit_of_the_failure_count_is_as_far_off_as_stated():
    off = {
        (n, s): theory.queries_until_failure(n, 0.2, s)
        / theory.exact_queries_until_failure(n, 0.2, s)
        - 1
        for n in (100, 400)
        for s in (0.0, 0.07, 0.2)
    }
    assert off[100, 0.0] == pytest.approx(0.01, abs=1e-3)
    assert off[400, 0.0] == pytest.approx(off[100, 0.0] / 4, rel=0.05)
    assert all(0 < off[n, s] < off[n, 0.0] for n in (100, 400) for s in (0.07, 0.2))


def test_naive_holdout_is_as_far_off_as_stated():
    """Given the sums of kept correlations a vote is normal, so that they alone need be drawn."""
    rng, n = np.random.default_rng(1), 500
    kept = rng.binomial(n, theory.selected_features(1), 20_000)
    z = -ndtri(norm.sf(1) * rng.random((len(kept), 60)))  # a normal number above 1
    sums = (z * (np.arange(60) < kept[:, None])).sum(axis=1)
    mean = norm.cdf(sums / np.sqrt(kept * (n - 1))).mean()
    assert theory.naive_holdout_accuracy(n, n, 300) - mean == pytest.approx(0.001, abs=5e-4)


@pytest.mark.parametrize("s", [0.0, 0.05, 0.3])
@pytest.mark.parametrize("tau", [0.05, 0.2])
def test_failure_count_inverts_the_bias(s, tau):
    k = theory.queries_until_failure(1000, tau, s)
    assert theory.final_mean_limit(1000, k, s) == pytest.approx(0.5 + tau)


@pytest.mark.parametrize("s", [0.0, 0.05, 0.3])
@pytest.mark.parametrize("tau", [0.05, 0.2])
@pytest.mark.parametrize("n", [50, 101, 400])
def test_exact_failure_count_inverts_the_exact_bias(n, tau, s):
    k = theory.exact_queries_until_failure(n, tau, s)
    below = 2 * int((k - 1) // 2) + 1
    assert below < 1 or theory.final_mean_exact(n, below, s) <= 0.5 + tau
    assert theory.final_mean_exact(n, below + 2, s) > 0.5 + tau


def test_exact_bias_is_the_binomial_tail():
    p = theory.final_mean_exact(30, 1)  # after one query the vote is that query
    for k in (3, 11, 101):
        assert theory.final_mean_exact(30, k) == pytest.approx(binom.sf(k // 2, k, p), rel=1e-12)


@pytest.mark.parametrize(("k", "s"), [(101, 0.0), (801, 0.05), (21, 0.3)])
def test_points_until_safe_are_the_least(k, s):
    n = theory.points_until_safe(k, 0.1, s)
    found = [theory.final_mean_exact(i, k, s) for i in range(1, n + 40)]
    assert found[n - 1] <= 0.6 < found[n - 2]
    assert np.all(np.diff(found) < 1e-12)


def test_failure_counts_without_noise():
    found = [theory.queries_until_failure(1, tau) for tau in (0.05, 0.1, 0.2)]
    assert found == pytest.approx([0.0248, 0.1008, 0.432], abs=5e-4)


def test_selected_features_by_simulation():
    z = np.random.default_rng(0).standard_normal((2, 400_000))
    kept = (np.abs(z) > 1).all(axis=0) & (z[0] * z[1] > 0)
    assert theory.selected_features(1) == pytest.approx(kept.mean(), rel=0.02)
    assert theory.selected_features(10_000) == pytest.approx(503, abs=1)


def test_naive_holdout_matches_the_published_63_percent():
    assert theory.naive_holdout_accuracy(10_000, 10_000, 500) == pytest.approx(0.63, abs=0.004)
    assert theory.naive_holdout_accuracy(2000, 2000, 300) == theory.naive_holdout_accuracy(
        2000, 2000, 10_000
    )
    few = theory.naive_holdout_accuracy(2000, 2000, 10)
    assert few == pytest.approx(norm.cdf(1.525 * np.sqrt(10 / 2000)), abs=1e-3)


def _final_variance(n, k, adaptive):
    """Variance of the last query's empirical mean, over every sign matrix."""
    columns = np.array(list(itertools.product([-1, 1], repeat=n)))
    sign = np.where(columns.sum(axis=1) >= 0, 1, -1) if adaptive else np.ones(len(columns))
    votes = columns * sign[:, None]
    choices = itertools.product(range(len(columns)), repeat=k)
    means = [(votes[list(choice)].sum(axis=0) > 0).mean() for choice in choices]
    return float(np.var(means))


@pytest.mark.parametrize(("n", "k"), [(2, 3), (3, 3), (4, 3), (2, 5)])
def test_the_variance_of_the_last_query_is_bounded(n, k):
    bound = theory.final_variance_at_most(n)
    assert _final_variance(n, k, adaptive=True) < bound
    assert _final_variance(n, k, adaptive=False) == pytest.approx(bound)
