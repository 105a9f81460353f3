"""Auxiliary loss and coverage against loops, and against their values under balance."""

from collections import Counter

import numpy as np
import pytest
from refutable.solvers.moe_layer import (
    coverage,
    distinct_experts,
    load_balancing_loss,
    route,
)


def routers(*shape, seed=0):
    return np.random.default_rng(seed).dirichlet(np.ones(shape[-1]), shape[:-1])


def loop_loss(law, k):
    """E sum f P, choice by choice."""
    tokens, experts = law.shape
    counts = Counter()
    for row in law:
        for expert in sorted(range(experts), key=lambda e: (-row[e], e))[:k]:
            counts[expert] += 1
    return experts * sum(
        counts[e] / (tokens * k) * law[:, e].sum() / tokens for e in range(experts)
    )


@pytest.mark.parametrize("k", [1, 2, 5])
def test_loss_is_the_sum_over_experts(k):
    law = routers(3, 40, 5)
    found = load_balancing_loss(law, k)
    np.testing.assert_allclose(found, [loop_loss(part, k) for part in law], rtol=1e-13)
    gshard = load_balancing_loss(law, k, form="gshard")
    np.testing.assert_allclose(gshard, found / 25, rtol=1e-13)


def test_balance_gives_one_and_a_single_expert_gives_their_number():
    assert load_balancing_loss(np.eye(4)) == 1.0
    assert load_balancing_loss(np.tile(np.eye(4)[2], (7, 1))) == 4.0
    assert load_balancing_loss(routers(9, 4), 4) == pytest.approx(1.0)  # every expert is chosen


@pytest.mark.parametrize("k", [1, 3])
def test_ties_go_to_the_first_expert(k):
    counts = np.random.default_rng(5).multinomial(30, np.full(60, 1 / 60), size=50)
    law = counts / 30  # several experts share the largest probability of almost every token
    assert load_balancing_loss(law, k) == pytest.approx(loop_loss(law, k), rel=1e-12)


def test_soft_probabilities_can_lie_below_one():
    # 75 tokens barely for the first expert, 25 wholly for the second: 2 (0.75 0.375 + 0.25 0.625)
    law = np.concatenate([np.tile([0.5000001, 0.4999999], (75, 1)), np.tile([0.0, 1.0], (25, 1))])
    assert abs(load_balancing_loss(law) - 0.875) < 1e-6


def test_hard_routing_costs_at_least_one():
    shares = np.random.default_rng(1).multinomial(60, routers(6, seed=2), size=200)
    law = np.stack([np.repeat(np.eye(6), s, axis=0) for s in shares])
    np.testing.assert_allclose(
        load_balancing_loss(law), 6 * ((shares / 60) ** 2).sum(axis=1), rtol=1e-12
    )
    assert load_balancing_loss(law).min() >= 1 - 1e-12


def test_coverage_of_a_crowded_expert():
    logits = np.log([[0.7, 0.2, 0.1], [0.6, 0.3, 0.1], [0.8, 0.1, 0.1], [0.1, 0.8, 0.1]])
    found = coverage(route(logits, 1, capacity=2))
    assert (found.tokens, found.choices, found.experts) == (0.75, 0.75, 2 / 3)
    both = coverage(route(logits, 2, capacity=2))
    # expert 0 keeps tokens 0 and 1; expert 1 keeps token 3, then token 0's second choice
    assert (both.tokens, both.choices, both.experts) == (0.75, 0.5, 2 / 3)


def test_coverage_is_a_count_over_tokens():
    logits = np.random.default_rng(3).standard_normal((50, 8))
    routing = route(logits, 2, capacity=9)
    found = coverage(routing)
    held = [s for s in range(50) if any(routing.positions[s, c] < 9 for c in range(2))]
    served = {int(routing.experts[s, c]) for s in range(50) for c in range(2) if routing.kept[s, c]}
    assert found.tokens == len(held) / 50 < 1
    assert found.experts == len(served) / 8
    assert found.choices == np.minimum(np.bincount(routing.experts.ravel()), 9).sum() / 100


def test_distinct_experts_of_batches():
    ids = np.random.default_rng(4).integers(0, 20, (3, 7, 4, 2))
    expected = [[len(set(part.ravel().tolist())) for part in row] for row in ids]
    np.testing.assert_array_equal(distinct_experts(ids, 20), expected)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: load_balancing_loss(np.ones((3, 2))), "^router does not sum"),
        (lambda: load_balancing_loss(np.array([0.5, 0.5])), "^router has shape"),
        (lambda: load_balancing_loss(routers(3, 2), 3), "^k=3"),
        (lambda: load_balancing_loss(routers(3, 2), form="mean"), "^form"),
        (lambda: distinct_experts(np.array([[0, 2]]), 2), "^experts holds"),
        (lambda: distinct_experts(np.array([0, 1]), 2), "^experts has 1 axes"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
