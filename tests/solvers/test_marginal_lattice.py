"""The lattice of partial assignments: by enumeration, by dense least squares, order by order."""

from itertools import permutations, product

import numpy as np
import pytest
from refutable.solvers import marginal_lattice as ml


def laws(seed, size, dimension, values):
    law = np.random.default_rng(seed).dirichlet(np.ones(values**dimension), size) + 1e-3
    return law / law.sum(axis=1, keepdims=True)


def agreeing(word, dimension, values):
    """Numbers of the assignments that agree with a word in which `values` leaves a place open."""
    choices = [range(values) if digit == values else (digit,) for digit in word]
    return [sum(v * values**i for i, v in enumerate(x)) for x in product(*choices)]


def word(node, lattice):
    return [
        node // (lattice.values + 1) ** i % (lattice.values + 1) for i in range(lattice.dimension)
    ]


SIZES = [(1, 2), (3, 2), (2, 3), (3, 3)]


@pytest.mark.parametrize(("dimension", "values"), SIZES)
def test_marginals_are_sums_over_what_is_open(dimension, values):
    lattice = ml.steps(dimension, values)
    law = laws(0, 2, dimension, values)
    found = ml.marginals(law, lattice)
    assert found.shape == (2, lattice.nodes)
    for node in range(lattice.nodes):
        expected = law[:, agreeing(word(node, lattice), dimension, values)].sum(axis=1)
        assert found[:, node] == pytest.approx(expected)


@pytest.mark.parametrize(("dimension", "values"), SIZES)
def test_steps_fill_one_open_place(dimension, values):
    lattice = ml.steps(dimension, values)
    seen = set()
    for i, m, v in np.ndindex(*lattice.children.shape):
        parent, child = (
            word(int(n), lattice) for n in (lattice.parents[i, m], lattice.children[i, m, v])
        )
        assert parent[i] == values
        assert child == [v if j == i else digit for j, digit in enumerate(parent)]
        assert lattice.filled[i, m] == sum(digit != values for digit in parent)
        seen.add((i, *parent, v))
    assert len(seen) == dimension * (values + 1) ** (dimension - 1) * values


def test_conditionals_are_ratios_of_marginals():
    lattice = ml.steps(3, 2)
    law = laws(1, 1, 3, 2)[0]
    found = np.exp(ml.log_conditionals(ml.marginals(law, lattice), lattice))
    assert found.sum(axis=-1) == pytest.approx(1)
    # P(x_1 = 1 | x_0 = 1), x_2 open: parent (1, ?, ?).
    place = list(lattice.parents[1]).index(1 + 3 * 2 + 9 * 2)
    assert found[1, place, 1] == pytest.approx(law[[3, 7]].sum() / law[[1, 3, 5, 7]].sum())


def test_visits_are_those_of_all_assignments_orders_and_places():
    lattice = ml.steps(3, 2)
    law = laws(2, 1, 3, 2)[0]
    counted = np.zeros(lattice.children.shape)
    for number, order in product(range(8), permutations(range(3))):
        x = [number >> i & 1 for i in range(3)]
        for place, i in enumerate(order):
            parent = sum((x[j] if j in order[:place] else 2) * 3**j for j in range(3))
            counted[i, list(lattice.parents[i]).index(parent), x[i]] += law[number] / 6 / 3
    assert ml.visits(law, lattice) == pytest.approx(counted)


def dense(targets, weights, lattice):
    """Return logarithms, rank and residual of the system, row by row, by the SVD."""
    rows, wanted, each = [], [], []
    for at in np.ndindex(*lattice.children.shape):
        if weights[at]:
            row = np.zeros(lattice.nodes)
            row[lattice.children[at]], row[lattice.parents[at[:2]]] = 1, -1
            rows.append(row)
            wanted.append(targets[at])
            each.append(np.sqrt(weights[at]))
    root = np.zeros(lattice.nodes)
    root[-1] = 1
    system, side, scale = np.array([*rows, root]), np.array([*wanted, 0.0]), np.array([*each, 1.0])
    found, _, rank, _ = np.linalg.lstsq(system * scale[:, None], side * scale, rcond=None)
    missed = (system @ found - side) * scale
    return found, rank, np.sqrt((missed**2).sum() / weights.sum())


@pytest.mark.parametrize("kept", [1.0, 0.6, 0.2])
def test_the_fit_is_that_of_dense_least_squares(kept):
    lattice = ml.steps(3, 2)
    rng = np.random.default_rng(int(10 * kept))
    targets = rng.standard_normal((2, *lattice.children.shape))
    weights = rng.uniform(0.1, 1, lattice.children.shape) * (
        rng.random(lattice.children.shape) < kept
    )
    found = ml.fit_log_marginals(targets, weights, lattice)
    for b in range(2):
        expected, rank, residual = dense(targets[b], weights, lattice)
        assert found.rank == rank
        assert found.log_marginals[b] == pytest.approx(expected, abs=1e-10)
        assert found.residual[b] == pytest.approx(residual, abs=1e-12)
    assert (kept == 1.0) == (found.rank == lattice.nodes)


@pytest.mark.parametrize(("dimension", "values"), SIZES)
def test_orders_multiply_their_conditionals(dimension, values):
    lattice = ml.steps(dimension, values)
    table = np.random.default_rng(4).standard_normal((2, *lattice.children.shape))
    found = ml.order_log_likelihoods(table, lattice)
    for s, order in enumerate(permutations(range(dimension))):
        for number in range(values**dimension):
            x = [number // values**i % values for i in range(dimension)]
            total = 0.0
            for place, i in enumerate(order):
                held = [x[j] if j in order[:place] else values for j in range(dimension)]
                parent = sum(v * (values + 1) ** j for j, v in enumerate(held))
                total += table[:, i, list(lattice.parents[i]).index(parent), x[i]]
            assert found[:, s, number] == pytest.approx(total)


def test_what_is_too_large_or_does_not_fit_is_refused():
    lattice = ml.steps(2, 2)
    with pytest.raises(ValueError, match="dimension"):
        ml.steps(8, 2)
    with pytest.raises(ValueError, match="joint"):
        ml.marginals(np.ones(8) / 8, lattice)
    with pytest.raises(ValueError, match="weights"):
        ml.fit_log_marginals(np.zeros((2, 3, 2)), np.zeros((2, 3, 2)), lattice)
    with pytest.raises(ValueError, match="targets"):
        ml.fit_log_marginals(np.zeros((2, 3, 3)), np.ones((2, 3, 2)), lattice)
