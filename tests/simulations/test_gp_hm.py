"""The experiments on Gaussian processes for equations against dense algebra and other routes."""

import numpy as np
import pytest
from refutable.simulations.bayes.gp_hm import (
    _collocation,
    _counting,
    _family,
    _problems,
    _weights,
    high_frequency,
    jeffreys,
    kronecker,
    logarithm,
    spectra,
)
from refutable.solvers import gaussian_algebra as ga
from refutable.solvers import kernels as ke
from refutable.theory.bayes import gp_hm as theory
from scipy import optimize, stats

from refutable import Cell

RNG = np.random.default_rng(0)
PROBLEMS, SOLUTIONS = _problems.draw(np.random.default_rng(3), 3, 5.0, 3.0)
KERNELS = (
    _family.Kernel("matern52", 3, 4.0, -1.5),
    _family.Kernel("squared_exponential", 3, 4.0, -2.5, band=3.0),
    _family.Kernel("squared_exponential", 1, 0.0, -2.5),
)
FREE = [k.start(3) + 0.1 * RNG.standard_normal((3, 3, k.components)) for k in KERNELS]


def rng(seed=0):
    return np.random.default_rng(seed)


def plain_covariance(kernel, free, row):
    """Of u at the ends and at 5 more points, and of the scaled forces; no noise, no filling."""
    x = np.linspace(0, 1, PROBLEMS.cells[row] + 1)
    at = np.concatenate([[0.0, 1.0], np.linspace(0.1, 0.9, 5)])
    weights, lengths, angles = free[row]
    frequencies = kernel.frequencies(angles)[0]

    def k(lag, order):
        parts = zip(np.exp(weights), np.exp(lengths), frequencies, strict=True)
        shape = getattr(ke, kernel.envelope)
        return sum(w * ke.times_cosine(shape(lag, s, 4), lag, f)[order] for w, s, f in parts)

    unit = np.sqrt(np.mean(PROBLEMS.forces[row, : len(x)] ** 2))
    cross = k(at[:, None] - x, 2) / unit
    own = k(x[:, None] - x, 4) / unit**2
    return np.block([[k(at[:, None] - at, 0), cross], [cross.T, own]])


def observed(row):
    points = PROBLEMS.cells[row] + 1
    forces = PROBLEMS.forces[row, :points]
    return np.concatenate([PROBLEMS.ends[row], forces / np.sqrt(np.mean(forces**2))])


