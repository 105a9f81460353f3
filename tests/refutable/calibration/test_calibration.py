"""The calibration study: what it counts is what the kernels exclude."""

import dataclasses
import itertools
import json
import math

import numpy as np
import pytest
from scipy import stats

from refutable.calibration import __main__ as command
from refutable.calibration import evidence, rare
from refutable.calibration.cases import FAILS, KERNEL, LIMIT, RareCase, cases, rare_cases
from refutable.calibration.economy import (
    fixed_bound,
    fixed_slope,
    savings,
    told_bound,
    told_slope,
)
from refutable.calibration.laws import (
    BLOCKS,
    BOUNDED,
    CONTAMINATED,
    HEAVY,
    LAWS,
    contaminated,
    two_points,
)
from refutable.calibration.study import Row, rare_study, study
from refutable.deciding.kernels import bernoulli, empirical, student
from refutable.deciding.kernels.betting import Betting
from refutable.deciding.kernels.blocks import Blocks
from refutable.deciding.kernels.catoni import Catoni

HORIZON = 256
BY_NAME = {law.name: law for law in LAWS}


def ever_excludes(intervals, truth):
    above = any(interval.lower > truth for interval in intervals)
    below = any(interval.upper < truth for interval in intervals)
    return above, below


def agree(found, expected, alpha):
    """Evidence at or over the bar on a side iff the scalar kernel ever excluded the truth there."""
    assert tuple(found >= math.log(1 / alpha)) == expected


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
@pytest.mark.parametrize("alpha", [0.5, 0.1])
def test_evidence_about_means_is_that_of_the_scalar_kernel(law, alpha):
    values = law.draw(np.random.default_rng(4), (12, HORIZON))
    found = evidence.of_mean(values - law.mean)
    for row, one in zip(values, found, strict=True):
        intervals, running = [], Blocks.empty()
        for piece in np.split(row, HORIZON // 8):
            running = running.extend(piece)
            mean, scatter, _ = running.means.along()
            count = running.means.count
            scatter = max(scatter, 0.0)
            intervals.append(student.interval(count, mean, scatter, alpha, running.skewness()))
        agree(one, ever_excludes(intervals, law.mean), alpha)


@pytest.mark.parametrize("alpha", [0.5, 0.1])
def test_evidence_about_ratios_counts_at_least_what_the_scalar_kernel_excludes(alpha):
    rng = np.random.default_rng(6)
    b = rng.exponential(size=(20, HORIZON)) + 4
    a = 0.5 * b + rng.exponential(size=(20, HORIZON)) - 1
    found = evidence.of_ratio(a, b, 0.5).max(axis=1) >= math.log(1 / alpha)
    for pair, counted in zip(np.stack([a, b], axis=2), found, strict=True):
        running, excluded = Blocks.empty(2), False
        for piece in np.split(pair, HORIZON // 8):
            running = running.extend(piece)
            (ma, mb), s = running.means.mean, running.means.second
            skewness = running.skewness((1.0, -ma / mb))
            args = (running.means.count, ma, mb, s[0, 0], s[1, 1], s[0, 1], alpha, skewness)
            interval = student.ratio_interval(*args)
            excluded |= not interval.lower <= 0.5 <= interval.upper
        assert counted >= excluded


@pytest.mark.parametrize("alpha", [0.5, 0.1])
def test_evidence_about_rates_and_quantiles_is_that_of_the_scalar_kernels(alpha):
    values = np.random.default_rng(7).normal(size=(30, HORIZON))
    rates = evidence.of_rate(values < 0.6744897501960817, 0.75)
    medians = evidence.of_quantile(values, BY_NAME["normal"], 0.5)
    for row, rate, median in zip(values, rates, medians, strict=True):
        looks = range(8, HORIZON + 1, 8)
        by_rate = [bernoulli.interval(int((row[:n] < 0.67448975).sum()), n, alpha) for n in looks]
        by_rank = [empirical.quantile_interval(np.sort(row[:n]), 0.5, alpha) for n in looks]
        agree(rate, ever_excludes(by_rate, 0.75), alpha)
        agree(median, ever_excludes(by_rank, 0.0), alpha)


@pytest.mark.parametrize("name", ["normal", "bernoulli"])
def test_evidence_about_distances_is_that_of_the_scalar_kernel(name):
    law, alpha, eps = BY_NAME[name], 0.5, 0.1
    values = law.draw(np.random.default_rng(8), (40, HORIZON))
    found = evidence.of_distance(values, law, eps)
    for row, one in zip(values, found, strict=True):
        intervals = []
        for k, n in ((1, 64), (2, 128), (3, 256)):
            x = np.sort(row[:n])
            if law.discrete:
                at, before = stats.bernoulli.cdf(x, 0.15), stats.bernoulli.cdf(x - 1, 0.15)
            else:
                at = before = np.maximum(law.frozen.cdf(x) - eps, 0)
            spent = empirical.spending(alpha, k)
            intervals.append(empirical.distance_interval(x, at, spent, before))
        agree(one, ever_excludes(intervals, eps), alpha)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_the_laws_are_what_they_say(law):
    values = law.draw(np.random.default_rng(9), (4000,))
    assert abs(values.mean() - law.mean) < 5 * values.std() / math.sqrt(4000)
    x = np.linspace(-2, 4, 50) if law.name != "lognormal" else np.linspace(0.01, 6, 50)
    x = np.abs(x) if law.name == "exponential" else x
    np.testing.assert_allclose(law.cdf(x), law.frozen.cdf(x), atol=1e-12)


def test_a_row_counts_until_it_is_decided_and_then_stands():
    row = Row("mean", "student", "kernel", "normal", "within", 0.01)
    never = row.updated(np.zeros(2000, dtype=bool))
    assert (never.finding, never.sequences, never.wrong) == ("holds", 2000, 0)
    assert never.updated(np.ones(10, dtype=bool)) is never
    assert row.updated(np.arange(200) % 5 == 0).finding == "broken"
    assert row.updated(np.zeros(10, dtype=bool)).finding == "open"


def test_the_methods_that_fail_are_found_broken_on_skewed_data():
    chosen = [c for c in cases() if c.role == FAILS and c.law.name == "lognormal"]
    rows = list(study(chosen, seed=3, horizon=512, most=12_000))
    assert len(rows) == 6
    assert all(row.finding == "broken" for row in rows if row.nominal == 0.01)


def test_the_kernel_is_not_found_broken_where_the_exact_t_is():
    chosen = [c for c in cases() if c.expectation == "mean" and c.law.name == "lognormal"]
    rows = list(study([c for c in chosen if c.role != FAILS], seed=3, horizon=512, most=4000))
    assert {row.finding for row in rows} <= {"holds", "open"}
    assert max(row.rate for row in rows if row.nominal == 0.01) < 0.015


def test_unseen_outliers_break_even_the_kernel_and_the_study_says_so():
    chosen = [c for c in cases() if c.role == LIMIT and c.law.name.endswith("+ 1000")]
    rows = list(study(chosen, seed=3, horizon=512, most=8000))
    assert {(row.nominal, row.finding) for row in rows} == {
        (nominal, "broken") for nominal in (1e-2, 1e-3, 1e-5)
    }


@pytest.mark.parametrize("kernel", ["betting", "catoni"])
def test_a_declaration_mends_the_laws_on_which_the_t_is_broken(kernel):
    broken = {law.name for law in (*CONTAMINATED, *BOUNDED[5:])}
    chosen = [c for c in cases() if c.kernel == kernel and c.law.name in broken]
    assert len(chosen) == {"betting": 2, "catoni": 5}[kernel]
    rows = list(study(chosen, seed=4, horizon=256, most=2000))
    assert {row.role for row in rows} == {KERNEL}
    assert {row.finding for row in rows if row.nominal == 0.01} == {"holds"}
    assert {row.finding for row in rows} <= {"holds", "open"}


@pytest.mark.parametrize("look", [64, 37])
@pytest.mark.parametrize("name", ["betting", "catoni"])
def test_evidence_of_bets_is_that_of_the_kernel_itself(name, look):
    law = {"betting": BOUNDED[3], "catoni": CONTAMINATED[0]}[name]
    values = law.draw(np.random.default_rng(8), (5, 222))

    def kernel():
        return Betting([0.12]) if name == "betting" else Catoni(law.variance, [0.12])

    found = evidence.capital_paths(kernel(), values, look)
    for i, row in enumerate(values):
        one = kernel()
        for k, start in enumerate(range(0, 222, look)):
            one.add(row[start : start + look])
            np.testing.assert_allclose(found[:, i, k], one.log_evidence()[:, 0], atol=1e-9)


@pytest.mark.parametrize("law", [*BOUNDED, *CONTAMINATED, *HEAVY, BLOCKS], ids=lambda law: law.name)
def test_the_laws_of_means_have_the_moments_they_say(law):
    values = law.draw(np.random.default_rng(9), (2000, 256))
    assert abs(values.mean() - law.mean) < 5 * values.std() / math.sqrt(values.size)
    if law.bounded:
        assert 0.0 <= values.min() <= values.max() <= 1.0
    if law.name == BLOCKS.name:
        parts = values.reshape(2000, 4, 64).std(axis=2)
        assert parts.max() ** 2 == pytest.approx(law.variance, rel=0.8)
    elif law.name != "Pareto 2.5":  # its sample variance never settles
        assert values.var() == pytest.approx(law.variance, rel=0.1)
    if law.atoms is not None:
        atoms = law.atoms()
        assert atoms.probabilities.sum() == pytest.approx(1.0)
        assert atoms.mean == pytest.approx(law.mean, rel=1e-4)
        assert atoms.variance == pytest.approx(law.variance, rel=0.05)


@pytest.mark.parametrize("region", ["at_least", "at_most", "within"])
def test_the_exact_error_about_an_event_is_what_counting_finds(region):
    events = np.random.default_rng(3).random((20_000, 256)) < 0.2
    found = evidence.of_rate(events, 0.2)
    side = {"at_least": found[:, 0], "at_most": found[:, 1], "within": found.max(axis=1)}[region]
    bar = -math.log(0.1 if region == "within" else 0.2)
    rate = (side >= bar).mean()
    exact = rare.event_error(0.2, region, 0.1, 256)
    assert exact == pytest.approx(rate, abs=4 * math.sqrt(rate / 20_000))
    assert exact < 0.1


def test_the_bound_for_distances_is_above_what_counting_finds():
    law = BY_NAME["normal"]
    values = law.draw(np.random.default_rng(3), (4000, 256))
    rate = (evidence.of_distance(values, law, 0.1).max(axis=1) >= math.log(1 / 0.3)).mean()
    assert rate - 4 * math.sqrt(rate / 4000) < rare.distance_error(0.3, 256) < 0.3


BETTORS = {
    "betting": (rare.BETTING, two_points(0.3)),
    "catoni": (rare.CATONI, contaminated(3, 0.3).atoms()),
}


@pytest.mark.parametrize("name", BETTORS)
def test_importance_sampling_finds_the_rate_that_counting_finds(name, monkeypatch):
    monkeypatch.setattr(rare, "SCALE", 4.0)  # at a large alpha no sequence counts for more
    bettor, atoms = BETTORS[name]
    alpha, rng, size = 0.3, np.random.default_rng(6), 6000
    drawn = rng.choice(atoms.values, (size, 256), p=atoms.probabilities)
    sides = evidence.of_capital(bettor.kernel(atoms), drawn) >= -math.log(alpha)
    counted = sides.mean(axis=0).sum()  # both sides, as the weights count them
    found = rare.capital_wrong(bettor, atoms, alpha, rng, size, 256).mean() * 4.0 * alpha
    error = math.hypot(math.sqrt(counted / size), math.sqrt(found * 4.0 * alpha / size))
    assert 8 * error < counted < alpha
    assert found == pytest.approx(counted, abs=4 * error)


def test_paths_of_the_t_are_its_evidence_with_and_without_the_correction():
    found, exact = evidence.mean_paths(np.random.default_rng(2).exponential(size=(50, 256)) - 1)
    values = np.random.default_rng(2).exponential(size=(50, 256)) - 1
    np.testing.assert_allclose(found.max(axis=1), evidence.of_mean(values).max(axis=1))
    plain = evidence.of_mean(values, corrected=False)
    np.testing.assert_allclose(exact.max(axis=1), plain.max(axis=1))


def test_importance_sampling_of_the_t_finds_the_rate_that_counting_finds():
    alpha, rng = 0.1, np.random.default_rng(7)
    direct = evidence.of_mean(rng.standard_normal((6000, 256))).max(axis=1)
    counted = (direct >= -math.log(alpha)).mean()
    found = rare.student_wrong(alpha, rng, 20_000, 256).mean() * rare.SCALE * alpha
    error = math.sqrt(counted / 6000) + math.sqrt(found * rare.SCALE * alpha / 20_000)
    assert 0.0 < counted < alpha
    assert found == pytest.approx(counted, abs=3 * error)


def test_a_kernel_that_is_told_too_small_a_variance_does_not_pass():
    def told(atoms):
        return Catoni(atoms.variance / 4, [atoms.mean])

    liar = dataclasses.replace(rare.CATONI, kernel=told)
    with pytest.raises(ArithmeticError, match="nominal rates"):
        rare.capital_wrong(
            liar, contaminated(3, 0.3).atoms(), 1e-4, np.random.default_rng(1), 2000, 512
        )


def test_rare_rows_are_computed_or_counted_at_their_scale():
    def always(rng, size, horizon):
        return np.ones(size, dtype=bool)

    def never(rng, size, horizon):
        return np.zeros(size, dtype=bool)

    how = ("mean", "bets", KERNEL, "any", "within", 1e-5)
    tried = [
        RareCase(*how, "exact", exact=lambda horizon: 2e-5),
        RareCase(*how, "bound", exact=lambda horizon: 5e-6),
        RareCase(*how, "tilted", always),
        RareCase(*how, "tilted", never),
    ]
    exact, bound, wrong, right = rare_study(tried, 1, 64, 2000)
    assert (exact.finding, exact.lower, exact.upper) == ("broken", 2e-5, 2e-5)
    assert (bound.finding, bound.lower, bound.upper) == ("holds", 0.0, 5e-6)
    assert (wrong.finding, wrong.rate) == ("broken", pytest.approx(rare.SCALE * 1e-5))
    assert (right.finding, right.rate) == ("holds", 0.0)


def test_every_kernel_is_tried_at_the_rate_the_suite_works_at():
    kernels = {case.kernel for case in rare_cases() if case.nominal == 1e-5}
    assert kernels == {
        "bernoulli",
        "bernoulli, inverted",
        "dkw, spending",
        "betting",
        "catoni",
        "student",
    }


def test_a_case_does_not_depend_on_the_others_and_the_seed_decides():
    chosen = [c for c in cases() if c.expectation == "probability"][:2]
    together = list(study(chosen, 5, HORIZON, 1000))
    alone = list(study(chosen[1:], 5, HORIZON, 1000))
    assert together[-len(alone) :] == alone
    assert list(study(chosen[1:], 6, HORIZON, 1000)) != alone


def test_the_command_writes_its_table(tmp_path, monkeypatch, capsys):
    few = [c for c in cases() if c.expectation == "threshold bracket"][:1]
    monkeypatch.setattr(command, "cases", lambda: iter(few))
    monkeypatch.setattr(command, "rare_cases", lambda: itertools.islice(rare_cases(), 2))
    monkeypatch.setattr(command, "savings", lambda seed: [])
    assert command.main(["--quick", "--seed", "2", "--out", str(tmp_path / "t.json")]) == 0
    table = json.loads((tmp_path / "t.json").read_text())
    assert set(table) == {"schema", "seed", "horizon", "calibration", "economy"}
    assert {f.name for f in dataclasses.fields(Row)} == set(table["calibration"][0])
    assert "threshold bracket" in capsys.readouterr().out


def test_the_fixed_tests_have_the_error_and_power_they_are_sized_for():
    n = fixed_bound(0.05, 0.03, 1e-3, 0.8)
    cut = int(stats.binom.ppf(1e-3, n, 0.05)) - 1
    assert stats.binom.cdf(cut, n, 0.05) <= 1e-3
    assert stats.binom.cdf(cut, n, 0.03) >= 0.79
    n = fixed_slope(0.01, 0.8)
    normal = ((stats.norm.isf(0.01) + stats.norm.isf(0.2)) * 0.5 / 0.04) ** 2
    assert n == pytest.approx(normal, rel=0.02)


def test_the_test_told_the_truth_needs_what_simulation_says():
    rng = np.random.default_rng(1)
    for rate in (0.01, 0.5):
        steps = np.where(rng.random((2000, 900)) < rate, rate / 0.05, (1 - rate) / 0.95)
        passed = np.cumsum(np.log(steps), axis=1) >= math.log(1e3)
        taken = 1 + np.argmax(passed, axis=1)
        error = taken.std() / math.sqrt(len(taken))
        assert abs(taken.mean() - told_bound(rate, 0.05, 1e-3)) < 4 * error
    assert told_bound(0.0, 0.05, 1e-3) == math.ceil(math.log(1e3) / -math.log(0.95))
    assert told_bound(1.0, 0.05, 1e-3) == math.ceil(math.log(1e3) / math.log(20))


def test_the_test_told_the_slope_needs_about_what_wald_says():
    drift = 0.1**2 / (2 * 0.5**2)
    least = math.log(1e3) / drift  # without the overshoot
    one = told_slope(0.0, 0.5, (-math.inf, 0.1), 1e-3, np.random.default_rng(2), 2000)
    assert least < one < 1.05 * least
    both = told_slope(0.0, 0.5, (-0.1, 0.1), 1e-3, np.random.default_rng(2), 2000)
    assert both > one


@pytest.mark.slow
def test_looking_at_any_time_uses_fewer_replicates_than_the_fixed_test():
    table = savings(1)
    ratio = {saving.case: saving.ratio for saving in table if saving.look_every != 64}
    often = {saving.case: saving.ratio for saving in table if saving.look_every == 1}
    assert ratio["bound 0.05, never violated"] > 9.4
    assert often["bound 0.05, violated at rate 0.01"] > 5.2
    assert ratio["bound 0.05, grossly false: always violated"] > 170
    assert ratio["slope at most 0.1, clear: truth -0.1 (sd 0.5)"] > 8
    assert all(saving.told <= saving.sequential < saving.fixed for saving in table)
