"""Bounds, averages over orders and gradient moments, each by listing everything."""

from itertools import permutations, product

import numpy as np
import pytest
from refutable.theory.generative import marginalization_models as theory
from refutable.theory.generative.marginalization_models import OneStep
from scipy.special import rel_entr


def torus_energies(side, sigma, bias):
    """Return x^T J x + b^T x as the configuration has it, J the adjacency matrix times sigma."""
    places = list(product(range(side), repeat=2))
    adjacent = np.zeros((len(places),) * 2)
    for i, (r, c) in enumerate(places):
        for other in (((r + 1) % side, c), (r, (c + 1) % side)):
            adjacent[i, places.index(other)] = adjacent[places.index(other), i] = 1
    x = np.array(list(product((-1, 1), repeat=len(places))))
    return x, ((x @ (sigma * adjacent)) * x).sum(axis=1) + bias * x.sum(axis=1)


def test_the_coupling_of_an_edge_is_twice_the_entry_of_j():
    x, energy = torus_energies(3, theory.SIGMA, theory.FIELD)
    grid = x.reshape(-1, 3, 3)
    edges = sum((grid * np.roll(grid, 1, axis=axis)).sum(axis=(1, 2)) for axis in (1, 2))
    assert energy == pytest.approx(theory.COUPLING * edges + theory.FIELD * x.sum(axis=1))


def test_the_printed_mean_is_the_divergence_less_the_log_partition():
    x, energy = torus_energies(3, theory.SIGMA, theory.FIELD)
    log_z = np.log(np.exp(energy).sum())
    model = np.exp(0.7 * x.sum(axis=1))
    model /= model.sum()
    printed = model @ (np.log(model) - energy)
    true = rel_entr(model, np.exp(energy - log_z)).sum()
    assert theory.divergence(str(printed), log_z) == pytest.approx(true)


def test_the_standard_error_is_that_of_samples():
    _, energy = torus_energies(3, theory.SIGMA, theory.FIELD)
    law = np.exp(energy) / np.exp(energy).sum()
    bits = -np.log2(law) / 9
    drawn = np.random.default_rng(0).choice(bits, (4000, 50), p=law).mean(axis=1)
    variance = law @ energy**2 - (law @ energy) ** 2
    assert theory.sampling_error(variance, 9, 50) == pytest.approx(drawn.std(), rel=0.06)


@pytest.mark.parametrize(("printed", "half"), [("-78.63", 0.005), (".835", 0.0005), ("12", 0.5)])
def test_half_a_unit_is_of_the_last_digit(printed, half):
    assert theory.half_unit(printed) == pytest.approx(half)


def orders(seed):
    """Log-likelihoods of 6 assignments in 4 orders, each normalised, and a target."""
    rng = np.random.default_rng(seed)
    table = rng.dirichlet(np.ones(6), 4)
    return np.log(table), rng.dirichlet(np.ones(6))


@pytest.mark.parametrize("seed", range(5))
def test_gaps_and_variances_are_those_of_the_orders(seed):
    logs, _ = orders(seed)
    for x in range(6):
        likelihoods = np.exp(logs[:, x])
        expected = np.log(likelihoods.mean()) - np.log(likelihoods).mean()
        assert theory.order_gap(logs)[x] == pytest.approx(expected)
        assert theory.half_variance(logs)[x] == pytest.approx(np.var(np.log(likelihoods)) / 2)
    close = 1e-3 * (logs - logs.mean(axis=0))
    assert theory.order_gap(close) == pytest.approx(theory.half_variance(close), rel=1e-2)


