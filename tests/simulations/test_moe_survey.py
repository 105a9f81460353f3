"""The experiments of the survey on mixture of experts, by other routes and at their edges."""

from fractions import Fraction

import numpy as np
import pytest
from refutable.simulations.experts.moe_survey import (
    _gates,
    dropped_tokens,
    gate_order,
    least_balance_loss,
    printed_minimum,
    printed_sizes,
    work_per_token,
)
from refutable.theory.experts import moe_survey as theory
from scipy.special import softmax

from refutable import Cell


def rng(seed=0):
    return np.random.default_rng(seed)


def pair(experts, chosen):
    return Cell({"experts": experts, "chosen": chosen})


def plain_loss(gates):
    """N sum D P of gates (T, N), token by token."""
    tokens, n = gates.shape
    first = [int(np.argmax(row)) for row in gates]
    return n * sum(first.count(i) / tokens * gates[:, i].mean() for i in range(n))


def test_explicit_batch_of_two_experts():
    outputs = _gates.hiding_outputs(2, 2)
    gates = softmax(outputs, axis=1)
    assert len(gates) == 100
    assert (gates[:, 0] > gates[:, 1]).sum() == 75
    assert gates[0, 0] == pytest.approx(0.5000001, abs=1e-12)
    assert plain_loss(gates) == pytest.approx(0.875, abs=1e-6)
    assert printed_minimum.hidden_experts(pair(2, 2))["loss"] == pytest.approx(plain_loss(gates))


def test_helpers_are_the_least_used_experts_that_lower_the_mean():
    shares = tuple(Fraction(x, 10) for x in (5, 3, 0, 2))
    assert _gates.helpers(shares, 0) == [2, 3]  # means 5, 5/2, 7/3, 10/4 tenths
    assert _gates.helpers(shares, 1) == [2]  # means 3, 3/2, 5/3, 10/4 tenths
    assert _gates.helpers(shares, 2) == []


@pytest.mark.parametrize(("n", "k", "loss"), [(8, 2, 4 / 7), (8, 8, 0.4), (16, 16, 2 / 9)])
def test_batch_with_dead_experts(n, k, loss):
    values = least_balance_loss.dead_experts(pair(n, k))
    assert values["over_bound"] == pytest.approx(0, abs=1e-6)
    assert values["dead"] == {2: 1, 8: 3, 16: 7}[k] == least_balance_loss.without_tokens(pair(n, k))
    found = printed_minimum.hidden_experts(pair(n, k))["loss"]
    assert found == pytest.approx(loss, abs=1e-6)
    unused = least_balance_loss.dead_experts(pair(n, k), fewer=k - 1)
    assert (unused["dead"], unused["over_bound"]) == (0, pytest.approx(1 / loss - 1))


def test_search_finds_seven_eighths_and_not_one_half():
    columns = least_balance_loss.searches(pair(2, 2), rng(), 4)
    np.testing.assert_allclose(columns["found"], 0.875, atol=1e-9)
    assert columns["reached"].all()
    one_hot = least_balance_loss.searches(pair(2, 2), rng(), 4, more=-1)
    np.testing.assert_allclose(one_hot["found"], 1, atol=1e-9)
    assert not one_hot["reached"].any()


def test_one_expert_per_token_is_never_below_one():
    cell = Cell({"experts": 4, "tokens": 128})
    columns = printed_minimum.one_expert(cell, rng(), 200)
    first = printed_minimum.first_choices(cell, rng(), 200)  # the same draws
    counts = np.stack([np.bincount(row, minlength=4) for row in first])
    np.testing.assert_allclose(columns["loss"], 4 * ((counts / 128) ** 2).sum(axis=1), rtol=1e-12)
    np.testing.assert_allclose(columns["balanced"], 1, atol=1e-12)
    two = printed_minimum.one_expert(cell, rng(), 200, chosen=2)
    assert two["loss"].min() < 0.9
    # One token moved: shares 1/4 +- 1/128.
    astray = printed_minimum.one_expert(cell, rng(), 3, astray=1)["balanced"]
    np.testing.assert_allclose(astray, 1 + 4 * 2 / 128**2, rtol=1e-12)


