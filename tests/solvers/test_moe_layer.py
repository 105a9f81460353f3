"""The top-k layer: table route against one-hot route, and both against a loop."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refutable.solvers.moe_layer import (
    combine_einsum,
    combine_table,
    dispatch_einsum,
    dispatch_table,
    moe_forward,
    one_hot_mask,
    positions_in_expert,
    route,
    top_k_gate,
)

SIZES = st.tuples(
    st.integers(1, 30), st.integers(1, 6), st.integers(1, 5), st.integers(1, 8), st.integers(0, 99)
)


def layer(size):
    tokens, experts, features, capacity, seed = size
    rng = np.random.default_rng(seed)
    k = int(rng.integers(1, experts + 1))
    routing = route(rng.standard_normal((tokens, experts)), k, capacity=capacity)
    weights = rng.standard_normal((experts, features, 3))
    return rng.standard_normal((tokens, features)), routing, weights


@given(SIZES)
def test_the_two_routes_agree(size):
    tokens, routing, weights = layer(size)
    slots = dispatch_table(tokens, routing)
    assert np.array_equal(slots, dispatch_einsum(tokens, routing))
    outputs = slots @ weights
    table, one_hot = combine_table(outputs, routing), combine_einsum(outputs, routing)
    np.testing.assert_allclose(table, one_hot, rtol=1e-12, atol=1e-12)


@given(SIZES)
def test_layer_equals_a_loop_over_tokens(size):
    tokens, routing, weights = layer(size)
    used = np.zeros(routing.n_experts, dtype=int)
    expected = np.zeros((len(tokens), 3))
    for choice in range(routing.experts.shape[1]):
        for s in range(len(tokens)):
            expert = routing.experts[s, choice]
            if used[expert] < routing.capacity:
                expected[s] += routing.gates[s, choice] * (tokens[s] @ weights[expert])
            used[expert] += 1
    result = moe_forward(tokens, routing, lambda slots: slots @ weights)
    np.testing.assert_allclose(result, expected, rtol=1e-12, atol=1e-12)


@given(SIZES)
def test_no_slot_is_taken_twice(size):
    _, routing, _ = layer(size)
    mask = one_hot_mask(routing)
    assert mask.sum(axis=0).max() <= 1
    assert mask.sum() == routing.kept.sum()


def test_gates_with_and_without_renormalisation():
    logits = np.log([[0.1, 0.6, 0.3]])
    experts, gates = top_k_gate(logits, 2)
    assert experts.tolist() == [[1, 2]]
    np.testing.assert_allclose(gates, [[0.6, 0.3]])
    np.testing.assert_allclose(top_k_gate(logits, 2, renormalise=True)[1], [[2 / 3, 1 / 3]])


def test_overflowing_tokens_get_exact_zero_rows():
    routing = route(np.zeros((4, 2)), capacity=1)  # ties: all tokens want expert 0
    out = moe_forward(np.ones((4, 2)), routing, lambda slots: slots + 1.0)
    assert routing.kept.ravel().tolist() == [True, False, False, False]
    assert (out[1:] == 0).all()
    assert (out[0] != 0).all()


def test_first_choices_come_before_second_choices():
    positions = positions_in_expert(np.array([[0, 1], [1, 0], [0, 1]]), 2)
    assert positions.tolist() == [[0, 1], [0, 2], [1, 2]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: route(np.zeros((3, 2)), 3), r"^k\b"),
        (lambda: route(np.zeros((3, 2)), capacity=0), r"^capacity\b"),
        (lambda: route(np.full((3, 2), np.nan)), r"^logits\b"),
        (lambda: route(np.zeros((0, 2))), r"^logits\b"),
        (lambda: dispatch_table(np.zeros((2, 2)), route(np.zeros((3, 2)))), r"^tokens\b"),
        (lambda: combine_table(np.zeros((2, 2, 1)), route(np.zeros((3, 2)))), r"^outputs\b"),
        (lambda: positions_in_expert(np.zeros((3, 1)), 2), r"^experts\b"),
        (lambda: positions_in_expert(np.full((3, 1), 5), 2), r"^experts\b"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
