"""Closed forms of the survey: exact minima, linear programs, tensors and enumerated routings."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from refutable.theory.experts import moe_survey as theory
from scipy.optimize import linprog


def quadratic_pieces(n, k):
    """Matrices A with loss = n f' A f for ascending f, one for each choice of set sizes."""
    rows = []
    for i in range(n):
        others = [j for j in range(n) if j != i]
        uniform = np.zeros((k, n))
        for s in range(k):
            uniform[s, [i, *others[:s]]] = 1 / (s + 1)
        rows.append(uniform)
    return np.array([np.array(piece) for piece in itertools.product(*rows)])


def exact_least_loss(n, k):
    """Least of every piece on the ascending simplex: stationary points of all its faces."""
    corners = np.array([[1 / m if j >= n - m else 0 for j in range(n)] for m in range(1, n + 1)])
    pieces = corners @ quadratic_pieces(n, k) @ corners.T
    pieces = pieces + np.swapaxes(pieces, 1, 2)
    least = math.inf
    for size in range(1, n + 1):
        for face in itertools.combinations(range(n), size):
            part = pieces[np.ix_(range(len(pieces)), face, face)]
            part = part[np.abs(np.linalg.det(part)) > 1e-12]
            if len(part):
                point = np.linalg.solve(part, np.ones((len(part), size, 1)))[..., 0]
                inside = (point > 0).all(axis=1)
                least = min([least, *(n / 2 / point[inside].sum(axis=1))])
    return least


@pytest.mark.parametrize(("n", "k"), [(n, k) for n in (2, 3, 4, 5) for k in range(1, n + 1)])
def test_least_loss_is_exact_for_few_experts(n, k):
    assert exact_least_loss(n, k) == pytest.approx(float(theory.least_balance_loss(n, k)))


@pytest.mark.parametrize(("n", "k"), [(2, 1), (2, 2), (3, 2), (8, 2), (8, 8), (16, 7), (16, 16)])
def test_least_loss_is_that_of_its_shares(n, k):
    shares = theory.least_loss_shares(n, k)
    assert sum(shares) == 1
    assert theory.least_loss_of_shares([float(s) for s in shares], k) == pytest.approx(
        float(theory.least_balance_loss(n, k))
    )


def test_least_loss_with_every_expert_chosen_is_the_best_of_all_numbers_of_live_ones():
    for n in range(3, 40):
        best = min(Fraction(n, m * (n - m + 1)) for m in range(1, n + 1))
        assert theory.least_balance_loss(n, n) == best
        printed = Fraction(n, ((n + 1) // 2) * -(-(n + 1) // 2))
        assert best == printed


def gate_program(shares, i, k):
    """Least sum of G D over gates with k entries whose largest is i: one program per support."""
    n = len(shares)
    best = math.inf
    for support in itertools.combinations(range(n), k):
        if i in support:
            below = np.array([[(j == o) - (j == i) for j in range(n)] for o in support if o != i])
            found = linprog(
                shares,
                A_ub=below if k > 1 else None,
                b_ub=np.zeros(k - 1) if k > 1 else None,
                A_eq=[np.ones(n)],
                b_eq=[1],
                bounds=[(0, 1 if j in support else 0) for j in range(n)],
            )
            best = min(best, found.fun)
    return best


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_least_loss_of_shares_solves_the_linear_programs(k):
    shares = np.random.default_rng(k).dirichlet(np.ones(4), 3)
    expected = [4 * sum(f[i] * gate_program(f, i, k) for i in range(4)) for f in shares]
    np.testing.assert_allclose(theory.least_loss_of_shares(shares, k), expected, rtol=1e-9)


def test_one_hot_gates_cost_the_sum_of_squares():
    shares = np.random.default_rng(0).dirichlet(np.ones(6), 50)
    found = theory.balance_loss_of_one_hot_gates(shares)
    np.testing.assert_allclose(found, 6 * (shares**2).sum(axis=1), rtol=1e-13)
    np.testing.assert_allclose(found, theory.least_loss_of_shares(shares, 1), rtol=1e-13)


def test_sizes_of_a_small_model_by_hand():
    model = theory.SparseDecoder(3, 4, 2, 1, 5, 7, 6, 8, 2, 1, 1, 9)
    attention = 4 * 10 + 4 * 5 + 4 * 5 + 10 * 4 + 2 * 4
    expert, dense, ends = 3 * 4 * 6, 3 * 4 * 9, 7 * 4 + 4 + 4 * 7
    total = ends + 3 * attention + dense + 2 * (8 * 4 + 9 * expert)
    assert theory.parameters(model) == total
    assert theory.activated_parameters(model) == total - 2 * 6 * expert


def test_sizes_of_the_two_models():
    found = [
        (theory.parameters(m), theory.activated_parameters(m)) for m in theory.DECODERS.values()
    ]
    assert found == [(46_702_792_704, 12_879_925_248), (16_375_728_128, 2_828_650_496)]


def overflows(tokens, experts, capacity):
    """Dropped shares of all routings, each equally likely."""
    routings = np.array(list(itertools.product(range(experts), repeat=tokens)))
    loads = (routings[:, :, None] == np.arange(experts)).sum(axis=1)
    return np.maximum(loads - capacity, 0).sum(axis=1) / tokens


@pytest.mark.parametrize(("tokens", "experts", "capacity"), [(6, 3, 2), (7, 3, 1), (8, 2, 5)])
def test_dropped_share_over_all_routings(tokens, experts, capacity):
    shares = overflows(tokens, experts, capacity)
    assert theory.dropped_share(tokens, experts, capacity) == pytest.approx(shares.mean())
    assert shares.var() <= theory.dropped_variance_bound(tokens, experts, capacity) * (1 + 1e-12)


def test_variance_bound_adds_up_the_experts():
    loads = np.array([sum(r) for r in itertools.product((0, 0, 1), repeat=7)])  # Bin(7, 1/3)
    expected = 3 / 49 * np.maximum(loads - 2, 0).var()
    assert theory.dropped_variance_bound(7, 3, 2) == pytest.approx(expected)


def test_slots_round_down():
    assert [theory.slots(1024, 64, f) for f in (1.0, 1.25, 2.0)] == [16, 20, 32]
    assert theory.slots(100, 8, 1.25) == 15
