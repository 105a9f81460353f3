"""Closed forms of the ambient diffusion paper, each by a second route."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import scipy
from refutable.solvers.information_quadrature import information_spectrum, line_rule
from refutable.solvers.moment_method import denoised_moments, two_atoms, wasserstein
from refutable.theory.generative.ambient_diffusion import (
    atoms_power,
    edge,
    effective_size,
    moments,
)
from refutable.theory.generative.ambient_diffusion import two_atoms as theory

LAW = (np.array([-1.0, 0.3, 0.8]), np.array([0.2, 0.5, 0.3]))


def test_powers_and_effective_sizes() -> None:
    assert [atoms_power(k) for k in (1, 2, 3, 4)] == [2, 6, 10, 14]
    with pytest.raises(ValueError, match="at least one atom"):
        atoms_power(0)
    levels = [1.0] * 400 + [2.5] * 3600
    expected = sum(s**-6 for s in levels)
    assert effective_size([400, 3600], [1.0, 2.5], 6) == pytest.approx(expected)
    assert expected == pytest.approx(414.7, abs=0.05)


@pytest.mark.parametrize("power", [0.0, 2.0, 4.0])
def test_the_edge_has_the_variance_of_the_entries(power: float) -> None:
    """By hand for every sample: 2 sqrt(d) times the deviation of an entry off the diagonal."""
    levels = np.array([1.0] * 3 + [2.0] * 7)
    weights = levels**-power
    deviation = np.sqrt((weights**2 * levels**4).sum()) / weights.sum()
    assert edge(9, [3, 7], [1.0, 2.0], power) == pytest.approx(6 * deviation)


def test_the_fourth_power_has_the_least_edge() -> None:
    best = edge(60, [2000, 18_000], [1.0, 2.0], 4)
    assert best == pytest.approx(2 * math.sqrt(60 / effective_size([2000, 18_000], [1, 2], 4)))
    assert all(edge(60, [2000, 18_000], [1.0, 2.0], p) > best for p in (0, 2, 3.9, 4.1, 6))


@pytest.mark.parametrize("noise", [0.5, 1.0, 3.0])
def test_covariance_of_the_moments_by_quadrature(noise: float) -> None:
    z, w = np.polynomial.hermite_e.hermegauss(16)
    x = LAW[0][:, None] + noise * z
    mass = np.outer(LAW[1], w / w.sum())
    values = denoised_moments(x[..., None], noise, 5)
    mean = np.einsum("ij,ija->a", mass, values)
    expected = np.einsum("ij,ija,ijb->ab", mass, values, values) - np.outer(mean, mean)
    found = moments.hermite_covariance(*LAW, noise, 5)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_the_variance_of_pure_noise_is_the_leading_one() -> None:
    for j, noise in itertools.product((1, 2, 3), (0.7, 2.0)):
        found = moments.hermite_covariance([0.0], [1.0], noise, 3)[j - 1, j - 1]
        assert found == pytest.approx(moments.leading_variance(j, noise))


def _log_density(x: np.ndarray, parameters: np.ndarray, k: int, noise: float) -> np.ndarray:
    atoms, weights = parameters[:k], np.append(parameters[k:], 1 - parameters[k:].sum())
    return np.log(scipy.stats.norm.pdf(x[:, None], atoms, noise) @ weights)


def test_scores_by_finite_differences() -> None:
    x, noise, k, step = np.linspace(-4, 4, 9), 1.3, 3, 1e-5
    at = np.concatenate([LAW[0], LAW[1][:-1]])
    density, scores = moments.score_columns(x, *LAW, noise)
    assert density == pytest.approx(np.exp(_log_density(x, at, k, noise)))
    for i in range(2 * k - 1):
        shift = step * np.eye(2 * k - 1)[i]
        up, down = (_log_density(x, at + s, k, noise) for s in (shift, -shift))
        assert scores[:, i] == pytest.approx((up - down) / (2 * step), abs=1e-7)


def test_scores_far_out_are_finite() -> None:
    density, scores = moments.score_columns(np.array([-60.0, 60.0]), *LAW, 0.1)
    assert (density == 0).all()
    assert np.isfinite(scores).all()


@pytest.mark.parametrize(
    "law", [((0.4,), (1.0,)), ((-1.0, 1.0), (0.3, 0.7)), ((0.0, 1.2, 2.0), (0.3, 0.4, 0.3))]
)
def test_limit_of_the_information_by_quadrature(law: tuple[tuple[float, ...], ...]) -> None:
    """At noise 20 what is left is of the order of 1 / 400."""
    atoms, weights = law
    noise, k = 20.0, len(atoms)
    nodes, masses = line_rule(-240, 240, 4001)
    density, scores = moments.score_columns(nodes, atoms, weights, noise)
    least = information_spectrum(scores, masses * density).least
    limit = moments.information_limit(atoms, weights)
    assert float(least) * noise ** (4 * k - 2) == pytest.approx(limit, rel=0.03)


def test_distance_is_the_solvers() -> None:
    rng = np.random.default_rng(2)
    left, right = -rng.random(50) * 2, rng.random(50) * 2
    share, e = rng.random(50), 0.7
    both = np.stack([left, right], axis=-1), np.stack([share, 1 - share], axis=-1)
    expected = wasserstein(*both, np.array([-e, e]), np.array([0.5, 0.5]))
    assert theory.distance(left, right, share, e) == pytest.approx(expected)


def test_losses_are_the_solvers() -> None:
    """Moments of all kinds: of atoms outside [-2, 2] on either side, and of no law at all."""
    rng, e = np.random.default_rng(3), 1.1
    given = np.array([0.0, 1.0, 0.0]) + rng.standard_normal((400, 3)) * [1.0, 2.0, 4.0]
    atoms, weights = two_atoms(given, theory.RADIUS)
    assert (np.abs(atoms) == theory.RADIUS).any(axis=0).all()
    expected = wasserstein(atoms, weights, np.array([-e, e]), np.array([0.5, 0.5]))
    assert theory._losses(given, e) == pytest.approx(expected)


def test_limit_loss_is_the_limit_of_the_estimate() -> None:
    """Moments of 10^18 samples whose third cumulant is off by N sqrt(6 / n)."""
    n, c, normal = 1e18, 1.3, np.array([-2.0, -0.3, 0.5, 1.0])
    e = c * n ** (-1 / 6)
    third = math.sqrt(6 / n) * normal
    given = np.stack([0 * third, np.full(4, e**2), third], axis=-1)
    scale = n ** (1 / 6)  # two_atoms takes variances below 1e-12 for none
    estimate = two_atoms(given * scale ** np.arange(1, 4), 1e6)
    expected = wasserstein(*estimate, np.array([-c, c]), np.array([0.5, 0.5]))
    assert theory.limit_loss(c, normal) == pytest.approx(expected)


def test_limit_risk_by_adaptive_quadrature() -> None:
    def integrand(x: float) -> float:
        return 2 * scipy.stats.norm.pdf(x) * float(theory.limit_loss(0.9, np.array([x]))[0])

    expected, _ = scipy.integrate.quad(integrand, 0, 12, limit=200)
    assert theory.limit_risk(0.9) == pytest.approx(expected, rel=1e-5)


def test_the_peak_is_one() -> None:
    c, peak = theory.least_favourable()
    assert (c, peak) == pytest.approx((1.024, 0.811), abs=1e-3)
    assert max(theory.limit_risk(x) for x in np.linspace(0.1, 4, 60)) <= peak


def test_risk_tends_to_its_limit() -> None:
    gaps = [
        abs(theory.risk(n, 1.0 * n ** (-1 / 6)) * n ** (1 / 6) / theory.limit_risk(1.0) - 1)
        for n in (1e4, 1e8, 1e12)
    ]
    assert gaps[0] > gaps[1] > gaps[2]
    assert gaps[2] < 0.002


@pytest.mark.parametrize(("n", "e", "noise"), [(2000, 0.4, 1.0), (3000, 0.0, 1.0), (400, 1.9, 1.0)])
def test_risk_by_simulation_of_samples(n: int, e: float, noise: float) -> None:
    rng = np.random.default_rng(7)
    x = e * rng.choice([-1.0, 1.0], (2000, n)) + noise * rng.standard_normal((2000, n))
    estimate = two_atoms(denoised_moments(x, noise, 3), theory.RADIUS)
    losses = wasserstein(*estimate, np.array([-e, e]), np.array([0.5, 0.5]))
    error = 4 * losses.std() / math.sqrt(2000)
    assert theory.risk(n, e, noise) == pytest.approx(losses.mean(), abs=error)
