"""The experiments on prior-fitted predictors against other libraries, loops and integrals."""

import itertools
import math

import numpy as np
import pytest
from refutable.simulations.bayes.pfn import _bars as bars
from refutable.simulations.bayes.pfn import _network as network
from refutable.simulations.bayes.pfn import _prior as prior
from refutable.simulations.bayes.pfn import _table as table
from refutable.simulations.bayes.pfn import (
    bar_approximation,
    decomposition,
    excess_loss,
    exchangeable,
    fitted_table,
    small_transformer,
    tails,
)
from refutable.solvers.gaussian_algebra import conditional
from refutable.theory.bayes import pfn as theory
from scipy import integrate, stats
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF

from refutable import Cell


def rng(seed=0):
    return np.random.default_rng(seed)


def test_the_exact_predictive_is_that_of_two_other_routes():
    sets = prior.draw(rng(), 3, 12)
    mean, variance = prior.exact(sets, 5, 4, 0.2)
    seen = [*range(5), *range(8, 12)]
    joint = theory.squared_exponential(sets.x[:, seen], 0.2, prior.NOISE)
    wanted, left = conditional(np.zeros((3, 9)), joint, np.arange(5), sets.y[:, :5])
    assert mean == pytest.approx(wanted)
    assert variance == pytest.approx(np.diagonal(left, axis1=1, axis2=2))
    peer = GaussianProcessRegressor(RBF(0.2), alpha=prior.NOISE, optimizer=None)
    peer.fit(sets.x[0, :5, None], sets.y[0, :5])
    middle, deviation = peer.predict(sets.x[0, 8:, None], return_std=True)
    assert mean[0] == pytest.approx(middle)
    assert variance[0] == pytest.approx(deviation**2 + prior.NOISE)


def test_draws_have_the_covariance_of_the_prior():
    sets = prior.draw(rng(1), 40_000, 2)
    lag = np.abs(sets.x[:, 0] - sets.x[:, 1])
    near, product = lag < 0.1, sets.y.prod(axis=1)
    wanted = np.exp(-0.5 * (lag / 0.3) ** 2)
    assert product[near].mean() == pytest.approx(wanted[near].mean(), abs=0.06)
    assert product[~near].mean() == pytest.approx(wanted[~near].mean(), abs=0.03)
    assert sets.y.var() == pytest.approx(1.01, abs=0.03)


def test_gaps_are_losses_less_divergence_and_entropy():
    cell = Cell({"head": "shorter", "n": 2})
    together = decomposition.TOGETHER
    found = decomposition.gaps(cell, rng(2), 1)
    sets = prior.draw(rng(2), together, 9)
    wanted = np.empty((together, 3))
    p, q = (prior.exact(sets, 2, 1, scale) for scale in (0.3, 0.2))
    for row in range(len(wanted)):
        law = stats.norm(p[0][row, 0], math.sqrt(p[1][row, 0]))
        other = stats.norm(q[0][row, 0], math.sqrt(q[1][row, 0]))
        mean = law.expect(lambda y, other=other: -other.logpdf(y))
        square = law.expect(lambda y, other=other, mean=mean: (-other.logpdf(y) - mean) ** 2)
        nats = -other.logpdf(sets.y[row, 8]) - mean
        wanted[row] = nats / math.sqrt(square), nats, mean - law.entropy()
    means = wanted.mean(axis=0)
    for column, name in enumerate(("gap", "nats", "kl")):
        assert found[name] == pytest.approx(means[column : column + 1], abs=1e-7)


def test_gaps_are_of_variance_one_for_every_head():
    for head in ("prior", "0 steps"):
        gap = decomposition.gaps(Cell({"head": head, "n": 8}), rng(3), 800)["gap"]
        assert gap.mean() == pytest.approx(0, abs=0.04)
        assert gap.var() == pytest.approx(1 / 16, rel=0.2)


def test_gaps_show_another_predictive_and_the_other_direction():
    cell = Cell({"head": "shorter", "n": 2})
    believed = decomposition.gaps(cell, rng(4), 1200, believed=0.4)["gap"].mean()
    reverse = decomposition.gaps(cell, rng(4), 1200, reverse=True)["gap"].mean()
    assert 0.06 < believed < 0.13
    assert -0.35 < reverse < -0.15


