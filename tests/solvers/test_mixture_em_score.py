"""Scores and denoisers of Gaussian mixtures against SciPy's densities, integrals and draws."""

import numpy as np
import pytest
import scipy.stats
from refutable.solvers import mixture_em as em
from refutable.solvers.mixture_em import Mixture

ROOTS = np.array([[[1.0, 0, 0], [0.5, 0.7, 0], [-0.4, 0.3, 0.6]], [[0.8, 0, 0]] * 3])
ROOTS[1] += np.array([[0, 0, 0], [0, 0.5, 0], [0, -0.2, 0.9]])
FULL = ROOTS @ np.swapaxes(ROOTS, 1, 2)
SPREADS = {
    "full": FULL,
    "diag": np.einsum("kpp->kp", FULL),
    "spherical": np.array([0.5, 1.3]),
    "tied": FULL[0],
    "tied_spherical": np.array(0.7),
}
MEANS = np.array([[1.0, -1, 0.5], [-0.5, 1.5, 0]])
NOISE = np.array([[0.4, 0.2, -0.1], [0.2, 0.9, 0.3], [-0.1, 0.3, 0.3]])
POINTS = np.random.default_rng(0).normal(scale=1.5, size=(5, 3))
STEP = 1e-5


def law(kind="full"):
    return Mixture(np.array([0.3, 0.7]), MEANS, SPREADS[kind], kind)


def dense(mixture):
    spread = mixture.expanded()
    return spread if spread.ndim == 3 else spread[:, :, None] * np.eye(3)


def log_density(mixture, points, noise=0.0):
    """SciPy's log density of one mixture, plus noise."""
    terms = zip(mixture.weights, mixture.means, dense(mixture), strict=True)
    return np.log(
        sum(w * scipy.stats.multivariate_normal(m, c + noise).pdf(points) for w, m, c in terms)
    )


def differences(of, points):
    """Central differences of a function of points, a new last axis."""
    steps = STEP * np.eye(points.shape[-1])
    return np.stack([(of(points + s) - of(points - s)) / (2 * STEP) for s in steps], axis=-1)


@pytest.mark.parametrize("kind", SPREADS)
def test_the_score_is_the_gradient_of_scipys_log_density(kind):
    expected = differences(lambda y: log_density(law(kind), y), POINTS)
    np.testing.assert_allclose(em.score(law(kind), POINTS), expected, atol=1e-8)


@pytest.mark.parametrize("kind", SPREADS)
def test_the_noised_law_has_the_density_of_the_sum(kind):
    found = em.log_density(em.noised(law(kind), NOISE), POINTS)
    np.testing.assert_allclose(found, log_density(law(kind), POINTS, NOISE), rtol=1e-12)


@pytest.mark.parametrize("kind", SPREADS)
def test_moments_given_y_are_derivatives_of_the_density_of_y(kind):
    """Tweedie's identities, first and second order, with derivatives of SciPy's density."""

    def gradient(y):
        return em.score(em.noised(law(kind), NOISE), y)

    first = differences(lambda y: log_density(law(kind), y, NOISE), POINTS)
    mean = em.posterior_mean(law(kind), NOISE, POINTS)
    np.testing.assert_allclose(mean, POINTS + first @ NOISE, atol=1e-8)
    expected = NOISE + NOISE @ differences(gradient, POINTS) @ NOISE
    found = em.posterior_covariance(law(kind), NOISE, POINTS)
    np.testing.assert_allclose(found, expected, atol=1e-8)


def test_moments_given_y_are_integrals():
    joint = Mixture(np.array([0.4, 0.6]), MEANS[:, :2], FULL[:, :2, :2])
    noise, y = NOISE[:2, :2], np.array([0.7, -1.1])
    grid = np.linspace(-8, 8, 401)
    x = np.stack(np.meshgrid(grid, grid, indexing="ij"), axis=-1)
    mass = np.exp(log_density_2d(joint, x)) * scipy.stats.multivariate_normal(y, noise).pdf(x)
    mass /= mass.sum()
    mean = np.einsum("ij,ijp->p", mass, x)
    covariance = np.einsum("ij,ijp,ijq->pq", mass, x - mean, x - mean)
    np.testing.assert_allclose(em.posterior_mean(joint, noise, y[None])[0], mean, atol=1e-11)
    found = em.posterior_covariance(joint, noise, y[None])[0]
    np.testing.assert_allclose(found, covariance, atol=1e-11)


