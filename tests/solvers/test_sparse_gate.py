"""The sparse gate against a loop over tokens and against the layer's own top-k gate."""

import math

import numpy as np
import pytest
from refutable.solvers.moe_layer import keep_top_k, sparse_gate, top_k_gate


def logits(*shape, seed=0):
    return 3 * np.random.default_rng(seed).standard_normal(shape)


def loop_gate(row, k):
    """Softmax over the k largest, the rest zero; of equal ones the first."""
    chosen = sorted(range(len(row)), key=lambda e: (-row[e], e))[:k]
    total = sum(math.exp(row[e]) for e in chosen)
    return [math.exp(row[e]) / total if e in chosen else 0.0 for e in range(len(row))]


@pytest.mark.parametrize("k", [1, 3, 7])
def test_gate_is_the_softmax_of_the_largest(k):
    outputs = logits(2, 20, 7)
    expected = [[loop_gate(row, k) for row in part] for part in outputs]
    np.testing.assert_allclose(sparse_gate(outputs, k), expected, rtol=1e-13)


@pytest.mark.parametrize("k", [1, 2, 5])
def test_of_equal_outputs_the_first_are_chosen(k):
    outputs = np.repeat([[1.0, 2.0, 2.0, 0.0, 2.0]], 4, axis=1)
    np.testing.assert_allclose(sparse_gate(outputs, k), [loop_gate(outputs[0], k)], rtol=1e-13)


def test_gate_is_the_renormalised_gate_of_the_layer():
    outputs = logits(30, 9, seed=1)
    experts, gates = top_k_gate(outputs, 4, renormalise=True)
    scattered = np.zeros(outputs.shape)
    np.put_along_axis(scattered, experts, gates, axis=1)
    np.testing.assert_allclose(sparse_gate(outputs, 4), scattered, rtol=1e-12)


def test_kept_outputs_are_unchanged_and_the_rest_minus_infinity():
    outputs = logits(50, 8, seed=2)
    kept = keep_top_k(outputs, 3)
    finite = np.isfinite(kept)
    assert (finite.sum(axis=1) == 3).all()
    np.testing.assert_array_equal(kept[finite], outputs[finite])
    assert (kept[~finite] == -np.inf).all()
    least, rest = np.where(finite, outputs, np.inf), np.where(finite, -np.inf, outputs)
    assert (least.min(axis=1) > rest.max(axis=1)).all()


def test_outputs_far_from_zero_do_not_overflow():
    np.testing.assert_allclose(
        sparse_gate(logits(5, 6) + 5e3, 2), sparse_gate(logits(5, 6), 2), atol=1e-11
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sparse_gate(np.zeros((2, 3)), 4), "^k=4"),
        (lambda: sparse_gate(np.zeros((2, 3)), 0), "^k=0"),
        (lambda: keep_top_k(np.zeros((2, 0)), 1), "^logits is empty"),
        (lambda: keep_top_k(np.array([1.0, np.nan]), 1), "^logits has NaN"),
        (lambda: keep_top_k(np.array(1.0), 1), "^logits has 0 axes"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
