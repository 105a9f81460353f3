"""EM with Kronecker factors against EM on the product, and the two M-steps."""

import time
import timeit

import numpy as np
import pytest
from refutable.solvers import sparse_bayes as sb

RNG = np.random.default_rng(0)
MATRICES = tuple(RNG.standard_normal((8, m, 8)) for m in (5, 6, 8))
DATA, NOISE = RNG.standard_normal((8, 5, 6, 8)), np.full(8, 0.1)
FACTORS = sb.KroneckerModel(MATRICES, DATA, NOISE)
PRODUCT = sb.DenseModel(
    np.einsum("rad,rbe,rcf->rabcdef", *MATRICES).reshape(8, 240, 512), DATA.reshape(8, 240), NOISE
)


def run(model, step):
    return sb.fit(model, step, iterations=10, tolerance=0)


@pytest.mark.benchmark(group="ten iterations, eight data sets of 512 coefficients")
@pytest.mark.parametrize(
    ("model", "step"),
    [(FACTORS, sb.Alternating()), (FACTORS, sb.rank_one), (PRODUCT, sb.classical)],
    ids=["alternating", "singular vectors", "classical"],
)
def test_fits(benchmark, model, step):
    benchmark.pedantic(run, (model, step), rounds=3, warmup_rounds=1)


def test_an_iteration_by_factors_is_faster_than_one_on_the_product():
    """By processor time, which what else runs does not enter."""
    by_factors, on_product = (
        min(timeit.repeat(lambda c=case: run(*c), number=1, repeat=4, timer=time.process_time))
        for case in ((FACTORS, sb.Alternating()), (PRODUCT, sb.classical))
    )
    assert by_factors < on_product / 10  # measured: 43
