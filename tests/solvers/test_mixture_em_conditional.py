"""Conditional laws of Gaussian mixtures against ratios of SciPy's densities, and against draws."""

import numpy as np
import pytest
import scipy.stats
from refutable.solvers import mixture_em as em
from refutable.solvers.mixture_em import Mixture

KINDS = ("full", "diag", "spherical", "tied", "tied_spherical")
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


def law(kind="full"):
    return Mixture(np.array([0.3, 0.7]), MEANS, SPREADS[kind], kind)


def dense(mixture):
    spread = mixture.expanded()
    return spread if spread.ndim == 3 else spread[:, :, None] * np.eye(3)


def density(mixture, points):
    """SciPy's density of one full mixture."""
    terms = zip(mixture.weights, mixture.means, dense(mixture), strict=True)
    return sum(w * scipy.stats.multivariate_normal(m, c).pdf(points) for w, m, c in terms)


@pytest.mark.parametrize("kind", KINDS)
def test_a_conditional_density_is_a_ratio_of_densities(kind):
    joint, rng = law(kind), np.random.default_rng(0)
    points = rng.standard_normal((6, 3)) * 1.5
    for given, rest in (([1], [0, 2]), ([2, 0], [1])):
        below = em.log_density(em.marginal(joint, given), points[:, given])
        expected = np.log(density(joint, points)) - below
        found = em.conditional(joint, given, points[:, given])
        assert found.batch == (6,)
        mine = em.log_density(found, points[:, None, rest])[:, 0]
        np.testing.assert_allclose(mine, expected, rtol=1e-11)


def test_a_marginal_density_is_an_integral():
    grid = np.linspace(-14, 14, 1401)
    at = np.array([[0.3, -0.2], [2.0, 1.0]])  # values of the third and of the first coordinate
    for x, value in zip(at, em.log_density(em.marginal(law(), [2, 0]), at), strict=True):
        points = np.column_stack([np.full(1401, x[1]), grid, np.full(1401, x[0])])
        integral = density(law(), points).sum() * (grid[1] - grid[0])
        assert np.log(integral) == pytest.approx(value, abs=1e-11)


@pytest.mark.parametrize("kind", KINDS)
def test_moments_are_integrals_of_the_conditional_density(kind):
    joint, x = law(kind), np.array([[0.4], [-2.0]])
    mean, covariance = em.mean_and_covariance(em.conditional(joint, [1], x))
    grid = np.linspace(-9, 9, 181)
    a, b = np.meshgrid(grid, grid, indexing="ij")
    for i in range(2):
        mass = density(joint, np.stack([a, np.full(a.shape, x[i, 0]), b], axis=-1))
        mass /= mass.sum()
        first = np.array([(a * mass).sum(), (b * mass).sum()])
        np.testing.assert_allclose(mean[i], first, atol=1e-9)
        apart = np.stack([a - first[0], b - first[1]])
        second = np.einsum("pij,qij,ij->pq", apart, apart, mass)
        np.testing.assert_allclose(covariance[i], second, atol=1e-8)


def test_batches_go_with_their_own_observations():
    batch = law()
    turned = Mixture(batch.weights[::-1], batch.means[::-1], batch.covariances)
    both = Mixture(*(np.stack(pair) for pair in zip(batch.parts, turned.parts, strict=True)))
    x = np.random.default_rng(1).standard_normal((2, 5, 2))
    found = em.mean_and_covariance(em.conditional(both, [0, 2], x))
    shared = em.mean_and_covariance(em.conditional(both, [0, 2], x[0]))
    for i, one in enumerate((batch, turned)):
        for part in (0, 1):
            own = em.mean_and_covariance(em.conditional(one, [0, 2], x[i]))[part]
            np.testing.assert_allclose(found[part][i], own, rtol=1e-12)
            own = em.mean_and_covariance(em.conditional(one, [0, 2], x[0]))[part]
            np.testing.assert_allclose(shared[part][i], own, rtol=1e-12)


def test_draws_given_x_complete_the_joint_law():
    rng = np.random.default_rng(2)
    x, _ = em.sample(rng, law(), 200_000)
    again = em.sample_each(rng, em.conditional(law(), [1], x[0, :, [1]].T))
    assert again.shape == (200_000, 2)
    redrawn = np.column_stack([again[:, 0], x[0, :, 1], again[:, 1]])
    mean, covariance = em.mean_and_covariance(law())
    error = np.sqrt(np.diag(covariance) / 200_000)
    assert (np.abs(redrawn.mean(axis=0) - mean) < 4.5 * error).all()
    np.testing.assert_allclose(np.cov(redrawn.T), covariance, atol=0.04)
    # third moments tell a mixture from one Gaussian with its moments
    cube = ((redrawn - mean) ** 3).mean(axis=0)
    apart = MEANS - mean
    own = np.einsum("kpp->kp", FULL)
    expected = (law().weights[:, None] * (apart**3 + 3 * apart * own)).sum(axis=0)
    np.testing.assert_allclose(cube, expected, atol=0.15)


def test_draws_of_each_mixture_follow_its_own_weights():
    weights = np.array([[0.0, 1.0], [1.0, 0.0], [0.25, 0.75]])
    means = np.broadcast_to(np.array([[-50.0], [50.0]]), (3, 2, 1))
    batch = Mixture(weights, means, np.ones((3, 2)), "spherical")
    drawn = em.sample_each(np.random.default_rng(3), batch.broadcast((40_000, 3)))[..., 0]
    share = (drawn > 0).mean(axis=0)
    assert share[0] == 1
    assert share[1] == 0
    assert abs(share[2] - 0.75) < 0.01
    spread = np.where(drawn > 0, drawn - 50, drawn + 50)
    assert abs(spread.std() - 1) < 0.01


def test_a_singular_joint_law_can_be_conditioned():
    line = np.array([[1.0, -2.0], [-2.0, 4.0]])
    joint = Mixture(np.full(2, 0.5), np.array([[0.0, 1], [3, -5]]), np.stack([line] * 2))
    x = np.linspace(-3, 6, 7)[:, None]
    mean, covariance = em.mean_and_covariance(em.conditional(joint, [0], x))
    np.testing.assert_allclose(mean, 1 - 2 * x, atol=1e-12)
    np.testing.assert_allclose(covariance, 0, atol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: em.marginal(law(), [0, 0]), "^axes .*every coordinate once"),
        (lambda: em.marginal(law(), [3]), "^axes"),
        (lambda: em.conditional(law(), [0, 1, 2], np.zeros((1, 3))), "^given .*fewer than all 3"),
        (lambda: em.conditional(law(), [1], np.zeros((4, 2))), "^x has shape"),
        (
            lambda: em.conditional(
                Mixture(np.ones(1), np.zeros((1, 2)), np.zeros((1, 2, 2))), [0], [[1.0]]
            ),
            "singular",
        ),
        (lambda: em.sample_each(0, law()), "^rng"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
