"""GPTQ in blocks against the straightforward column loop, and the quantisers by themselves."""

from functools import partial

import numpy as np
import pytest
from refutable.solvers.quantization import (
    absmax_quantize,
    damped,
    gptq,
    inverse_factor,
    ternary_codes,
    ternary_quantizer,
    ternary_range,
)


def layer(rows, columns):
    rng = np.random.default_rng(0)
    inputs = rng.standard_normal((2 * columns, columns))
    return rng.standard_normal((rows, columns)), damped(inputs.T @ inputs / len(inputs))


def column_loop(weights, factor, quantize):
    """Every error is taken out of all later columns at once."""
    work = weights.copy()
    for i in range(work.shape[1]):
        column = quantize(work[:, i])
        error = (work[:, i] - column) / factor[i, i]
        work[:, i + 1 :] -= np.outer(error, factor[i, i + 1 :])
        work[:, i] = column
    return work


@pytest.mark.benchmark(group="gptq of 256 by 1024 weights")
def test_blocks_are_faster_than_the_column_loop(beside):
    weights, hessian = layer(256, 1024)
    factor = inverse_factor(hessian)
    quantize = ternary_quantizer(*ternary_range(weights))
    expected = column_loop(weights, factor, quantize)
    np.testing.assert_allclose(gptq(weights, factor, quantize).quantized, expected, atol=1e-9)
    ratio = beside("the column loop", gptq, column_loop, weights, factor, quantize, turns=5)
    assert ratio > 2


@pytest.mark.benchmark(group="factor of the inverse of 1024 by 1024")
def test_factor_is_faster_than_inverting_and_factoring_the_inverse(beside):
    _, hessian = layer(1, 1024)

    def by_inverse():
        return np.linalg.cholesky(np.linalg.inv(hessian)).T

    np.testing.assert_allclose(inverse_factor(hessian), by_inverse(), atol=1e-9)
    ours = partial(inverse_factor, hessian)
    assert beside("inverting and factoring the inverse", ours, by_inverse) > 1


@pytest.mark.benchmark(group="gptq")
@pytest.mark.parametrize(
    "shape", [(256, 512), pytest.param((1024, 4096), marks=pytest.mark.slow)], ids=str
)
def test_gptq(benchmark, shape):
    weights, hessian = layer(*shape)
    quantize = ternary_quantizer(*ternary_range(weights))
    factor = inverse_factor(hessian)
    benchmark.pedantic(gptq, (weights, factor, quantize), rounds=1, warmup_rounds=0)


@pytest.mark.benchmark(group="quantise one million weights")
@pytest.mark.parametrize("method", ["ternary", "half", "sym"])
def test_quantisers(benchmark, method):
    weights = np.random.default_rng(0).standard_normal((1024, 1024))
    if method == "ternary":
        benchmark(lambda: ternary_codes(weights, *ternary_range(weights)))
    else:
        benchmark(lambda: absmax_quantize(weights, 4, 64, method))
