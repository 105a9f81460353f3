"""Kernels against quadrature, wide networks with gradients by hand, SymPy and scikit-learn."""

import numpy as np
import pytest
import scipy
import sympy
from refutable.solvers import kernels as ke
from sklearn.gaussian_process.kernels import RBF, Matern

RNG = np.random.default_rng(0)
POINTS = RNG.standard_normal((2, 4, 3))
GRAM = POINTS @ np.swapaxes(POINTS, 1, 2)


def averaged(function, gram, nodes=150):
    """E f(u) f(v) by a product Gauss-Hermite rule, for every pair."""
    z, w = np.polynomial.hermite_e.hermegauss(nodes)
    w = w / w.sum()
    out = np.empty_like(gram)
    for i, j in np.ndindex(gram.shape):
        slope = gram[i, j] / np.sqrt(gram[i, i])
        rest = np.sqrt(max(gram[j, j] - slope**2, 0.0))
        u, v = np.sqrt(gram[i, i]) * z[:, None], slope * z[:, None] + rest * z
        out[i, j] = (w[:, None] * function(u) * function(v) * w).sum()
    return out


def erf_slope(u):
    return 2 / np.sqrt(np.pi) * np.exp(-(u**2))


def test_erf_kernels_are_averages_over_a_gaussian_law():
    found = ke.erf_kernel(GRAM / 4)
    for r in range(2):
        for part, function in ((found.value, scipy.special.erf), (found.slope, erf_slope)):
            np.testing.assert_allclose(part[r], averaged(function, GRAM[r] / 4), atol=1e-9)


def half_line(degree, gram, i, j):
    """E of (u v)^degree where u, v > 0, in polar coordinates: one integral over the angle."""
    root = np.linalg.cholesky(gram[np.ix_([i, j], [i, j])])

    def along(angle):
        u, v = root @ [np.cos(angle), np.sin(angle)]
        return (u * v) ** degree if u > 0 and v > 0 else 0.0

    turns = [np.arctan2(-row[0], row[1]) + k * np.pi for row in root for k in (-1, 0, 1)]
    breaks = sorted({t for t in turns if abs(t) < np.pi})
    total = scipy.integrate.quad(along, -np.pi, np.pi, points=breaks, epsabs=1e-13)[0]
    return 2.0**degree * total / (2 * np.pi)


def test_relu_kernels_are_averages_over_a_gaussian_law():
    found, i, j = ke.relu_kernel(GRAM), 0, 2
    for r in range(2):
        assert found.value[r, i, j] == pytest.approx(half_line(1, GRAM[r], i, j), rel=1e-9)
        assert found.slope[r, i, j] == pytest.approx(half_line(0, GRAM[r], i, j), rel=1e-9)
    np.testing.assert_allclose(ke.arc_cosine(GRAM), 2 * found.value, rtol=1e-13)
    diagonals = np.diagonal(GRAM, axis1=1, axis2=2)
    np.testing.assert_allclose(np.diagonal(ke.arc_cosine(GRAM), axis1=1, axis2=2), diagonals)
    np.testing.assert_allclose(np.diagonal(found.slope, axis1=1, axis2=2), 0.5)


ACTIVATIONS = {
    "erf": (scipy.special.erf, erf_slope),
    "relu": (lambda u: np.maximum(u, 0), lambda u: (u > 0) * 1.0),
}


def gradient_products(net, x, width, rng):
    """Gradient products (n, n), of the readout alone and of all, of a network of two layers."""
    phi, slope = ACTIVATIONS[net.activation]
    w1, c1 = rng.standard_normal((x.shape[1], width)), rng.standard_normal(width)
    w2, c2 = rng.standard_normal((width, width)), rng.standard_normal(width)
    v = rng.standard_normal(width)
    into, deep = np.sqrt(net.weight / x.shape[1]), np.sqrt(net.weight / width)
    out = np.sqrt(net.readout_weight / width)
    h1 = into * x @ w1 + np.sqrt(net.bias) * c1
    h2 = deep * phi(h1) @ w2 + np.sqrt(net.bias) * c2
    by_h2 = out * slope(h2) * v
    by_h1 = deep * slope(h1) * (by_h2 @ w2.T)
    last = out**2 * phi(h2) @ phi(h2).T + net.readout_bias
    middle = (by_h2 @ by_h2.T) * (deep**2 * phi(h1) @ phi(h1).T + net.bias)
    return last, last + middle + (by_h1 @ by_h1.T) * (into**2 * x @ x.T + net.bias)


