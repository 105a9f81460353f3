"""Distances, quantiles and spending against scipy, brute force and exact sums."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from refutable.deciding.kernels import Interval, bernoulli, empirical


def test_looks_double_and_are_counted():
    assert list(itertools.islice(empirical.looks(64), 4)) == [64, 128, 256, 512]
    assert [empirical.looks_done(n, 64) for n in (0, 63, 64, 127, 128, 600)] == [0, 0, 1, 1, 2, 4]


def test_spending_sums_to_alpha():
    total = sum(empirical.spending(0.01, k) for k in range(1, 10**5))
    assert 0.01 * (1 - 2e-5) < total < 0.01


@pytest.mark.parametrize("shift", [0.3, -0.3, 0.0])
def test_distance_is_that_of_the_kolmogorov_smirnov_test(shift):
    x = np.sort(np.random.default_rng(1).normal(shift, 1, 101))
    assert empirical.distance(x, stats.norm.cdf(x)) == pytest.approx(
        stats.kstest(x, "norm").statistic
    )


def test_distance_from_a_law_with_jumps_uses_limits_from_the_left():
    x = np.repeat([0.0, 1.0], [30, 70])
    at, before = stats.binom.cdf(x, 1, 0.7), stats.binom.cdf(x - 1, 1, 0.7)
    assert empirical.distance(x, at, before) == pytest.approx(0.0)
    assert empirical.distance(x, at) == pytest.approx(0.7)


@pytest.mark.parametrize("n", [10, 100, 5000])
@pytest.mark.parametrize("alpha", [0.05, 1e-4])
def test_dkw_radius_covers_the_exact_law_of_the_distance(n, alpha):
    radius = empirical.dkw_radius(n, alpha)
    assert stats.kstwo(n).sf(radius) <= alpha
    assert stats.kstwo(n).sf(0.9 * radius) > alpha or radius == 1.0


def test_distance_interval_is_clipped():
    x = np.sort(np.random.default_rng(2).random(400))
    found = empirical.distance_interval(x, x, 0.01)
    assert found.lower == 0.0
    assert found.upper == pytest.approx(empirical.distance(x, x) + empirical.dkw_radius(400, 0.01))
    assert empirical.distance_interval([0.5], [0.5], 0.01) == Interval(0.0, 1.0)


@pytest.mark.parametrize("q", [1e-4, 0.1, 0.5, 0.9, 0.9999])
@pytest.mark.parametrize(("n", "alpha"), [(1, 0.01), (2, 0.5), (20, 0.01), (20, 0.5), (300, 0.01)])
def test_quantile_interval_is_the_brute_force_inversion(q, n, alpha):
    x = np.sort(np.random.default_rng(n).normal(size=n))
    bar = math.log(2 / alpha)
    low = [k for k in range(n + 1) if bernoulli.log_e_less(q, k, n) >= bar]
    high = [k for k in range(n + 1) if bernoulli.log_e_greater(q, k, n) >= bar]
    found = empirical.quantile_interval(x, q, alpha)
    assert found.lower == (x[max(low)] if low else -math.inf)
    assert found.upper == (x[min(high) - 1] if high else math.inf)


def test_quantile_error_over_all_looks_is_below_alpha():
    rng = np.random.default_rng(8)
    counts = np.cumsum(rng.random((4000, 400)) < 0.75, axis=1)
    n = np.arange(1, 401)
    e = np.maximum(
        bernoulli.log_e_values(0.75, counts, n),
        bernoulli.log_e_values(0.75, counts, n, below=True),
    )
    missed = int((e >= math.log(2 / 0.1)).any(axis=1).sum())
    assert bernoulli.interval(missed, 4000, 1e-4).upper < 0.1


@pytest.mark.parametrize("value", [0.0, 2.5])
def test_a_constant_sample_pins_its_median(value):
    found = empirical.quantile_interval(np.full(100, value), 0.5, 1e-6)
    assert found == Interval(value, value)


BAD = [[], [1.0, 0.0], [math.nan], [0.0, math.inf], [[0.0, 1.0]]]


@pytest.mark.parametrize("sample", BAD)
def test_bad_samples_are_refused(sample):
    with pytest.raises(ValueError, match="sorted_sample"):
        empirical.quantile_interval(sample, 0.5, 0.1)
    with pytest.raises(ValueError, match="sorted_sample"):
        empirical.distance(sample, [0.5])


@pytest.mark.parametrize("values", [[0.5], [0.5, 1.2], [-0.1, 0.5], [0.6, 0.5], [0.1, math.nan]])
def test_bad_distribution_functions_are_refused(values):
    with pytest.raises(ValueError, match="cdf_values"):
        empirical.distance([0.0, 1.0], values)


def test_other_bad_arguments_are_refused():
    for q in (0.0, 1.0, math.nan):
        with pytest.raises(ValueError, match="q must"):
            empirical.quantile_interval([0.0], q, 0.1)
    with pytest.raises(ValueError, match="look"):
        empirical.spending(0.1, 0)
    with pytest.raises(ValueError, match="first"):
        next(empirical.looks(0))
    with pytest.raises(ValueError, match="alpha"):
        empirical.dkw_radius(10, 0.0)
