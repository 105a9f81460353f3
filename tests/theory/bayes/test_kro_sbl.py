"""Derivatives of the cost against differences of it, and the rate against its recursion."""

import numpy as np
import pytest
from refutable.solvers.kronecker import sparse_posterior
from refutable.theory.bayes import kro_sbl as theory


def rng(seed=0):
    return np.random.default_rng(seed)


SIZES = ((2, 3), (3, 4), (2, 3))
MATRICES = [rng(i).standard_normal((2, *size)) for i, size in enumerate(SIZES)]
DATA = rng(7).standard_normal((2, 2, 3, 2))


def cost(scales):
    """From the covariance itself."""
    found = []
    for r in range(2):
        a = np.kron(np.kron(MATRICES[0][r], MATRICES[1][r]), MATRICES[2][r])
        gamma = np.einsum("i,j,k->ijk", *(g[r] for g in scales)).ravel()
        c = 0.3 * np.eye(12) + (a * gamma) @ a.T
        y = DATA[r].ravel()
        found.append(np.linalg.slogdet(c)[1] + y @ np.linalg.solve(c, y))
    return np.array(found)


def scales_of(seed):
    scales = [rng(seed + i).uniform(0.3, 1.5, (2, n)) for i, (_, n) in enumerate(SIZES)]
    scales[1][:, 2] = 0.0
    return scales


def test_factor_slopes_are_differences_of_the_cost():
    scales, step = scales_of(20), 1e-6
    known = sparse_posterior(MATRICES, scales, 0.3, DATA)
    found = theory.factor_slopes(known.slope, scales)
    for i, g in enumerate(scales):
        for j in range(g.shape[1]):
            ends = []
            for sign in (-1, 1):
                moved = [h.copy() for h in scales]
                moved[i][:, j] += sign * step
                ends.append(cost(moved))
            difference = (ends[1] - ends[0]) / (2 * step)
            np.testing.assert_allclose(found[i][:, j], difference, rtol=1e-5, atol=1e-6)


def test_second_moments_are_those_of_the_posterior():
    scales = scales_of(30)
    known = sparse_posterior(MATRICES, scales, 0.3, DATA)
    gamma = np.einsum("ri,rj,rk->rijk", *scales)
    found = theory.second_moments(gamma, known.slope)
    np.testing.assert_allclose(found, known.mean**2 + known.variance, atol=1e-12)


def test_extremes_over_all_factors_are_those_of_plain_loops():
    scales = scales_of(40)
    slopes = [rng(50 + i).standard_normal(g.shape) for i, g in enumerate(scales)]
    largest, least = (f(slopes, scales) for f in (theory.largest_log_slope, theory.least_slope))
    for r in range(2):
        pairs = [(g[r], s[r]) for g, s in zip(scales, slopes, strict=True)]
        each = [abs(x * y) for g, s in pairs for x, y in zip(g, s, strict=True)]
        assert largest[r] == pytest.approx(max(each))
        assert least[r] == pytest.approx(min(max(g) * y for g, s in pairs for y in s))


def test_a_scale_without_slope_in_its_logarithm_may_still_have_a_slope():
    slope = np.zeros((1, 2, 1, 1))
    slope[0, :, 0, 0] = 0.0, -3.0
    scales = [np.array([[2.0, 0.0]]), np.ones((1, 1)), np.ones((1, 1))]
    found = theory.factor_slopes(slope, scales)
    assert theory.largest_log_slope(found, scales) == 0
    assert theory.least_slope(found, scales) == -6


@pytest.mark.parametrize("curvature", [0.02, 0.5])
def test_the_log_slope_falls_as_the_recursion_of_a_vanishing_scale(curvature):
    g, path = 1.0, []
    for _ in range(20_000):
        path.append(g * curvature)
        g = float(theory.second_moments(np.array(g), np.array(curvature)))
    late = np.array([4_000, 19_999])
    wanted = theory.log_slope_curve(late[1:]) / theory.log_slope_curve(late[:1])
    assert path[late[1]] / path[late[0]] == pytest.approx(float(wanted[0]), rel=0.03)
