"""Gaussian closed forms against POT, SciPy's densities and square root, and one-line cases."""

import warnings

import numpy as np
import pytest
import scipy.linalg
import scipy.stats
from refutable.solvers import gaussian_algebra as ga
from refutable.solvers import mixture_em as em

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # POT names array libraries that are not installed
    from ot import gaussian as pot

D, BATCH = 4, 6


def laws(seed, batch=BATCH, d=D):
    rng = np.random.default_rng(seed)
    factors = rng.standard_normal((batch, d, d + 2))
    return rng.standard_normal((batch, d)), factors @ np.swapaxes(factors, 1, 2) / d


MEAN_A, COV_A = laws(0)
MEAN_B, COV_B = laws(1)


def test_the_root_is_scipys():
    expected = [scipy.linalg.sqrtm(c) for c in COV_A]
    np.testing.assert_allclose(ga.symmetric_root(COV_A), expected, atol=1e-12)


def test_a_singular_matrix_has_its_root():
    direction = np.array([3.0, 4.0, 0.0])
    outer = np.outer(direction, direction)
    np.testing.assert_allclose(ga.symmetric_root(outer), outer / 5, atol=1e-12)
    assert (ga.symmetric_root(np.zeros((2, 2))) == 0).all()


def test_what_rounding_leaves_of_zero_eigenvalues_is_no_number_below_zero():
    thin = np.random.default_rng(5).standard_normal((200, 5, 2))
    low = thin @ np.swapaxes(thin, 1, 2)
    assert np.linalg.eigvalsh(low).min() < 0
    root = ga.symmetric_root(low)
    np.testing.assert_allclose(root @ root, low, atol=1e-6)
    assert np.isfinite(ga.bures_wasserstein(np.zeros(5), low, np.zeros(5), low[::-1])).all()
    pushed = ga.transport_map(np.eye(5), low)
    np.testing.assert_allclose(pushed @ pushed, low, atol=1e-6)


def test_the_distance_is_pots_squared():
    found = ga.bures_wasserstein(MEAN_A, COV_A, MEAN_B, COV_B)
    expected = [
        pot.bures_wasserstein_distance(*one) ** 2
        for one in zip(MEAN_A, MEAN_B, COV_A, COV_B, strict=True)
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-10)
    np.testing.assert_allclose(found, ga.bures_wasserstein(MEAN_B, COV_B, MEAN_A, COV_A))


def test_commuting_laws_are_as_far_as_their_standard_deviations():
    turn = scipy.stats.ortho_group.rvs(3, random_state=0)
    first, second = np.array([1.0, 4.0, 0.0]), np.array([9.0, 0.25, 1.0])
    a, b = (turn @ np.diag(v) @ turn.T for v in (first, second))
    distance = ga.bures_wasserstein(np.zeros(3), a, np.array([0.0, 2.0, 0.0]), b)
    assert distance == pytest.approx(4 + ((first**0.5 - second**0.5) ** 2).sum(), rel=1e-7)
    assert ga.bures_wasserstein(np.zeros(3), a, np.zeros(3), a) < 1e-7


def test_the_map_is_pots_and_carries_one_law_to_the_other():
    found = ga.transport_map(COV_A, COV_B)
    expected = [
        pot.bures_wasserstein_mapping(*one)[0]
        for one in zip(MEAN_A, MEAN_B, COV_A, COV_B, strict=True)
    ]
    np.testing.assert_allclose(found, expected, atol=1e-9)
    np.testing.assert_allclose(found @ COV_A @ found, COV_B, atol=1e-9)
    cost = np.trace(COV_A + COV_B - 2 * found @ COV_A, axis1=1, axis2=2)
    np.testing.assert_allclose(ga.bures_wasserstein(MEAN_A, COV_A, MEAN_A, COV_B), cost)


def test_a_map_onto_a_line():
    onto = np.outer([1.0, 2.0], [1.0, 2.0])
    found = ga.transport_map(np.eye(2), onto)
    np.testing.assert_allclose(found, onto / np.sqrt(5), atol=1e-7)


def test_entropy_is_scipys():
    expected = [scipy.stats.multivariate_normal(cov=c).entropy() for c in COV_A]
    np.testing.assert_allclose(ga.entropy(COV_A), expected, rtol=1e-12)