@pytest.mark.parametrize("activation", ["erf", "relu"])
def test_recursions_are_the_limits_of_wide_networks(activation):
    net = ke.InfiniteWidth(activation, 2, 1.7, 0.3, 1.4, 0.2)
    rng = np.random.default_rng(1)
    draws = [gradient_products(net, POINTS[0], 400, rng) for _ in range(60)]
    last, ntk = np.mean(draws, axis=0)
    found = net.at(POINTS)
    scale = np.abs(found.ntk[0]).max()
    np.testing.assert_allclose(found.nngp[0], last, atol=0.02 * scale)
    np.testing.assert_allclose(found.ntk[0], ntk, atol=0.02 * scale)


def test_the_covariance_of_outputs_is_the_nngp_kernel():
    net, rng = ke.InfiniteWidth("erf", 1, 1.7, 0.3, 1.4, 0.2), np.random.default_rng(2)
    x, count, width = POINTS[0], 20_000, 20
    hidden = np.sqrt(1.7 / 3) * x @ rng.standard_normal((count, 3, width))
    hidden = scipy.special.erf(hidden + np.sqrt(0.3) * rng.standard_normal((count, 1, width)))
    f = np.sqrt(1.4 / width) * (hidden @ rng.standard_normal((count, width, 1)))[..., 0]
    f = f + np.sqrt(0.2) * rng.standard_normal((count, 1))
    np.testing.assert_allclose(f.T @ f / count, net.at(x).nngp, atol=0.05)


def test_a_batch_of_points_is_taken_one_by_one():
    net = ke.InfiniteWidth("relu", 3, 1.7, 0.3)
    for r in range(2):
        np.testing.assert_allclose(net.at(POINTS).ntk[r], net.at(POINTS[r]).ntk, rtol=1e-13)


R, L = sympy.symbols("r l", positive=True)
T = sympy.sqrt(5) * R / L
FORMULAS = {
    "matern52": (1 + T + T**2 / 3) * sympy.exp(-T),
    "squared_exponential": sympy.exp(-(R**2) / (2 * L**2)),
}
LENGTH, CYCLES = sympy.Rational(3, 5), sympy.Rational(9, 10)


@pytest.mark.parametrize("name", FORMULAS)
def test_derivatives_are_those_of_sympy_and_have_their_parity(name):
    lags = np.array([0.07, 0.4, 1.3, 3.0])
    plain = getattr(ke, name)(lags, float(LENGTH), 4)
    waves = ke.times_cosine(plain, lags, float(CYCLES))
    formula = FORMULAS[name].subs(L, LENGTH)
    for k, found in ((formula, plain), (formula * sympy.cos(2 * sympy.pi * CYCLES * R), waves)):
        for order in range(5):
            exact = sympy.diff(k, R, order)
            want = [float(exact.subs(R, sympy.Float(lag, 30))) for lag in lags]
            np.testing.assert_allclose(found[order], want, rtol=1e-9, atol=1e-11)
    mirrored = getattr(ke, name)(-lags, float(LENGTH), 4)
    np.testing.assert_allclose(mirrored, plain * np.array([1, -1, 1, -1, 1])[:, None])


@pytest.mark.parametrize("name", FORMULAS)
def test_derivatives_at_no_lag_are_their_limits(name):
    near = getattr(ke, name)(np.array([0.0, 1e-7]), 0.6, 4)
    np.testing.assert_allclose(near[::2, 0], near[::2, 1], rtol=1e-5)
    np.testing.assert_array_equal(near[1::2, 0], 0.0)
    assert near[2, 0] < 0 < near[4, 0]


