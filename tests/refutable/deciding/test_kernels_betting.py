"""Betting and Catoni's kernel: fair, monotone, anytime valid, and as fast as they should be."""

import itertools
import math

import numpy as np
import pytest

from refutable.deciding.kernels import Interval, bernoulli
from refutable.deciding.kernels.betting import FRACTIONS, Betting
from refutable.deciding.kernels.capital import ABOVE, BELOW, FOLLOWING
from refutable.deciding.kernels.catoni import STAKES, Catoni


def capital_by_hand(outcomes, target):
    """The average capital against "at most target", one outcome after the other."""
    ways = [(0.7 / len(FRACTIONS), lambda past, f=f: f) for f in FRACTIONS]
    ways.append((FOLLOWING, lambda past: kelly(past, target)))
    total = 0.0
    for weight, bet in ways:
        capital = 1.0
        for place, x in enumerate(outcomes):
            fraction = bet(outcomes[:place])
            capital *= 1 - fraction + fraction * x / target
        total += weight * capital
    return total


def kelly(past, target):
    count, total, square = 1 + len(past), target + sum(past), target + sum(x * x for x in past)
    gain = max(total / count - target, 0.0)
    spread = max(square / count - (total / count) ** 2, 0.0) + gain**2
    return min(target * gain / spread, 0.999) if gain else 0.0


def test_the_capital_is_what_a_loop_over_bets_gives():
    outcomes = np.random.default_rng(0).random(50) ** 2
    bets = Betting((0.3,))
    for part in np.split(outcomes, (7, 8, 30)):
        bets.add(part)
    above, below = bets.log_evidence()[:, 0]
    assert above == pytest.approx(math.log(capital_by_hand(outcomes.tolist(), 0.3)), abs=1e-9)
    mirrored = (1 - outcomes).tolist()
    assert below == pytest.approx(math.log(capital_by_hand(mirrored, 0.7)), abs=1e-9)
    assert bets.log_evidence_at(ABOVE, 0.3) == pytest.approx(above, abs=1e-9)
    assert bets.log_evidence_at(BELOW, 0.7) == pytest.approx(below, abs=1e-9)


@pytest.mark.parametrize("values", [(0.0, 1.0), (0.2, 0.9), (0.0, 0.31)])
def test_betting_is_fair_on_a_coin_whose_mean_is_the_target(values):
    """Enumeration of every path: the mean capital is exactly 1, after any number of outcomes."""
    low, high = values
    target = 0.3
    chance = (target - low) / (high - low)
    for length in (1, 4, 7):
        total = 0.0
        for path in itertools.product((0, 1), repeat=length):
            bets = Betting((target,))
            bets.add(np.where(path, high, low))
            weight = math.prod(chance if up else 1 - chance for up in path)
            total += weight * math.exp(bets.log_evidence()[ABOVE, 0])
        assert total == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("shift", [0.0, 0.4])
def test_catoni_never_gains_under_its_hypothesis(shift):
    """Enumeration for a skewed coin with the variance that is declared, and mean below it."""
    chance, size = 0.2, 1.0
    variance = size**2 * chance * (1 - chance)
    mean = size * chance
    for length in (1, 5, 9):
        total = 0.0
        for path in itertools.product((0, 1), repeat=length):
            kernel = Catoni(variance, (mean + shift,))
            kernel.add(np.where(path, size, 0.0))
            weight = math.prod(chance if up else 1 - chance for up in path)
            total += weight * math.exp(kernel.log_evidence()[ABOVE, 0])
        assert total <= 1.0 + 1e-12
        if not shift:
            assert total > 0.8  # what the inequality of phi loses, and no more


def test_catoni_is_what_a_loop_gives():
    outcomes = np.random.default_rng(1).standard_t(3, 40)
    kernel = Catoni(3.0, (0.2,))
    kernel.add(outcomes[:13])
    kernel.add(outcomes[13:])
    total = 0.0
    past: list[float] = []
    constant = STAKES / math.sqrt(3.0)
    logs = np.zeros(len(constant) + 1)
    for x in outcomes:
        gap = max((0.2 + sum(past)) / (1 + len(past)) - 0.2, 0.0)
        stakes = np.append(constant, min(gap / 3.0, constant[-1]))
        y = stakes * (x - 0.2)
        logs += np.sign(y) * np.log(1 + abs(y) + y**2 / 2) - np.log(1 + stakes**2 * 1.5)
        past.append(float(x))
    weights = np.append(np.full(len(constant), 0.7 / len(constant)), 0.3)
    total = float(np.log(np.sum(weights * np.exp(logs))))
    assert kernel.log_evidence()[ABOVE, 0] == pytest.approx(total, abs=1e-9)


KERNELS = {
    "betting": (lambda targets=(): Betting(targets), lambda rng, n: rng.beta(0.3, 2.0, n)),
    "catoni": (lambda targets=(): Catoni(2.0, targets), lambda rng, n: rng.normal(0.1, 1.4, n)),
}


@pytest.mark.parametrize("name", KERNELS)
def test_evidence_falls_as_the_mean_rises_and_the_interval_is_where_it_crosses(name):
    make, draw = KERNELS[name]
    kernel = make((0.25,))
    kernel.add(draw(np.random.default_rng(2), 300))
    means = np.linspace(0.01, 0.9, 30)
    evidence = [kernel.log_evidence_at(ABOVE, m) for m in means]
    assert (np.diff(evidence) < 0).all()
    found = kernel.interval(0.01)
    threshold = math.log(2 / 0.01)
    assert kernel.log_evidence_at(ABOVE, found.lower) == pytest.approx(threshold, abs=1e-4)
    mirrored = float(kernel.mirrored(np.float64(found.upper)))
    assert kernel.log_evidence_at(BELOW, mirrored) == pytest.approx(threshold, abs=1e-4)
    assert found.lower < found.upper


