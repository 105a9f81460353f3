"""The Bernoulli kernel against integration, exact binomial sums and its own guarantees."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from refutable.deciding.kernels import Interval, bernoulli

ALPHAS = st.sampled_from([1e-6, 1e-3, 0.05, 0.5])


@st.composite
def counts(draw, most=2000):
    trials = draw(st.integers(0, most))
    return draw(st.integers(0, trials)), trials


@pytest.mark.parametrize(("p0", "successes", "trials"), [(0.3, 9, 20), (0.8, 50, 50), (0.05, 0, 9)])
def test_log_e_is_the_truncated_mixture(p0, successes, trials):
    prior = stats.beta(bernoulli.PRIOR, bernoulli.PRIOR)

    def ratio(p):
        log = stats.binom.logpmf(successes, trials, p) - stats.binom.logpmf(successes, trials, p0)
        return math.exp(log) * prior.pdf(p)

    above = integrate.quad(ratio, p0, 1, limit=200, epsabs=0, epsrel=1e-9)[0] / prior.sf(p0)
    below = integrate.quad(ratio, 0, p0, limit=200, epsabs=0, epsrel=1e-9)[0] / prior.cdf(p0)
    assert bernoulli.log_e_greater(p0, successes, trials) == pytest.approx(math.log(above))
    assert bernoulli.log_e_less(p0, successes, trials) == pytest.approx(math.log(below))


@pytest.mark.parametrize("p0", [1e-6, 0.05, 0.5, 0.999])
@pytest.mark.parametrize("trials", [1, 7, 300])
def test_mean_of_the_e_value_is_one_at_the_edge_and_less_inside_the_null(p0, trials):
    s = np.arange(trials + 1)
    log_up = bernoulli.log_e_values(p0, s, trials)
    log_down = bernoulli.log_e_values(1 - p0, s, trials, below=True)
    for p, exact in ((p0, True), (p0 / 2, False), (0.0, False)):
        up = np.exp(log_up + stats.binom.logpmf(s, trials, p)).sum()
        down = np.exp(log_down + stats.binom.logpmf(s, trials, 1 - p)).sum()
        assert up == pytest.approx(1.0, rel=1e-7) if exact else up <= 1 + 1e-9
        assert down == pytest.approx(1.0, rel=1e-7) if exact else down <= 1 + 1e-9


@pytest.mark.parametrize(("p0", "alpha"), [(0.05, 0.01), (0.2, 0.05), (0.8, 0.2)])
def test_exact_probability_of_ever_missing_the_rate_is_below_alpha(p0, alpha):
    """A forward recursion over all paths: an independent computation of the error rate."""
    alive, missed = np.ones(1), 0.0
    for trials in range(1, 400):
        grown = np.zeros(trials + 1)
        grown[:-1] += alive * (1 - p0)
        grown[1:] += alive * p0
        s = np.arange(trials + 1)
        e = np.maximum(
            bernoulli.log_e_values(p0, s, trials),
            bernoulli.log_e_values(p0, s, trials, below=True),
        )
        hit = e >= math.log(2 / alpha)
        missed += grown[hit].sum()
        alive = np.where(hit, 0.0, grown)
    assert 0 < missed <= alpha


@given(counts(300), st.floats(0.01, 0.99))
def test_one_over_e_is_never_below_the_exact_p_value(data, p0):
    successes, trials = data
    if not trials:
        return
    exact = stats.binomtest(successes, trials, p0, alternative="greater").pvalue
    assert math.exp(min(-bernoulli.log_e_greater(p0, successes, trials), 0)) >= exact * (1 - 1e-9)


@given(counts(), ALPHAS)
def test_interval_ends_are_where_the_evidence_reaches_the_bar(data, alpha):
    found = bernoulli.interval(*data, alpha)
    bar = math.log(2 / alpha)
    assert 0 <= found.lower <= found.upper <= 1
    if found.lower > 0:
        assert bernoulli.log_e_greater(found.lower, *data) == pytest.approx(bar, abs=1e-6)
    if found.upper < 1:
        assert bernoulli.log_e_less(found.upper, *data) == pytest.approx(bar, abs=1e-5)


@given(counts(), ALPHAS)
def test_interval_holds_the_observed_rate_and_mirrors(data, alpha):
    successes, trials = data
    found = bernoulli.interval(successes, trials, alpha)
    mirror = bernoulli.interval(trials - successes, trials, alpha)
    assert mirror.lower == pytest.approx(1 - found.upper, abs=1e-12)
    assert not trials or found.lower <= successes / trials <= found.upper


@given(counts(), ALPHAS)
def test_more_successes_move_the_interval_up_and_smaller_alpha_widens_it(data, alpha):
    successes, trials = data
    found = bernoulli.interval(successes, trials, alpha)
    wider = bernoulli.interval(successes, trials, alpha / 10)
    assert found.inside(wider.lower - 1e-12, wider.upper + 1e-12)
    more = bernoulli.interval(successes + 1, trials + 1, alpha)
    assert more.upper >= found.upper - 1e-12
    assert more.lower >= found.lower - 1e-12


@pytest.mark.parametrize(("successes", "trials"), [(1, 2), (3, 3), (7, 1000), (999, 1000)])
def test_evidence_falls_steadily_as_the_rate_grows(successes, trials):
    """There is one root only: what the root finder relies on."""
    p0 = np.concatenate([np.logspace(-12, -2, 500), np.linspace(0.011, 0.99999, 2000)])
    e = bernoulli.log_e_values(p0, successes, trials)
    positive = e > 0
    assert (np.diff(e[positive]) <= 1e-9).all()
    assert positive[: positive.sum()].all()


@pytest.mark.parametrize("successes", [0, 1, 10**9 - 1, 10**9, 5 * 10**8])
def test_a_billion_trials_are_safe(successes):
    found = bernoulli.interval(successes, 10**9, 1e-6)
    rate = successes / 1e9
    assert found.lower <= rate <= found.upper
    assert found.width < 16 * math.sqrt(rate * (1 - rate) / 1e9) + 3e-8


def test_edges_of_the_null():
    assert bernoulli.log_e_greater(0.0, 0, 5) < 0
    assert bernoulli.log_e_greater(0.0, 1, 5) == math.inf
    assert bernoulli.log_e_greater(1.0, 3, 5) == 0.0
    assert bernoulli.log_e_less(0.0, 1, 5) == 0.0
    assert bernoulli.log_e_less(1.0, 4, 5) == math.inf
    assert bernoulli.interval(0, 0, 0.01) == Interval(0.0, 1.0)


BAD = [(-1, 5, 0.1), (6, 5, 0.1), (1.5, 5, 0.1), (math.nan, 5, 0.1), (1, 5, 0.0), (1, 5, 1.0)]


@pytest.mark.parametrize("arguments", [*BAD, (1, 5, math.nan), (True, 5, 0.1), (1, math.inf, 0.1)])
def test_bad_arguments_are_refused_by_name(arguments):
    with pytest.raises(ValueError, match=r"successes|trials|alpha"):
        bernoulli.interval(*arguments)


@pytest.mark.parametrize("p0", [-0.1, 1.1, math.nan, math.inf])
def test_a_rate_outside_the_unit_interval_is_refused(p0):
    with pytest.raises(ValueError, match="p0"):
        bernoulli.log_e_less(p0, 1, 2)


@settings(max_examples=25)
@given(st.lists(st.integers(0, 20), min_size=1, max_size=8), st.randoms())
def test_the_interval_knows_nothing_of_the_order_of_blocks(blocks, random):
    shuffled = list(blocks)
    random.shuffle(shuffled)
    trials = 20 * len(blocks)
    assert bernoulli.interval(sum(blocks), trials, 0.01) == bernoulli.interval(
        sum(shuffled), trials, 0.01
    )
