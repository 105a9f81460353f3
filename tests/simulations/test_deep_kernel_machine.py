"""The objective of the deep kernel machine against Gaussian divergences and numerical slopes."""

import numpy as np
import pytest
from refutable.simulations.bayes.deep_kernel_machine import _objective as objective
from refutable.solvers.gaussian_algebra import kl
from refutable.solvers.log_cholesky import positive_definite
from scipy import stats


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
