"""The denoised method of moments against SciPy, brute force, and its two routes to two atoms."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy
from numpy.polynomial import hermite_e
from refutable.solvers.moment_method import (
    denoised_moments,
    gauss_rule,
    project_moments,
    two_atoms,
    wasserstein,
)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def moments_of(atoms: np.ndarray, weights: np.ndarray, degree: int) -> np.ndarray:
    return np.stack([(weights * atoms**j).sum(axis=-1) for j in range(1, degree + 1)], axis=-1)


def laws(rng: np.random.Generator, count: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Laws whose atoms are apart, in (-1.9, 1.9)."""
    atoms = np.sort(rng.uniform(-0.25, 0.25, (count, k)) + np.linspace(-1.6, 1.6, k), axis=-1)
    return atoms, 0.1 + (1 - 0.1 * k) * rng.dirichlet(np.ones(k), count)


@pytest.mark.parametrize("j", range(1, 8))
def test_each_term_is_the_scaled_hermite_polynomial(j: int, rng: np.random.Generator) -> None:
    x, noise = rng.standard_normal(6), 1.7
    expected = noise**j * hermite_e.hermeval(x / noise, np.eye(j + 1)[j])
    for value, term in zip(x, expected, strict=True):
        assert denoised_moments([value], noise, j)[-1] == pytest.approx(term)


def test_moments_are_unbiased_by_quadrature() -> None:
    """The mean over the noise is taken exactly: 20 nodes do for polynomials of degree 39."""
    nodes, weights = hermite_e.hermegauss(20)
    for mu, noise in ((0.4, 1.0), (-1.2, 2.5)):
        at_nodes = np.stack([denoised_moments([mu + noise * z], noise, 7) for z in nodes])
        mean = weights @ at_nodes / math.sqrt(2 * math.pi)
        assert mean == pytest.approx(mu ** np.arange(1, 8), abs=1e-9)


def test_discounts_are_the_inverse_leading_variances(rng: np.random.Generator) -> None:
    x, noise = rng.standard_normal((3, 5)), np.array([1.0, 1.0, 2.0, 3.0, 0.5])
    terms = np.stack([denoised_moments(x[:, [i]], noise[i], 4) for i in range(5)], axis=-1)
    for j in range(1, 5):
        expected = np.average(terms[:, j - 1], axis=-1, weights=noise ** (-2.0 * j))
        assert denoised_moments(x, noise, 4)[:, j - 1] == pytest.approx(expected)
    plain = denoised_moments(x, noise, 4, discounted=False)
    assert plain == pytest.approx(terms.mean(axis=-1))


def test_extreme_noise_overflows_no_weight() -> None:
    found = denoised_moments([0.1, 0.2], [1e-100, 1e-60], 3)
    assert found == pytest.approx([0.1, 0.01, 0.001])


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_the_rule_returns_the_law_whose_moments_it_is_given(
    k: int, rng: np.random.Generator
) -> None:
    atoms, weights = laws(rng, 20, k)
    found, mass = gauss_rule(moments_of(atoms, weights, 2 * k - 1), 2.0)
    assert found == pytest.approx(atoms, abs=1e-7)
    assert mass == pytest.approx(weights, abs=1e-7)


def test_a_law_of_fewer_atoms_is_returned_as_well(rng: np.random.Generator) -> None:
    atoms, weights = laws(rng, 20, 2)
    found, mass = gauss_rule(moments_of(atoms, weights, 5), 2.0)
    assert wasserstein(found, mass, atoms, weights) == pytest.approx(0.0, abs=1e-6)


def test_the_rule_agrees_with_gauss_legendre() -> None:
    moments = [(1 - (-1) ** (j + 1)) / (j + 1) / 2 for j in range(1, 8)]
    found, mass = gauss_rule(moments, 2.0)
    nodes, weights = np.polynomial.legendre.leggauss(4)
    assert found == pytest.approx(nodes)
    assert mass == pytest.approx(weights / 2)


def test_atoms_outside_the_interval_are_clipped() -> None:
    found, mass = gauss_rule(moments_of(np.array([-1.0, 3.0]), np.array([0.5, 0.5]), 3), 2.0)
    assert found == pytest.approx(np.array([-1.0, 2.0]))
    assert mass == pytest.approx(np.array([1 / 3, 2 / 3]))  # the mean is kept


