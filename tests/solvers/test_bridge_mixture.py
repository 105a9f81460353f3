"""Bridges with a mixture potential against quadrature, differences, the released drift, and EM."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from refutable.solvers import bridge_mixture as bm
from refutable.solvers import mixture_em as em
from scipy.integrate import quad, solve_ivp
from scipy.special import logsumexp

EPS = 0.7


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def potential(
    batch: tuple[int, ...] = (), k: int = 3, d: int = 2, axes: bool = False
) -> bm.Potential:
    draw = rng(k + d)
    weights, centres = draw.normal(size=(*batch, k)), draw.normal(size=(*batch, k, d))
    if not axes:
        return bm.Potential(EPS, weights, centres, draw.uniform(0.2, 1.5, (*batch, k, d)))
    roots = draw.normal(size=(*batch, k, d, d))
    matrices = roots @ np.swapaxes(roots, -1, -2) / d + 0.2 * np.eye(d)
    made = bm.Potential.of_matrices(EPS, weights, centres, matrices)
    # Turned and not mirrored: a symmetric matrix of axes would hide a transposition.
    return replace(
        made, axes=made.axes * np.sign(np.linalg.det(made.axes))[..., None, None] ** [1, 0]
    )


def matrices(p: bm.Potential) -> np.ndarray:
    if p.axes is None:
        return p.scales[..., None] * np.eye(p.d)
    return (p.axes * p.scales[..., None, :]) @ np.swapaxes(p.axes, -1, -2)


def test_normaliser_is_the_integral_of_kernel_times_potential() -> None:
    line = potential(d=1)
    x0 = np.array([[-0.8], [0.0], [1.3]])

    def integrand(x1: float, x: float) -> float:
        return float(np.exp(x * x1 / EPS + bm.log_potential(line, [[x1]])[0]))

    wanted = [quad(integrand, -40, 40, args=(x,), points=[-3, 0, 3])[0] for x in x0[:, 0]]
    np.testing.assert_allclose(np.exp(bm.log_normaliser(line, x0)), wanted, rtol=1e-8)


def test_normaliser_with_axes_is_the_integral_in_the_plane() -> None:
    plane = potential(k=2, axes=True)
    x0 = np.array([0.4, -0.6])

    side = np.linspace(-12, 12, 241)
    x1 = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    # The trapezoidal rule is exact to rounding where an entire function is 0 at both ends.
    wanted = np.exp(x1 @ x0 / EPS + bm.log_potential(plane, x1)).sum() * 0.1**2
    assert np.exp(bm.log_normaliser(plane, x0[None]))[0] == pytest.approx(wanted, rel=1e-10)


@pytest.mark.parametrize("axes", [False, True])
@pytest.mark.parametrize("batch", [(), (4,)])
def test_plan_has_the_density_of_the_kernel_times_the_potential(
    axes: bool, batch: tuple[int, ...]
) -> None:
    p = potential(batch, axes=axes)
    x0, x1 = rng(1).normal(size=(*batch, 5, 2)), rng(2).normal(size=(*batch, 5, 2))
    law = bm.plan(p, x0)
    given = em.log_density(law, x1[..., None, :])[..., 0]
    cross = (x0 * x1).sum(axis=-1) / EPS
    np.testing.assert_allclose(
        given, cross + bm.log_potential(p, x1) - bm.log_normaliser(p, x0), atol=1e-10
    )


@pytest.mark.parametrize("axes", [False, True])
def test_potential_is_a_gaussian_mixture(axes: bool) -> None:
    p = potential(axes=axes)
    x = rng(3).normal(size=(6, 2))
    shares = np.exp(p.log_weights - logsumexp(p.log_weights))
    law = em.Mixture(shares, p.centres, EPS * matrices(p))
    wanted = em.log_density(law, x) + logsumexp(p.log_weights)
    np.testing.assert_allclose(bm.log_potential(p, x), wanted, atol=1e-12)


@pytest.mark.parametrize("axes", [False, True])
def test_draws_have_the_moments_of_the_plan(axes: bool) -> None:
    p = potential((2,), axes=axes)
    n = 100_000
    starts = np.array([[0.5, -1.0], [-0.3, 0.2]])
    ends = bm.draw_ends(rng(4), p, np.repeat(starts[:, None], n, axis=1))
    mean, covariance = em.mean_and_covariance(bm.plan(p, starts[:, None]))
    # Five standard errors of a mean; entries of a covariance have at most twice those of a normal.
    spread = np.sqrt(np.einsum("bnii->bni", covariance)).max()
    np.testing.assert_allclose(ends.mean(axis=1), mean[:, 0], atol=5 * spread / n**0.5)
    for b in range(2):
        found = np.cov(ends[b].T)
        np.testing.assert_allclose(found, covariance[b, 0], atol=10 * spread**2 / n**0.5)


def released_level(p: bm.Potential, x: np.ndarray, t: float) -> float:
    """Log-sum-exp whose gradient the released code takes, with its matrices A_k."""
    s, terms = matrices(p), []
    for k in range(len(s)):
        inverse = np.linalg.inv(s[k])
        a = t / (EPS * (1 - t)) * np.eye(p.d) + inverse / EPS
        h = x / (EPS * (1 - t)) + inverse @ p.centres[k] / EPS
        terms.append(
            p.log_weights[k]
            - 0.5 * np.linalg.slogdet(s[k])[1]
            - 0.5 * p.centres[k] @ inverse @ p.centres[k] / EPS
            - 0.5 * np.linalg.slogdet(a)[1]
            + 0.5 * h @ np.linalg.solve(a, h)
        )
    return float(logsumexp(terms))


@pytest.mark.parametrize("axes", [False, True])
@pytest.mark.parametrize("t", [0.0, 0.3, 0.9])
def test_drift_is_the_released_one(axes: bool, t: float) -> None:
    p, step = potential(axes=axes), 1e-5
    for x in rng(5).normal(size=(4, 2)):
        slope = [
            (released_level(p, x + e, t) - released_level(p, x - e, t)) / (2 * step)
            for e in step * np.eye(2)
        ]
        wanted = -x / (1 - t) + EPS * np.array(slope)
        np.testing.assert_allclose(bm.drift(p, x[None], t)[0], wanted, atol=1e-6)


def test_drift_at_the_start_is_the_pull_to_the_mean_end() -> None:
    p, x = potential((3,), axes=True), rng(6).normal(size=(3, 5, 2))
    mean, _ = em.mean_and_covariance(bm.plan(p, x))
    np.testing.assert_allclose(bm.drift(p, x, 0.0), mean - x, atol=1e-12)


def test_paths_follow_the_drift_where_the_noise_is_small() -> None:
    quiet = bm.Potential(1e-12, np.zeros(1), np.array([[1.0]]), np.array([[0.5]]))
    states = bm.bridge_states(rng(7), quiet, np.array([[-1.0]]), 4000, keep=(2000, 4000))
    path = solve_ivp(
        lambda t, x: bm.drift(quiet, x[None], min(t, 1.0))[0], (0, 1), [-1.0],
        t_eval=(0.5, 1.0), rtol=1e-9,
    )  # fmt: skip
    np.testing.assert_allclose(states[:, 0, 0], path.y[0], atol=2e-3)


def test_noise_of_paths_has_the_variance_of_the_prior() -> None:
    free = bm.Potential(0.3, np.zeros(1), np.zeros((1, 1)), np.ones((1, 1)))
    n = 100_000
    states = bm.bridge_states(rng(8), free, np.zeros((n, 1)), 10, keep=(5, 10))
    # S = 1 and r = 0 leave the prior; five standard errors of a variance of normal numbers.
    np.testing.assert_allclose(states.var(axis=(1, 2)), [0.15, 0.3], rtol=5 * (2 / n) ** 0.5)


def moved(p: bm.Potential, at: tuple[int, ...], step: float) -> bm.Potential:
    packed = np.concatenate((p.log_weights[..., None], p.centres, np.log(p.scales)), axis=-1)
    packed[at] += step
    d = p.d
    return bm.Potential(
        p.epsilon, packed[..., 0], packed[..., 1 : 1 + d], np.exp(packed[..., 1 + d :])
    )


def test_loss_and_its_gradient() -> None:
    p, step = potential((2,)), 1e-5
    x0, x1 = rng(9).normal(size=(2, 7, 2)), rng(10).normal(size=(2, 6, 2))
    w0, w1 = rng(11).dirichlet(np.ones(7)), rng(12).dirichlet(np.ones(6))
    loss, slope = bm.loss_gradient(p, x0, x1, w0, w1)
    wanted = bm.log_normaliser(p, x0) @ w0 - bm.log_potential(p, x1) @ w1
    np.testing.assert_allclose(loss, wanted, atol=1e-12)
    for at in np.ndindex(slope.shape):
        up, down = (bm.loss_gradient(moved(p, at, h), x0, x1, w0, w1)[0] for h in (step, -step))
        assert (up - down)[at[0]] / (2 * step) == pytest.approx(slope[at], abs=1e-8)


def test_both_fits_find_the_closed_form_between_normal_samples() -> None:
    x0, x1 = rng(13).normal(0.5, 1.0, (400, 1)), rng(14).normal(1.0, 1.5, (500, 1))
    v0, v1 = x0.var(), x1.var()
    s = (np.sqrt(EPS**2 + 4 * v0 * v1) - EPS) / (2 * v0)
    r = x1.mean() - s * x0.mean()
    start = bm.Potential(EPS, np.zeros(1), np.zeros((1, 1)), np.full((1, 1), 0.3))
    best, loss = bm.fit_weighted(start, x0, x1)
    rates = np.geomspace(0.1, 1e-4, 1500)
    stepped = bm.fit_minibatches(lambda step: (x0, x1), start, rates)
    for found in (best, stepped):
        assert found.scales[0, 0] == pytest.approx(s, rel=1e-5)
        assert found.centres[0, 0] == pytest.approx(r, abs=1e-5)
    assert loss == pytest.approx(float(bm.loss_gradient(best, x0, x1)[0]), abs=1e-12)


def test_a_potential_with_axes_is_not_fitted() -> None:
    with pytest.raises(ValueError, match="potential"):
        bm.loss_gradient(potential(axes=True), np.zeros((3, 2)), np.zeros((3, 2)))


def test_matrices_must_be_positive_definite() -> None:
    with pytest.raises(ValueError, match="matrices"):
        bm.Potential.of_matrices(1.0, np.zeros(1), np.zeros((1, 2)), np.diag([1.0, 0.0])[None])