def test_divergence_is_an_integral():
    mean_a, cov_a = MEAN_A[0, :2], COV_A[0, :2, :2]
    mean_b, cov_b = MEAN_B[0, :2], COV_B[0, :2, :2]
    grid = np.linspace(-1, 1, 801) * 9 * np.sqrt(np.linalg.eigvalsh(cov_a)[-1])
    points = np.stack(np.meshgrid(grid, grid), axis=-1) + mean_a
    log_a, log_b = (
        scipy.stats.multivariate_normal(m, c).logpdf(points)
        for m, c in ((mean_a, cov_a), (mean_b, cov_b))
    )
    integral = (np.exp(log_a) * (log_a - log_b)).sum() * (grid[1] - grid[0]) ** 2
    assert ga.kl(mean_a, cov_a, mean_b, cov_b) == pytest.approx(integral, rel=1e-9)


def test_divergence_of_each_pair_of_a_batch():
    found = ga.kl(MEAN_A, COV_A, MEAN_B, COV_B)
    for i in range(BATCH):
        inverse = np.linalg.inv(COV_B[i])
        shift = MEAN_A[i] - MEAN_B[i]
        ratio = np.linalg.slogdet(inverse @ COV_A[i]).logabsdet
        twice = np.trace(inverse @ COV_A[i]) - D + shift @ inverse @ shift - ratio
        assert found[i] == pytest.approx(twice / 2, rel=1e-11)
    assert ga.kl(MEAN_A, COV_A, MEAN_A, COV_A) == pytest.approx(np.zeros(BATCH), abs=1e-14)


def test_near_laws_diverge_by_a_quarter_of_the_squared_change():
    small = 1e-5
    found = ga.kl(np.zeros(3), np.eye(3) * (1 + small), np.zeros(3), np.eye(3))
    assert found == pytest.approx(3 * small**2 / 4, rel=1e-4)


def test_the_conditional_law_is_that_of_a_mixture_of_one():
    given, x = [3, 0], np.random.default_rng(3).standard_normal((5, 2))
    mean, cov = ga.conditional(MEAN_A[0], COV_A[0], given, x)
    one = em.Mixture(np.ones(1), MEAN_A[:1], COV_A[:1])
    expected = em.mean_and_covariance(em.conditional(one, given, x))
    np.testing.assert_allclose(mean, expected[0], atol=1e-12)
    np.testing.assert_allclose(np.broadcast_to(cov, (5, 2, 2)), expected[1], atol=1e-12)


def test_each_law_of_a_batch_has_its_own_condition():
    x = np.random.default_rng(4).standard_normal((7, BATCH, 2))
    means, covs = ga.conditional(MEAN_A, COV_A, [1, 2], x)
    assert means.shape == (7, BATCH, 2)
    for i in range(BATCH):
        mean, cov = ga.conditional(MEAN_A[i], COV_A[i], [1, 2], x[:, i])
        np.testing.assert_allclose(means[:, i], mean, atol=1e-12)
        np.testing.assert_allclose(covs[i], cov, atol=1e-12)


def test_leading_axes_broadcast():
    far = ga.bures_wasserstein(np.zeros(D), COV_A[:, None], MEAN_B, COV_B[0])
    assert far.shape == (BATCH, BATCH)
    alone = ga.bures_wasserstein(np.zeros(D), COV_A[2], MEAN_B[4], COV_B[0])
    assert far[2, 4] == pytest.approx(alone, rel=1e-12)


SINGULAR = np.diag([1.0, 0.0])
ZERO = np.zeros(2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ga.symmetric_root(np.diag([1.0, -1e-6])), "^covariance has eigenvalue"),
        (lambda: ga.symmetric_root([[1.0, 1.0], [0.0, 1.0]]), "^covariance is not symmetric"),
        (lambda: ga.entropy(SINGULAR), "^covariance is singular"),
        (lambda: ga.kl(ZERO, SINGULAR, ZERO, np.eye(2)), "^cov_a is singular"),
        (lambda: ga.kl(ZERO, np.eye(2), ZERO, SINGULAR), "^cov_b is singular"),
        (lambda: ga.kl(np.zeros(3), np.eye(3), ZERO, np.eye(2)), "^(mean|cov)_"),
        (lambda: ga.transport_map(SINGULAR, np.eye(2)), "^cov_a is singular"),
        (lambda: ga.transport_map(np.eye(2), np.eye(3)), "^cov_a=2: give the dimension of cov_b"),
        (
            lambda: ga.bures_wasserstein(np.zeros((3, 2)), np.eye(2), np.zeros((4, 2)), np.eye(2)),
            "^mean_a",
        ),
        (lambda: ga.conditional(ZERO, SINGULAR, [1], [0.0]), "^covariance of the known"),
        (lambda: ga.conditional(ZERO, np.eye(2), [0, 1], ZERO), "^given.*fewer than all 2"),
        (lambda: ga.conditional(ZERO, np.eye(2), [0, 0], ZERO), "^given.*different"),
        (lambda: ga.conditional(ZERO, np.eye(2), [0], ZERO), "^x.*each of the 1"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
