"""Least squares on subspaces against NumPy, SciPy and scikit-learn."""

import numpy as np
import pytest
from refutable.solvers.gaussian_mixture import (
    sample_mixture,
    sample_mixture_moment,
    sample_wishart,
    second_moment,
    top_directions,
)
from refutable.solvers.subspace_regression import (
    least_squares,
    population_regression,
    quadratic_excess,
    ridge,
    solve_moments,
    subspace_least_squares,
)
from scipy.optimize import minimize
from scipy.stats import ks_2samp, wishart
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression, Ridge

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((3, 40, 6)), RNG.standard_normal((3, 40))
BASIS = np.linalg.qr(RNG.standard_normal((3, 6, 2)))[0]


def test_least_squares_is_that_of_numpy():
    for i, w in enumerate(least_squares(X, Y)):
        assert np.allclose(w, np.linalg.lstsq(X[i], Y[i], rcond=None)[0])


def test_ridge_is_that_of_scikit_learn():
    w, b = ridge(X, Y, 1.5)
    for i in range(3):
        peer = Ridge(alpha=1.5).fit(X[i], Y[i])
        assert np.allclose(w[i], peer.coef_)
        assert b[i] == pytest.approx(peer.intercept_)


def test_subspace_least_squares_is_regression_on_the_features():
    rules = subspace_least_squares(X, Y, BASIS)
    for i in range(3):
        peer = LinearRegression(fit_intercept=False).fit(X[i] @ BASIS[i], Y[i])
        assert np.allclose(rules[i], BASIS[i] @ peer.coef_)


def test_population_regression_minimises_the_excess():
    theta, variances = np.arange(1.0, 7.0), np.linspace(1, 4, 6)
    ours = population_regression(theta, variances, BASIS)
    for i in range(3):
        found = minimize(lambda c, i=i: quadratic_excess(BASIS[i] @ c, theta, variances), [0, 0])
        assert np.allclose(ours[i], BASIS[i] @ found.x, atol=1e-4)


def test_excess_is_the_expected_loss_difference():
    theta, variances, w = np.array([1.0, -1.0]), np.array([2.0, 0.5]), np.array([0.3, 0.1])
    x = RNG.standard_normal((200_000, 2)) * np.sqrt(variances)
    measured = ((x @ (theta - w)) ** 2).mean()
    assert quadratic_excess(w, theta, variances) == pytest.approx(measured, rel=0.02)


@pytest.mark.parametrize("degrees", [3, 12])
def test_wishart_traces_and_determinants_follow_scipy(degrees):
    ours = sample_wishart(np.random.default_rng(1), 3000, degrees, 4)
    rng = np.random.default_rng(2)
    if degrees >= 4:
        peer = wishart(degrees, np.eye(4)).rvs(3000, random_state=rng)
    else:
        z = rng.standard_normal((3000, degrees, 4))
        peer = np.swapaxes(z, 1, 2) @ z
    for statistic in (lambda a: np.trace(a, axis1=1, axis2=2), lambda a: a[:, 0, 1]):
        assert ks_2samp(statistic(ours), statistic(peer)).pvalue > 1e-4


def test_mixture_moments_have_the_law_of_drawn_points():
    mean = np.array([1.0, 0.5, 0.0])
    ours = sample_mixture_moment(np.random.default_rng(3), 4000, 8, mean)
    points = sample_mixture(np.random.default_rng(4), 4000, 8, mean)[0]
    literal = second_moment(points)
    for i, j in ((0, 0), (0, 1), (2, 2), (1, 2)):
        assert ks_2samp(ours[:, i, j], literal[:, i, j]).pvalue > 1e-4
    assert ks_2samp(np.linalg.det(ours), np.linalg.det(literal)).pvalue > 1e-4


def test_top_directions_are_those_of_scikit_learn():
    centred = X[0] - X[0].mean(axis=0)
    ours = top_directions(second_moment(centred[None]), 2)[0]
    peer = PCA(2).fit(centred).components_
    assert np.allclose(np.abs(np.diag(peer @ ours)), 1)


def test_moments_suffice():
    gram, cross = np.swapaxes(X, 1, 2) @ X, np.einsum("snd,sn->sd", X, Y)
    assert np.allclose(solve_moments(gram, cross), least_squares(X, Y))
    assert np.allclose(solve_moments(gram, cross, BASIS), subspace_least_squares(X, Y, BASIS))


BAD = [
    (lambda: solve_moments(np.eye(6)[None], Y), "^cross has shape"),
    (lambda: least_squares(X, Y[:, 1:]), r"^y\b"),
    (lambda: least_squares(X[:, :4], Y[:, :4]), "as many points"),
    (lambda: least_squares(0 * X, Y), "^gram is singular"),
    (lambda: ridge(X, Y[:, 1:], 1.0), r"^y\b"),
    (lambda: ridge(X, Y, 0.0), "penalty"),
    (lambda: subspace_least_squares(X, Y, BASIS[:2]), r"^basis\b"),
    (lambda: subspace_least_squares(X, Y, np.swapaxes(BASIS, 1, 2)), "^basis has shape.*at most 6"),
    (lambda: population_regression(np.ones(6), np.zeros(6), BASIS), "variances"),
    (lambda: quadratic_excess([np.nan], [1.0], [1.0]), "NaN"),
    (lambda: sample_wishart(RNG, 1, 0, 3), "degrees"),
    (lambda: sample_mixture_moment(RNG, 1, 1, np.ones(2)), r"^n\b"),
    (lambda: top_directions(np.ones((1, 2, 3))), "square"),
    (lambda: top_directions(np.ones((1, 2, 2)), 3), "rank"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
