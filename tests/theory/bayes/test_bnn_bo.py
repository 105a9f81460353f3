"""The infinite network's kernel, the old prior and finite networks' moments by second routes."""

import numpy as np
import pytest
from refutable.solvers.kernels import InfiniteWidth
from refutable.theory.bayes import bnn_bo as theory
from scipy import integrate, optimize, stats


def gram_and_squares(d, count=6):
    x = np.random.default_rng(d).random((count, d))
    return x, x @ x.T / d, (x * x).sum(axis=1) / d


@pytest.mark.parametrize(("depth", "bias"), [(1, 1.3), (3, 1.6), (4, 0.2)])
def test_the_recursion_is_that_of_an_infinitely_wide_network(depth, bias):
    x, inner, squares = gram_and_squares(3)
    said = InfiniteWidth("relu", depth, 10.0, bias, 10.0, bias).at(x).nngp
    found = theory.relu_recursion(inner, squares[:, None], squares, depth, 10.0, bias)
    np.testing.assert_allclose(found, said, rtol=1e-10)


def test_a_layer_is_a_gaussian_average_of_products():
    """By Gauss-Hermite quadrature in polar angle: of max(u, 0) max(v, 0), u and v correlated."""
    inner, left, right = 0.3, 0.4, 0.9
    a, b, c = (1.6 + 10 * each for each in (inner, left, right))
    angle = np.arccos(a / np.sqrt(b * c))

    def on_circle(t):  # E r^2 = 2 for two standard normals in polar coordinates
        return max(np.cos(t), 0.0) * max(np.cos(t - angle), 0.0)

    mean = 2 * integrate.quad(on_circle, -np.pi, np.pi, points=[angle - np.pi / 2, np.pi / 2])[0]
    said = 1.6 + 10 * np.sqrt(b * c) * mean / (2 * np.pi)
    found = theory.relu_recursion(np.array(inner), np.array(left), np.array(right), 1)
    assert found == pytest.approx(said, rel=1e-8)


def test_no_layers_leave_a_linear_kernel():
    _, inner, squares = gram_and_squares(4)
    found = theory.relu_recursion(inner, squares[:, None], squares, 0, 2.0, 0.5)
    np.testing.assert_allclose(found, 0.5 + 2 * inner)


def test_the_prior_is_the_gamma_law_of_scipy():
    law, lengths = stats.gamma(3, scale=1 / 6), np.array([0.1, 0.4, 1.0, 2.5])
    apart = theory.gamma_penalty(lengths) + law.logpdf(lengths)
    np.testing.assert_allclose(apart, apart[0])
    np.testing.assert_allclose([theory.gamma_mass_below(x) for x in lengths], law.cdf(lengths))


def test_the_typical_distance_is_that_of_the_uniform_law():
    """A coordinate's difference has the triangular density 2 (1 - u)."""
    square = integrate.quad(lambda u: u**2 * 2 * (1 - u), 0, 1)[0]
    assert theory.typical_distance(7) == pytest.approx(np.sqrt(7 * square))


@pytest.mark.parametrize("width", [1, 2])
def test_gain_moments_are_integrals(width):
    def moment(r):
        nodes, weights = np.polynomial.hermite_e.hermegauss(40)
        weights = weights / weights.sum()
        # Half of the nodes are positive: even powers there are half of all by symmetry.
        one = [0.5 * (weights @ nodes ** (2 * s)) if s else 1.0 for s in range(r + 1)]
        if width == 1:
            return one[r]
        pairs = (stats.binom(r, 0.5).pmf(s) * one[s] * one[r - s] for s in range(r + 1))
        return sum(pairs)

    np.testing.assert_allclose(theory.gain_moments(width), [moment(r) for r in (1, 2, 3, 4)])


def test_diagonal_moments_are_sums_over_a_quadrature_of_both_layers():
    """One unit to a layer: all its squares are polynomials, on half of the nodes."""
    first, weight, bias = 2.0, 1.5, 0.3
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    weights, gains = weights / weights.sum(), np.maximum(nodes, 0) ** 2
    kernel = bias + weight * gains[:, None] * (bias + weight * gains * first)
    said = [weights @ kernel**r @ weights for r in (1, 2, 3, 4)]
    moments = theory.diagonal_moments(first, 1, 2, weight, bias)
    np.testing.assert_allclose(moments, said, rtol=1e-9)
    x = np.array((first - bias) / weight)
    assert moments[0] == pytest.approx(float(theory.relu_recursion(x, x, x, 2, weight, bias)))


def test_moments_tend_to_powers_as_layers_grow_wide():
    moments = theory.diagonal_moments(2.0, 10**9, 3, 1.5, 0.3)
    np.testing.assert_allclose(moments, moments[0] ** np.arange(1, 5), rtol=1e-6)


def test_the_function_of_six_inputs_has_its_published_maximum():
    """3.32237 at (0.20169, 0.15001, 0.47687, 0.27533, 0.31165, 0.65730): Surjanovic and Bingham."""
    best = np.array([0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573])
    assert theory.hartmann6(best) == pytest.approx(3.32237, abs=1e-5)
    found = optimize.minimize(lambda u: -theory.hartmann6(u), best + 0.05, tol=1e-10)
    np.testing.assert_allclose(found.x, best, atol=1e-4)


def test_the_function_takes_points_in_any_shape():
    points = np.random.default_rng(0).random((2, 3, 6))
    each = [theory.hartmann6(u) for u in points.reshape(-1, 6)]
    np.testing.assert_allclose(theory.hartmann6(points).ravel(), each)
