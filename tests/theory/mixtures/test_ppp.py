"""What PPP meets in a plain setting: every closed form by a second route."""

import numpy as np
import pytest
from refutable.theory.mixtures import ppp as theory
from scipy import integrate, special, stats


def test_two_centres_are_the_separation_apart_in_root_mean_square():
    s = theory.centre_deviation(10.0)
    assert s == pytest.approx(10 / (2 * np.sqrt(2)))
    # The squared distance is 2 s^2 chi-squared(4), of mean 8 s^2.
    assert np.sqrt(2 * s**2 * stats.chi2(4).mean()) == pytest.approx(10.0)


def test_the_union_bound_for_two_centres_is_their_law():
    law = stats.chi2(3, scale=2 * theory.centre_deviation(4.0, 3) ** 2)
    assert theory.close_pair_bound(2.0, 4.0, 2, 3) == pytest.approx(law.cdf(4.0))


def test_the_union_bound_holds_and_is_close_for_near_pairs():
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((40_000, 6, 4)) * theory.centre_deviation(10.0)
    apart = np.linalg.norm(centres[:, :, None] - centres[:, None], axis=-1)
    least = apart[:, *np.triu_indices(6, 1)].min(axis=1)
    for distance, slack in ((2.0, 0.005), (3.0, 0.03)):
        share, bound = (least < distance).mean(), theory.close_pair_bound(distance, 10.0)
        assert bound - slack < share < bound + 0.002
    assert theory.close_pair_bound(3.0, 0.0) == 1.0
    assert theory.close_pair_bound(30.0, 10.0) == 1.0


@pytest.mark.parametrize(("distance", "d"), [(0.0, 4), (1.0, 4), (2.5, 4), (2.5, 1), (6.0, 9)])
def test_the_gain_of_a_second_component_is_a_relative_entropy(distance, d):
    """Integrated in one dimension from densities; the other coordinates only share the variance."""
    half, spread = distance / 2, np.sqrt(1 + distance**2 / 4 / d)

    def integrand(y):
        f = 0.5 * (stats.norm.pdf(y, -half) + stats.norm.pdf(y, half))
        return f * (np.log(f) - stats.norm.logpdf(y, 0, spread))

    along = integrate.quad(integrand, -half - 9, half + 9, epsabs=1e-10, points=[0.0])[0]
    other = stats.norm.entropy(0, spread) - stats.norm.entropy()
    # The one component's cross entropy in each other coordinate, of variance 1 there.
    cross = np.log(spread) + 0.5 / spread**2 - 0.5
    assert other == pytest.approx(np.log(spread))
    assert theory.pair_gain(distance, d) == pytest.approx(along + (d - 1) * cross, abs=2e-5)


def test_the_resolution_is_where_the_two_criteria_meet():
    """BIC of both models for two groups of 50 among 300, from the expected log-likelihoods."""
    distance = theory.resolution()
    rng = np.random.default_rng(1)
    y = rng.standard_normal((400_000, 4))
    y[:, 0] += distance * (rng.random(400_000) < 0.5)
    centre = np.array([distance / 2, 0, 0, 0])
    variance = ((y - centre) ** 2).mean()
    one = stats.norm.logpdf(y, centre, np.sqrt(variance)).sum(axis=1)
    ends = [stats.norm.logpdf(y, [at, 0, 0, 0]).sum(axis=1) for at in (0, distance)]
    two = np.logaddexp(*ends) - np.log(2)
    # Six free numbers more: a weight, four coordinates and a variance.
    assert 2 * 100 * (two - one).mean() == pytest.approx(6 * np.log(300), rel=0.02)
    assert theory.component_price() == pytest.approx(3 * np.log(300))
    assert theory.resolution(500, 3000) < distance


def test_the_gain_of_a_spike_is_that_of_the_whole_mixture():
    """One normal component of 30 points on a line and a spike, from the densities of SciPy."""
    n, floor, away = 30, 1e-4, 0.005
    x = stats.norm.ppf((np.arange(n) + 0.5) / n)
    old = stats.norm.logpdf(x)
    spike = stats.norm.pdf(x, x[-1] + away, np.sqrt(floor))
    new = np.log((1 - 1 / n) * np.exp(old) + spike / n)
    gain = theory.spike_gain(old[-1], floor, n, 1, away)
    assert gain == pytest.approx((new - old).sum(), abs=1e-10)
    assert gain < theory.spike_gain(old[-1], floor, n, 1)


def test_at_its_floor_a_spike_just_pays():
    for log_density in (-20.0, -5.0):
        floor = theory.spike_floor(log_density)
        gain = theory.spike_gain(log_density, floor)
        assert gain == pytest.approx(theory.component_price())
    few = theory.spike_gain(-2.0, theory.spike_floor(-2.0, 3, 1), 3, 1)
    assert few == pytest.approx(theory.component_price(3, 1))
    assert theory.spike_floor(-20.0) > theory.spike_floor(-5.0) > 1e-6


@pytest.mark.parametrize(("n", "k"), [(1, 1), (5, 2), (10, 3), (12, 12), (25, 7)])
def test_partitions_are_counted_as_by_scipy(n, k):
    assert theory.partitions(n, k) == int(special.stirling2(n, k, exact=True))
