"""Exact Gaussian processes against scikit-learn, multivariate normal densities and differences."""

import numpy as np
import pytest
import scipy
from refutable.solvers import gaussian_process as gp
from refutable.solvers import kernels as ke
from refutable.solvers.gaussian_algebra import conditional
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern

RNG = np.random.default_rng(0)
X, NEW = RNG.random((3, 9, 1)), RNG.random((3, 5, 1))
Y = RNG.standard_normal((3, 9))
NOISE = 0.03
PEERS = {"squared_exponential": RBF, "matern52": lambda length: Matern(length, nu=2.5)}


def gram(kernel, a, b, length=0.3):
    return getattr(ke, kernel)(a - np.swapaxes(b, -1, -2), length)[0]


def noisy(kernel, x, length=0.3):
    return gram(kernel, x, x, length) + NOISE * np.eye(x.shape[-2])


def peer(kernel, row, scale=1.0, y=None):
    law = ConstantKernel(scale, "fixed") * PEERS[kernel](0.3)
    found = GaussianProcessRegressor(law, alpha=scale * NOISE, optimizer=None)
    return found.fit(X[row], Y[row] if y is None else y)


@pytest.mark.parametrize("kernel", PEERS)
def test_evidence_and_prediction_are_those_of_scikit_learn(kernel):
    process = gp.condition(noisy(kernel, X), Y)
    cross, prior = gram(kernel, NEW, X), gram(kernel, NEW, NEW)
    found = process.predict(cross, prior)
    variances = process.predict(cross, np.ones((3, 5)))
    for row in range(3):
        other = peer(kernel, row)
        mean, covariance = other.predict(NEW[row], return_cov=True)
        np.testing.assert_allclose(found.mean[row], mean, rtol=1e-9)
        np.testing.assert_allclose(found.covariance[row], covariance, atol=1e-12)
        np.testing.assert_allclose(variances.covariance[row], np.diag(covariance), atol=1e-12)
        assert process.log_evidence[row] == pytest.approx(other.log_marginal_likelihood_value_)


@pytest.mark.parametrize("kernel", PEERS)
def test_slopes_of_the_evidence_are_those_of_scikit_learn(kernel):
    step = 1e-5
    change = (noisy(kernel, X, 0.3 * np.exp(step)) - noisy(kernel, X, 0.3 * np.exp(-step))) / (
        2 * step
    )
    process = gp.condition(noisy(kernel, X), Y)
    found = (process.slope * change).sum(axis=(-1, -2))
    for row in range(3):
        other = peer(kernel, row)
        theta = other.kernel_.theta
        _, slope = other.log_marginal_likelihood(theta, eval_gradient=True)
        assert found[row] == pytest.approx(slope[-1], rel=1e-6)
    np.testing.assert_array_equal(process.slope, np.swapaxes(process.slope, 1, 2))


def test_the_profiled_scale_has_the_greatest_evidence_of_all_scales():
    process = gp.condition(noisy("matern52", X), Y)
    constant = 9 * (1 + np.log(2 * np.pi)) / 2
    for row in range(3):

        def loss(log_scale, row=row):
            return -peer("matern52", row, np.exp(log_scale)).log_marginal_likelihood_value_

        best = scipy.optimize.minimize_scalar(loss, bracket=(-1, 1), tol=1e-10)
        assert process.scale[row] == pytest.approx(np.exp(best.x), rel=1e-5)
        assert process.profiled_loss[row] + constant == pytest.approx(best.fun, rel=1e-9)


def test_the_slope_of_the_profiled_loss_is_its_difference():
    change, step, base = RNG.standard_normal((3, 9, 9)), 1e-5, noisy("matern52", X) + np.eye(9)
    change += np.swapaxes(change, 1, 2)
    ends = [gp.condition(base + s * change, Y).profiled_loss for s in (step, -step)]
    slope = gp.condition(base, Y).profiled_slope
    np.testing.assert_allclose(
        -(slope * change).sum(axis=(1, 2)), (ends[0] - ends[1]) / (2 * step), rtol=1e-6
    )


def test_nothing_observed_but_zeros_has_no_scale():
    process = gp.condition(np.eye(3), np.zeros(3))
    assert process.scale == 0
    assert process.profiled_loss == -np.inf


def test_functionals_are_conditioned_on_as_coordinates_of_the_joint_law():
    k, a = gram("matern52", X, X), RNG.standard_normal((4, 9))
    seen = gp.through(k, a, NOISE)
    y = RNG.standard_normal((3, 4))
    found = gp.condition(seen.covariance, y).predict(seen.cross, k)
    joint = np.block([[k, seen.cross], [np.swapaxes(seen.cross, 1, 2), seen.covariance]])
    mean, covariance = conditional(np.zeros(13), joint, np.arange(9, 13), y)
    np.testing.assert_allclose(found.mean, mean, rtol=1e-8)
    np.testing.assert_allclose(found.covariance, covariance, atol=1e-10)


