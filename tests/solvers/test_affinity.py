"""Affinities against scikit-learn and SciPy."""

import numpy as np
import pytest
from refutable.solvers.affinity import (
    gaussian_affinity,
    neighbour_affinity,
    squared_distances,
    with_least_eigenvalue,
)
from scipy.spatial.distance import cdist
from sklearn.neighbors import NearestNeighbors, kneighbors_graph

POINTS = np.random.default_rng(0).standard_normal((3, 20, 4))


def test_distances_are_those_of_scipy():
    wanted = [cdist(points, points, "sqeuclidean") for points in POINTS]
    assert squared_distances(POINTS) == pytest.approx(np.array(wanted), abs=1e-12)
    far = squared_distances(1e6 + 1e-3 * POINTS)  # rounding is larger than the distances
    assert (np.diagonal(far, axis1=1, axis2=2) == 0).all()
    assert far.min() == 0


@pytest.mark.parametrize("neighbours", [1, 5, 19])
def test_neighbours_are_those_of_scikit_learn(neighbours):
    wanted = [kneighbors_graph(points, neighbours).toarray() for points in POINTS]
    assert (neighbour_affinity(POINTS, neighbours) == np.array(wanted)).all()


def test_coinciding_points_are_no_neighbours_of_themselves():
    affinity = neighbour_affinity(np.zeros((4, 2)), 2)
    assert (np.diagonal(affinity) == 0).all()
    assert (affinity.sum(axis=-1) == 2).all()


@pytest.mark.parametrize("rank", [1, 3])
def test_the_width_is_the_mean_distance_to_a_neighbour(rank):
    affinity = gaussian_affinity(POINTS, rank)
    for points, found in zip(POINTS, affinity, strict=True):
        reach = NearestNeighbors(n_neighbors=rank).fit(points).kneighbors()[0][:, -1]
        wanted = np.exp(-cdist(points, points, "sqeuclidean") / (2 * reach.mean() ** 2))
        assert found == pytest.approx(wanted, abs=1e-12)
        assert np.linalg.eigvalsh(found)[0] > 0


def test_points_that_all_coincide_have_no_width():
    with pytest.raises(ValueError, match="features .* coincide"):
        gaussian_affinity(np.zeros((4, 2)), 1)


def test_the_least_eigenvalue_is_set_and_the_others_move_along():
    symmetric = POINTS[:, :4] + np.swapaxes(POINTS[:, :4], -1, -2)
    before, after = (
        np.linalg.eigvalsh(m) for m in (symmetric, with_least_eigenvalue(symmetric, -2))
    )
    assert after[:, 0] == pytest.approx(-2)
    assert np.diff(after) == pytest.approx(np.diff(before), abs=1e-12)
    with pytest.raises(ValueError, match="affinity is not symmetric"):
        with_least_eigenvalue(POINTS[:, :4], 0)
