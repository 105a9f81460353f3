"""What the claims on light bridges draw, fit and measure, by other routes."""

import numpy as np
import ot
import pytest
from refutable.simulations.generative.light_sb import (
    _finite_laws,
    benchmark,
    bridge_paths,
    excess_rate,
    gaussian_bridge,
    loss_gap,
    more_components,
)
from refutable.solvers import bridge_mixture as bm
from refutable.theory.generative import light_sb as theory

from refutable import Cell


def rng(seed=0):
    return np.random.default_rng(seed)


# Finite laws


def test_plan_of_finite_laws_is_that_of_pot():
    laws = _finite_laws.finite_laws()
    cost = (laws.x0 - laws.x1.T) ** 2 / 2
    wanted = ot.sinkhorn(laws.p0, laws.p1, cost, 0.3, method="sinkhorn", stopThr=1e-15)
    np.testing.assert_allclose(laws.plan(0.3).plan, wanted, rtol=1e-8, atol=1e-18)


def test_a_plan_has_no_divergence_from_its_own_potential():
    laws = _finite_laws.finite_laws()
    found = laws.plan(0.3)
    log_c = np.log(laws.p0) - found.log_rows
    log_v = found.log_columns - np.log(laws.spacing)
    assert laws.divergence(found, 0.3, log_c, log_v) == pytest.approx(0, abs=1e-10)
    assert laws.least_loss(found) == pytest.approx(laws.p0 @ log_c - laws.p1 @ log_v)


def test_divergence_is_the_sum_over_pairs():
    laws = _finite_laws.finite_laws()
    found = laws.plan(1.0)
    potential = bm.Potential(1.0, np.zeros(2), np.array([[-1.0], [0.8]]), np.full((2, 1), 0.2))
    log_c, log_v = bm.log_normaliser(potential, laws.x0), bm.log_potential(potential, laws.x1)
    given = found.plan / laws.p0[:, None]
    # The plan of the potential is a density in x1; its masses are that times the spacing.
    density = np.exp(laws.x0 * laws.x1.T + log_v - log_c[:, None])
    wanted = (found.plan * np.log(given / (density * laws.spacing))).sum()
    assert laws.divergence(found, 1.0, log_c, log_v) == pytest.approx(wanted, rel=1e-10)


# The loss


def test_sigma_points_have_the_moments():
    covariance, mean = gaussian_bridge.covariances(rng(1), 2), rng(2).normal(size=(2, 3))
    points = loss_gap._sigma_points(mean, covariance)
    np.testing.assert_allclose(points.mean(axis=1), mean, atol=1e-12)
    apart = points - mean[:, None]
    np.testing.assert_allclose(
        np.swapaxes(apart, 1, 2) @ apart / points.shape[1], covariance, atol=1e-12
    )


def test_covariances_have_their_mean():
    drawn = gaussian_bridge.covariances(rng(3), 20_000)
    np.testing.assert_allclose(drawn.mean(axis=0), 1.2 * np.eye(3), atol=0.03)


@pytest.mark.parametrize("laws", [loss_gap.NORMAL, loss_gap.FINITE])
def test_gap_of_the_loss_is_the_divergence_and_breaks_without_log_c(laws):
    cell = Cell({"laws": laws, "epsilon": 0.5})
    outcome = loss_gap.gaps(cell, rng(4), 8)
    assert outcome["mismatch"].max() < 1e-10
    assert outcome["divergence"].min() > 1e-3
    assert loss_gap.gaps(cell, rng(4), 8, normalised=False)["mismatch"].min() > 1e-3


def test_bridge_between_normal_laws_and_its_breaks():
    cell = Cell({"epsilon": 0.7})
    good = gaussian_bridge.moments(cell, rng(5), 4)
    assert max(np.max(column) for column in good.values()) < 1e-12
    louder = gaussian_bridge.moments(cell, rng(5), 4, noise=2.0)
    assert louder["end"].min() > 0.05
    assert gaussian_bridge.moments(cell, rng(5), 4, prior=2.0)["system"].min() > 0.05
    assert gaussian_bridge.moments(cell, rng(5), 4, spread=0.0)["middle"].min() > 0.03


# Paths


