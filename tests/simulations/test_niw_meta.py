"""The experiments on hierarchies of tasks against loops, libraries and other quadratures."""

import numpy as np
import pytest
from refutable.simulations.bayes.niw_meta import _tasks as tasks
from refutable.simulations.bayes.niw_meta import (
    expected_precision,
    learned_prior,
    local_posterior,
    pac_bayes,
)
from refutable.solvers.gaussian_algebra import entropy, kl
from refutable.solvers.gaussian_hierarchy import learn_prior, task_posteriors
from refutable.solvers.log_cholesky import coordinates
from refutable.theory.bayes import niw_meta as theory

from refutable import Cell

SEVEN = Cell({"d": 3, "freedom": 7, "kappa": 4.0, "square": 1.0})


def rng(seed=0):
    return np.random.default_rng(seed)


def test_distances_have_the_mean_and_variance_that_are_declared():
    found = expected_precision.distances(SEVEN, rng(), 2000)["relative"]
    variance = expected_precision._variance(SEVEN)
    assert abs(found.mean() - 1) < 4 * np.sqrt(variance / 2000)
    assert found.var() == pytest.approx(variance, rel=0.15)


def test_distances_notice_another_mean_and_a_mu_that_is_still():
    sixty = Cell({"d": 3, "freedom": 60, "kappa": 4.0, "square": 1.0})
    inverted = expected_precision.distances(sixty, rng(), 1000, inverted=True)["relative"].mean()
    assert inverted == pytest.approx(60.75 / 56.75, abs=0.007)
    still = expected_precision.distances(SEVEN, rng(), 300, still=True)["relative"].mean()
    assert still == pytest.approx(7 / 7.75, abs=0.03)


def task():
    return local_posterior.draw_task(rng(3), 3, 7.0)


def test_differences_of_the_local_bound_are_those_of_divergence_and_fit():
    """For a fixed prior N(m0, V0 / n0) the bound is a KL divergence, up to a constant."""
    one, values, wanted = task(), [], []
    for seed in (4, 5):
        mean = rng(seed).standard_normal(3)
        covariance = expected_precision.draw_scales(rng(seed), 1, 3)[0]
        values.append(one.loss(np.concatenate([mean, coordinates(covariance)]))[0])
        apart = mean - one.estimate
        fit = apart @ one.precision @ apart + np.trace(one.precision @ covariance)
        wanted.append(fit / 2 + float(kl(mean, covariance, one.centre, one.scale / one.freedom)))
    assert values[0] - values[1] == pytest.approx(wanted[0] - wanted[1])


def test_the_gradient_of_the_local_bound_is_the_numerical_one():
    x = rng(6).standard_normal(9)
    numerical = [(task().loss(x + s)[0] - task().loss(x - s)[0]) / 2e-6 for s in 1e-6 * np.eye(9)]
    np.testing.assert_allclose(task().loss(x)[1], numerical, rtol=1e-6, atol=1e-6)


def test_searches_end_at_the_closed_form_and_notice_a_part_in_a_hundred_thousand():
    cell = Cell({"d": 3, "freedom": 7.0})
    found = local_posterior.searched(cell, rng(7), 3)
    assert max(found["mean"].max(), found["covariance"].max()) < 1e-6
    freer = local_posterior.searched(cell, rng(7), 2, freer=1e-5)["covariance"]
    unshrunk = local_posterior.searched(cell, rng(7), 2, unshrunk=1e-5)["mean"]
    assert min(freer.min(), unshrunk.min()) > 1e-6


def test_tasks_are_regressions_on_five_inputs():
    drawn = tasks.draw_tasks(rng(8), (200, 50), 1.0)
    flat = drawn.truth.reshape(-1, 2)
    assert flat.mean(axis=0) == pytest.approx([1, -2], abs=0.03)
    np.testing.assert_allclose(np.cov(flat.T), tasks.COVARIANCE, atol=0.03)
    # Five inputs of unit variance over a noise variance of a quarter.
    np.testing.assert_allclose(drawn.precision.mean(axis=(0, 1)), 20 * np.eye(2), atol=0.5)
    apart = drawn.least_squares - drawn.truth
    scores = (apart * (drawn.precision @ apart[..., None])[..., 0]).sum(axis=-1)
    assert scores.mean() == pytest.approx(2, abs=0.08)
    pairs = tasks.draw_tasks(rng(9), (3, 10), 1.0, twins=2).truth
    np.testing.assert_array_equal(pairs[:, ::2], pairs[:, 1::2])


