"""Spectra, information and estimates by SciPy's laws, scikit-learn, differences and counting."""

import numpy as np
import pytest
from refutable.theory.bayes import gp_hm as theory
from scipy import integrate, linalg, optimize, stats
from sklearn.gaussian_process.kernels import Matern


@pytest.mark.parametrize("freedom", [1.0, 3.0, 5.5])
def test_the_spectrum_is_a_student_law(freedom):
    s = np.array([-2.0, 0.0, 0.3, 4.0])
    wanted = stats.t.pdf(s, freedom, scale=1 / (2 * np.pi * 0.7))
    np.testing.assert_allclose(theory.student_spectrum(s, freedom, 0.7), wanted, rtol=1e-12)
    total = integrate.quad(lambda x: float(theory.student_spectrum(x, freedom)), -np.inf, np.inf)
    assert total[0] == pytest.approx(1, abs=1e-7)


@pytest.mark.parametrize("nu", [0.5, 1.5, 2.5])
def test_matern_functions_are_those_of_scikit_learn(nu):
    d = np.array([-0.9, 0.0, 0.2, 3.0])
    wanted = Matern(0.6, nu=nu)(np.zeros((1, 1)), d[:, None])[0]
    np.testing.assert_allclose(theory.matern(d, nu, 0.6), wanted, rtol=1e-12)


def test_another_smoothness_is_refused():
    with pytest.raises(ValueError, match=r"nu=2: give"):
        theory.matern(0.1, 2)


def test_the_information_of_a_scale_is_the_curvature_of_the_expected_likelihood():
    n, w, step = 7, 1.3, 1e-3

    def expected(x):
        return -(n * np.log(x) + n * w / x) / 2

    curvature = (expected(w + step) - 2 * expected(w) + expected(w - step)) / step**2
    assert theory.scale_information(n, w) == pytest.approx(-curvature, rel=1e-5)


def test_the_information_of_a_mixture_weight_is_a_trace():
    rng = np.random.default_rng(0)
    roots = rng.standard_normal((2, 6, 6))
    k0, k1 = roots @ np.swapaxes(roots, 1, 2)
    slope = np.linalg.solve(k1 + 0.7 * k0, k0)
    ratios = linalg.eigh(k0, k1, eigvals_only=True)
    found = theory.mixture_information(ratios, 0.7)
    assert found == pytest.approx(np.trace(slope @ slope) / 2)


@pytest.mark.parametrize("priors", [0.0, 0.5, 1.0])
def test_the_most_probable_scale_is_that_of_a_search(priors):
    def loss(w):
        return (9 * np.log(w) + 4.2 / w) / 2 + priors * np.log(w)

    best = optimize.minimize_scalar(
        loss, bounds=(0.1, 2), method="bounded", options={"xatol": 1e-9}
    )
    assert theory.scale_estimate(4.2, 9, priors) == pytest.approx(best.x, rel=1e-6)


def test_operations_are_those_of_loops_that_count():
    def factor(n):
        return sum(j for j in range(n) for _ in range(j, n)) + n * (n - 1) // 2

    def triangle(n, columns):
        return sum((i + 1) * columns for i in range(n))

    for m in (1, 2, 5):
        dense = factor(m * m) + 2 * triangle(m * m, 1)
        assert theory.dense_operations(m) == dense
        assert theory.kronecker_operations(m) == 2 * (factor(m) + 2 * triangle(m, m))
