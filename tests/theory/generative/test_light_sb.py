"""Closed forms of bridges between normal laws, and what samples make of them, by other routes."""

from __future__ import annotations

import numpy as np
import ot
import pytest
from refutable.solvers.gaussian_algebra import kl
from refutable.theory.generative import light_sb as theory
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.special import ndtr, roots_hermitenorm

LINE = (0.5, 1.0, 1.0, 2.0, 0.5)  # means and variances of both ends, epsilon


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def covariance(seed: int, d: int = 3) -> np.ndarray:
    root = rng(seed).normal(size=(d, 2 * d))
    return root @ root.T / (2 * d) + 0.2 * np.eye(d)


def test_scale_on_the_line_is_that_of_the_plan_of_pot() -> None:
    x0, x1 = np.linspace(-7, 7, 281), np.linspace(-9, 9, 301)
    p0, p1 = np.exp(-(x0**2) / 2), np.exp(-(x1**2) / 4)
    cost = (x0[:, None] - x1) ** 2 / 2
    plan = ot.sinkhorn(
        p0 / p0.sum(), p1 / p1.sum(), cost, 0.5, method="sinkhorn_log", stopThr=1e-12
    )
    given = plan[140] / plan[140].sum()
    right = plan[150] / plan[150].sum()
    s = theory.gaussian_scale(np.eye(1), 2 * np.eye(1), 0.5)[0, 0]
    assert (right - given) @ x1 / (x0[150] - x0[140]) == pytest.approx(s, rel=1e-6)
    assert given @ x1**2 - (given @ x1) ** 2 == pytest.approx(0.5 * s, rel=1e-6)
    assert theory.line_fit(0.0, 1.0, 0.0, 2.0, 0.5)[1] == pytest.approx(s, rel=1e-12)


@pytest.mark.parametrize("epsilon", [1e-3, 0.7, 50.0])
def test_scale_is_the_positive_solution(epsilon: float) -> None:
    start, end = covariance(1), covariance(2)
    s = theory.gaussian_scale(start, end, epsilon)
    np.testing.assert_allclose(s @ start @ s + epsilon * s, end, atol=1e-12)
    np.testing.assert_allclose(s, s.T, atol=1e-12)
    assert np.linalg.eigvalsh(s).min() > 0


def test_marginal_is_that_of_a_brownian_bridge_between_the_ends() -> None:
    start, end, epsilon, t = covariance(3), covariance(4), 0.7, 0.3
    s = theory.gaussian_scale(start, end, epsilon)
    joint = np.block([[start, start @ s], [s @ start, s @ start @ s + epsilon * s]])
    mix = np.hstack([(1 - t) * np.eye(3), t * np.eye(3)])
    wanted = mix @ joint @ mix.T + t * (1 - t) * epsilon * np.eye(3)
    np.testing.assert_allclose(theory.gaussian_marginal(start, end, epsilon, t), wanted, atol=1e-12)
    less = theory.gaussian_marginal(start, end, epsilon, t, spread=0.5)
    np.testing.assert_allclose(wanted - less, 0.5 * t * (1 - t) * epsilon * np.eye(3), atol=1e-12)


