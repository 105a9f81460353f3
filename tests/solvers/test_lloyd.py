"""Batched Lloyd iterations against scikit-learn from the same centres."""

import numpy as np
import pytest
from refutable.solvers.lloyd import lloyd, random_points
from refutable.solvers.mixture_em import kmeans_plus_plus
from sklearn.cluster import KMeans


def data(rows=3, n=90, d=3):
    rng = np.random.default_rng(0)
    centres = 3 * rng.standard_normal((rows, 4, d))
    return centres[:, rng.integers(0, 4, n)] + rng.standard_normal((rows, n, d))


def test_each_start_ends_where_scikit_learn_does():
    x = data()
    starts = random_points(np.random.default_rng(1), x, 4, 5)
    found = lloyd(x, starts)
    assert found.converged.all()
    for r in range(3):
        for s in range(5):
            peer = KMeans(4, init=starts[r, s], n_init=1, tol=0, max_iter=300).fit(x[r])
            np.testing.assert_array_equal(found.labels[r, s], peer.labels_)
            np.testing.assert_allclose(found.centres[r, s], peer.cluster_centers_, rtol=1e-10)
            assert found.costs[r, s] == pytest.approx(peer.inertia_, rel=1e-12)


def test_one_data_set_needs_no_axis():
    x = data()
    starts = kmeans_plus_plus(np.random.default_rng(2), x, 4, 2)
    whole, one = lloyd(x, starts), lloyd(x[1], starts[1:2])
    np.testing.assert_array_equal(one.labels[0], whole.labels[1])
    np.testing.assert_array_equal(one.costs[0], whole.costs[1])


def test_it_says_when_the_iterations_ran_out():
    x = data()
    starts = random_points(np.random.default_rng(1), x, 4, 5)
    short = lloyd(x, starts, iterations=1)
    assert not short.converged.all()
    # Labels and costs belong to the centres that are handed back, moved once.
    apart = ((x[:, None, :, None] - short.centres[:, :, None]) ** 2).sum(axis=-1)
    np.testing.assert_array_equal(short.labels, apart.argmin(axis=-1))
    np.testing.assert_allclose(short.costs, apart.min(axis=-1).sum(axis=-1))
    again = lloyd(x, short.centres)
    np.testing.assert_allclose(again.costs, lloyd(x, starts).costs)


def test_a_centre_without_points_stays():
    x = np.array([[0.0], [1.0], [2.0]])
    found = lloyd(x, np.array([[[[1.0], [50.0]]]]))
    np.testing.assert_array_equal(found.centres[0, 0], [[1.0], [50.0]])
    assert found.costs[0, 0] == 2.0
    assert found.converged[0, 0]


def test_a_centre_moves_to_its_only_point():
    found = lloyd(np.array([[0.0], [1.0], [10.0]]), np.array([[[[0.4], [8.0]]]]))
    np.testing.assert_array_equal(found.centres[0, 0], [[0.5], [10.0]])


def test_ties_go_to_the_first_centre():
    found = lloyd(np.array([[0.0], [-1.0], [1.0]]), np.array([[[[1.0], [-1.0]]]]), iterations=1)
    assert found.labels[0, 0, 0] == 0


def test_the_best_of_all_and_of_each_group():
    x = data()
    found = lloyd(x, random_points(np.random.default_rng(3), x, 4, 6))
    best, thirds = found.best(), found.best(2)
    np.testing.assert_array_equal(best.costs, found.costs.min(axis=1))
    np.testing.assert_array_equal(thirds.costs, found.costs.reshape(3, 3, 2).min(axis=2))
    at = found.costs[2].argmin()
    np.testing.assert_array_equal(best.labels[2], found.labels[2, at])
    np.testing.assert_array_equal(best.centres[2], found.centres[2, at])
    at = 4 + found.costs[1, 4:].argmin()
    np.testing.assert_array_equal(thirds.labels[1, 2], found.labels[1, at])
    with pytest.raises(ValueError, match="divisor"):
        found.best(4)
    with pytest.raises(ValueError, match="none to choose"):
        best.best()


def test_random_points_are_different_points_drawn_alike():
    x = np.arange(8.0)[None, :, None]
    drawn = random_points(np.random.default_rng(4), x, 3, 8000)[0, :, :, 0]
    assert all(len(set(row)) == 3 for row in drawn[:200])
    share = np.bincount(drawn.astype(int).ravel(), minlength=8) / len(drawn)
    # Each of 8 points is among 3 with probability 3/8; five deviations of 0.0054.
    np.testing.assert_allclose(share, 3 / 8, atol=0.027)


def test_centres_must_go_with_the_points():
    with pytest.raises(ValueError, match="centres"):
        lloyd(data(), np.zeros((2, 1, 4, 3)))
    with pytest.raises(ValueError, match="x has shape"):
        lloyd(np.zeros((1, 1, 2, 2)), np.zeros((1, 1, 1, 2)))
