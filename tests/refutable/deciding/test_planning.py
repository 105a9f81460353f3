"""Plans against simulation of the kernels and against exact tests."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.power import TTestPower

from refutable.deciding import planning
from refutable.deciding.kernels import Interval, bernoulli, empirical, student

INF = math.inf


def simulated(rate, region, alpha, cap, block, paths=300):
    """Decide by the scalar kernel itself, with a running intersection."""
    rng = np.random.default_rng(1)
    used, fates = [], []
    for _ in range(paths):
        running, successes = Interval.everything(), 0
        for n in range(block, cap + block, block):
            n = min(n, cap)
            successes += int(rng.binomial(n - (n - 1) // block * block, rate))
            running = running.intersect(bernoulli.interval(successes, n, alpha))
            if running.inside(*region) or running.disjoint(*region) or n == cap:
                break
        used.append(n)
        fates.append("in" if running.inside(*region) else "out" * running.disjoint(*region))
    return np.array(used), np.array(fates)


@pytest.mark.parametrize(
    ("rate", "region"), [(0.5, (0.3, 0.7)), (0.9, (0.8, 1.0)), (0.3, (0.5, 1.0)), (0.5, (0.0, 0.5))]
)
def test_probability_outlook_is_what_the_kernel_does(rate, region):
    plan = planning.probability_outlook(rate, *region, 0.01, 300, 10)
    used, fates = simulated(rate, region, 0.01, 300, 10)
    slack = 4 * used.std() / math.sqrt(used.size) + 1e-9
    assert plan.replicates == pytest.approx(used.mean(), abs=slack)
    assert plan.supported == pytest.approx((fates == "in").mean(), abs=0.12)
    assert plan.refuted == pytest.approx((fates == "out").mean(), abs=0.12)


@given(st.floats(0, 1), st.sampled_from([1, 7, 50]), st.sampled_from([(0.2, 0.6), (0.8, INF)]))
@settings(max_examples=20, deadline=None)
def test_probability_outlook_is_a_distribution(rate, block, region):
    plan = planning.probability_outlook(rate, *region, 0.01, 150, block)
    assert 0 <= plan.replicates <= 150
    assert min(plan.supported, plan.refuted) >= 0
    assert plan.supported + plan.refuted <= 1 + 1e-9


@pytest.mark.parametrize("rate", [5e-324, 1e-308, 1e-300, 1e-291])
def test_a_rate_that_no_cap_could_see_is_planned_as_none(rate):
    arguments = (-INF, 0.4, 0.01, 150, 7)
    plan = planning.probability_outlook(rate, *arguments)
    assert plan == planning.probability_outlook(0.0, *arguments)


def test_sure_successes_need_a_fixed_number():
    plan = planning.probability_outlook(1.0, 0.8, INF, 1e-5, 1000)
    assert plan.supported == pytest.approx(1.0)
    n = int(plan.replicates)
    assert bernoulli.interval(n, n, 1e-5).lower >= 0.8
    assert bernoulli.interval(n - 1, n - 1, 1e-5).lower < 0.8


@pytest.mark.parametrize("mean", [0.0, 1.2])
def test_mean_outlook_is_what_the_kernel_does(mean):
    plan = planning.mean_outlook(
        mean, 1.0, -0.6, 0.6, 0.01, 400, rng=np.random.default_rng(2), paths=400
    )
    rng, used, inside = np.random.default_rng(3), [], 0
    for _ in range(200):
        means = rng.normal(mean, 1 / math.sqrt(8), 50)
        running = Interval.everything()
        for n in range(1, 51):
            scatter = float(((means[:n] - means[:n].mean()) ** 2).sum())
            running = running.intersect(student.interval(n, means[:n].mean(), scatter, 0.01))
            if running.inside(-0.6, 0.6) or running.disjoint(-0.6, 0.6):
                break
        used.append(8 * n)
        inside += running.inside(-0.6, 0.6)
    assert plan.replicates == pytest.approx(np.mean(used), rel=0.12)
    assert plan.supported == pytest.approx(inside / 200, abs=0.1)


def test_detectable_rates_are_refuted_with_the_power_promised():
    under, over = planning.detectable_rates(0.4, 0.6, 1e-3, 300)
    for rate in (under, over):
        plan = planning.probability_outlook(rate, 0.4, 0.6, 1e-3, 300)
        assert 0.8 <= plan.refuted + 1e-6 < 0.9
    assert planning.detectable_rates(0.8, INF, 1e-3, 300)[1] is None
    assert planning.detectable_rates(-INF, 0.999, 1e-6, 10) == (None, None)


def test_detectable_shift_has_the_power_of_a_t_test_at_the_kernels_bar():
    shift = planning.detectable_shift(2.0, 1e-3, 400)
    effect = shift / (2 / math.sqrt(8))
    from scipy import stats

    level = stats.t.sf(student.critical_t(50, 1e-3), 49)
    power = TTestPower().power(effect, 50, level, alternative="larger")
    assert power == pytest.approx(0.8, abs=1e-3)
    assert planning.detectable_shift(1.0, 1e-6, 16) == INF


def test_distance_outlook_and_its_power():
    plan = planning.distance_outlook(0.1, 1e-4, 20000)
    assert plan.supported == pytest.approx(1.0, abs=1e-3)
    assert planning.distance_outlook(0.1, 1e-4, 100).supported == 0.0
    assert planning.distance_outlook(0.1, 1e-4, 100).replicates == 100
    assert 0.1 < planning.detectable_distance(0.1, 1e-4, 20000) < 0.15
    assert planning.detectable_distance(0.1, 1e-4, 10) == INF


def test_quantile_outlook_is_that_of_its_slower_end():
    plan = planning.quantile_outlook(0.5, 0.3, 0.6, 1e-3, 3000)
    slow = planning.probability_outlook(0.6, 0.5, INF, 1e-3, 3000)
    assert plan == slow
    assert planning.quantile_outlook(0.5, 0.0, 1.0, 1e-3, 100).supported == 1.0


def test_bad_arguments_are_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="rate"):
        planning.probability_outlook(1.5, 0, 1, 0.01, 10)
    with pytest.raises(ValueError, match="sd"):
        planning.mean_outlook(0, 0, -1, 1, 0.01, 100, rng=rng)
    with pytest.raises(ValueError, match="cap"):
        planning.detectable_shift(1.0, 0.01, 0)
    with pytest.raises(ValueError, match="eps"):
        planning.distance_outlook(0.0, 0.01, 100)


@pytest.mark.parametrize("distance", [0.05, 0.35])
def test_distance_outlook_away_from_the_prediction_is_what_the_kernel_does(distance):
    eps, alpha, cap, rng = 0.2, 1e-3, 8192, np.random.default_rng(3)
    plan = planning.distance_outlook(eps, alpha, cap, distance=distance)
    used, refuted = [], 0
    for _ in range(100):
        sample = rng.random(cap) * (1 - distance) + distance  # at this distance from uniform
        for k, n in enumerate(empirical.looks(64), start=1):
            if n > cap:
                break
            seen = np.sort(sample[:n])
            found = empirical.distance_interval(seen, seen, empirical.spending(alpha, k))
            if found.inside(0.0, eps) or found.disjoint(0.0, eps):
                break
        used.append(min(n, cap))
        refuted += found.disjoint(0.0, eps)
    assert plan.refuted == pytest.approx(refuted / 100, abs=0.05)
    assert plan.replicates == pytest.approx(np.mean(used), rel=0.35)


def test_quantile_outlook_of_one_that_lies_outside():
    plan = planning.quantile_outlook(0.5, 0.9, 1.0, 1e-4, 2000, 10)
    assert plan.refuted > 0.999
    assert plan.supported < 1e-9
    both = planning.quantile_outlook(0.5, 0.1, 0.2, 1e-4, 2000, 10)
    assert both.refuted > 0.999
