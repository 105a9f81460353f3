"""Closed forms of QMoE against sums, simulation-free limits and brute-force integrals."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refutable.theory.compression import qmoe as theory
from scipy.stats import norm


@given(st.floats(0.01, 0.99))
def test_entropy_splits_into_zeros_and_signs(p0):
    assert theory.trit_entropy(p0) == pytest.approx(theory.binary_entropy(p0) + 1 - p0)


def test_entropy_bounds():
    assert 16 / theory.trit_entropy(0.885) == pytest.approx(25.404, abs=5e-4)
    assert theory.binary_entropy(0.885) == pytest.approx(0.5148, abs=5e-5)
    assert theory.trit_entropy(1 / 3) == pytest.approx(np.log2(3))


def test_compression_counts_offsets_and_scales():
    assert theory.compression(10, 64, 0) == 16 * 640 / (64 * 11)
    assert theory.compression(1, 1000, 50) == pytest.approx(16000 / (800 + 128))


@pytest.mark.parametrize(
    ("n", "share"),
    [(768, 0.88088), (1024, 0.89054), (2080, 0.91097), (3072, 0.92046), (6144, 0.93480)],
)
def test_zero_probability_figures(n, share):
    assert theory.zero_probability(n) == pytest.approx(share, abs=1e-5)


def test_zero_probability_by_the_law_of_the_largest():
    n = 500
    grid = np.linspace(0, 7, 200_001)
    chance = np.diff(norm.cdf(grid) ** n)  # of the largest entry
    top = (grid[1:] + grid[:-1]) / 2
    above = (norm.cdf(top) - norm.cdf(top / 2)) / norm.cdf(top)
    share = 1 - 2 * (chance @ (1 / n + (1 - 1 / n) * above))
    assert theory.zero_probability(n) == pytest.approx(share, abs=1e-7)


def test_longer_rows_have_more_zeros_but_fewer_than_the_leading_order_says():
    shares = [theory.zero_probability(n) for n in (64, 256, 1024, 4096)]
    assert shares == sorted(shares)
    # extremes at sqrt(2 ln n)
    assert theory.zero_probability(2080) < 1 - 2 * norm.cdf(-np.sqrt(2 * np.log(2080)) / 2)


@pytest.mark.parametrize("n", [64, 768])
def test_variance_of_the_share_of_zeros_is_that_of_drawn_rows(n):
    rows = np.random.default_rng(0).standard_normal((20_000, n))
    zero = (rows <= rows.max(axis=1)[:, None] / 2) & (rows >= rows.min(axis=1)[:, None] / 2)
    share = zero.mean(axis=1)
    # the variance of 20,000 shares has a relative deviation of about 1 %
    assert theory.zero_variance(n) == pytest.approx(share.var(), rel=0.05)


@pytest.mark.parametrize(("off", "square"), [(0.0, 4 / 5), (0.1, 1.28), (0.5, 12.8)])
def test_variance_of_the_mean_ratio_by_integration(off, square):
    # e is uniform on off +- 1/2; in units of 1/12 the variance of its square, for one row
    u = (np.arange(100_000) + 0.5) / 100_000 - 0.5 + off
    assert np.var(12 * u**2) == pytest.approx(square, rel=1e-6)
    assert theory.mean_ratio_variance(7, off) == pytest.approx(square / 7)


@pytest.mark.parametrize("step", [0.5, 2.0, 3.0])
def test_variance_of_plain_rounding_is_within_its_bound(step):
    rng = np.random.default_rng(0)
    weights = rng.standard_normal((20_000, 6))
    errors = weights - step * np.round(weights / step)
    # a Hessian of rank one reaches tr H^2 = (tr H)^2, where the bound is least generous
    for root in (rng.standard_normal((1, 6)), np.ones((1, 6)), rng.standard_normal((6, 6))):
        hessian = root.T @ root
        rows = ((errors @ root.T) ** 2).sum(axis=1) / theory.mean_rounding_error(step, hessian)
        assert rows.var() < theory.rounding_ratio_variance(1) * 1.1
        assert rows.mean() < 1.05


def test_sizes_of_the_checkpoints():
    assert theory.expert_parameters(theory.BASE) / 1e9 == pytest.approx(7.2478, abs=5e-5)
    assert theory.expert_parameters(theory.LARGE) / 1e9 == pytest.approx(25.7698, abs=5e-5)
    assert theory.expert_parameters(theory.C2048) / 1e9 == pytest.approx(1570.347, abs=5e-4)
    assert theory.bf16_bytes(theory.BASE) / 1e9 == pytest.approx(14.83, abs=5e-3)
    assert theory.bf16_bytes(theory.C2048) / 1e9 == pytest.approx(3142.66, abs=5e-3)
    assert theory.compressed_bytes(theory.C2048) / 1e9 == pytest.approx(158.45, abs=5e-3)
    twelve = replace(theory.C2048, decoder=12)
    assert theory.bf16_bytes(twelve) / 1e9 == pytest.approx(2828.4, abs=0.05)


def test_error_bounds_on_a_diagonal_hessian():
    diagonal = np.array([1.0, 4.0, 9.0])
    factor = np.diag(diagonal**-0.5)
    assert theory.worst_error(0.5, factor) == pytest.approx(0.25 / 4 * 14)
    same = theory.mean_rounding_error(0.5, np.diag(diagonal))
    assert theory.mean_error(0.5, factor) == pytest.approx(same)