def test_tosses_have_the_law_of_counts():
    """Coins and tosses, as drawn, against the beta-binomial law that the shorter way draws from."""
    counts = table.toss(rng(5), 2, 200_000)
    assert counts.tosses.sum(axis=1).tolist() == [200_000, 200_000]
    expected = 400_000 * table.law()
    chi = ((counts.tosses.sum(axis=0) - expected) ** 2 / expected).sum()
    assert stats.chi2.sf(chi, table.CELLS - 1) > 1e-4
    total = counts.tosses.sum(axis=0)
    z = (counts.successes.sum(axis=0) - total * table.predictive()) / np.sqrt(
        total * table.predictive() * (1 - table.predictive())
    )
    assert stats.chi2.sf((z**2).sum(), table.CELLS) > 1e-4
    short = table.count(rng(6), 2, 200_000)
    chi = ((short.tosses.sum(axis=0) - expected) ** 2 / expected).sum()
    assert stats.chi2.sf(chi, table.CELLS - 1) > 1e-4


def test_squares_are_those_of_each_cell():
    found = fitted_table.table_errors(Cell({"samples": 3000}), rng(7), 2)["square"]
    counts = table.toss(rng(7), 2, 3000)
    p = table.predictive()
    for row in range(2):
        squares = []
        for c, s, chance in zip(counts.tosses[row], counts.successes[row], p, strict=True):
            error = (s / c - chance) / math.sqrt(chance * (1 - chance) / c) if c > 50 else 1.0
            squares.append(error**2)
        assert found[row] == pytest.approx(np.mean(squares))
    assert np.min(counts.tosses) <= 50 < np.max(counts.tosses)


def test_squares_have_the_mean_and_less_than_the_variance_that_is_declared():
    cell = Cell({"samples": 3000})
    squares = fitted_table.table_errors(cell, rng(8), 400)["square"]
    assert squares.mean() == pytest.approx(1, abs=0.05)
    assert squares.var() < 1.2 * fitted_table._variance(cell)
    ten = Cell({"samples": 10_000})
    assert fitted_table.table_errors(ten, rng(8), 20, told=5.6)["square"].mean() > 1.15
    assert fitted_table.table_errors(ten, rng(8), 20, foreign=1 / 6)["square"].mean() > 1.1
    assert fitted_table.table_errors(ten, rng(8), 20, tossed=5.6)["square"].mean() > 1.15


def test_the_excess_is_the_divergence_of_the_table():
    found = excess_loss.excesses(Cell({}), rng(9), 1)
    counts = table.count(rng(9), 1, 10_000)
    wanted = 0.0
    for w, c, s, p in zip(
        table.law(), counts.tosses[0], counts.successes[0], table.predictive(), strict=True
    ):
        wanted += w * stats.entropy([p, 1 - p], [(s + 0.5) / (c + 1), (c - s + 0.5) / (c + 1)])
    assert found["excess"][0, 0] == pytest.approx(wanted)
    assert found["relative"][0] == pytest.approx(found["excess"][0, 2] * 2e6 / 45)


def test_batches_show_between_one_and_all_context_points():
    drawn = [network.batch(rng(seed), 0.3) for seed in range(4)]
    seen = np.concatenate([b.visible for b in drawn])
    assert seen[:, 0].all()
    assert set(seen.sum(axis=1)) == set(range(1, 9))
    assert (np.diff(seen.astype(int), axis=1) <= 0).all()
    x = drawn[0].x[..., 0]
    assert -1 <= x.min() < -0.9 < 0.9 < x.max() <= 1
    sets = prior.draw(rng(0), network.BATCH, 16, 0.3)
    np.testing.assert_array_equal(drawn[0].targets, sets.y[:, 8:])
    np.testing.assert_array_equal(drawn[0].x, network.centred(sets.x))


def test_a_network_is_a_function_of_steps_seed_and_prior():
    base = network.trained(20, 0)
    assert network.trained(20, 0, 0.3) is base
    np.testing.assert_array_equal(base, network._trained.__wrapped__(20, 0, 0.3))
    for other in (network.trained(20, 1), network.trained(20, 0, 0.1), network.trained(0, 0)):
        assert np.abs(base - other).max() > 1e-3
    assert network.LAYOUT.count == 27_234


def test_divergences_are_cut_off_means_over_queries():
    cell = Cell({"steps": 80, "n": 4, "seed": 0})
    found = small_transformer.divergences(cell, rng(10), 50, tested=0.1)
    sets = prior.draw(rng(10), 50, 16, 0.1)
    p = prior.exact(sets, 4, 8, 0.1)
    q = network.predictive(network.trained(80, 0), sets, 4)
    kl = theory.gaussian_kl(*p, *q).mean(axis=1)
    assert found["divergence"] == pytest.approx(np.minimum(kl, 2))
    assert found["beyond"].tolist() == (kl > 2).tolist()
    assert 0 < found["beyond"].sum() < 50