@pytest.mark.parametrize("name", KERNELS)
def test_nothing_is_known_of_nothing(name):
    make, _ = KERNELS[name]
    assert make().interval(0.05) == Interval.everything()
    with pytest.raises(ValueError, match="alpha"):
        make().interval(1.0)


@pytest.mark.parametrize("blocks", [(100,), (1, 99), (50, 50), (33, 33, 34)])
@pytest.mark.parametrize("name", KERNELS)
def test_how_the_outcomes_are_cut_into_blocks_changes_nothing(name, blocks):
    make, draw = KERNELS[name]
    outcomes = draw(np.random.default_rng(3), 100)
    whole, cut = make((0.2, 0.4)), make((0.2, 0.4))
    whole.add(outcomes)
    for part in np.split(outcomes, np.cumsum(blocks)[:-1]):
        cut.add(part)
    np.testing.assert_allclose(cut.log_evidence(), whole.log_evidence(), atol=1e-9)


@pytest.mark.parametrize("few", [1, 2])
def test_too_few_outcomes_bound_no_mean_by_its_variance(few):
    """Evidence against a mean k deviations away grows like log k only: it takes some outcomes."""
    kernel = Catoni(1.0)
    kernel.add(np.zeros(few))
    assert kernel.interval(1e-40) == Interval.everything()
    kernel.add(np.zeros(400))
    found = kernel.interval(1e-40)
    assert -math.inf < found.lower < 0 < found.upper < math.inf
    assert kernel.log_evidence_at(ABOVE, found.lower - 1e-6) > math.log(2 / 1e-40)


@pytest.mark.parametrize("name", KERNELS)
def test_no_outcomes_change_nothing(name):
    make, draw = KERNELS[name]
    plain, with_gaps = make((0.25,)), make((0.25,))
    nothing, outcomes = np.empty(0), draw(np.random.default_rng(7), 60)
    with_gaps.add(nothing)
    assert with_gaps.interval(0.05) == Interval.everything()
    for kernel in (plain, with_gaps):
        kernel.add(outcomes)
    with_gaps.add(nothing)
    assert (with_gaps.log_evidence() == plain.log_evidence()).all()
    assert with_gaps.interval(0.05) == plain.interval(0.05)


def test_outcomes_outside_the_bounds_are_refused_and_nothing_is_taken():
    bets = Betting((0.5,))
    for bad in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match="outside"):
            bets.add(np.array([0.5, bad]))
    assert bets.count == 0
    with pytest.raises(ValueError, match="targets"):
        Betting((0.0,))
    with pytest.raises(ValueError, match="variance"):
        Catoni(0.0)
    with pytest.raises(ValueError, match="targets"):
        Catoni(1.0, (math.nan,))


def test_many_sure_outcomes_do_not_leave_the_doubles():
    bets = Betting((0.001, 0.999))
    bets.add(np.ones(20_000))
    bets.add(np.zeros(20_000))
    assert np.isfinite(bets.log_evidence()).all()
    kernel = Catoni(1.0, (0.0,))
    kernel.add(np.array([1e200, -1e300, 1e-200, 0.0]))
    assert np.isfinite(kernel.log_evidence()).all()


def test_a_coin_costs_at_most_a_tenth_more_than_the_kernel_made_for_coins():
    """Median coins until `P <= .05` is shown at .02, against kernel (a)."""
    threshold = math.log(1 / 2e-5)
    ours, theirs = [], []
    for seed in range(40):
        coins = (np.random.default_rng(seed).random(4000) < 0.02).astype(float)
        bets = Betting((0.05,))
        for n in range(8, 4001, 8):
            bets.add(coins[n - 8 : n])
            if bets.log_evidence()[BELOW, 0] > threshold:
                ours.append(n)
                break
        n = 8
        while bernoulli.log_e_less(0.05, int(coins[:n].sum()), n) <= threshold:
            n += 8
        theirs.append(n)
    assert len(ours) == 40
    assert np.median(ours) <= 1.1 * np.median(theirs)


@pytest.mark.parametrize("rare", [(10, 0.05), (20, 0.02), (100, 0.001), (1000, 0.001)])
def test_rare_jumps_do_not_mislead_a_declared_variance(rare):
    """N(0, 1) plus a rare jump, the variance declared: errors at 5 % stay at 5 % or below."""
    jump, chance = rare
    mean = jump * chance
    variance = 1 + jump**2 * chance * (1 - chance)
    rng = np.random.default_rng(4)
    wrong = 0
    for _ in range(200):
        kernel = Catoni(variance, (mean,))
        for _ in range(10):
            kernel.add(rng.normal(size=40) + jump * (rng.random(40) < chance))
            if (kernel.log_evidence() > math.log(2 / 0.05)).any():
                wrong += 1
                break
    assert wrong <= 20  # Binomial(200, .05) exceeds 20 with probability .001


def test_rare_outcomes_do_not_mislead_declared_bounds():
    """A loss that is 1 in one run of 300: `mean <= .0115` must not be shown; the truth is .0133."""
    rng = np.random.default_rng(5)
    for _ in range(50):
        bets = Betting((0.0115,))
        loss = np.where(rng.random(4000) < 1 / 300, 1.0, 0.01 + 0.002 * rng.random(4000))
        bets.add(loss)
        assert bets.log_evidence()[BELOW, 0] < math.log(1 / 2e-3)
