"""Exact laws through affine steps and linear SDEs, by other routes.

Routes: a step at a time by hand, SciPy's Lyapunov solver, Van Loan's matrix exponential, draws.
"""

import numpy as np
import pytest
import scipy
from refutable.solvers.linear_gaussian import Affine, Gaussian, as_one, flow, law_after, laws_along


def stacked(rng, *shape):
    root = rng.standard_normal((*shape, shape[-1]))
    return root @ np.swapaxes(root, -1, -2)


def some_steps(steps, batch=(), d=3):
    rng = np.random.default_rng([steps, d])
    shape = (steps, *batch, d)
    factor = rng.standard_normal((*shape, d)) / d
    return Affine(factor, rng.standard_normal(shape), stacked(rng, *shape))


def some_law(batch=(), d=3):
    rng = np.random.default_rng(1)
    return Gaussian(rng.standard_normal((*batch, d)), stacked(rng, *batch, d))


def by_hand(steps, law):
    mean, cov = law.mean, law.covariance
    for f, s, q in zip(steps.factor, steps.shift, steps.noise, strict=True):
        mean, cov = f @ mean + s, f @ cov @ f.T + q
    return mean, cov


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 29])
def test_steps_joined_in_pairs_are_the_steps_taken_one_by_one(count):
    steps, law = some_steps(count), some_law()
    mean, cov = by_hand(steps, law)
    for found in (law_after(steps, law), law_after(as_one(steps), law)):
        np.testing.assert_allclose(found.mean, mean, rtol=1e-12)
        np.testing.assert_allclose(found.covariance, cov, rtol=1e-12)
    assert len(steps) == count
    assert len(as_one(steps)) == 1


def test_the_laws_along_the_way_end_where_the_joined_step_does():
    steps, law = some_steps(7), some_law()
    along = laws_along(steps, law)
    assert along.mean.shape == (8, 3)
    np.testing.assert_array_equal(along.mean[0], law.mean)
    for t in range(1, 8):
        mean, cov = by_hand(steps[:t], law)
        np.testing.assert_allclose(along.mean[t], mean, rtol=1e-12)
        np.testing.assert_allclose(along.covariance[t], cov, rtol=1e-12)


def test_batch_axes_of_steps_and_laws_are_batches_of_independent_problems():
    steps, law = some_steps(5, (4,)), some_law((4,))
    whole, along = law_after(steps, law), laws_along(steps, law)
    for i in range(4):
        one = Affine(steps.factor[:, i], steps.shift[:, i], steps.noise[:, i])
        mean, cov = by_hand(one, Gaussian(law.mean[i], law.covariance[i]))
        np.testing.assert_allclose(whole.mean[i], mean, rtol=1e-12)
        np.testing.assert_allclose(along.covariance[-1, i], cov, rtol=1e-12)


def test_shared_factors_and_laws_broadcast_over_a_batch():
    steps, law = some_steps(5), some_law()
    shift = np.random.default_rng(2).standard_normal((5, 2, 3))
    shared = Affine(steps.factor[:, None], shift, steps.noise[:, None])
    for found in (law_after(shared, law), laws_along(shared, law)):
        for i in range(2):
            one = Affine(steps.factor, shift[:, i], steps.noise)
            mean, cov = by_hand(one, law)
            np.testing.assert_allclose(found.mean.reshape(-1, 3)[i - 2], mean, rtol=1e-12)
            np.testing.assert_allclose(found.covariance[..., :, :].reshape(-1, 3, 3)[-1], cov)


def test_many_steps_end_in_the_stationary_law_of_the_lyapunov_equation():
    one = some_steps(1)
    many = Affine(*(np.repeat(part, 4096, axis=0) for part in vars(one).values()))
    found = law_after(many, some_law())
    stationary = scipy.linalg.solve_discrete_lyapunov(one.factor[0], one.noise[0])
    np.testing.assert_allclose(found.covariance, stationary, rtol=1e-10)
    mean = np.linalg.solve(np.eye(3) - one.factor[0], one.shift[0])
    np.testing.assert_allclose(found.mean, mean, rtol=1e-10)


def test_drawn_points_have_the_law():
    steps, law, rng = some_steps(4), some_law(), np.random.default_rng(3)
    x = rng.multivariate_normal(law.mean, law.covariance, 200_000)
    for f, s, q in zip(*vars(steps).values(), strict=True):
        x = x @ f.T + s + rng.multivariate_normal(np.zeros(3), q, len(x))
    found = law_after(steps, law)
    sd = np.sqrt(np.diag(found.covariance))
    assert (np.abs(x.mean(0) - found.mean) < 5 * sd / np.sqrt(len(x))).all()
    # Five standard errors of a sample covariance, sd_i sd_j sqrt(2/n) at most.
    apart = np.abs(np.cov(x.T) - found.covariance) / np.outer(sd, sd)
    assert (apart < 5 * np.sqrt(2 / len(x))).all()