def nodes(mean: np.ndarray, cov: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Three Gauss-Hermite nodes in every direction: quadratics are exact."""
    z, w = roots_hermitenorm(3)
    grid = np.stack(np.meshgrid(z, z, z, indexing="ij"), axis=-1).reshape(-1, 3)
    mass = np.prod(np.stack(np.meshgrid(w, w, w, indexing="ij"), axis=-1), axis=-1).ravel()
    return mean + grid @ np.linalg.cholesky(cov).T, mass / mass.sum()


def test_divergence_of_plans_is_that_of_their_conditional_laws() -> None:
    start, s, s2, epsilon = covariance(5), covariance(6), covariance(7), 0.7
    mean0, r, r2 = rng(8).normal(size=(3, 3))
    x0, mass = nodes(mean0, start)
    given = kl(r + x0 @ s, epsilon * s, r2 + x0 @ s2, epsilon * s2)
    found = theory.plan_divergence((r, s), (r2, s2), mean0, start, epsilon)
    assert found == pytest.approx(mass @ given, rel=1e-12)


def test_divergence_on_the_line_is_that_of_plans() -> None:
    one = theory.line_divergence(1.3, 0.4, (0.7, 0.9), 0.5, 2.0, 0.6)
    own = (np.array([0.7]), np.array([[0.9]]))
    other = (np.array([1.3]), np.array([[0.4]]))
    all_of_it = theory.plan_divergence(own, other, np.array([0.5]), np.array([[2.0]]), 0.6)
    assert one == pytest.approx(float(all_of_it), rel=1e-12)


def population_loss(theta: np.ndarray, *laws: float) -> float:
    r, s = theta
    mean0, var0, mean1, var1, epsilon = laws
    up = (s * (var0 + mean0**2) + 2 * r * mean0) / (2 * epsilon)
    down = (var1 + (mean1 - r) ** 2) / (2 * epsilon * s)
    return float(up + down + 0.5 * np.log(2 * np.pi * epsilon * s))


def test_divergence_on_the_line_is_the_gap_of_the_loss() -> None:
    r, s = (float(v) for v in theory.line_fit(*LINE))
    found = theory.line_divergence(r + 0.2, 1.3 * s, (r, s), LINE[0], LINE[1], LINE[4])
    moved = np.array([r + 0.2, 1.3 * s])
    gap = population_loss(moved, *LINE) - population_loss(np.array([r, s]), *LINE)
    assert found == pytest.approx(gap, rel=1e-12)
    assert found == pytest.approx(0.19054, abs=5e-6)  # a trial run had 0.19068 from 2e6 pairs


def test_fit_on_the_line_has_the_least_loss() -> None:
    best = minimize(population_loss, [0.0, 1.0], LINE, method="Nelder-Mead",
                    options={"xatol": 1e-9, "fatol": 1e-14, "maxiter": 2000})  # fmt: skip
    np.testing.assert_allclose(best.x, [float(v) for v in theory.line_fit(*LINE)], atol=1e-6)


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_excess_scales_by_differences_and_quadrature(ratio: float) -> None:
    mean0, var0, mean1, var1, epsilon = LINE
    best = np.array([float(v) for v in theory.line_fit(*LINE)])
    step = 1e-4 * np.eye(2)

    def slope(loss) -> np.ndarray:  # type: ignore[no-untyped-def]
        return np.array([(loss(best + e) - loss(best - e)) / 2e-4 for e in step])

    def hessian_row(e: np.ndarray) -> np.ndarray:
        up, down = best + e, best - e
        return np.array([
            (population_loss(up + f, *LINE) - population_loss(up - f, *LINE)
             - population_loss(down + f, *LINE) + population_loss(down - f, *LINE)) / 4e-8
            for f in step
        ])  # fmt: skip

    h = np.array([hessian_row(e) for e in step])
    z, w = roots_hermitenorm(12)
    w = w / w.sum()
    x0, x1 = mean0 + var0**0.5 * z, mean1 + var1**0.5 * z
    first = slope(lambda p: (p[1] * x0**2 + 2 * p[0] * x0) / (2 * epsilon))
    last = slope(lambda p: (x1 - p[0]) ** 2 / (2 * epsilon * p[1]) + 0.5 * np.log(p[1]))
    v = np.cov(first, aweights=w, ddof=0) + np.cov(last, aweights=w, ddof=0) / ratio
    wanted = np.sort(np.linalg.eigvals(np.linalg.solve(h, v)).real / 2)
    found = np.sort(theory.excess_scales(*LINE, ratio))
    np.testing.assert_allclose(found, wanted, rtol=1e-5)


def test_excess_of_large_samples() -> None:
    n, size = 10_000, 200_000
    draw = rng(9)
    mean0, var0, mean1, var1, epsilon = LINE
    r, s = theory.line_fit(
        mean0 + (var0 / n) ** 0.5 * draw.standard_normal(size),
        var0 * draw.chisquare(n - 1, size) / n,
        mean1 + (var1 / n) ** 0.5 * draw.standard_normal(size),
        var1 * draw.chisquare(n - 1, size) / n,
        epsilon,
    )
    best = tuple(float(v) for v in theory.line_fit(*LINE))
    scaled = n * theory.line_divergence(r, s, (best[0], best[1]), mean0, var0, epsilon)
    assert scaled.mean() == pytest.approx(theory.excess_scales(*LINE).sum(), rel=0.012)
    for cap in (2.0, 5.0):
        wanted = theory.capped_mean(theory.excess_scales(*LINE), cap)
        assert np.minimum(scaled, cap).mean() == pytest.approx(wanted, rel=0.012)


def test_capped_mean_by_integration_over_one_of_the_numbers() -> None:
    first, second, cap = 2.9, 1.5, 4.0

    def given(z: float) -> float:
        left = max(cap - first * z**2, 0.0)
        u = (left / second) ** 0.5
        density = np.exp(-(u**2) / 2) / np.sqrt(2 * np.pi)
        inner = second * (2 * ndtr(u) - 1 - 2 * u * density) + left * 2 * ndtr(-u)
        return float((min(first * z**2, cap) + inner) * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi))

    edge = (cap / first) ** 0.5
    wanted = 2 * (quad(given, 0, edge, epsabs=1e-12)[0] + quad(given, edge, 12, epsabs=1e-12)[0])
    assert theory.capped_mean([first, second], cap) == pytest.approx(wanted, rel=1e-9)
    assert theory.capped_mean([first, second], 1e4) == pytest.approx(first + second, rel=1e-12)


LAW = (np.log([0.5, 0.3, 0.2]), np.array([-2.0, 0.5, 2.5]), np.array([0.2, 0.8, 0.4]), 0.6)


@pytest.mark.parametrize("straight", [False, True])
def test_law_of_the_bridge_from_the_plan_on_a_grid(straight: bool) -> None:
    level, centres, scales, epsilon = LAW
    x0, x1 = np.linspace(-7, 7, 401), np.linspace(-9, 9, 1801)
    v = np.exp(level - (x1[:, None] - centres) ** 2 / (2 * epsilon * scales)) / np.sqrt(scales)
    plan = np.exp(x0[:, None] * x1 / epsilon) * v.sum(axis=1)
    plan *= (np.exp(-(x0**2) / 2) / plan.sum(axis=1))[:, None]
    plan /= plan.sum()
    for t, x in ((0.5, 0.3), (0.7, -1.0)):
        mean = (1 - t) * x0[:, None] + t * x1
        if straight:
            wanted = (plan * (mean <= x)).sum()
        else:
            wanted = (plan * ndtr((x - mean) / np.sqrt(t * (1 - t) * epsilon))).sum()
        found = theory.bridge_cdf(x, t, *LAW, straight=straight)
        # Steps of the grid show where no noise smooths them.
        assert found == pytest.approx(wanted, abs=2e-3 if straight else 1e-9)


def test_law_at_the_end_is_that_of_the_plan() -> None:
    close = theory.bridge_cdf(np.array([-1.0, 0.5, 2.0]), 1 - 1e-9, *LAW)
    np.testing.assert_allclose(
        theory.bridge_cdf(np.array([-1.0, 0.5, 2.0]), 1.0, *LAW), close, atol=1e-7
    )
    assert theory.bridge_cdf(30.0, 1.0, *LAW) == pytest.approx(1.0)


def test_two_triangles_are_a_density() -> None:
    assert quad(theory.two_triangles, -2, 2, points=[-1.5, -1, -0.5, 0.5, 1, 1.5])[0] == (
        pytest.approx(1.0)
    )
    np.testing.assert_allclose(theory.two_triangles([-1.25, 0.0, 1.0, 1.6]), [0.5, 0, 1, 0])
