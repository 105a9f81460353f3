"""Networks of finite width against explicit weights, gradients by differences, and their limits."""

import numpy as np
import pytest
import scipy
from refutable.solvers import finite_networks as fin
from refutable.solvers.finite_networks import ErfNetworks
from refutable.solvers.kernels import InfiniteWidth

X = np.array([[1.0, 0.2], [-0.5, 1.0], [0.3, -1.2]])
Y = np.array([0.4, -0.3])
ERF = InfiniteWidth("erf", 1, 1.7, 0.3)


def rng(seed):
    return np.random.default_rng(seed)


def own_kernels(hidden):
    return (hidden @ np.swapaxes(hidden, 1, 2) / hidden.shape[2]).reshape(len(hidden), -1)


def moments(hidden):
    """Means over networks of bounded functions of their own kernels, and of products of pairs."""
    gram = np.tanh(own_kernels(hidden))
    return gram.mean(axis=0), gram.T @ gram / len(hidden)


@pytest.mark.parametrize(("activation", "width"), [("erf", 5), ("relu", 2)])
def test_deep_features_have_the_law_of_explicit_weights(activation, width):
    """With two units of ReLU for three points their kernel is singular, and often 0."""
    net, count = InfiniteWidth(activation, 2, 1.7, 0.3), 40_000
    phi = {"erf": scipy.special.erf, "relu": lambda h: np.maximum(h, 0)}[activation]
    g = rng(0).standard_normal
    low = np.sqrt(1.7 / 2) * X @ g((count, 2, width)) + np.sqrt(0.3) * g((count, 1, width))
    top = np.sqrt(1.7 / width) * phi(low) @ g((count, width, width))
    top = phi(top + np.sqrt(0.3) * g((count, 1, width)))
    found = moments(fin.features(net, X, width, count, rng(1)))
    for mine, wanted in zip(found, moments(top), strict=True):
        np.testing.assert_allclose(mine, wanted, atol=0.01)


def test_wide_features_have_the_nngp_kernel_and_a_gain_scales_the_first_layer():
    for gain, weight, bias in ((1.0, 1.7, 0.3), (2.0, 6.8, 1.2)):
        hidden = fin.features(ERF, X, 4000, 10, rng(2), np.full(10, gain))
        kernel = InfiniteWidth("erf", 1, weight, bias).at(X).nngp
        np.testing.assert_allclose(
            own_kernels(hidden).mean(axis=0).reshape(3, 3), kernel, atol=0.01
        )


def test_gradient_descent_on_the_readout_ends_at_the_limit():
    hidden, count, width = fin.features(ERF, X, 8, 4, rng(3)), 4, 8
    v = rng(4).standard_normal((count, width, 1))
    start = (hidden @ v)[..., 0]
    for _ in range(5_000):
        v = v - 0.05 * np.swapaxes(hidden[:, :2], 1, 2) @ (hidden[:, :2] @ v - Y[:, None])
    found = fin.readout_limit(hidden, start, Y)
    np.testing.assert_allclose(found, (hidden @ v)[:, 2:, 0], rtol=1e-8)


def networks(width=6, seed=5):
    return ErfNetworks.draw(ERF, 2, width, np.array([0.5, 1.0, 2.0]), rng(seed))


def test_outputs_are_those_of_the_formula():
    nets = networks()
    for r in range(3):
        hidden = np.sqrt(1.7 / 2) * X @ nets.weights[r] + np.sqrt(0.3) * nets.biases[r]
        wanted = nets.scale[r] * scipy.special.erf(hidden) @ nets.readout[r] / np.sqrt(6)
        np.testing.assert_allclose(nets.outputs(X)[r], wanted)


def test_a_step_goes_down_the_gradient_of_every_parameter():
    nets, rate = networks(), np.array([0.1, 0.2, 0.3])
    moved = nets.descend(X[:2], Y, rate, 1)

    def loss(**changed):
        parts = {name: getattr(nets, name) for name in ("weights", "biases", "readout")}
        f = ErfNetworks(ERF, **{**parts, **changed}, scale=nets.scale).outputs(X[:2])
        return ((f - Y) ** 2).sum() / 2

    for name in ("weights", "biases", "readout"):
        value = getattr(nets, name)
        for place in (np.zeros(value.ndim, int), np.array(value.shape) - 1):
            nudge = np.zeros_like(value)
            nudge[tuple(place)] = 1e-5
            slope = (loss(**{name: value + nudge}) - loss(**{name: value - nudge})) / 2e-5
            step = (getattr(moved, name) - value)[tuple(place)]
            assert step == pytest.approx(-rate[place[0]] * slope, rel=1e-6)


def test_wide_networks_end_at_the_prediction_of_the_ntk():
    """f(x*) - W f(X) does not move, W being the weights of the NTK: to first order in 1/width."""
    kernels = ERF.at(X)
    weights = np.linalg.solve(kernels.ntk[:2, :2], kernels.ntk[:2, 2])
    nets = networks(20_000)
    end = nets.descend(X[:2], Y, 0.8 / nets.scale**2, 60)
    np.testing.assert_allclose(end.outputs(X[:2]), np.tile(Y, (3, 1)), atol=1e-5)
    start = nets.outputs(X)
    wanted = start[:, 2] + (Y - start[:, :2]) @ weights
    np.testing.assert_allclose(end.outputs(X)[:, 2], wanted, atol=0.03)
    still = nets.descend(X[:2], Y, np.ones(3), 0)
    np.testing.assert_array_equal(still.weights, nets.weights)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: fin.features(ERF, X, 4, 5, rng(0), np.ones(4)), "^gain .*or 5"),
        (lambda: fin.readout_limit(np.ones((2, 3, 4)), np.ones((2, 3)), np.ones(3)), "^y .*fewer"),
        (lambda: fin.readout_limit(np.ones((2, 3, 1)), np.ones((2, 3)), Y), "^y .*1 units"),
        (lambda: ErfNetworks.draw(InfiniteWidth("relu"), 2, 3, np.ones(2), rng(0)), "^net="),
        (lambda: networks().outputs(np.ones((2, 3))), "^points .*2 coordinates"),
        (lambda: networks().descend(X, Y, np.ones(3), 1), "^y "),
    ],
)
def test_what_is_no_network_is_refused(call, said):
    with pytest.raises(ValueError, match=said):
        call()
