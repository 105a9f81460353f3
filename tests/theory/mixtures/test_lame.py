"""The energies by loops, the decreases by differences, and the cycle by iteration."""

import numpy as np
import pytest
from refutable.theory.mixtures import lame as theory
from scipy.optimize import check_grad, minimize
from scipy.special import expit, log_softmax, softmax


def problem(seed, n=5, k=3, scale=1.0):
    rng = np.random.default_rng(seed)
    weights = scale * rng.standard_normal((n, n))
    log_q = log_softmax(2 * rng.standard_normal((n, k)), axis=-1)
    return log_q, weights + weights.T, softmax(rng.standard_normal((n, k)), axis=-1)


def update(z, log_q, weights):
    return softmax(log_q + weights @ z, axis=-1)


def test_the_floor_is_added_inside_the_logarithm():
    assert theory.log_prior([0.0, 1.0]) == pytest.approx([np.log(1e-10), 1e-10])


def test_energies_are_the_double_sums():
    log_q, weights, z = problem(1)
    other = update(z, log_q, weights)
    pairs = [(i, j) for i in range(5) for j in range(5)]
    own = sum(weights[i, j] * z[i] @ z[j] for i, j in pairs)
    mixed = sum(weights[i, j] * other[i] @ z[j] for i, j in pairs)
    first, second = (
        sum(w @ (np.log(w) - p) for w, p in zip(a, log_q, strict=True)) for a in (z, other)
    )
    assert theory.objective(z, log_q, weights) == pytest.approx(first - own / 2)
    assert theory.objective(z, log_q, weights, 1.0) == pytest.approx(first - own)
    assert theory.code_energy(z, other, log_q, weights) == pytest.approx(second - mixed)
    assert theory.two_step_energy(z, other, log_q, weights) == pytest.approx(first + second - mixed)


def test_the_code_energy_is_the_one_of_the_public_code():
    """``(unary * Y - pairwise * Y + Y * log(Y.clip(1e-20))).sum()``, pairwise of the old Y."""
    log_q, weights, z = problem(2)
    new, pairwise = update(z, log_q, weights), weights @ z
    printed = (-log_q * new - pairwise * new + new * np.log(new.clip(1e-20))).sum()
    assert theory.code_energy(z, new, log_q, weights) == pytest.approx(printed)


@pytest.mark.parametrize("seed", range(5))
def test_the_decrease_is_the_difference_of_the_objective(seed):
    log_q, weights, z = problem(seed, scale=3.0)
    new = update(z, log_q, weights)
    fall = theory.objective(z, log_q, weights) - theory.objective(new, log_q, weights)
    assert theory.decrease(z, new, weights) == pytest.approx(fall, rel=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_the_two_step_energy_falls_by_a_divergence(seed):
    log_q, weights, z = problem(seed, scale=3.0)
    new = update(z, log_q, weights)
    newer = update(new, log_q, weights)
    before = theory.two_step_energy(z, new, log_q, weights)
    fall = before - theory.two_step_energy(new, newer, log_q, weights)
    assert fall == pytest.approx(float(theory.divergence(z, np.log(newer))), rel=1e-9)


def test_the_update_minimises_the_bound_of_the_half_objective():
    """For semidefinite W the linearised objective is minimised numerically, over logits."""
    log_q, weights, z = problem(3)
    weights = weights @ weights / 5

    def bound(logits):
        y = softmax(logits.reshape(z.shape), axis=-1)
        return float(theory.divergence(y, log_q) - theory.agreement(y, z, weights))

    found = minimize(bound, np.zeros(z.size), options={"gtol": 1e-9}).x.reshape(z.shape)
    assert softmax(found, axis=-1) == pytest.approx(update(z, log_q, weights), abs=1e-6)


def test_a_fixed_point_is_stationary_for_the_half_objective_alone():
    log_q, weights, z = problem(4, scale=0.1)
    for _ in range(300):
        z = update(z, log_q, weights)

    def value(logits, coefficient):
        y = softmax(logits.reshape(z.shape), axis=-1)
        return float(theory.objective(y, log_q, weights, coefficient))

    def flat(logits, coefficient):
        return np.zeros_like(logits)

    at = np.log(z).ravel()
    assert check_grad(value, flat, at, 0.5) < 1e-6
    assert check_grad(value, flat, at, 1.0) > 1e-3


@pytest.mark.parametrize("seed", range(20))
def test_rows_that_sum_to_zero_satisfy_the_inequality_behind_minus_two(seed):
    """``KL(z | z+) >= |D|_2^2``, nearly attained by two labels near 1/2."""
    _, _, z = problem(seed)
    new = softmax(np.log(z) + 0.3 * np.random.default_rng(seed).standard_normal(z.shape), axis=-1)
    assert theory.divergence(z, np.log(new)) >= ((new - z) ** 2).sum()
    near = np.array([[0.5, 0.5]]), np.array([[0.5 + 1e-3, 0.5 - 1e-3]])
    assert theory.divergence(near[0], np.log(near[1])) / 2e-6 == pytest.approx(1, abs=1e-4)


def iterate(x, weight, logit, steps=20_000):
    for _ in range(steps):
        x = logit - weight * np.tanh(x / 2)
    return x


@pytest.mark.parametrize("logit", [0.0, 0.3, np.log(4), 4.0])
def test_the_threshold_is_where_iteration_begins_to_cycle(logit):
    threshold = theory.exchange_threshold(logit)
    for weight, cycles in ((0.99 * threshold, False), (1.01 * threshold, True)):
        x = iterate(logit + 0.1, weight, logit)
        high, low = theory.exchange_cycle(weight, logit)
        reached = sorted((x, logit - weight * np.tanh(x / 2)))
        assert reached == pytest.approx([low, high], abs=1e-8)
        assert (high - low > 0.1) == cycles


def test_the_fixed_point_maps_to_itself():
    for logit in (0.0, 1.0, 5.0):
        x = theory.exchange_fixed_point(3.0, logit)
        assert logit - 3 * np.tanh(x / 2) == pytest.approx(x, abs=1e-10)


def test_the_samples_of_the_cycle_are_those_of_the_update():
    """Two samples, iterated as matrices, alternate between the two ends with their objectives."""
    logit, weights = np.log(4), 3 * np.array([[0.0, 1.0], [1.0, 0.0]])
    log_q = np.log([[0.8, 0.2], [0.2, 0.8]])
    z = np.exp(log_q)
    for _ in range(1001):
        z = update(z, log_q, weights)
    ends = theory.exchange_cycle(3.0, logit)
    values = theory.exchange_objective(*ends, 3.0, logit)
    for end, value in zip(ends, values, strict=True):
        z = update(z, log_q, weights)
        # After an even number of updates from q, sample 1 is at the upper end.
        assert z[0, 0] == pytest.approx(expit(end), abs=1e-9)
        assert theory.objective(z, log_q, weights) == pytest.approx(value, abs=1e-9)