def van_loan(a, s, span):
    """Return F and Q of dx = A x dt + N(0, S dt) from one matrix exponential."""
    d = len(a)
    block = scipy.linalg.expm(np.block([[-a, s], [np.zeros_like(a), a.T]]) * span)
    factor = block[d:, d:].T
    return factor, factor @ block[:d, d:]


def test_a_flow_of_constant_coefficients_is_van_loans_exponential():
    rng = np.random.default_rng(4)
    a, b, s = rng.standard_normal((3, 3)), rng.standard_normal(3), stacked(rng, 3)
    found = flow(0.2, 0.9, lambda t: a, lambda t: b, lambda t: s)
    factor, noise = van_loan(a, s, 0.7)
    np.testing.assert_allclose(found.factor[0], factor, rtol=1e-8)
    np.testing.assert_allclose(found.noise[0], noise, rtol=1e-8)
    shift = np.linalg.solve(a, (factor - np.eye(3)) @ b)
    np.testing.assert_allclose(found.shift[0], shift, rtol=1e-8)


def test_backwards_the_drift_turns_and_noise_is_added_all_the_same():
    rng = np.random.default_rng(5)
    a, s = rng.standard_normal((3, 3)), stacked(rng, 3)
    back = flow(0.9, 0.2, lambda t: a, lambda t: np.zeros(3), lambda t: s)
    factor, noise = van_loan(-a, s, 0.7)
    np.testing.assert_allclose(back.factor[0], factor, rtol=1e-8)
    np.testing.assert_allclose(back.noise[0], noise, rtol=1e-8)


def test_coefficients_that_vary_with_time_are_those_of_short_steps():
    """Against a midpoint rule of 4,000 steps, whose error is of order h^2."""
    a = np.array([[0.0, 1.0], [-2.0, -0.3]])

    def drift(t):
        return a * (1 + t)

    def shift(t):
        return np.stack([[np.cos(t), 1.0], [0.0, t]])

    def noise(t):
        return np.eye(2) * np.exp(t)

    h, n = 1 / 4000, 4000
    t = (np.arange(n) + 0.5) * h
    step = np.array([scipy.linalg.expm(h * drift(u)) for u in t])
    half = np.array([scipy.linalg.expm(h / 2 * drift(u)) for u in t])
    shifts = h * np.einsum("tij,tbj->tbi", half, [shift(u) for u in t])
    noises = h * half @ np.array([noise(u) for u in t]) @ np.swapaxes(half, 1, 2)
    short = as_one(Affine(step[:, None], shifts, noises[:, None]))
    found = flow(0, 1, drift, shift, noise)
    assert found.shift.shape == (1, 2, 2)
    for name in vars(found):
        np.testing.assert_allclose(getattr(found, name), getattr(short, name), atol=1e-6)


def test_the_solver_says_when_it_stops_short():
    def ends_early(t):
        return np.array([[1.0 if t < 0.5 else np.nan]])

    with pytest.raises(RuntimeError, match="stopped before 1"):
        flow(0, 1, ends_early, lambda t: np.zeros(1), lambda t: np.zeros((1, 1)))


@pytest.mark.parametrize(
    ("factor", "shift", "noise", "named"),
    [
        (np.eye(2), np.ones((1, 2)), np.eye(2)[None], "factor"),
        (np.ones((4, 2, 2)), np.ones((3, 2)), np.zeros((4, 2, 2)), "shift"),
        (np.ones((4, 2, 2)), np.ones((1, 2)), np.zeros((4, 2, 2)), "shift"),
        (np.ones((4, 2, 2)), np.ones((4, 2)), np.zeros((4, 3, 3)), "noise"),
        (np.ones((1, 2, 2)), np.ones((1, 2)), -np.eye(2)[None], "noise"),
        (np.ones((1, 2, 2)), np.ones((1, 2)), np.array([[[1.0, 0.5], [0.0, 1.0]]]), "noise"),
        (np.ones((2, 3, 2, 2)), np.ones((2, 4, 2)), np.zeros((2, 1, 2, 2)), "shift"),
    ],
)
def test_steps_that_do_not_go_together_are_refused(factor, shift, noise, named):
    with pytest.raises(ValueError, match=rf"^{named}\b"):
        Affine(factor, shift, noise)


def test_a_start_of_another_dimension_is_refused():
    with pytest.raises(ValueError, match=r"^start does not go"):
        law_after(some_steps(2), some_law(d=2))
    with pytest.raises(ValueError, match=r"^start does not go"):
        laws_along(some_steps(2), some_law(d=2))