def test_two_atoms_have_the_moments(rng: np.random.Generator) -> None:
    atoms, weights = laws(rng, 50, 2)
    found, mass = two_atoms(moments_of(atoms, weights, 3), 2.0)
    assert found == pytest.approx(atoms)
    assert mass == pytest.approx(weights)


def test_two_atoms_without_variance_are_one() -> None:
    found, mass = two_atoms([[0.3, 0.09, 0.0], [0.3, 0.05, 1.0], [3.0, 9.0, 27.0]], 2.0)
    assert found == pytest.approx(np.array([[0.3, 0.3], [0.3, 0.3], [2.0, 2.0]]))
    assert (mass == 0.5).all()


def test_two_atoms_do_not_cancel() -> None:
    """A far atom of tiny weight: the near one is -v / far, to the last digit."""
    found, mass = two_atoms([0.0, 1e-6, 1e-6], 2.0)
    assert found == pytest.approx(np.array([-1e-6, 1.0]), rel=1e-5)
    assert mass[1] == pytest.approx(1e-6, rel=1e-5)


def test_two_atoms_equal_projection_and_quadrature(rng: np.random.Generator) -> None:
    """Noisy moments, some of no law on the interval; the routes agree where atoms lie inside."""
    atoms, weights = np.array([-0.5, 0.5]), np.array([0.5, 0.5])
    noisy = moments_of(atoms, weights, 3) + 0.15 * rng.standard_normal((60, 3))
    free, _ = two_atoms(noisy, 1e6)
    inside = (noisy[:, 1] > noisy[:, 0] ** 2) & (np.abs(free) < 2).all(axis=1)
    assert 20 < inside.sum() < 60
    found = gauss_rule(project_moments(noisy[inside], 2.0), 2.0)
    closed = two_atoms(noisy[inside], 2.0)
    assert wasserstein(*closed, *found) == pytest.approx(0.0, abs=2e-4)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_projection_leaves_moments_of_a_law(k: int, rng: np.random.Generator) -> None:
    inside = moments_of(*laws(rng, 4, k + 1), 2 * k - 1)
    assert project_moments(inside, 2.0) == pytest.approx(inside, abs=1e-5)


@pytest.mark.parametrize("k", [2, 3])
def test_projection_is_the_nearest_mixture_on_a_grid(k: int, rng: np.random.Generator) -> None:
    """Non-negative least squares on a fine grid of atoms is another road to the nearest moments."""
    noisy = moments_of(*laws(rng, 3, k), 2 * k - 1) + 0.8 * rng.standard_normal((3, 2 * k - 1))
    found = project_moments(noisy, 2.0)
    grid = np.linspace(-2, 2, 801)
    powers = grid ** np.arange(1, 2 * k)[:, None]
    for target, nearest in zip(noisy, found, strict=True):
        heavy = 1e4  # makes the weights sum to 1
        system = np.vstack([powers, heavy * np.ones_like(grid)])
        weights, _ = scipy.optimize.nnls(system, np.append(target, heavy))
        rival = np.linalg.norm(powers @ weights - target)
        assert np.linalg.norm(nearest - target) == pytest.approx(rival, rel=1e-3, abs=1e-3)


def test_projection_of_what_is_no_law_moves_it() -> None:
    found = project_moments([0.0, -0.5, 0.0], 2.0)
    assert found == pytest.approx(np.zeros(3), abs=1e-3)


def test_distance_is_that_of_scipy(rng: np.random.Generator) -> None:
    a, b = rng.uniform(-2, 2, (30, 2)), rng.uniform(-2, 2, (30, 3))
    p, q = rng.dirichlet(np.ones(2), 30), rng.dirichlet(np.ones(3), 30)
    found = wasserstein(a, p, b, q)
    for i in range(30):
        assert found[i] == pytest.approx(scipy.stats.wasserstein_distance(a[i], b[i], p[i], q[i]))
    assert wasserstein(a, p, b[0], q[0])[0] == pytest.approx(found[0])


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="^noise has shape"):
        denoised_moments(np.ones((2, 4)), np.ones(3), 2)
    for call in (gauss_rule, project_moments):
        with pytest.raises(ValueError, match="odd number"):
            call([0.0, 1.0], 2.0)
    with pytest.raises(ValueError, match="give three"):
        two_atoms(np.zeros(5), 2.0)
    with pytest.raises(ValueError, match="leading axes"):
        wasserstein(np.zeros((2, 2)), np.full((2, 2), 0.5), np.zeros((3, 2)), np.full((3, 2), 0.5))
