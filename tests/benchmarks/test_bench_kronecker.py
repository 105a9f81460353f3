"""Kronecker products that are never formed against those that are, and their exponents."""

from functools import partial

import numpy as np
import pytest
from refutable.solvers import kronecker as kr

SIDES = {"dense": (12, 36), "Kronecker": (60, 480)}


def covariance(side):
    lag = np.subtract.outer(np.arange(side), np.arange(side))
    return np.exp(-np.abs(lag) / 3.0)


def of_factors(side):
    factors = [covariance(side)] * 2
    return kr.solve(kr.decompose(factors), 0.1, np.ones((side, side)))


def of_product(side):
    dense = np.kron(covariance(side), covariance(side)) + 0.1 * np.eye(side**2)
    return np.linalg.solve(dense, np.ones(side**2)).reshape(side, side)


@pytest.mark.benchmark(group="solve on a grid of 36 by 36")
def test_a_solve_by_factors_is_much_faster(beside):
    np.testing.assert_allclose(of_factors(36), of_product(36))
    assert beside("the product", of_factors, of_product, 36) > 20  # measured: 80 to 130


@pytest.mark.benchmark(group="solve on a square grid")
def test_the_time_of_factors_grows_by_at_least_two_powers_of_the_side_less(growth):
    """Cubes against sixth powers; both from sides where calls no longer count."""
    slopes = {
        name: growth("side", {side: partial(how, side) for side in SIDES[name]}, of=name)
        for name, how in (("dense", of_product), ("Kronecker", of_factors))
    }
    assert slopes["dense"] - slopes["Kronecker"] > 2  # measured: 4.5 to 5.0 against 1.9 to 2.1


@pytest.mark.benchmark(group="posterior of 3,375 coefficients, 20 data sets")
def test_posteriors(benchmark):
    rng = np.random.default_rng(0)
    matrices = [rng.standard_normal((20, m, 15)) for m in (8, 12, 15)]
    data = rng.standard_normal((20, 8, 12, 15))
    scales = [np.ones(15)] * 3
    benchmark.pedantic(kr.sparse_posterior, (matrices, scales, 1.0, data), rounds=5)
