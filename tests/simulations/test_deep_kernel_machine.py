"""The objective of the deep kernel machine against Gaussian divergences and numerical slopes."""

from dataclasses import replace

import numpy as np
import pytest
from refutable.simulations.bayes.deep_kernel_machine import _objective as objective
from refutable.simulations.bayes.deep_kernel_machine import _posterior as posterior
from refutable.simulations.bayes.deep_kernel_machine import closed_form, concentration
from refutable.solvers.gaussian_algebra import kl
from refutable.solvers.laplace_importance import student_pairs, weighted
from refutable.solvers.log_cholesky import coordinates, log_jacobian, positive_definite
from refutable.solvers.random_walk_metropolis import random_walk_metropolis
from scipy import stats

from refutable import Cell


def machine(kernel, noise=0.1, weights=(1.0, 0.7, 1.6)):
    data = objective.draw_data(np.random.default_rng(0))
    return objective.Machine(*data, weights, objective.KERNELS[kernel], noise)


def starts(count):
    rng = np.random.default_rng(1)
    return [objective.draw_start(rng, 2) for _ in range(count)]


def plainly(model, x):
    """The loss from divergences, layer by layer, and a Gaussian likelihood."""
    grams = positive_definite(x.reshape(-1, objective.FREE))
    zero, value, prior = np.zeros(4), 0.0, model.first
    for weight, g in zip(model.weights, grams, strict=False):
        value += weight * float(kl(zero, g, zero, prior))
        prior = model.kernel.value(g)
    law = stats.multivariate_normal(zero, prior + model.noise * np.eye(4))
    # Outputs with exactly the Gram `target`, one for each column of its root.
    columns = 2.0 * np.linalg.cholesky(model.target).T
    return value - model.weights[-1] * law.logpdf(columns).mean()


@pytest.mark.parametrize("kernel", objective.KERNELS)
def test_differences_of_the_loss_are_those_of_divergences_and_likelihood(kernel):
    model, (a, b) = machine(kernel), starts(2)
    assert model.loss(a)[0] - model.loss(b)[0] == pytest.approx(
        plainly(model, a) - plainly(model, b)
    )


@pytest.mark.parametrize("kernel", objective.KERNELS)
def test_the_gradient_is_the_numerical_one(kernel):
    model, (x,) = machine(kernel), starts(1)
    step = 1e-5 * np.eye(len(x))
    numerical = [(model.loss(x + s)[0] - model.loss(x - s)[0]) / 2e-5 for s in step]
    np.testing.assert_allclose(model.loss(x)[1], numerical, rtol=1e-6, atol=1e-7)


def test_the_optimum_is_no_worse_nearby():
    model, (x,) = machine("arc-cosine"), starts(1)
    least, found = objective.optimum(model, x)
    moves = 1e-3 * np.random.default_rng(2).standard_normal((50, len(x)))
    assert all(model.loss(found + move)[0] > least for move in moves)


def one(kernel, seed=3):
    found = posterior.draw_machine(np.random.default_rng(seed), kernel)
    return found, posterior.best_gram(found)


@pytest.mark.parametrize("kernel", objective.KERNELS)
def test_the_posterior_is_wishart_prior_times_likelihood(kernel):
    """Differences over two states, for 14 outputs whose Gram is the target."""
    model, _ = one(kernel)
    width, outputs = 9, 14
    model = replace(model, weights=(1.0, outputs / width))
    x = np.random.default_rng(4).standard_normal((2, 10)) / 2
    wanted = []
    for row in x:
        gram = positive_definite(row)
        layer = model.kernel.value(gram) + model.noise * np.eye(4)
        columns = 2.0 * np.linalg.cholesky(model.target).T
        fit = outputs * stats.multivariate_normal(np.zeros(4), layer).logpdf(columns).mean()
        prior = stats.wishart(width, model.first / width).logpdf(gram)
        wanted.append(prior + fit + log_jacobian(row))
    found = posterior.log_posterior(model, width, x)
    assert found[0] - found[1] == pytest.approx(wanted[0] - wanted[1])


def test_the_curvature_is_that_of_differences_to_both_sides():
    model, mode = one("arc-cosine")
    steps = 1e-5 * np.eye(10)
    wanted = [(model.loss(mode + s)[1] - model.loss(mode - s)[1]) / 2e-5 for s in steps]
    np.testing.assert_allclose(posterior.curvature(model, mode), wanted, atol=2e-3)


def test_without_outputs_moments_are_those_of_the_wishart_law():
    model, _ = one("linear")
    model = replace(model, weights=(1.0, 0.0))
    mode = coordinates(model.first)
    points = student_pairs(np.random.default_rng(5), 20_000, 10, posterior.FREEDOM)
    spread = 16 * posterior.curvature(model, mode)
    draws = weighted(
        lambda x: posterior.log_posterior(model, 16, x), mode, spread, points, posterior.FREEDOM
    )
    law, grams = stats.wishart(16, model.first / 16), positive_definite(draws.states)
    mean = np.tensordot(draws.weights, grams, axes=1)
    np.testing.assert_allclose(mean, law.mean(), atol=0.02)
    variance = np.tensordot(draws.weights, (grams - mean) ** 2, axes=1)
    np.testing.assert_allclose(variance, law.var(), rtol=0.1)


