"""Plans for bounded means against the kernel itself."""

import math

import numpy as np
import pytest
from coins import coin
from trials import decide

from refutable import Cell, Effort, FalseTheory, Mean
from refutable.deciding import planning
from refutable.deciding.checks import expand
from refutable.deciding.prospects import prospects
from refutable.deciding.wealth import earnings, pilot_law

SMOKE = Effort.SMOKE
ALPHA, CAP, BLOCK = 2e-5, 20_000, 8
UNIT = Mean("x", bounds=(0.0, 1.0))
LAWS = {
    "coin": (lambda rng, n: (rng.random(n) < 0.02).astype(float), 0.02, UNIT.at_most(0.05)),
    "uniform": (lambda rng, n: rng.random(n), 0.5, UNIT.at_least(0.4)),
    "two ends": (lambda rng, n: rng.beta(2, 5, n), 2 / 7, UNIT.near(2 / 7, 0.05)),
    "beyond": (lambda rng, n: rng.beta(2, 5, n), 2 / 7, UNIT.within(0.4, 0.6)),
    "small": (lambda rng, n: rng.beta(50, 50, n), 0.5, UNIT.near(0.5, 0.02)),
}


def ends(expectation):
    region = expectation.region.at(Cell({}))
    return region.lower, region.upper


def tried(draw, expectation, seed):
    """Replicates until the kernel itself decides, and whether it says inside."""
    rng, seen = np.random.default_rng(seed), 0
    (check,) = expand((expectation,), (Cell({}),), ALPHA, Effort.SMOKE)
    while check.wants_data and seen < CAP:
        check.feed({"x": draw(rng, BLOCK)}, BLOCK)
        seen += BLOCK
    return seen, check.status.name == "INSIDE"


@pytest.mark.parametrize("name", LAWS)
def test_a_plan_is_near_what_the_kernel_takes(name):
    draw, mean, expectation = LAWS[name]
    runs = [tried(draw, expectation, seed) for seed in range(24)]
    pilot = draw(np.random.default_rng(1000), 400)
    outlook = planning.bounded_outlook(pilot_law(pilot, mean), *ends(expectation), ALPHA, CAP)
    assert outlook.replicates == pytest.approx(np.mean([n for n, _ in runs]), rel=0.25)
    inside = float(name != "beyond")
    assert {float(said) for _, said in runs} == {inside}
    assert (outlook.supported, outlook.refuted) == (inside, 1.0 - inside)


def test_what_a_cap_detects_is_refuted_at_about_that_rate_and_half_of_it_is_not():
    draw, cap = LAWS["two ends"][0], 400
    pilot = draw(np.random.default_rng(0), 400)
    found = planning.detectable_mean(pilot, 0.4, True, ALPHA, cap)

    def refuted(mean):
        return planning.bounded_outlook(pilot_law(pilot, mean), -1, 0.4, ALPHA, cap).refuted

    assert 0.4 < found < 0.6
    assert refuted(found) == pytest.approx(planning.POWER, abs=0.12)
    assert refuted((0.4 + found) / 2) < 0.2
    assert planning.detectable_mean(pilot, 0.4, True, ALPHA, 2) is None


@pytest.mark.parametrize("mean", [0.05, 0.3, 0.8, 0.999])
def test_a_pilot_is_tilted_to_the_mean(mean):
    values = np.random.default_rng(0).random(50) * 0.5
    law = pilot_law(values, mean)
    assert law.values @ law.weights == pytest.approx(mean, abs=1e-9)
    assert law.weights.sum() == pytest.approx(1.0)
    inside = bool(values.min() < mean < values.max())
    assert (law.values.size == values.size) is inside
    if inside:
        slopes = np.diff(np.log(law.weights[np.argsort(values)])) / np.diff(np.sort(values))
        np.testing.assert_allclose(slopes, slopes[0])


def test_the_best_bet_on_a_coin_is_kellys():
    values = np.array([0.0, 1.0])
    law = pilot_law(np.repeat(values, 50), 0.6)
    earned = earnings(law, 0.5, above=True)
    growth = math.log(2) + 0.6 * math.log(0.6) + 0.4 * math.log(0.4)
    assert earned @ law.weights == pytest.approx(growth, rel=1e-3)
    assert earnings(law, 0.5, above=False) is None
    assert earnings(law, 0.6, above=True) is None or earned @ law.weights > 0


def test_the_plan_of_a_claim_with_bounds_is_what_its_run_takes():
    claim = coin(
        simulate=lambda cell, rng, size: {"value": np.tanh(rng.normal(0.6, 0.5, size))},
        expect=(Mean("value", bounds=(-1, 1)).near(0.5, 0.2),),
        controls=(FalseTheory("more", Mean("value", bounds=(-1, 1)).at_least(0.65)),),
    )
    own, control = prospects(claim, Effort.SMOKE)
    runs = [decide(claim, seed=seed) for seed in range(12)]
    used = np.mean([run.checks[0].replicates for run in runs])
    assert own.replicates == pytest.approx(used, rel=0.3)
    assert own.supported > 0.95
    assert control.refuted > 0.95
    assert own.detects.startswith("a mean of 0.2")


def test_a_declared_variance_is_what_a_plan_counts_with():
    def claim(most):
        mean = Mean("value", variance_at_most=most)
        return coin(
            expect=(mean.near(0.5, 0.2),), controls=(FalseTheory("one", mean.near(1, 0.1)),)
        )

    true, loose = (next(prospects(claim(most), SMOKE)).replicates for most in (0.25, 1.0))
    assert loose == pytest.approx(4 * true, rel=0.35)
