"""Closed forms of FineQuant against enumeration, limits and direct integration."""

from itertools import pairwise

import numpy as np
import pytest
from refutable.solvers.quantization import absmax_quantize, dequantize
from refutable.theory.compression import finequant as theory
from scipy.integrate import quad
from scipy.stats import norm


@pytest.mark.parametrize("convention", ["half", "sym"])
@pytest.mark.parametrize(("bits", "stated"), [(2, 0.5), (3, 3e-3), (4, 5e-4)])
def test_uniform_errors_cost_as_much_as_stated(bits, stated, convention):
    groups = (8, 32, 64, 128, 1024, 4096)
    exact = [theory.exact_group_mse(bits, g, convention) for g in groups]
    close = [theory.group_mse(bits, g, convention) for g in groups]
    assert close == pytest.approx(exact, rel=stated)
    assert close != pytest.approx(exact, rel=stated / 10)


@pytest.mark.parametrize("convention", ["half", "sym"])
@pytest.mark.parametrize("bits", [2, 3])
def test_exact_group_error_is_that_of_the_simulation(bits, convention):
    weights = np.random.default_rng(3).standard_normal((20_000, 32))
    off = dequantize(absmax_quantize(weights, bits, 32, convention)) - weights
    each = (off**2).mean(axis=1)
    error = each.std() / np.sqrt(len(each))
    assert abs(each.mean() - theory.exact_group_mse(bits, 32, convention)) < 4 * error


@pytest.mark.parametrize(
    ("g", "value"), [(32, 5.7095), (64, 6.9139), (128, 8.1483), (1024, 11.9583), (4096, 14.552)]
)
def test_expected_squared_maximum_figures(g, value):
    assert theory.expected_squared_maximum(g) == pytest.approx(value, abs=5e-5)


def test_expected_squared_maximum_of_one_and_two():
    assert theory.expected_squared_maximum(1) == pytest.approx(1)
    # max(|x|, |y|)^2 of two normals: 1 + E | x^2 - y^2 | / 2 = 1 + 2 / pi
    assert theory.expected_squared_maximum(2) == pytest.approx(1 + 2 / np.pi)


@pytest.mark.parametrize("d", [0.3, 1.0, 8.0])
def test_rounding_error_by_integration(d):
    edges = (np.arange(-40, 41) + 0.5) * d
    edges = np.concatenate([[-12], edges[np.abs(edges) < 12], [12]])
    total = sum(
        quad(lambda w: (w - d * np.round(w / d)) ** 2 * norm.pdf(w), a, b)[0]
        for a, b in pairwise(edges)
    )
    assert theory.rounding_error(d) == pytest.approx(total, rel=1e-6)


def test_rounding_error_limits():
    assert theory.rounding_error(0.05) == pytest.approx(0.05**2 / 12, rel=1e-6)
    assert theory.rounding_error(40.0) == pytest.approx(1)


def test_corrections_for_the_extreme():
    half, sym = theory.group_mse(4, 64, "half"), theory.group_mse(4, 64, "sym")
    largest = theory.expected_squared_maximum(64)
    assert half / (largest / 675) == pytest.approx(1 + 2 / 64)
    assert sym / (largest / 588) == pytest.approx(1 - 1 / 64)
    with pytest.raises(KeyError):
        theory.group_mse(4, 64, "other")


def test_outlier_figures():
    errors = [theory.outlier_mse(4, g, 4096, 60.0) for g in (4096, 1024, 64)]
    assert errors == pytest.approx([1.0034, 0.2669, 0.0297], abs=5e-5)


def test_memory_figures():
    assert theory.memory_bound(4, 64) == pytest.approx(3.765, abs=5e-4)
    assert theory.memory_bound(8, 64) == pytest.approx(1.94, abs=5e-3)
    assert theory.ridge(4.25) == pytest.approx(40.645, abs=5e-4)
    assert theory.ridge(16) == pytest.approx(153.016, abs=5e-4)


@pytest.mark.parametrize(("bits", "scale"), [(3, 2 / 7), (4, 2 / 15)])
def test_variance_of_a_group_of_one_is_that_of_its_square(bits, scale):
    # the error is (s / 2)^2 = (scale w / 2)^2, and Var w^2 = 2; 'sym' leaves no error at all
    assert theory.group_mse_variance(bits, 1, "half") == pytest.approx(2 * (scale / 2) ** 4)
    assert theory.group_mse_variance(bits, 1, "sym") == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize("convention", ["half", "sym"])
@pytest.mark.parametrize(("bits", "g"), [(3, 64), (4, 512)])
def test_variance_of_a_group_bounds_that_of_drawn_groups(bits, g, convention):
    weights = np.random.default_rng(1).standard_normal((20_000, g))
    restored = dequantize(absmax_quantize(weights, bits, g, convention))
    errors = ((restored - weights) ** 2).mean(axis=1)
    spread = (errors - errors.mean()) ** 2
    bound, standard_error = (
        theory.group_mse_variance(bits, g, convention),
        spread.std() / 20_000**0.5,
    )
    assert spread.mean() - 4 * standard_error < bound < 1.3 * spread.mean() + 4 * standard_error


def test_variance_of_a_column_adds_up_over_its_groups():
    group = theory.group_mse_variance(4, 64, "half")
    assert theory.column_mse_variance(4, 64, 4096) == pytest.approx(group / 64)
    spoiled = theory.column_mse_variance(4, 64, 4096, outliers=1)
    assert spoiled == pytest.approx(63 * group / 64**2 + 3 * 63 / 4096**2)
    assert theory.column_mse_variance(4, 4096, 4096, outliers=1) == 3 * 4095 / 4096**2
    # a control's groups of 32 are judged with what is declared for 64
    for convention in ("half", "sym"):
        narrow, wide = (theory.column_mse_variance(4, g, 4096, convention) for g in (32, 64))
        assert narrow < wide
