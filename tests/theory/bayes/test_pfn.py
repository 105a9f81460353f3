"""Tables, Gaussian heads and bars by integrals, sums over all outcomes, and SciPy's laws."""

import math

import numpy as np
import pytest
from refutable.theory.bayes import pfn as theory
from scipy import integrate, special, stats

LONGEST, A, B = 8, 2.0, 5.0


def test_cells_are_all_numbers_of_successes():
    k, n = theory.table_cells(3)
    assert list(zip(k, n, strict=True)) == [(j, m) for m in range(4) for j in range(m + 1)]


def test_the_law_of_the_cells_is_beta_binomial():
    k, n = theory.table_cells(LONGEST)
    wanted = stats.betabinom.pmf(k, n, A, B) / (LONGEST + 1)
    np.testing.assert_allclose(theory.table_law(LONGEST, A, B), wanted, rtol=1e-12)


def test_the_predictive_is_the_mean_of_the_posterior():
    k, n = theory.table_cells(LONGEST)
    for cell, found in enumerate(theory.table_predictive(LONGEST, A, B)):

        def weight(p, cell=cell):
            return stats.beta.pdf(p, A, B) * stats.binom.pmf(k[cell], n[cell], p)

        total = integrate.quad(weight, 0, 1)[0]
        mean = integrate.quad(lambda p, weight=weight: p * weight(p), 0, 1)[0]
        assert found == pytest.approx(mean / total, rel=1e-8)


def test_the_loss_of_any_table_is_its_divergence_and_the_entropy():
    """Sum over every data set and label: no sampling, and a table drawn at random."""
    k, n = theory.table_cells(4)
    law, p = theory.table_law(4, A, B), theory.table_predictive(4, A, B)
    q = np.random.default_rng(0).random(len(p))

    def nll(coin):
        tosses = stats.binom.pmf(k, n, coin) / 5
        return stats.beta.pdf(coin, A, B) * (
            tosses @ -(coin * np.log(q) + (1 - coin) * np.log(1 - q))
        )

    loss = integrate.quad(nll, 0, 1)[0]
    kl = law @ (special.rel_entr(p, q) + special.rel_entr(1 - p, 1 - q))
    entropy = law @ (special.entr(p) + special.entr(1 - p))
    assert loss == pytest.approx(kl + entropy, rel=1e-8)


def exact_excess(samples):
    """Expected divergence of the fitted table, by summing over all counts of every cell."""
    total = 0.0
    law, predictive = theory.table_law(2, A, B), theory.table_predictive(2, A, B)
    for w, p in zip(law, predictive, strict=True):
        c = np.arange(samples + 1)
        chance = stats.binom.pmf(c, samples, w)
        for count in c[chance > 1e-12]:
            s = np.arange(count + 1)
            q = (s + 0.5) / (count + 1)
            kl = special.rel_entr(p, q) + special.rel_entr(1 - p, 1 - q)
            total += w * chance[count] * (stats.binom.pmf(s, count, p) @ kl)
    return total


def test_the_excess_of_a_table_nears_its_cells_over_twice_the_samples():
    shares = [exact_excess(n) / float(theory.table_excess(2, np.array(n))) for n in (200, 800)]
    assert abs(shares[1] - 1) < 0.02
    assert abs(shares[1] - 1) < abs(shares[0] - 1) / 2


@pytest.mark.parametrize(("cells", "error"), [(5, 3e-3), (45, 1e-4)])
def test_the_median_of_a_chi_squared_law(cells, error):
    assert theory.median_share(cells) == pytest.approx(stats.chi2.median(cells) / cells, abs=error)


def test_the_variance_of_the_squares_is_bounded_by_that_of_binomials():
    p, least = theory.table_predictive(LONGEST, A, B), 51
    variances = []
    for chance in p:
        s = np.arange(least + 1)
        z = (s - least * chance) ** 2 / (least * chance * (1 - chance))
        weight = stats.binom.pmf(s, least, chance)
        assert weight @ z == pytest.approx(1)
        variances.append(weight @ z**2 - 1)
    exact = np.sum(variances) / len(p) ** 2
    assert exact < theory.square_variance(p, least) < exact * 1.1


def test_covariances_are_squared_exponential():
    x = np.array([0.1, 0.4, 1.0])
    found = theory.squared_exponential(x, 0.3, 0.01)
    assert found[0, 1] == pytest.approx(math.exp(-0.5))
    assert found[2, 2] == pytest.approx(1.01)
    np.testing.assert_array_equal(theory.squared_exponential(x[None], 0.3, 0.01)[0], found)


def test_divergence_entropy_and_deviation_are_integrals():
    m, v, d, s2 = 0.3, 0.5, 0.4, 0.8
    p, q = stats.norm(m, math.sqrt(v)), stats.norm(m + d, math.sqrt(s2))

    def mean(f):
        return integrate.quad(lambda y: p.pdf(y) * f(y), -12, 12)[0]

    kl = theory.gaussian_kl(*(np.array(a) for a in (m, v, m + d, s2)))
    assert float(kl) == pytest.approx(mean(lambda y: p.logpdf(y) - q.logpdf(y)))
    assert float(theory.gaussian_entropy(np.array(v))) == pytest.approx(p.entropy())
    loss = mean(lambda y: -q.logpdf(y))
    variance = mean(lambda y: (-q.logpdf(y) - loss) ** 2)
    found = theory.loss_deviation(np.array(v), np.array(d), np.array(s2))
    assert float(found) == pytest.approx(math.sqrt(variance))


def test_bars_cost_what_a_uniform_number_adds_to_the_entropy():
    """The entropy of a normal and a uniform number, by quadrature, at a width of 1."""
    width = 1.0

    def density(x):
        return (stats.norm.cdf(x + width / 2) - stats.norm.cdf(x - width / 2)) / width

    entropy = integrate.quad(lambda x: special.entr(density(x)), -12, 12, limit=200)[0]
    cost = entropy - stats.norm.entropy()
    assert theory.gaussian_bar_cost(width) == pytest.approx(cost, rel=5e-5)
    assert abs(theory.gaussian_bar_cost(width) / cost - 1) > 1e-5  # the fourth cumulant
    assert theory.gaussian_bar_cost(0.01) == pytest.approx(theory.bar_cost(0.01, 1.0), rel=1e-4)


def test_a_bar_costs_its_width_cubed():
    """One bar of a logistic law, which departs from its mean there by a slope."""
    low, width = 0.5, 0.02
    law = stats.logistic
    mass = law.cdf(low + width) - law.cdf(low)
    kl = integrate.quad(
        lambda x: law.pdf(x) * math.log(law.pdf(x) * width / mass), low, low + width, epsabs=0
    )[0]
    middle = low + width / 2
    slope = (law.pdf(middle + 1e-4) - law.pdf(middle - 1e-4)) / 2e-4
    wanted = theory.bar_cost(width, width * slope**2 / law.pdf(middle))
    assert kl == pytest.approx(wanted, rel=1e-3)


@pytest.mark.parametrize("freedom", [1.0, 1.9, 3.0])
def test_tails_cost_a_power_of_the_cut(freedom):
    def cost(cut):
        return integrate.quad(
            lambda u: stats.t.pdf(math.exp(u), freedom) * math.exp(3 * u),
            math.log(cut),
            math.log(10 * cut),
            epsabs=0,
        )[0]

    growth = math.log10(cost(1e5) / cost(1e4))
    assert growth == pytest.approx(theory.tail_growth(freedom), abs=1e-4)