def test_posterior_means_are_those_of_the_solver():
    drawn = tasks.draw_tasks(rng(10), (2, 4), 1.0)
    wanted, _ = task_posteriors(tasks.MEAN, tasks.COVARIANCE, drawn.precision, drawn.linear)
    np.testing.assert_allclose(drawn.under(tasks.MEAN, tasks.COVARIANCE), wanted)
    np.testing.assert_allclose(
        drawn.under(tasks.MEAN, np.zeros((2, 2))), np.broadcast_to(tasks.MEAN, (2, 4, 2))
    )


def test_the_quadrature_of_designs_is_the_mean_over_drawn_inputs():
    x = rng(11).standard_normal((100_000, 5, 2))
    drawn = tasks.NOISE * np.linalg.inv(x.swapaxes(1, 2) @ x), np.full(100_000, 1e-5)
    assert tasks.oracle_risk() == pytest.approx(
        theory.oracle_risk(tasks.COVARIANCE, *drawn), rel=0.005
    )
    constant = theory.excess_constant(tasks.COVARIANCE, *drawn) / tasks.oracle_risk()
    assert tasks.excess_constant() == pytest.approx(constant, rel=0.02)
    assert tasks.excess_constant() == pytest.approx(1.54, abs=0.005)
    fine = tasks.designs(40)
    for factor, risk in ((1.0, 0.1337), (25.0, 0.217), (0.04, 0.472)):
        found = theory.prior_risk(factor * tasks.COVARIANCE, tasks.COVARIANCE, *fine)
        assert found == pytest.approx(risk, abs=5e-4)


def test_gains_and_excess_are_those_of_each_new_task():
    cell = Cell({"tasks": 30})
    found = learned_prior.new_tasks(cell, rng(12), 2)
    generator = rng(12)
    seen = tasks.draw_tasks(generator, (2, 30), 1.0)
    new = tasks.draw_tasks(generator, (2, tasks.NEW), 1.0)
    for row in range(2):
        prior = learn_prior(seen.precision[row], seen.linear[row], tolerance=1e-6)
        rows = new.precision[row], new.linear[row]
        learned, _ = task_posteriors(prior.mean, prior.covariance, *rows)
        best, _ = task_posteriors(tasks.MEAN, tasks.COVARIANCE, *rows)
        own = np.linalg.inv(rows[0]) @ rows[1][..., None]
        error, own_error = (((m - new.truth[row]) ** 2).sum(axis=1) for m in (learned, own[..., 0]))
        gain = np.clip(own_error - error, -1, 1).mean()
        assert found["over_own"][row] == pytest.approx(gain)
        lost = ((learned - best) ** 2).sum(axis=1).mean() / tasks.oracle_risk()
        assert found["excess"][row] == pytest.approx(lost)
        pooled = seen.least_squares[row].mean(axis=0)
        pooled_error = ((pooled - new.truth[row]) ** 2).sum(axis=1)
        assert found["over_pooled"][row] == pytest.approx(
            np.clip(pooled_error - error, -1, 1).mean()
        )


def test_the_excess_is_the_difference_of_risks():
    """Pythagoras: on many new tasks the squared errors differ by the distance of the means."""
    generator = rng(13)
    new = tasks.draw_tasks(generator, (1, 100_000), 1.0)
    learned = new.under(np.array([1.3, -2.0]), 1.5 * tasks.COVARIANCE)
    best = new.under(tasks.MEAN, tasks.COVARIANCE)
    errors = [((m - new.truth) ** 2).sum(axis=-1) for m in (learned, best)]
    gap = (errors[0] - errors[1])[0] / tasks.oracle_risk()
    said = learned_prior.excess(new, learned)[0]
    assert abs(gap.mean() - said) < 4 * gap.std() / np.sqrt(gap.size)