@pytest.mark.parametrize("number", range(3))
def test_evidence_and_solution_are_those_of_dense_algebra_one_by_one(number):
    kernel, free = KERNELS[number], FREE[number]
    fit = _collocation.Fit(kernel, PROBLEMS, free)
    found = fit.solution(np.linspace(0.1, 0.9, 5))
    for row in range(3):
        joint = plain_covariance(kernel, free, row)
        seen = np.setdiff1d(np.arange(len(joint)), np.arange(2, 7))
        joint[seen, seen] += 1e-8
        y = observed(row)
        law = stats.multivariate_normal(np.zeros(len(y)), joint[np.ix_(seen, seen)])
        filled = PROBLEMS.forces.shape[1] + 2 - len(y)
        evidence = fit.process.log_evidence[row] + filled * np.log(2 * np.pi) / 2
        assert evidence == pytest.approx(law.logpdf(y), rel=1e-7)
        wanted = joint[2:7][:, seen] @ np.linalg.solve(joint[np.ix_(seen, seen)], y)
        np.testing.assert_allclose(found[row], wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("number", range(3))
def test_the_gradient_is_that_of_differences(number):
    kernel, free, step = KERNELS[number], FREE[number], 1e-6
    found = _collocation.gradient(free, kernel, PROBLEMS)

    def loss(x):
        return -_collocation.Fit(kernel, PROBLEMS, x).process.log_evidence

    for place in np.ndindex(free.shape[1:]):
        moved = np.zeros_like(free)
        moved[:, *place] = step
        wanted = (loss(free + moved) - loss(free - moved)) / (2 * step)
        np.testing.assert_allclose(found[:, *place], wanted, rtol=2e-4, atol=2e-4)


def test_a_band_is_kept_and_its_ends_are_no_traps():
    kernel = _family.Kernel("matern52", 4, 9.0, band=3.0)
    start = kernel.start(1)[0, 2]
    f, slope = kernel.frequencies(start)
    np.testing.assert_allclose(f, [0.003, 1, 2, 2.997], atol=1e-9)
    assert slope.min() > 0.1
    assert kernel.frequencies(np.linspace(-9, 9, 99))[0].max() <= 3


def test_forces_are_second_derivatives_of_the_solutions():
    problems, solutions = _problems.draw(rng(1), 4, 5.0, 40.0)
    x, h = _problems.TESTED, _problems.TESTED[1]
    second = np.diff(solutions, 2, axis=1) / h**2
    for row in range(4):
        points = problems.cells[row] + 1
        wanted = np.interp(x[1:-1], problems.grid[row, :points], problems.forces[row, :points])
        assert np.abs(second[row] - wanted).max() < 0.02 * np.abs(wanted).max()
        assert not problems.forces[row, points:].any()
    np.testing.assert_allclose(problems.ends, solutions[:, [0, -1]], atol=1e-12)


def test_grids_have_so_many_points_a_cycle_and_frequencies_their_range():
    cells = _problems.draw(rng(2), 4000, 5.0, 8.0)[0].cells
    assert (cells.min(), cells.max()) == (24, 40)
    assert cells.mean() == pytest.approx(32, abs=0.5)


def test_a_fit_raises_the_evidence_and_solves():
    mixture, plain = _problems.kernels(5.0)
    assert (mixture.components, mixture.top) == (6, 6.0)
    start = _collocation.Fit(mixture, PROBLEMS, mixture.start(3)).process.log_evidence
    fit = _collocation.fitted(mixture, PROBLEMS, 120)
    assert (fit.process.log_evidence > start + 50).all()
    assert np.median(_problems.errors(mixture, PROBLEMS, SOLUTIONS, 120)) < 1e-4
    assert _problems.errors(plain, PROBLEMS, SOLUTIONS, 120).min() > 1e-4


def test_the_plain_kernel_starts_where_it_was_tried():
    length = np.exp(_problems.kernels(18.0)[1].log_length)
    assert np.log(1 / (2 * length**2)) == pytest.approx(4)


def test_events_are_made_of_the_errors(monkeypatch):
    answers = iter([np.array([1e-4, 2e-4, 1e-5, 1e-5]), np.array([1.0, 1.0, 2e-4, 2e-5])])
    monkeypatch.setattr(_problems, "errors", lambda *_: next(answers))
    found = high_frequency.contest(Cell({"top": 5.0, "points": 3.0}), rng(), 4)
    assert found["better"].tolist() == [True, False, False, False]
    assert found["as accurate"].tolist() == [False, False, False, True]


def test_without_its_mirror_image_the_imaginary_part_is_left():
    cell = Cell({"nu": 1.5, "mu": 3.0})
    assert spectra.transforms(cell)["apart"] < 1e-9
    lags = np.array(spectra.LAGS)
    wanted = np.abs(theory.matern(lags, 1.5) * np.sin(6 * np.pi * lags)).max()
    assert spectra.transforms(cell, mirror=0.0)["apart"] == pytest.approx(wanted, abs=1e-9)
    assert spectra.transforms(cell, freedom=1e-3)["apart"] > 1e-6


def test_information_is_the_curvature_of_the_divergence():
    k0, k1 = (k + 1e-3 * np.eye(40) for k in _weights.components())
    k0, k1, step, here = k0[:12, :12], k1[:12, :12], 1e-3, np.array([0.7, 1.0])

    def divergence(moves):
        w = here + moves
        covariance = w[0] * k0 + w[1] * k1
        return ga.kl(np.zeros(12), covariance, np.zeros(12), here[0] * k0 + here[1] * k1)

    def second(i, j):
        a, b = step * np.eye(2)[[i, j]]
        signs = ((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1))
        return sum(s * divergence(p * a + q * b) for p, q, s in signs) / (4 * step**2)

    wanted = [[second(i, j) for j in range(2)] for i in range(2)]
    precision = np.linalg.inv(0.7 * k0 + k1)
    trace = [[np.trace(precision @ a @ precision @ b) / 2 for b in (k0, k1)] for a in (k0, k1)]
    np.testing.assert_allclose(trace, wanted, rtol=1e-3)
    k0, k1 = _weights.components()
    precision = np.linalg.inv(0.7 * k0 + k1)
    trace = [[np.trace(precision @ a @ precision @ b) / 2 for b in (k0, k1)] for a in (k0, k1)]
    np.testing.assert_allclose(jeffreys.fisher(0.7, 1.0), trace, rtol=1e-6)


def test_information_in_a_mixture_is_that_of_the_trial():
    found = [jeffreys.informations(Cell({"weight": w}), 1.0) for w in jeffreys.WEIGHTS]
    np.testing.assert_allclose([f["information"] for f in found], [5.3, 5.9, 8.0, 12.5], atol=0.05)


def test_both_routes_to_a_weight_find_what_scipy_finds():
    k0, k1 = _weights.components()
    u = (np.linalg.cholesky(k0 + k1) @ rng(4).standard_normal((2, 40, 1)))[..., 0]
    for row in range(2):
        for prior in (0.0, 1.0):

            def loss(x, row=row, prior=prior):
                law = stats.multivariate_normal(np.zeros(40), k1 + np.exp(x) * k0)
                return -law.logpdf(u[row]) + prior * x

            best = optimize.minimize_scalar(loss, bracket=(-1, 1), tol=1e-9).x
            for route in (_weights.most_probable, _weights.stationary):
                found = route(u, k1, k0, prior)[row]
                assert np.log(found) == pytest.approx(best, abs=1e-4)


def test_the_prior_costs_one_scale_two_degrees_of_freedom():
    found = logarithm.estimates(Cell({"model": "one scale"}), rng(5), 4, 1.0)
    np.testing.assert_allclose(found["ratio"], 40 / 42, rtol=1e-4)


def test_the_dense_covariance_is_the_kronecker_product_on_the_grid():
    found = kronecker._dense_covariance((4, 3), np.zeros((1, 12, 2)))[0]
    wanted = np.kron(kronecker.factor(4, 3.0), kronecker.factor(3, 5.0))
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
    cell = Cell({"rows": 4, "columns": 3})
    good = kronecker.solves(cell, rng(6), 5)
    assert max(good["apart"].max(), good["volume"].max()) < 1e-11
    moved = kronecker.solves(cell, rng(6), 5, moved=1e-7)
    assert min(moved["apart"].min(), moved["volume"].min()) > 1e-9
    assert kronecker.solves(cell, rng(6), 5, order="columns")["apart"].min() > 1e-2


def test_numbers_that_count_solve_as_others_do():
    tally = _counting.Tally()
    matrix, right = kronecker.factor(5, 3.0), RNG.standard_normal((5, 2))
    lower = _counting.factorised(matrix, tally)
    assert tally.done == (5**3 - 5) // 6 + 10
    values = np.vectorize(lambda x: x.value)
    np.testing.assert_allclose(values(lower), np.linalg.cholesky(matrix), atol=1e-12)
    found = _counting.substituted(lower, tally.counted(right))
    np.testing.assert_allclose(values(found), np.linalg.solve(matrix, right), rtol=1e-9)
    assert tally.done == 20 + 10 + 2 * 2 * 15


def test_forming_the_product_of_triangles_costs_a_power_more():
    small, large = (kronecker._by_factors(m, True) for m in (6, 9))
    assert 3.7 < np.log(large / small) / np.log(1.5) < 4.1
    assert kronecker._dense(4, False) - kronecker._dense(4, True) == (16**3 - 16) / 6 + 120
