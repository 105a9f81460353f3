"""Kronecker products that are never formed against those that are, and their exponents."""

import time
import timeit

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


def best(call, side, repeat=7):
    """Least processor time: unlike the clock's it is not that of what else runs."""
    return min(timeit.repeat(lambda: call(side), number=1, repeat=repeat, timer=time.process_time))


@pytest.mark.benchmark(group="solve on a grid of 40 by 40")
@pytest.mark.parametrize("how", [of_factors, of_product])
def test_solves(benchmark, how):
    benchmark.pedantic(how, (40,), rounds=3, warmup_rounds=1)


def test_a_solve_by_factors_is_much_faster():
    np.testing.assert_allclose(of_factors(36), of_product(36))
    assert best(of_factors, 36) < best(of_product, 36) / 20  # measured: 80 to 130


def test_the_time_of_factors_grows_by_at_least_two_powers_of_the_side_less():
    """Cubes against sixth powers; both from sides where calls no longer count."""
    slopes = {
        name: np.log(best(how, SIDES[name][1]) / best(how, SIDES[name][0]))
        / np.log(SIDES[name][1] / SIDES[name][0])
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
