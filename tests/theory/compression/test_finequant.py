"""Closed forms of FineQuant against enumeration, limits and direct integration."""

from itertools import pairwise

import numpy as np
import pytest
from refutable.theory.compression import finequant as theory
from scipy.integrate import quad
from scipy.stats import norm


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