def test_pooling_ties_without_spread_and_least_squares_with_much():
    cell = Cell({"tasks": 100})
    still = learned_prior.new_tasks(cell, rng(14), 10, spread=0.0)
    assert abs(still["over_pooled"].mean()) < 0.005
    # The right prior is then a point.
    assert still["excess"].mean() < 0.1
    wide = learned_prior.new_tasks(cell, rng(14), 40, spread=1000.0)["over_own"].mean()
    assert abs(wide) < 0.01


def test_a_ladder_uses_the_first_tasks_of_one_stream():
    found = learned_prior.ladder(Cell({}), rng(15), 2)
    generator = rng(15)
    seen = tasks.draw_tasks(generator, (2, learned_prior.LADDER[-1]), 1.0)
    new = tasks.draw_tasks(generator, (2, tasks.NEW), 1.0)
    prior = learn_prior(seen.precision[:, :40], seen.linear[:, :40], tolerance=1e-6)
    learned = new.under(prior.mean[:, None], prior.covariance[:, None])
    np.testing.assert_allclose(found["losses"][:, 0], learned_prior.excess(new, learned))
    scaled = 640 * found["losses"][:, 2] / tasks.excess_constant()
    np.testing.assert_allclose(found["constant"], np.minimum(scaled, 5.0))


def test_the_bound_is_that_of_each_table():
    cell = Cell({"chance": 0.8})
    found = pac_bayes.tables(cell, rng(16), 2)
    generator = rng(16)
    visits = generator.multinomial(400, np.full(400, 1 / 400), 2)
    ones = generator.binomial(visits, 0.8)
    for row in range(2):
        slacks = []
        for t in pac_bayes.TRADES:
            odds = np.exp(4 * t * (2.0 * ones[row] - visits[row]))
            belief = odds / (1 + odds)
            wrong = np.where(np.arange(2)[:, None] == 0, belief, 1 - belief)
            counts = np.stack([visits[row] - ones[row], ones[row]])
            empirical = (counts * wrong).sum() / 400
            risk = (np.array([[0.2], [0.8]]) * wrong).sum() / 400
            divergence = (wrong * np.log(2 * np.maximum(wrong, 1e-300))).sum()
            bound = theory.pac_bayes_bound(empirical, divergence, 400, t, 0.05)
            slacks.append(float(bound) - risk)
        assert found["slack"][row] == pytest.approx(min(slacks))
    assert not found["violated"].any()
    assert pac_bayes.tables(cell, rng(16), 50, share=0.0)["violated"].mean() > 0.9


def test_the_gibbs_posterior_over_tables_has_independent_labels():
    """Three places, all eight tables listed."""
    visits, ones, t = np.array([3, 1, 0]), np.array([1, 1, 0]), 0.7
    lists = np.array(np.meshgrid(*[[0, 1]] * 3, indexing="ij")).reshape(3, -1).T
    wrong = (lists * (visits - ones) + (1 - lists) * ones).sum(axis=1)
    weights = np.exp(-pac_bayes.COLD * t * wrong)
    marginal = weights @ lists / weights.sum()
    odds = np.exp(pac_bayes.COLD * t * (2.0 * ones - visits))
    np.testing.assert_allclose(odds / (1 + odds), marginal)


def test_entropies_of_the_local_bound_are_gaussian():
    """The loss falls by half the logarithm of a determinant, beside its other terms."""
    one, mean = task(), np.zeros(3)
    small, large = 0.5 * np.eye(3), 0.9 * np.eye(3)
    losses = [one.loss(np.concatenate([mean, coordinates(c)]))[0] for c in (small, large)]
    prior = one.precision + one.freedom * np.linalg.inv(one.scale)
    wanted = 0.4 * np.trace(prior) / 2 - float(entropy(large) - entropy(small))
    assert losses[1] - losses[0] == pytest.approx(wanted)
