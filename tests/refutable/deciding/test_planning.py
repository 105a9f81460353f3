"""Plans against simulation of the kernels and against exact tests."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.power import TTestPower

from refutable.deciding import paths, planning
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


class Counter:
    """Counts the e-values that a kernel computes."""

    def __init__(self, monkeypatch, module):
        self.evaluated, real = 0, module.log_e_values
        paths.bounds.cache_clear()

        def counted(*arguments, **options):
            found = real(*arguments, **options)
            self.evaluated += np.size(found)
            return found

        monkeypatch.setattr(module, "log_e_values", counted)


@pytest.mark.parametrize("block", [1, 64, 200_000])
@pytest.mark.parametrize("cap", [10**4, 10**7, 10**9])
def test_the_work_of_a_plan_does_not_grow_with_the_cap(monkeypatch, cap, block):
    count = Counter(monkeypatch, bernoulli)
    planning.probability_outlook(1e-3, 5e-4, 2e-3, 1e-5, cap, block)
    assert 0 < count.evaluated <= 4 * paths.MOST_LOOKS * math.ceil(math.log2(cap) + 2)
    count = Counter(monkeypatch, student)
    planning.mean_outlook(0.0, 1.0, -0.1, 0.2, 1e-5, cap, block, rng=np.random.default_rng(0))
    assert 0 < count.evaluated <= 2 * 400 * paths.MOST_LOOKS


@pytest.mark.parametrize(("rate", "region"), [(0.02, (-INF, 0.05)), (0.3, (0.2, 0.35))])
def test_a_sampled_plan_is_what_the_exact_one_says(monkeypatch, rate, region):
    exact = planning.probability_outlook(rate, *region, 1e-3, 1500, 20)
    monkeypatch.setattr(planning, "EXACT", 1000)
    found = planning.probability_outlook(rate, *region, 1e-3, 1500, 20)
    assert (exact.how, found.how) == ("exact", "1,000 sampled paths")
    assert found.supported == pytest.approx(exact.supported, abs=0.05)
    assert found.refuted == pytest.approx(exact.refuted, abs=0.05)
    assert found.replicates == pytest.approx(exact.replicates, rel=0.05)


def test_looks_are_thinned_evenly_and_end_at_the_cap():
    few = paths.look_sizes(1003, 10)
    assert few.tolist() == [*range(10, 1001, 10), 1003]
    many = paths.look_sizes(10**9, 7)
    assert many.size <= paths.MOST_LOOKS
    assert many[-1] == 10**9
    assert (many[:-1] % 7 == 0).all()
    growth = many[1:] / many[:-1]
    assert growth[many[:-1] > 700].max() < 1.05


def test_thinned_looks_move_a_plan_of_a_mean_by_little(monkeypatch):
    def plan():
        rng = np.random.default_rng(5)
        return planning.mean_outlook(0.0, 1.0, -0.1, 0.1, 1e-3, 16_000, rng=rng, paths=2000)

    thinned = plan()
    monkeypatch.setattr(planning, "look_sizes", lambda cap, block: np.arange(block, cap + 1, block))
    every = plan()
    assert "looks" in thinned.how
    assert thinned.replicates == pytest.approx(every.replicates, rel=0.06)
    assert thinned.supported == pytest.approx(every.supported, abs=0.04)


@pytest.mark.parametrize("cap", [17, 61, 100])
@pytest.mark.parametrize("block", [1, 5, 12, 64])
def test_a_mean_is_planned_at_any_cap_and_block(cap, block):
    plan = planning.mean_outlook(0.0, 1.0, -9, 9, 0.1, cap, block, rng=np.random.default_rng(0))
    assert 0 < plan.replicates <= cap
    assert math.isfinite(plan.supported)


@pytest.mark.parametrize("limit", [0.5, 0.01, 1e-5])
def test_so_many_replicates_without_an_event_are_just_enough(limit):
    n = planning.events_needed(limit, 1e-4)
    assert bernoulli.interval(0, n, 1e-4).upper <= limit * (1 + 1e-9)
    assert bernoulli.interval(0, n - 1, 1e-4).upper > limit
    with pytest.raises(ValueError, match="limit"):
        planning.events_needed(0.0, 1e-4)


def test_the_normal_shift_continues_that_of_the_t(monkeypatch):
    cap = 8 * planning.NORMAL
    exact = planning.detectable_shift(1.0, 1e-5, cap)
    monkeypatch.setattr(planning, "NORMAL", planning.NORMAL - 1)
    assert planning.detectable_shift(1.0, 1e-5, cap) == pytest.approx(exact, rel=1e-3)