def test_law_of_the_steps_is_as_near_to_the_bridge_as_said():
    """The law of the Euler chain, carried over a grid step by step, without a path."""
    grid = np.linspace(-13, 13, 521)
    width, steps = grid[1] - grid[0], bridge_paths.STEPS
    mass = np.exp(-(grid**2) / 2)
    mass /= mass.sum()
    variance, potential = bridge_paths.EPSILON / steps, bridge_paths.potential()
    apart = {}
    for step in range(steps):
        pulled = grid + bm.drift(potential, grid[:, None], step / steps)[:, 0] / steps
        kernel = np.exp(-((grid - pulled[:, None]) ** 2) / (2 * variance))
        mass = mass @ (kernel / kernel.sum(axis=1, keepdims=True))
        if step + 1 in (steps // 2, steps):
            law = {steps // 2: bridge_paths.HALF_WAY, steps: bridge_paths.AT_THE_END}[step + 1]
            apart[step + 1] = np.abs(np.cumsum(mass) - law(None)(grid + width / 2)).max()
    assert apart[steps] == pytest.approx(0.005, abs=0.001)
    assert apart[steps // 2] < 0.005


def test_paths_are_drawn_half_way_and_at_the_end():
    outcome = bridge_paths.paths(None, rng(6), 20_000)
    for name, law in (("middle", bridge_paths.HALF_WAY), ("end", bridge_paths.AT_THE_END)):
        levels = np.sort(law(None)(outcome[name]))
        assert np.abs(levels - (np.arange(20_000) + 0.5) / 20_000).max() < 0.02


# Samples


def test_excess_by_sums_is_that_of_samples():
    n, size = 50, 20_000
    drawn = rng(7)
    x0 = excess_rate.MEAN0 + drawn.standard_normal((size, n))
    x1 = excess_rate.MEAN1 + np.sqrt(2) * drawn.standard_normal((size, 40))
    fit = theory.line_fit(x0.mean(1), x0.var(1), x1.mean(1), x1.var(1), 0.5)
    best = tuple(float(v) for v in theory.line_fit(0.5, 1.0, 1.0, 2.0, 0.5))
    plain = n * theory.line_divergence(*fit, best, 0.5, 1.0, 0.5)
    quick = excess_rate.excess(rng(8), size, n, ratio=0.8)
    levels = np.quantile(plain, [0.1, 0.5, 0.9])
    below = (quick[:, None] < levels).mean(axis=0)
    np.testing.assert_allclose(below, [0.1, 0.5, 0.9], atol=0.02)


def test_ladder_has_the_divergence_at_every_size():
    outcome = excess_rate.ladder(None, rng(9), 4000)["divergence"]
    scaled = np.median(outcome, axis=0) * excess_rate.LADDER
    np.testing.assert_allclose(scaled, np.median(scaled), rtol=0.15)


# Terms


def test_one_term_is_the_best_of_a_grid():
    laws = _finite_laws.finite_laws()
    found = laws.plan(1.0)
    r, s = np.meshgrid(np.linspace(-0.2, 0.2, 21), np.linspace(0.6, 0.95, 36))
    many = bm.Potential(1.0, np.zeros((r.size, 1)), r.reshape(-1, 1, 1), s.reshape(-1, 1, 1))
    log_c, log_v = bm.log_normaliser(many, laws.x0), bm.log_potential(many, laws.x1)
    wanted = laws.divergence(found, 1.0, log_c, log_v).min()
    assert more_components.best_divergence(1.0, 1) == pytest.approx(wanted, rel=1e-3)


def test_terms_at_one_place_are_one_term():
    one = more_components.best_divergence(1.0, 1)
    assert more_components.best_divergence(1.0, 3, apart=False) == pytest.approx(one, rel=1e-6)


def test_the_best_of_three_starts_is_kept(monkeypatch):
    best = more_components.best_divergence(1.0, 5)
    alone = []
    for width in more_components.WIDTHS:
        monkeypatch.setattr(more_components, "WIDTHS", (width,))
        alone.append(more_components.best_divergence(1.0, 5))
    assert best == pytest.approx(min(alone), rel=1e-12)
    assert max(alone) > 1.01 * best


# The benchmark


def mixture_moments(potential, x):
    """Mean and covariance of one plan given one point, term by term."""
    s, r, epsilon = potential.scales, potential.centres, potential.epsilon
    level = potential.log_weights + (x @ (s * x).T + 2 * r @ x) / (2 * epsilon)
    weights = np.exp(level - level.max())
    weights /= weights.sum()
    means = r + s * x
    mean = weights @ means
    spread = sum(
        w * (np.diag(epsilon * own) + np.outer(m - mean, m - mean))
        for w, own, m in zip(weights, s, means, strict=True)
    )
    return mean, spread


def test_unexplained_variance_is_that_of_pot():
    truth = benchmark.true_potential(rng(10), 1, 2, 1.0)
    other = benchmark.true_potential(rng(11), 1, 2, 1.0)
    x = rng(12).normal(size=(1, 20, 2))
    one, two = (
        bm.Potential(1.0, p.log_weights[0], p.centres[0], p.scales[0]) for p in (truth, other)
    )
    pairs = [(mixture_moments(one, point), mixture_moments(two, point)) for point in x[0]]
    squares = [
        ot.gaussian.bures_wasserstein_distance(a[0], b[0], a[1], b[1]) ** 2 for a, b in pairs
    ]
    means = np.array([a[0] for a, _ in pairs])
    variance = np.mean([np.trace(a[1]) for a, _ in pairs]) + means.var(axis=0).sum()
    found = benchmark.unexplained(truth, other, x)
    assert found[0] == pytest.approx(100 * np.mean(squares) / (variance / 2), rel=1e-8)
    assert benchmark.unexplained(truth, truth, x)[0] == pytest.approx(0, abs=1e-6)


def test_true_potentials_are_as_said():
    truth = benchmark.true_potential(rng(13), 4, 3, 10.0)
    np.testing.assert_allclose(np.linalg.norm(truth.centres, axis=-1), 5.0)
    assert (truth.scales >= 0.02).all()
    assert (truth.scales <= 0.08).all()
    np.testing.assert_allclose(np.exp(truth.log_weights).sum(axis=-1), 1.0)


def test_benchmarks_are_fitted_each_on_its_own():
    cell = Cell({"d": 2, "epsilon": 1.0})
    outcome = benchmark.uvp(cell, rng(14), 4)["uvp"]
    assert outcome.shape == (4,)
    assert np.median(outcome) < 0.3
    assert benchmark.uvp(cell, rng(14), 4, terms=1)["uvp"].min() > 8


def test_moments_of_a_sample_have_their_laws():
    mean, variance = excess_rate._moments(rng(15), 200_000, 5, 1.5, 2.0)
    assert mean.mean() == pytest.approx(1.5, abs=0.01)
    assert mean.var() == pytest.approx(2.0 / 5, rel=0.02)
    assert variance.mean() == pytest.approx(2.0 * 4 / 5, rel=0.01)  # divided by n, not n - 1