def test_kernels_are_those_of_scikit_learn_and_broadcast():
    x, lengths = POINTS[0][:, :1], np.array([0.7, 2.0])[:, None, None]
    for name, peer in (("matern52", Matern(0.7, nu=2.5)), ("squared_exponential", RBF(0.7))):
        found = getattr(ke, name)(x - x.T, lengths)
        assert found.shape == (1, 2, 4, 4)
        np.testing.assert_allclose(found[0, 0], peer(x), rtol=1e-12)


LAGS = np.array([[0.0, 0.07, -0.4, 1.3], [0.0, 0.2, 0.5, -3.0]])
MIXTURE = RNG.standard_normal((2, 3, 3))


@pytest.mark.parametrize("name", FORMULAS)
def test_a_mixture_is_the_sum_of_its_components(name):
    found = ke.SpectralMixture(name, LAGS, *np.moveaxis(MIXTURE, 1, 0)).derivatives
    for row in range(2):
        weights, lengths, cycles = MIXTURE[row]
        parts = [getattr(ke, name)(LAGS[row], np.exp(length), 4) for length in lengths]
        waves = [ke.times_cosine(p, LAGS[row], f) for p, f in zip(parts, cycles, strict=True)]
        wanted = np.einsum("q,qmn->mn", np.exp(weights), waves)[::2]
        np.testing.assert_allclose(found[row], wanted, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("name", FORMULAS)
def test_a_mixture_pulls_gradients_back_as_differences_do(name):
    weights, step = RNG.standard_normal((2, 3, 4)), 1e-6

    def total(x):
        found = ke.SpectralMixture(name, LAGS, *np.moveaxis(x, 1, 0)).derivatives
        return (found * weights).sum(axis=(1, 2))

    found = ke.SpectralMixture(name, LAGS, *np.moveaxis(MIXTURE, 1, 0)).pull_back(weights)
    for place in np.ndindex(3, 3):
        moved = np.zeros_like(MIXTURE)
        moved[:, *place] = step
        wanted = (total(MIXTURE + moved) - total(MIXTURE - moved)) / (2 * step)
        np.testing.assert_allclose(found[:, *place], wanted, rtol=1e-5, atol=1e-5)


def test_lags_and_parameters_of_a_mixture_broadcast():
    shared = ke.SpectralMixture("matern52", LAGS, *MIXTURE[0])
    assert shared.derivatives.shape == (2, 3, 4)
    gradient = shared.pull_back(np.ones((2, 3, 4)))
    for row in range(2):
        one = ke.SpectralMixture("matern52", LAGS[row], *MIXTURE[0])
        np.testing.assert_allclose(one.derivatives, shared.derivatives[row], rtol=1e-12)
        np.testing.assert_allclose(one.pull_back(np.ones((3, 4))), gradient[row], rtol=1e-9)
    with pytest.raises(ValueError, match="^lag has shape"):
        ke.SpectralMixture("matern52", np.ones((3, 4)), *np.moveaxis(MIXTURE, 1, 0))


@pytest.mark.parametrize(
    ("call", "arguments", "said"),
    [
        (ke.erf_kernel, {"gram": [[1.0, 2.0], [2.0, 1.0]]}, "at most"),
        (ke.erf_kernel, {"gram": [[-1.0, 0.0], [0.0, 1.0]]}, "below 0"),
        (ke.relu_kernel, {"gram": [[0.0, 0.0], [0.0, 1.0]]}, "positive diagonal"),
        (ke.matern52, {"lag": [1.0, 2.0], "length": [1.0, 2.0, 3.0]}, "broadcasts"),
        (ke.matern52, {"lag": 1.0, "length": 1.0, "highest": 5}, "from 0 to 4"),
    ],
)
def test_what_is_no_kernel_is_refused(call, arguments, said):
    with pytest.raises(ValueError, match=said):
        call(**arguments)