def test_values_and_noise_go_through_a_map_as_draws_do():
    k, a, rng = gram("matern52", X[0], X[0]), RNG.standard_normal((3, 9)), np.random.default_rng(1)
    variance = np.array([0.1, 1.0, 10.0])
    f = rng.multivariate_normal(np.zeros(9), k, 200_000, method="cholesky")
    y = f @ a.T + np.sqrt(variance) * rng.standard_normal((200_000, 3))
    found = gp.through(k, a, variance)
    both = np.cov(np.hstack([f, y]).T)
    size = np.sqrt(np.diag(both))
    np.testing.assert_allclose(
        (both[9:, 9:] - found.covariance) / np.outer(size[9:], size[9:]), 0, atol=0.01
    )
    np.testing.assert_allclose(
        (both[:9, 9:] - found.cross) / np.outer(size[:9], size[9:]), 0, atol=0.01
    )


def test_derivatives_are_observed_through_covariances_of_their_own():
    """Slopes of a smooth function give it back, up to the constant that one value fixes."""
    x, new = np.linspace(0, 1, 12)[:, None], np.linspace(0, 1, 7)[:, None]
    k = ke.squared_exponential(x - x.T, 0.3, 2)
    first = ke.squared_exponential(x[:1] - x.T, 0.3, 1)
    covariance = np.block([[np.ones((1, 1)), -first[1]], [-first[1].T, -k[2]]])
    lags = ke.squared_exponential(new - x.T, 0.3, 1)
    cross = np.hstack([ke.squared_exponential(new - x[:1].T, 0.3)[0], -lags[1]])
    y = np.concatenate([[np.sin(0.0)], 3 * np.cos(3 * x[:, 0])])
    found = gp.condition(covariance + 1e-10 * np.eye(13), y).predict(cross, np.ones(7))
    np.testing.assert_allclose(found.mean, np.sin(3 * new[:, 0]), atol=1e-5)


def test_a_factor_is_that_of_its_matrix_and_jitter():
    factor = gp.jittered_cholesky(noisy("matern52", X), 1e-3)
    matrices = noisy("matern52", X) + 1e-3 * (1 + NOISE) * np.eye(9)
    np.testing.assert_allclose(factor.jitter, 1e-3 * (1 + NOISE), rtol=1e-12)
    np.testing.assert_allclose(factor.lower @ np.swapaxes(factor.lower, 1, 2), matrices, rtol=1e-12)
    np.testing.assert_allclose(factor.precision, np.linalg.inv(matrices), rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(factor.log_determinant, np.linalg.slogdet(matrices)[1], rtol=1e-12)
    assert not np.triu(factor.inverse, 1).any()


def test_only_the_matrices_that_need_jitter_get_some_and_say_how_much():
    singular = 4 * np.ones((3, 3))
    singular[0, 0] -= 1e-10  # the least eigenvalue is about -0.7e-10, between two shares
    batch = np.stack([np.eye(3), singular, 2 * np.eye(3)]).reshape(3, 1, 3, 3)
    factor = gp.jittered_cholesky(batch)
    assert factor.jitter.tolist() == [[0], [pytest.approx(4e-10)], [0]]
    process = gp.condition(batch, np.ones(3))
    assert process.predict(np.ones((1, 3)), np.ones(1)).jitter is process.factor.jitter
    assert process.factor.jitter.tolist() == factor.jitter.tolist()
    with pytest.raises(ValueError, match="covariance is not positive definite with 1e-12"):
        gp.jittered_cholesky(batch, most=1e-12)
    with pytest.raises(ValueError, match="covariance is not positive definite with 1e-06"):
        gp.jittered_cholesky(-np.eye(2))


def test_leading_axes_broadcast():
    process = gp.condition(noisy("matern52", X[0]), Y)
    assert process.log_evidence.shape == (3,)
    assert process.predict(gram("matern52", NEW[0], X[0]), np.ones(5)).mean.shape == (3, 5)
    for row in range(3):
        one = gp.condition(noisy("matern52", X[0]), Y[row])
        assert one.log_evidence == pytest.approx(process.log_evidence[row])
        np.testing.assert_allclose(one.slope, process.slope[row], atol=1e-12)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("cross", (np.ones((5, 8)), np.ones(5))),
        ("cross", (np.ones((2, 5, 9)), np.ones(5))),
        ("prior", (np.ones((5, 9)), np.ones(4))),
        ("prior", (np.ones((5, 9)), np.ones((4, 5)))),
        ("prior", (np.ones((3, 5, 9)), np.ones((2, 5)))),
        ("prior", (np.ones((5, 9)), np.full(5, np.nan))),
    ],
)
def test_what_does_not_go_together_is_refused_by_name(name, arguments):
    with pytest.raises(ValueError, match=f"^{name}"):
        gp.condition(noisy("matern52", X), Y).predict(*arguments)
