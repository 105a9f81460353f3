"""Starts of the K-means program, each step against a plain one."""

import itertools

import numpy as np
import pytest
from refutable.solvers.sdp import KMeansProblem, kmeans_start
from refutable.solvers.sdp.starts import (
    best_single_moves,
    fill_empty_groups,
    lloyd,
    plus_plus,
    principal_coordinates,
)
from scipy.spatial.distance import cdist
from sdp_instances import planted


def plain_lloyd(points, means, iterations):
    """Lloyd's iterations, one set of means at a time."""
    means, labels = means.copy(), None
    for _ in range(iterations):
        new = cdist(points, means).argmin(axis=1)
        if labels is not None and (new == labels).all():
            break
        labels = new
        for group in set(labels):
            means[group] = points[labels == group].mean(axis=0)
    return labels


@pytest.mark.parametrize("iterations", [1, 2, 100])
def test_lloyd_goes_where_plain_iterations_go(iterations):
    rng = np.random.default_rng(5)
    points = (
        rng.standard_normal((60, 3)) + 4 * rng.standard_normal((3, 3))[rng.integers(3, size=60)]
    )
    starts = np.concatenate([rng.choice(points, (6, 4)), 50 + rng.standard_normal((2, 4, 3))])
    found = lloyd(points, starts, iterations)
    expected = [plain_lloyd(points, one, iterations) for one in starts]
    assert found.tolist() == [labels.tolist() for labels in expected]


def test_lloyd_moves_the_mean_of_a_point_that_is_alone():
    points = np.array([[0.0], [10.0], [14.0], [30.0]])
    means = np.array([[[4.9], [16.0], [29.0]]])  # 10 changes its group once 14 is a mean
    found = lloyd(points, means)[0].tolist()
    assert found == plain_lloyd(points, means[0], 100).tolist() == [0, 1, 1, 2]


def test_lloyd_runs_until_nothing_moves_if_it_is_not_told_otherwise():
    points = np.cumsum(np.ones((60, 1)), axis=0)  # 14 passes from these means
    start = points[None, :4]
    settled = plain_lloyd(points, start[0], 10**6)
    assert (plain_lloyd(points, start[0], 8) != settled).any()
    assert lloyd(points, start)[0].tolist() == settled.tolist()


def test_seeds_are_drawn_by_squared_distance():
    """From the end 0 of {0, 1, 3} the next seed is 3 in nine of ten draws."""
    points, count = np.array([[0.0], [1.0], [3.0]]), 60_000
    seeds = plus_plus(points, 2, count, np.random.default_rng(2))[:, :, 0]
    assert not (seeds[:, 0] == seeds[:, 1]).any()
    for first, chances in ((0.0, {1.0: 0.1, 3.0: 0.9}), (1.0, {0.0: 0.2, 3.0: 0.8})):
        after = seeds[seeds[:, 0] == first, 1]
        assert len(after) / count == pytest.approx(1 / 3, abs=0.01)
        for value, chance in chances.items():
            assert (after == value).mean() == pytest.approx(chance, abs=0.015)


def test_no_seed_is_drawn_twice_while_there_are_others():
    points = np.repeat(np.array([[0.0, 0], [1, 5], [9, 2], [3, 3]]), 5, axis=0)
    for seeds in plus_plus(points, 4, 50, np.random.default_rng(0)):
        assert len(np.unique(seeds, axis=0)) == 4


def test_an_empty_group_gets_the_point_farthest_from_its_mean():
    points = np.array([[0.0], [1.0], [9.0], [20.0], [21.5]])
    labels = np.array([0, 0, 0, 1, 1])
    assert fill_empty_groups(points, labels, 3).tolist() == [0, 0, 2, 1, 1]
    assert labels.tolist() == [0, 0, 0, 1, 1]
    assert fill_empty_groups(points, np.array([0, 0, 2, 1, 1]), 3).tolist() == [0, 0, 2, 1, 1]
    alone = fill_empty_groups(np.array([[0.0], [50.0], [51.0]]), np.array([0, 1, 1]), 3)
    assert sorted(alone) == [0, 1, 2]
    assert alone[0] == 0, "a point that is alone in its group stays"


