"""Gradients of both losses against differences of the losses, and the tracked mean by hand."""

import numpy as np
import pytest
from refutable.solvers.unnormalized_gradients import (
    WeightedSample,
    compositional_gradient,
    contrastive_curvature,
    contrastive_gradient,
)


def samples(seed=0, replicates=2, n=7, size=3, even=False):
    """Data and noise of a random model, and parameters."""
    rng = np.random.default_rng(seed)
    made = [
        WeightedSample(
            rng.standard_normal((replicates, n, size)),
            rng.standard_normal((replicates, n)),
            None if even else rng.random((replicates, n)),
        )
        for _ in range(2)
    ]
    return rng.standard_normal((replicates, size)), *made


def logistic_loss(theta, data, noise):
    """``-1/2 E_data log p/(p + q) - 1/2 E_noise log q/(p + q)``, by plain formulas."""
    p_data = np.exp((data.statistics * theta[:, None]).sum(-1) + data.offsets)
    p_noise = np.exp((noise.statistics * theta[:, None]).sum(-1) + noise.offsets)
    return -0.5 * (data.weights * np.log(p_data / (p_data + 1))).sum(-1) - 0.5 * (
        noise.weights * np.log(1 / (p_noise + 1))
    ).sum(-1)


def composed_objective(theta, data, noise):
    ratio = np.exp((noise.statistics * theta[:, None]).sum(-1) + noise.offsets)
    inner = np.log((noise.weights * ratio).sum(-1))
    return inner - (data.weights * (data.statistics * theta[:, None]).sum(-1)).sum(-1)


def differences(function, theta, step=1e-6):
    columns = [
        (function(theta + step * unit) - function(theta - step * unit)) / (2 * step)
        for unit in np.eye(theta.shape[-1])
    ]
    return np.stack(columns, axis=-1)


def test_the_contrastive_gradient_is_that_of_the_logistic_loss():
    theta, data, noise = samples()
    wanted = differences(lambda t: logistic_loss(t, data, noise), theta)
    assert contrastive_gradient(theta, data, noise) == pytest.approx(wanted, abs=1e-8)


def test_the_curvature_is_the_derivative_of_the_gradient():
    theta, data, noise = samples(1)
    found = contrastive_curvature(theta, data, noise)
    columns = differences(lambda t: contrastive_gradient(t, data, noise), theta)
    assert found.values == pytest.approx(np.linalg.eigvalsh(columns), abs=1e-8)


def test_one_step_without_memory_is_the_gradient_of_the_objective():
    theta, data, noise = samples(2)
    gradient, inner = compositional_gradient(theta, data, noise)
    wanted = differences(lambda t: composed_objective(t, data, noise), theta)
    assert gradient == pytest.approx(wanted, abs=1e-8)
    again, same = compositional_gradient(theta, data, noise, inner + 3.0, averaging=0.0)
    assert (again == gradient).all()
    assert (same == inner).all()


def test_the_moving_average_is_that_of_the_pseudo_code():
    """``u <- (1 - g) u + g mean w``, then ``mean w T / u - mean T``, one replicate at a time."""
    theta, data, noise = samples(3, even=True)
    u = np.array([0.7, 2.5])
    gradient, log_inner = compositional_gradient(theta, data, noise, np.log(u), averaging=0.9)
    for r in range(2):
        w = np.exp(noise.statistics[r] @ theta[r] + noise.offsets[r])
        tracked = 0.9 * u[r] + 0.1 * w.mean()
        wanted = (w[:, None] * noise.statistics[r]).mean(0) / tracked - data.statistics[r].mean(0)
        assert gradient[r] == pytest.approx(wanted)
        assert log_inner[r] == pytest.approx(np.log(tracked))


def test_ratios_beyond_the_largest_double_do_no_harm():
    data = WeightedSample([[0.0], [0.0]], [0.0, 0.0])
    noise = WeightedSample([[1.0], [2.0]], [900.0, 900.0])
    gradient, inner = compositional_gradient([0.0], data, noise)
    assert gradient == pytest.approx([1.5])
    assert inner == pytest.approx(900.0)
    assert contrastive_gradient([0.0], data, noise) == pytest.approx([0.75])


def test_parameters_that_do_not_go_with_the_sample_are_refused():
    theta, data, noise = samples()
    for bad in (theta[0], theta[:, :2], np.ones((3, 3))):
        with pytest.raises(ValueError, match=r"^theta has shape"):
            contrastive_gradient(bad, data, noise)
    with pytest.raises(ValueError, match=r"^weights has shape"):
        WeightedSample(np.ones((2, 3, 1)), np.ones((2, 3)), np.ones(2))
