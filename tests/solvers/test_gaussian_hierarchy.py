"""Learned Gaussian priors against the marginal likelihood, a search, and plain loops."""

import numpy as np
import pytest
from refutable.solvers.gaussian_hierarchy import _invert, learn_prior, task_posteriors
from scipy import optimize, stats


def tasks(seed, count=40, d=2, shots=5):
    rng = np.random.default_rng(seed)
    theta = rng.standard_normal((count, d)) @ np.triu(np.full((d, d), 0.7)) + np.arange(1, d + 1)
    x = rng.standard_normal((count, shots, d))
    y = (x @ theta[..., None])[..., 0] + 0.5 * rng.standard_normal((count, shots))
    turned = x.swapaxes(1, 2) / 0.25
    return turned @ x, (turned @ y[..., None])[..., 0]


def marginal(mean, covariance, a, b):
    """Log marginal likelihood of the tasks' own estimates, N(x; m, S + A^-1)."""
    noises = np.linalg.inv(a)
    apart = (noises @ b[..., None])[..., 0] - mean
    root = np.linalg.cholesky(covariance + noises)
    scores = np.linalg.solve(root, apart[..., None])
    volumes = np.log(np.diagonal(root, axis1=1, axis2=2)).sum()
    return float(stats.norm.logpdf(scores).sum() - volumes)


def step(mean, covariance, a, b):
    centres, spreads = task_posteriors(mean, covariance, a, b)
    apart = centres - centres.mean(axis=0)
    return centres.mean(axis=0), spreads.mean(axis=0) + apart.T @ apart / len(a)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_steps_are_those_of_a_loop(d):
    a, b = tasks(d, d=d)
    mean, covariance = np.zeros(d), np.eye(d)
    for _ in range(7):
        mean, covariance = step(mean, covariance, a, b)
    found = learn_prior(a, b, steps=7, tolerance=0.0)
    np.testing.assert_allclose(found.mean, mean)
    np.testing.assert_allclose(found.covariance, covariance)
    assert found.steps == 7


def test_the_learned_prior_maximises_the_marginal_likelihood():
    a, b = tasks(5)
    found = learn_prior(a, b, steps=2000, tolerance=1e-12)

    def loss(p):
        root = np.array([[np.exp(p[2]), 0.0], [p[3], np.exp(p[4])]])
        return -marginal(p[:2], root @ root.T, a, b)

    best = optimize.minimize(loss, np.array([1.0, 1.0, 0, 0, 0]), method="BFGS").x
    root = np.array([[np.exp(best[2]), 0.0], [best[3], np.exp(best[4])]])
    np.testing.assert_allclose(found.mean, best[:2], atol=1e-4)
    np.testing.assert_allclose(found.covariance, root @ root.T, atol=1e-4)


def test_the_marginal_likelihood_never_falls():
    a, b = tasks(6, count=12)
    path = [learn_prior(a, b, steps=k, tolerance=0.0) for k in range(1, 15)]
    levels = [marginal(p.mean, p.covariance, a, b) for p in path]
    assert (np.diff(levels) > -1e-9).all()


def test_sets_of_a_batch_are_learned_apart_and_stop_on_their_own():
    (a, b), (c, e) = tasks(7), tasks(8)
    both = learn_prior(np.stack([a, c]), np.stack([b, e]))
    for place, alone in enumerate((learn_prior(a, b), learn_prior(c, e))):
        np.testing.assert_array_equal(both.mean[place], alone.mean)
        np.testing.assert_array_equal(both.covariance[place], alone.covariance)
        assert both.steps[place] == alone.steps < 500
    more = learn_prior(a, b, tolerance=1e-12)
    assert more.steps > both.steps[0]
    np.testing.assert_allclose(more.covariance, both.covariance[0], atol=1e-6)


def test_tasks_with_fewer_shots_than_dimensions_count_too():
    a, b = tasks(9, count=400, shots=1)
    assert np.linalg.matrix_rank(a[0]) == 1
    found = learn_prior(a, b, steps=2000)
    np.testing.assert_allclose(found.mean, [1.0, 2.0], atol=0.3)
    assert np.linalg.eigvalsh(found.covariance)[0] > 0


def test_posteriors_are_products_of_gaussians():
    a, b = tasks(10, count=3)
    mean, covariance = np.array([0.5, -1.0]), np.array([[1.0, 0.4], [0.4, 0.6]])
    centres, spreads = task_posteriors(mean, covariance, a, b)
    noises = np.linalg.inv(a)
    gain = covariance @ np.linalg.inv(covariance + noises)
    x = noises @ b[..., None]
    np.testing.assert_allclose(centres, mean + (gain @ (x - mean[:, None]))[..., 0])
    np.testing.assert_allclose(spreads, covariance - gain @ covariance, atol=1e-12)


def test_inverses_in_place_are_inverses():
    a = tasks(11, count=1, d=4, shots=9)[0][0]
    found = a.copy()
    _invert(found, 4)
    np.testing.assert_allclose(found, np.linalg.inv(a))


@pytest.mark.parametrize("change", ["asymmetric", "indefinite", "lengths"])
def test_what_is_no_likelihood_is_refused(change):
    a, b = tasks(12)
    if change == "asymmetric":
        a = a + np.array([[0.0, 1.0], [0.0, 0.0]])
    if change == "indefinite":
        a = a - 100 * np.eye(2)
    if change == "lengths":
        b = b[:-1]
    with pytest.raises(ValueError, match="precision|linear"):
        learn_prior(a, b)


def test_priors_that_do_not_go_with_the_tasks_are_refused():
    a, b = tasks(13)
    with pytest.raises(ValueError, match="mean"):
        task_posteriors(np.zeros(3), np.eye(3), a, b)
    with pytest.raises(ValueError, match="covariance"):
        task_posteriors(np.zeros(2), np.diag([1.0, 0.0]), a, b)
    with pytest.raises(ValueError, match="broadcast"):
        task_posteriors(np.zeros((3, 2)), np.tile(np.eye(2), (3, 1, 1)), a, b)