def log_density_2d(mixture, points):
    terms = zip(mixture.weights, mixture.means, mixture.covariances, strict=True)
    return np.log(sum(w * scipy.stats.multivariate_normal(m, c).pdf(points) for w, m, c in terms))


def test_the_residual_of_the_denoiser_is_uncorrelated_with_functions_of_y():
    rng = np.random.default_rng(1)
    x = em.sample(rng, law(), 200_000)[0][0]
    y = x + rng.standard_normal(x.shape) @ np.linalg.cholesky(NOISE).T
    left = x - em.posterior_mean(law(), NOISE, y)
    for of in (np.ones_like(y), y, np.sin(3 * y)):
        products = (left[:, :, None] * of[:, None, :]).reshape(len(y), -1)
        error = products.std(axis=0) / np.sqrt(len(y))
        assert (np.abs(products.mean(axis=0)) < 4.5 * error).all()
    spread = em.posterior_covariance(law(), NOISE, y).mean(axis=0)
    np.testing.assert_allclose(np.cov(left.T), spread, atol=0.01)


def test_noise_in_one_direction_alone_leaves_the_rest_as_it_is():
    noise = np.zeros((3, 3))
    noise[1, 1] = 0.8
    mean = em.posterior_mean(law(), noise, POINTS)
    np.testing.assert_allclose(mean[:, [0, 2]], POINTS[:, [0, 2]], atol=1e-12)
    given = em.conditional(law(), [0, 2], POINTS[:, [0, 2]])  # law of x_1 given the other two
    for i, y in enumerate(POINTS[:, 1]):
        own = em.posterior_mean(given[i], [[0.8]], [[y]])[0, 0]
        assert mean[i, 1] == pytest.approx(own, abs=1e-12)


def test_points_without_spread_are_told_apart_by_their_distance():
    atoms = Mixture(np.array([0.2, 0.8]), MEANS, np.zeros((2, 3, 3)))
    mean = em.posterior_mean(atoms, np.eye(3), POINTS)
    odds = np.log(4) - 0.5 * ((POINTS - MEANS[1]) ** 2 - (POINTS - MEANS[0]) ** 2).sum(axis=1)
    share = 1 / (1 + np.exp(-odds))
    expected = MEANS[0] + share[:, None] * (MEANS[1] - MEANS[0])
    np.testing.assert_allclose(mean, expected, atol=1e-12)


def test_batches_go_with_their_own_noise_and_observations():
    first = law()
    turned = Mixture(first.weights[::-1], first.means[::-1], first.covariances)
    both = Mixture(*(np.stack(pair) for pair in zip(first.parts, turned.parts, strict=True)))
    noise, y = np.stack([NOISE, np.eye(3)]), np.stack([POINTS, POINTS[::-1] + 1])
    for i, one in enumerate((first, turned)):
        for call in (em.posterior_mean, em.posterior_covariance):
            np.testing.assert_allclose(
                call(both, noise, y)[i], call(one, noise[i], y[i]), rtol=1e-12
            )
            np.testing.assert_allclose(
                call(both, NOISE, POINTS)[i], call(one, NOISE, POINTS), rtol=1e-12
            )
        np.testing.assert_allclose(em.score(both, y)[i], em.score(one, y[i]), rtol=1e-12)
        np.testing.assert_allclose(em.score(both, POINTS)[i], em.score(one, POINTS), rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: em.score(law(), np.zeros((4, 2))), "^y has shape"),
        (lambda: em.noised(law(), np.eye(2)), "^noise has shape"),
        (lambda: em.noised(law(), np.diag([1.0, 1, -0.01])), "^noise .*eigenvalue"),
        (lambda: em.noised(law(), NOISE + np.eye(3, k=1)), "^noise is not symmetric"),
        (lambda: em.posterior(law(), NOISE, np.zeros((4, 2))), "^y has shape"),
        (
            lambda: em.posterior(
                Mixture(np.ones(1), np.zeros((1, 3)), np.zeros((1, 3, 3))), np.zeros((3, 3)), POINTS
            ),
            "singular",
        ),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