@pytest.mark.parametrize("kernel", ["linear", "squared exponential"])
def test_weighted_draws_and_chains_have_the_same_moments(kernel):
    model, mode = one(kernel)
    width = 32
    spread = width * posterior.curvature(model, mode)
    chains = random_walk_metropolis(
        lambda x: posterior.log_posterior(model, width, x),
        np.tile(mode, (200, 1)),
        np.random.default_rng(6),
        np.linalg.inv(np.linalg.cholesky(spread)).T,
        300,
        40,
        10,
    )
    walked = positive_definite(chains.states.reshape(-1, 10))
    points = student_pairs(np.random.default_rng(7), 10_000, 10, posterior.FREEDOM)
    draws = weighted(
        lambda x: posterior.log_posterior(model, width, x), mode, spread, points, posterior.FREEDOM
    )
    grams = positive_definite(draws.states)
    mean = np.tensordot(draws.weights, grams, axes=1)
    scale = np.linalg.norm(mean)
    assert np.linalg.norm(walked.mean(axis=0) - mean) < 0.01 * scale
    deviation = np.sqrt(draws.weights @ ((grams - mean) ** 2).sum(axis=(1, 2)))
    walked_deviation = np.sqrt(((walked - walked.mean(axis=0)) ** 2).sum(axis=(1, 2)).mean())
    assert walked_deviation == pytest.approx(deviation, rel=0.03)


def test_bias_and_deviation_are_those_of_the_draws():
    found = concentration.concentration(Cell({"kernel": "linear"}), np.random.default_rng(8), 1)
    rng = np.random.default_rng(8)
    model = posterior.draw_machine(rng, "linear")
    mode = posterior.best_gram(model)
    draws = posterior.posteriors(rng, model, mode, (8, 32, 128, 512))[3]
    grams, best = positive_definite(draws.states), positive_definite(mode)
    mean = sum(w * g for w, g in zip(draws.weights, grams, strict=True))
    assert found["last"][0] == pytest.approx(np.linalg.norm(mean - best) / np.linalg.norm(best))
    square = sum(
        w * np.linalg.norm(g - mean) ** 2 for w, g in zip(draws.weights, grams, strict=True)
    )
    assert found["deviation"][0, 3] == pytest.approx(np.sqrt(square) / np.linalg.norm(best))
    away = np.linalg.norm(mean - model.first) / np.linalg.norm(model.first)
    assert found["from_prior"][0] == pytest.approx(away)


def test_few_outputs_lead_to_the_prior_and_fewer_ones_elsewhere():
    cell, rng = Cell({"kernel": "linear"}), np.random.default_rng(9)
    seven = concentration.concentration(cell, rng, 3, outputs=7, widths=(512,))
    assert seven["from_prior"].max() < 0.03
    assert seven["last"].min() > 0.1
    fewer = concentration.concentration(cell, rng, 3, share=0.9, widths=(512,))
    assert fewer["last"].min() > 0.008


def test_kurtosis_is_that_of_features_drawn_one_by_one():
    """Rows of sqrt(N) L Q for weighted L and uniform orthonormal Q, at N = 8."""
    width, rng = 8, np.random.default_rng(10)
    model, mode = one("linear")
    (draws,) = posterior.posteriors(rng, model, mode, (width,))
    picked = rng.choice(len(draws.weights), 40_000, p=draws.weights)
    root = np.linalg.cholesky(positive_definite(draws.states[picked]))
    turn = np.linalg.qr(rng.standard_normal((len(picked), width, 4)))[0].swapaxes(1, 2)
    features = np.sqrt(width) * root @ turn
    wanted = (features**4).mean(axis=(0, 2)) / (features**2).mean(axis=(0, 2)) ** 2 - 3
    squares = np.diagonal(positive_definite(draws.states), axis1=1, axis2=2)
    mean, square = draws.weights @ squares, draws.weights @ squares**2
    found = concentration.theory.excess_kurtosis(width, mean, square)
    np.testing.assert_allclose(found, wanted, atol=0.06)


def test_kurtosis_is_the_norm_over_rows_and_falls_with_the_width():
    cell, rng = Cell({"kernel": "arc-cosine"}), np.random.default_rng(11)
    found = concentration.gaussianity(cell, rng, 3)
    assert (found["kurtosis"][:, 3] < found["kurtosis"][:, 0] / 30).all()
    assert (found["largest"] <= found["kurtosis"][:, 3]).all()
    assert (found["largest"] >= found["kurtosis"][:, 3] / 2).all()
    narrow = concentration.gaussianity(cell, rng, 3, widths=(32,))
    assert narrow["largest"].min() > 0.05


def test_the_closed_form_knows_nothing_of_noise():
    cell = Cell({"ratio": 2.0})
    quiet, loud = (
        closed_form.unequal(cell, np.random.default_rng(12), 2, noise=noise)["apart"]
        for noise in (0.0, 1e-5)
    )
    assert quiet.max() < 1e-6 < loud.min()