def test_shares_of_first_choices_are_flat():
    shares = printed_minimum.counted(
        printed_minimum.first_choices(Cell({"experts": 3, "tokens": 128}), rng(), 4000), 3
    )
    np.testing.assert_allclose(shares.mean(axis=0), 1 / 3, atol=0.02)
    # Dirichlet(1, 1, 1) has variance 1/18, to which 128 draws add E[p (1 - p)] / 128.
    np.testing.assert_allclose(shares.var(axis=0), 1 / 18 + (1 / 6) / 128, atol=0.004)


def test_order_of_top_k_and_softmax():
    cell = Cell({"experts": 16, "chosen": 4, "tokens": 8})
    columns = gate_order.both_orders(cell, rng(), 6)
    assert max(columns["order_gap"].max(), columns["shift_gap"].max()) < 1e-12
    z = gate_order.SPREAD * rng().standard_normal((6, 8, 16))  # the same draws
    p = np.sort(softmax(z, axis=-1))[..., -4:]
    kept = p.sum(axis=-1)
    largest = (p.max(axis=-1) * (1 / kept - 1)).max(axis=1)
    np.testing.assert_allclose(columns["plain_gap"], largest, rtol=1e-9)
    zeros = gate_order.both_orders(cell, rng(), 6, fill=0.0)
    assert min(zeros["order_gap"].min(), zeros["shift_gap"].min()) > 1e-3


@pytest.mark.parametrize(
    ("name", "count", "billions"),
    [
        ("Mixtral 8x7B", printed_sizes.by_name, (56, 12.880)),
        ("Mixtral 8x7B", printed_sizes.in_proportion, (46.703, 11.676)),
        # two shared experts of 3 x 2048 x 1408 in 27 layers
        ("DeepSeekMoE 16B", printed_sizes.without_shared, (16.376, 2.829 - 0.467)),
        ("DeepSeekMoE 16B", printed_sizes.tied, (16.376 - 0.210, 2.829 - 0.210)),
    ],
)
def test_wrong_ways_of_counting(name, count, billions):
    found = [float(size) / 1e9 for size in count(name)]
    np.testing.assert_allclose(found, billions, atol=1.1e-3)


def test_experts_in_the_first_layer_replace_its_dense_network():
    model = theory.DECODERS["DeepSeekMoE 16B"]
    per_expert, router = 3 * 2048 * 1408, 2048 * 64
    total, active = printed_sizes.experts_everywhere("DeepSeekMoE 16B")
    dense = 3 * 2048 * 10944
    assert total - theory.parameters(model) == 66 * per_expert + router - dense
    assert active - theory.activated_parameters(model) == 8 * per_expert + router - dense


def test_work_per_token():
    cell = Cell({"experts": 16, "chosen": 2, "tokens": 32})
    columns = work_per_token.work(cell, rng(), 3)
    assert columns["experts"].tolist() == [2 * 3 * 64 * 224] * 3
    assert columns["layer"].tolist() == [2 * 3 * 64 * 224 + 64 * 16] * 3


@pytest.mark.parametrize("more", [0, 3])
def test_dropped_share_from_the_loads(more):
    cell = Cell({"experts": 32, "factor": 1.25})
    found = dropped_tokens.dropped(cell, rng(), 50, more=more)["dropped"]
    experts = dropped_tokens.drawn(rng(), 50, 32, False)  # the same draws
    loads = np.stack([np.bincount(row, minlength=32) for row in experts])
    assert dropped_tokens.capacity(cell) == 40
    np.testing.assert_allclose(found, np.maximum(loads - 40 - more, 0).sum(axis=1) / 1024)
    assert found.max() > 0


def test_balanced_routing_drops_nothing():
    cell = Cell({"experts": 8, "factor": 1.0})
    assert dropped_tokens.dropped(cell, rng(), 3, in_turn=True)["dropped"].max() == 0
    one_less = dropped_tokens.dropped(cell, rng(), 3, in_turn=True, more=-1)["dropped"]
    np.testing.assert_allclose(one_less, 8 / 1024)