def test_training_brings_the_divergence_down_and_half_a_share_is_half_the_steps():
    cell = Cell({"steps": 160, "n": 4, "seed": 0})
    full, half = (
        small_transformer.divergences(cell, rng(11), 200, share=share)["divergence"].mean()
        for share in (1.0, 0.5)
    )
    same = small_transformer.divergences(Cell({"steps": 80, "n": 4, "seed": 0}), rng(11), 200)[
        "divergence"
    ].mean()
    ignoring = small_transformer.divergences(cell, rng(11), 200, ignore=True)["divergence"].mean()
    assert full < half == same < ignoring


@pytest.mark.parametrize("name", bars.LAWS)
def test_laws_are_densities_with_their_information_and_sides(name):
    law = bars.LAWS[name]

    def integral(f, low=-60.0, high=60.0):
        return sum(integrate.quad(f, *ends, limit=300)[0] for ends in ((low, 0), (0, high)))

    def density(x):
        return math.exp(float(law.log_density(np.array(x))))

    def slope(x):
        return float(law.log_density(np.array(x + 1e-5)) - law.log_density(np.array(x - 1e-5)))

    assert integral(density, -2, 3) == pytest.approx(
        float(np.diff(law.cdf(np.array([-2, 3.0])))[0])
    )
    assert float(law.cdf(np.array(-1e9))) == pytest.approx(0, abs=1e-8)
    assert float(law.cdf(np.array(1e9))) == pytest.approx(1)
    found = integral(lambda x: density(x) * (slope(x) / 2e-5) ** 2)
    assert found == pytest.approx(law.information, rel=2e-3)
    assert (density(-1e-9), density(1e-9)) == pytest.approx(law.sides, abs=1e-8)


def test_the_reversed_divergence_is_an_integral():
    law = bars.LAWS["jump"]
    found = bar_approximation.reversed_divergence(law, 5, 2.0)
    borders = np.linspace(-2, 2, 6)
    levels, total = law.cdf(borders), 0.0
    for low, high, mass in zip(borders[:-1], borders[1:], np.diff(levels), strict=True):
        q = mass / (levels[-1] - levels[0]) / (high - low)
        total += integrate.quad(
            lambda x, q=q: q * (math.log(q) - float(law.log_density(np.array(x)))),
            low,
            high,
            points=[0.0] if low < 0 < high else None,
        )[0]
    assert found == pytest.approx(total, rel=1e-6)


def test_bars_that_keep_their_reach_or_width_do_not_get_there():
    cell = Cell({"law": "heavy", "bars": 1025})
    free = bar_approximation.approximations(cell)
    reach = bar_approximation.approximations(cell, kept_reach=True)
    width = bar_approximation.approximations(cell, kept_width=True)
    assert free["divergence"] < width["divergence"] < reach["divergence"]
    assert free["relative"] == pytest.approx(1, abs=0.01)


def test_a_gaussian_costs_what_quadrature_says():
    found = bar_approximation.gaussian_cost(Cell({"width": 0.5}))["cost"]
    borders, total = 0.5 * (np.arange(-14, 15) + 0.37), 0.0
    for low, high in itertools.pairwise(borders):
        mass = stats.norm.cdf(high) - stats.norm.cdf(low)
        total += integrate.quad(
            lambda x, mass=mass: stats.norm.pdf(x) * (stats.norm.logpdf(x) - math.log(2 * mass)),
            low,
            high,
        )[0]
    assert found == pytest.approx(total, rel=1e-6)


def test_tails_cost_ten_times_as_much_a_decade_for_a_cauchy_law():
    found = tails.tail_costs(Cell({"freedom": 1.0, "bars": 10}))["growth"]
    assert found == pytest.approx(1.0, abs=1e-3)
    assert tails.tail_costs(Cell({"freedom": 1.0, "bars": 10}), lighter=0.5)[
        "growth"
    ] == pytest.approx(0.5, abs=1e-3)


def test_positions_and_leaks_show_and_labels_matter():
    found = exchangeable.changes(Cell({}), rng(12), 10)
    assert max(found["order"].max(), found["others"].max()) < 1e-12
    assert found["swapped"].min() > 1e-4
    placed = exchangeable.changes(Cell({}), rng(12), 10, position=1e-8)
    assert placed["order"].min() > 1e-11
    leaking = exchangeable.changes(Cell({}), rng(12), 10, leak=True)
    assert leaking["others"].min() > 1e-5
    assert leaking["order"].max() < 1e-12
    assert not exchangeable.changes(Cell({}), rng(12), 10, hidden=True)["swapped"].any()