@pytest.mark.parametrize("seed", range(5))
def test_scores_differ_from_the_divergence_by_those_of_the_orders(seed):
    logs, target = orders(seed)
    table = np.exp(logs)
    mixture = table.mean(axis=0)
    divergence = rel_entr(mixture, target).sum()
    away = np.mean([rel_entr(mixture, one).sum() for one in table])
    own = np.mean([rel_entr(one, target).sum() for one in table])
    shown, true = theory.scored_divergence(logs[None], np.log(target)[None], fresh=True)
    assert true[0] == pytest.approx(divergence)
    assert shown[0] == pytest.approx(divergence - away)
    shown, true = theory.scored_divergence(logs[None], np.log(target)[None], fresh=False)
    assert true[0] == pytest.approx(divergence)
    assert shown[0] == pytest.approx(own)
    assert own == pytest.approx(divergence + np.mean([rel_entr(p, mixture).sum() for p in table]))


def listed(estimator):
    """Gradients (cases, D) over all x, i and j, from the log-probabilities, with their chances."""
    d, q = estimator.dimension, estimator.q
    gradients, chances = [], []
    for x in product((0, 1), repeat=d):
        logs = [np.log(q if one else 1 - q) for one in x]
        for j, i in product(range(d), repeat=2):
            if estimator.shared and i != j:
                continue
            gradient = np.zeros(d)
            gradient[j] = d * (x[j] - q) * (d * logs[i] - sum(logs))
            gradients.append(gradient)
            chances.append(np.exp(sum(logs)) / (d if estimator.shared else d * d))
    return np.array(gradients), np.array(chances)


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize(("dimension", "q"), [(2, 0.7), (3, 0.7), (5, 0.2), (4, 0.5)])
def test_moments_of_the_one_step_gradient_are_those_of_all_cases(dimension, q, shared):
    estimator = OneStep(dimension, q, shared)
    gradients, chances = listed(estimator)
    mean = chances @ gradients
    assert chances.sum() == pytest.approx(1)
    assert mean == pytest.approx(np.full(dimension, estimator.mean), abs=1e-12)
    assert chances @ (gradients - mean) ** 2 == pytest.approx(
        np.full(dimension, estimator.variance), abs=1e-12
    )
    spreads = ((gradients - estimator.mean) ** 2).mean(axis=1)
    average = gradients.mean(axis=1)
    expected = chances @ spreads
    found = estimator.spread_moments()
    assert found[0] == pytest.approx(estimator.variance, abs=1e-12)
    assert found[1] == pytest.approx(chances @ (spreads - expected) ** 2, abs=1e-12)
    assert found[2] == pytest.approx(spreads.max(), abs=1e-12)
    assert estimator.variance_of_average() == pytest.approx(
        chances @ (average - estimator.mean) ** 2, abs=1e-12
    )


def test_the_full_gradient_has_no_mean_either():
    """With independent indices the mean is the gradient of the divergence, 0 at the optimum."""
    for dimension in (2, 5, 40):
        assert OneStep(dimension, 0.7, False).mean == 0.0
        values, chances = OneStep(dimension, 0.7, False).law()
        assert chances @ values == pytest.approx(0.0, abs=1e-12)


def test_the_noise_is_of_the_cube_of_the_dimension():
    for shared, factor in ((True, 0.21 * (1 - 0.63)), (False, 0.21**2)):
        large = OneStep(100_000, 0.7, shared)
        assert large.variance / 1e15 == pytest.approx(factor * large.slope**2, rel=1e-4)


def test_conditionals_of_a_law_have_no_gap():
    law = np.random.default_rng(3).dirichlet(np.ones(8)).reshape(2, 2, 2)
    logs = np.zeros((6, 8))
    for s, order in enumerate(permutations(range(3))):
        for n, x in enumerate(product((0, 1), repeat=3)):
            for place, i in enumerate(order):
                held = tuple(x[j] if j in order[:place] else slice(None) for j in range(3))
                more = tuple(x[j] if j in (*order[:place], i) else slice(None) for j in range(3))
                logs[s, n] += np.log(law[more].sum() / law[held].sum())
    assert theory.order_gap(logs) == pytest.approx(0, abs=1e-12)
    assert logs[0] == pytest.approx(np.log(law.ravel()))