def cost(points, labels):
    return sum(
        ((points[labels == g] - points[labels == g].mean(axis=0)) ** 2).sum() for g in set(labels)
    )


def moved(labels, point, group):
    changed = labels.copy()
    changed[point] = group
    return changed


@pytest.mark.parametrize("seed", range(4))
def test_single_moves_are_the_best_and_end_where_none_is_left(seed):
    rng = np.random.default_rng(seed)
    points, k = rng.standard_normal((15, 2)), 3
    problem, labels = KMeansProblem(points, k), np.arange(15) % k
    for count in itertools.count():
        places = itertools.product(range(15), range(k))
        ways = [one for p, g in places if len(set(one := moved(labels, p, g))) == k]
        best = min(ways, key=lambda one: cost(points, one))
        assert best_single_moves(problem, np.arange(15) % k, count).tolist() == labels.tolist()
        if cost(points, best) >= cost(points, labels) - 1e-9:
            break
        labels = best
    assert count > 2
    assert best_single_moves(problem, np.arange(15) % k).tolist() == labels.tolist()


@pytest.mark.parametrize("shape", [(8, 5), (5, 8), (6, 6)])
def test_principal_coordinates_are_those_of_the_singular_values(shape):
    points = np.random.default_rng(1).standard_normal(shape)
    left, values, _ = np.linalg.svd(points, full_matrices=False)
    for count in (1, 3, 99):
        found = principal_coordinates(points, count)
        kept = min(count, *shape)
        best = (left[:, :kept] * values[:kept] ** 2) @ left[:, :kept].T
        assert found.shape == (shape[0], kept)
        np.testing.assert_allclose(found @ found.T, best, atol=1e-10)


@pytest.mark.parametrize("p", [3, 40])
def test_a_start_finds_what_is_planted(p):
    points, labels = planted(0, n=60, p=p, k=3, ratio=2.0)
    found = kmeans_start(KMeansProblem(points, 3), np.random.default_rng(0))
    assert len(set(zip(found.tolist(), labels.tolist(), strict=True))) == 3


def test_ten_seedings_are_tried_if_it_is_not_told_otherwise():
    problem = KMeansProblem(planted(0)[0], 3)

    def left_by(*restarts):
        rng = np.random.default_rng(7)
        kmeans_start(problem, rng, *restarts)
        return rng.random()

    assert left_by() == left_by(10)
    assert left_by() not in {left_by(9), left_by(11)}


def test_the_best_seeding_is_kept():
    """One seeding in some is caught where two near groups share a mean."""
    points = np.concatenate([c + np.linspace(0, 1, 20) for c in (0.0, 3.0, 40.0, 43.0)])[:, None]
    problem, starts = KMeansProblem(points, 4), range(30)
    alone = [kmeans_start(problem, np.random.default_rng(s), 1) for s in starts]
    costs = {round(cost(points, labels), 6) for labels in alone}
    assert len(costs) > 1, "some seeding is caught"
    best = kmeans_start(problem, np.random.default_rng(0), 30)
    assert round(cost(points, best), 6) == min(costs)


def test_seedings_run_in_few_directions_where_there_are_many(monkeypatch):
    seen = []

    def spied(points, means):
        seen.append(points.shape[1])
        return lloyd(points, means)

    monkeypatch.setattr("refutable.solvers.sdp.starts.lloyd", spied)
    for p in (3, 6, 7, 40):
        kmeans_start(KMeansProblem(planted(0, p=p)[0], 3), np.random.default_rng(0))
    assert seen[::2] == [3, 6, 3, 3]
    assert seen[1::2] == [3, 6, 7, 40], "polished where the cost is that of K-means"
