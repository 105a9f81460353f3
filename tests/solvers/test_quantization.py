"""Quantisers against element-wise references, GPTQ against a plain loop."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from refutable.solvers.quantization import (
    absmax_quantize,
    absmax_quantizers,
    absmax_scales,
    damped,
    dequantize,
    gptq,
    inverse_factor,
    quadratic_error,
    ternary_codes,
    ternary_quantizer,
    ternary_range,
    uniform_quantizer,
)

ROWS = arrays(
    np.float64,
    st.tuples(st.integers(1, 4), st.integers(1, 12)),
    elements=st.floats(-4, 4, width=32),
)


@given(ROWS)
def test_ternary_takes_the_nearest_grid_point(weights):
    low, high = ternary_range(weights)
    codes = ternary_codes(weights, low, high)
    values = np.where(codes > 0, high[:, None], np.where(codes < 0, low[:, None], 0.0))
    grid = np.stack([low, 0 * low, high], axis=-1)[:, None, :]
    nearest = np.abs(weights[..., None] - grid).min(axis=-1)
    np.testing.assert_allclose(np.abs(weights - values), nearest, atol=1e-12)
    columns = np.stack([ternary_quantizer(low, high)(c) for c in weights.T], axis=1)
    assert np.array_equal(columns, values)


@given(
    st.integers(2, 8),
    st.sampled_from([1, 2, 4, 8]),
    st.sampled_from(["half", "sym"]),
    st.integers(0, 99),
)
def test_absmax_errs_by_at_most_half_a_step(bits, group, convention, seed):
    weights = np.random.default_rng(seed).standard_normal((3, 16))
    quantized = absmax_quantize(weights, bits, group, convention)
    steps = np.repeat(quantized.scales, group, axis=-1)
    assert np.array_equal(quantized.scales, absmax_scales(weights, bits, group, convention))
    assert (np.abs(dequantize(quantized) - weights) <= steps / 2 * (1 + 1e-12)).all()
    assert quantized.codes.min() >= -(2 ** (bits - 1))
    assert quantized.codes.max() <= 2 ** (bits - 1) - 1


def plain_absmax(row, bits, group, convention):
    """Codes and scales of one row, group after group, the last one shorter."""
    codes, scales = [], []
    for start in range(0, len(row), group):
        part = row[start : start + group]
        largest = max(abs(w) for w in part)
        scale = (
            2 * largest / (2**bits - 1) if convention == "half" else largest / (2 ** (bits - 1) - 1)
        )
        low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
        codes += [min(max(round(w / scale), low), high) if scale else 0 for w in part]
        scales.append(scale)
    return codes, scales


@given(ROWS, st.integers(2, 8), st.integers(1, 14), st.sampled_from(["half", "sym"]))
def test_groups_of_any_width_equal_the_plain_algorithm(weights, bits, group, convention):
    quantized = absmax_quantize(weights, bits, group, convention)
    expected = [plain_absmax(row, bits, group, convention) for row in weights.tolist()]
    assert quantized.codes.tolist() == [codes for codes, _ in expected]
    assert quantized.scales.tolist() == [scales for _, scales in expected]
    group_of = np.arange(weights.shape[1]) // group
    assert np.array_equal(dequantize(quantized), quantized.codes * quantized.scales[:, group_of])


@given(st.integers(1, 20), st.integers(1, 9), st.sampled_from(["half", "sym"]))
def test_whoever_pads_with_zeros_gets_the_same_scales_and_codes(width, group, convention):
    weights = np.random.default_rng(width).standard_normal((3, width))
    ragged = absmax_quantize(weights, 4, group, convention)
    padded = absmax_quantize(np.pad(weights, ((0, 0), (0, -width % group))), 4, group, convention)
    assert np.array_equal(ragged.scales, padded.scales)
    assert np.array_equal(ragged.codes, padded.codes[:, :width])


def test_extremes_are_exact_in_one_convention_and_half_a_step_off_in_the_other():
    weights = np.array([[0.3, -1.0, 0.2, 0.9], [0.1, 1.0, -0.4, 0.2]])
    largest = np.abs(weights).argmax(axis=1)[:, None]

    def error(convention):
        quantized = absmax_quantize(weights, 4, 4, convention)
        off = np.take_along_axis(np.abs(dequantize(quantized) - weights), largest, axis=1)
        return off / quantized.scales

    np.testing.assert_allclose(error("sym"), 0, atol=1e-12)
    np.testing.assert_allclose(error("half"), 0.5)


def test_zeros_stay_zeros():
    quantized = absmax_quantize(np.zeros((2, 8)), 4, 4)
    assert (dequantize(quantized) == 0).all()
    assert (quantized.scales == 0).all()


def correlated(columns, seed, correlation=0.8, rows=5):
    rng = np.random.default_rng(seed)
    lag = np.abs(np.subtract.outer(np.arange(columns), np.arange(columns)))
    inputs = rng.standard_normal((3 * columns, columns)) @ np.linalg.cholesky(correlation**lag).T
    return rng.standard_normal((rows, columns)), damped(inputs.T @ inputs / len(inputs))


def plain_gptq(weights, hessian, quantize):
    """Row by row and column by column, re-inverting the Hessian of the columns that are left."""
    done = weights.copy()
    for i in range(weights.shape[1]):
        inverse = np.linalg.inv(hessian[i:, i:])
        for row in done:
            value = quantize(row[i : i + 1])[0]
            row[i + 1 :] -= (row[i] - value) / inverse[0, 0] * inverse[0, 1:]
            row[i] = value
    return done


@given(st.integers(1, 14), st.integers(0, 50), st.sampled_from([1, 3, 128]))
def test_gptq_equals_the_plain_algorithm(columns, seed, block):
    weights, hessian = correlated(columns, seed)
    quantize = uniform_quantizer(0.5)
    result = gptq(weights, inverse_factor(hessian), quantize, block=block)
    np.testing.assert_allclose(result.quantized, plain_gptq(weights, hessian, quantize), atol=1e-9)


@given(st.integers(1, 14), st.integers(0, 50))
def test_gptq_loss_is_the_quadratic_error(columns, seed):
    weights, hessian = correlated(columns, seed)
    result = gptq(weights, inverse_factor(hessian), ternary_quantizer(*ternary_range(weights)))
    error = quadratic_error(weights, result.quantized, hessian)
    np.testing.assert_allclose(result.loss, error, rtol=1e-8, atol=1e-14)


@given(st.integers(1, 14), st.integers(1, 6), st.sampled_from(["half", "sym"]))
def test_groups_without_correlation_are_rounded_as_without_gptq(columns, group, convention):
    weights = np.random.default_rng(columns).standard_normal((3, columns))
    maps = absmax_quantizers(weights, 3, group, convention)
    result = gptq(weights, np.eye(columns), maps, block=4)
    expected = dequantize(absmax_quantize(weights, 3, group, convention))
    np.testing.assert_allclose(result.quantized, expected, atol=1e-12)


@given(st.integers(2, 14), st.integers(1, 6), st.integers(0, 50))
def test_gptq_in_groups_stays_on_their_grids_and_errs_by_its_loss(columns, group, seed):
    weights, hessian = correlated(columns, seed)
    maps = absmax_quantizers(weights, 4, group, "sym")
    result = gptq(weights, inverse_factor(hessian), maps, block=3)
    steps = absmax_scales(weights, 4, group, "sym")[:, np.arange(columns) // group]
    codes = result.quantized / steps
    np.testing.assert_allclose(codes, np.round(codes), atol=1e-9)
    assert np.abs(codes).max() <= 8
    error = quadratic_error(weights, result.quantized, hessian)
    np.testing.assert_allclose(result.loss, error, rtol=1e-8, atol=1e-14)


def test_zero_groups_stay_zero_in_gptq():
    weights = np.array([[0.0, 0.0, 1.0, -0.4]])
    result = gptq(weights, np.eye(4), absmax_quantizers(weights, 4, 2))
    assert result.quantized[0, :2].tolist() == [0, 0]


def single_precision_hessian(inputs=2000, columns=96):
    """Sums of products in single precision, whose order differs between the two halves."""
    x = np.random.default_rng(0).standard_normal((inputs, columns)).astype(np.float32)
    hessian = np.zeros((columns, columns), np.float32)
    for part in np.array_split(x, 7):
        hessian += part.T @ part.copy()
    shuffled = x[np.random.default_rng(1).permutation(inputs)]
    return np.triu(hessian) + np.tril(shuffled.T @ shuffled.copy(), -1)


def test_hessians_in_single_precision_are_taken_and_averaged():
    hessian = single_precision_hessian()
    apart = np.abs(hessian - hessian.T).max() / np.abs(hessian).max()
    assert 1e-8 < apart < 1e-5
    mean = (hessian.astype(np.float64) + hessian.T) / 2
    upper = inverse_factor(hessian)
    assert np.array_equal(upper, inverse_factor(mean))
    assert np.array_equal(damped(hessian), damped(mean))
    np.testing.assert_allclose(upper.T @ upper @ mean, np.eye(len(mean)), atol=1e-9)
    rows = np.random.default_rng(2).standard_normal((3, len(mean)))
    errors = [quadratic_error(rows, 0 * rows, h) for h in (hessian, mean)]
    np.testing.assert_allclose(*errors, rtol=1e-12)


def test_a_hessian_that_is_off_by_more_than_rounding_says_the_mend():
    hessian = np.eye(3)
    hessian[0, 1] = 1e-4
    with pytest.raises(ValueError, match="^hessian is not symmetric: give the mean of it and its"):
        inverse_factor(hessian)


def test_factor_is_upper_and_inverts():
    _, hessian = correlated(9, 0)
    upper = inverse_factor(hessian)
    assert np.array_equal(upper, np.triu(upper))
    np.testing.assert_allclose(upper.T @ upper @ hessian, np.eye(9), atol=1e-10)


def test_diagonal_hessian_makes_gptq_plain_rounding():
    weights = np.random.default_rng(0).standard_normal((4, 6))
    quantize = uniform_quantizer(0.25, 1.0)
    result = gptq(weights, inverse_factor(np.diag([1.0, 2, 3, 4, 5, 6])), quantize)
    np.testing.assert_allclose(result.quantized, quantize(weights), atol=1e-12)


W = np.ones((2, 4))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ternary_range(np.zeros((2, 0))), r"^weights\b"),
        (lambda: ternary_range(W * np.nan), r"^weights\b"),
        (lambda: ternary_codes(W, W[:, 0], W[:, 0]), r"^low\b"),
        (lambda: absmax_quantize(W, 1, 2), r"^bits\b"),
        (lambda: absmax_quantize(W, 4, 0), r"^group\b"),
        (lambda: absmax_quantizers(W[0], 4, 2), r"^weights\b"),
        (lambda: gptq(W, np.eye(4), [np.round] * 3), r"^quantize has 3 maps: give one"),
        (lambda: absmax_quantize(W, 4, 2, "both"), r"^convention\b"),
        (lambda: uniform_quantizer(0), "^(step|largest)="),
        (lambda: damped(np.eye(3), -1), r"^fraction\b"),
        (lambda: damped(np.eye(3), np.nan), r"^fraction\b"),
        (lambda: damped(np.eye(3), np.inf), r"^fraction\b"),
        (lambda: damped(np.zeros((3, 3))), r"^hessian\b"),
        (lambda: damped(-np.eye(3)), r"^hessian\b"),
        (lambda: damped(np.ones((2, 3))), r"^hessian\b"),
        (lambda: inverse_factor(np.ones((2, 2))), r"^hessian\b"),
        (lambda: inverse_factor(np.array([[1.0, 2], [0, 1]])), r"^hessian\b"),
        (lambda: inverse_factor(np.full((2, 2), np.inf)), r"^hessian\b"),
        (lambda: gptq(W, np.eye(3), uniform_quantizer(1)), r"^factor\b"),
        (lambda: gptq(W, -np.eye(4), uniform_quantizer(1)), r"^factor\b"),
        (lambda: gptq(W, np.eye(4), uniform_quantizer(1), block=0), r"^block\b"),
        (lambda: gptq(W[0], np.eye(4), uniform_quantizer(1)), r"^weights\b"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
