"""Optimal k-means on a line against exact rationals, enumeration and scikit-learn."""

from fractions import Fraction
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refutable.solvers.one_dimensional_kmeans import kmeans_line
from sklearn.cluster import KMeans


def exact_cost(x, w):
    """Weighted sum of squares about the mean, in rational numbers."""
    x, w = [Fraction(float(v)) for v in x], [Fraction(float(v)) for v in w]
    total = sum(w)
    first = sum(a * b for a, b in zip(w, x, strict=True))
    return sum(a * b * b for a, b in zip(w, x, strict=True)) - first**2 / total


def cost_of(x, w, labels):
    return sum(exact_cost(x[labels == c], w[labels == c]) for c in np.unique(labels))


def all_partitions(n, k):
    """All partitions of n points into exactly k sets, as labels."""
    rows = [[0]]
    for _ in range(n - 1):
        rows = [[*r, g] for r in rows for g in range(min(max(r) + 2, k))]
    return [np.array(r) for r in rows if max(r) == k - 1]


def all_intervals(x, w, k):
    """The least cost over all cuts of the sorted points."""
    order = np.argsort(x)
    x, w, n = x[order], w[order], len(x)
    cost = {(i, j): exact_cost(x[i:j], w[i:j]) for j in range(1, n + 1) for i in range(j)}
    cuts = [(0, *c, n) for c in combinations(range(1, n), k - 1)]
    return min(sum(cost[a, b] for a, b in pairwise(c)) for c in cuts)


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_best_of_all_partitions(k):
    rng = np.random.default_rng(k)
    x, w = rng.standard_normal(7), rng.uniform(0.2, 3, 7)
    found = kmeans_line(x, k, w)
    least = min(cost_of(x, w, labels) for labels in all_partitions(7, k))
    np.testing.assert_allclose(found.cost, float(least), rtol=1e-13)
    np.testing.assert_allclose(float(cost_of(x, w, found.labels)), float(least), rtol=1e-13)


numbers = st.lists(st.integers(-4, 4).map(lambda v: v / 2), min_size=1, max_size=9)


@given(numbers, st.integers(1, 5), st.integers(0, 99))
def test_best_of_all_cuts_with_ties(values, k, seed):
    x = np.array(values)
    k = min(k, len(np.unique(x)))
    w = np.random.default_rng(seed).integers(1, 4, len(x)).astype(float)
    found = kmeans_line(x, k, w)
    least = float(all_intervals(x, w, k))
    np.testing.assert_allclose(found.cost, least, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(float(cost_of(x, w, found.labels)), least, rtol=1e-13, atol=1e-15)
    assert sorted(set(found.labels)) == list(range(k))
    for value in np.unique(x):
        assert len(set(found.labels[x == value])) == 1


def plain_programme(x, k):
    """The recursion over every start, D_k(j) = min_i D_(k-1)(i) + cost(i, j)."""
    x, n = np.sort(x), len(x)
    cost = np.full((n + 1, n + 1), np.inf)
    for i in range(n):
        for j in range(i + 1, n + 1):
            cost[i, j] = ((x[i:j] - x[i:j].mean()) ** 2).sum()
    table = [cost[0]]
    for _ in range(1, k):
        table.append((table[-1][:, None] + cost).min(axis=0))
    return [row[n] for row in table]


def test_every_number_of_clusters_of_larger_samples():
    rng = np.random.default_rng(1)
    x = np.stack([rng.standard_normal(150), rng.standard_cauchy(150), rng.exponential(1, 150)])
    found = kmeans_line(x, 9)
    for r in range(3):
        np.testing.assert_allclose(found.costs[r], plain_programme(x[r], 9), rtol=1e-11)


def test_no_run_of_lloyd_is_better():
    x = np.random.default_rng(2).standard_normal((4, 60))
    found = kmeans_line(x, 5)
    gaps = []
    for r in range(4):
        for seed in range(20):
            peer = KMeans(5, init="random", n_init=1, random_state=seed, tol=0).fit(x[r][:, None])
            gaps.append(peer.inertia_ / found.cost[r] - 1)
    assert min(gaps) > -1e-12
    assert max(gaps) > 0.01
    best = KMeans(5, n_init=300, random_state=0, tol=0).fit(x[0][:, None])
    np.testing.assert_allclose(best.inertia_, found.cost[0], rtol=1e-10)
    np.testing.assert_allclose(np.sort(best.cluster_centers_[:, 0]), found.centres[0], rtol=1e-9)


def test_tight_clusters_far_apart_do_not_cancel():
    rng = np.random.default_rng(3)
    x = np.concatenate([rng.standard_normal(6) + at for at in (-1e9, 3.0, 1e9)])
    found = kmeans_line(x, 6)
    np.testing.assert_allclose(found.cost, float(all_intervals(x, np.ones(18), 6)), rtol=1e-9)


def test_labels_centres_and_rows():
    x = np.random.default_rng(4).standard_normal((3, 40))
    w = np.random.default_rng(5).integers(1, 5, 40)
    rows = kmeans_line(x, 4, w)
    for r in range(3):
        one, long = kmeans_line(x[r], 4, w), kmeans_line(np.repeat(x[r], w), 4)
        np.testing.assert_array_equal(one.labels, rows.labels[r])
        np.testing.assert_allclose(long.costs, rows.costs[r], rtol=1e-12)
        np.testing.assert_allclose(long.centres, rows.centres[r], rtol=1e-12)
        nearest = np.abs(x[r][:, None] - one.centres).argmin(axis=1)
        np.testing.assert_array_equal(nearest, one.labels)
        means = [np.average(x[r][one.labels == c], weights=w[one.labels == c]) for c in range(4)]
        np.testing.assert_allclose(one.centres, means, rtol=1e-12)
        assert (np.diff(one.costs) < 0).all()


def test_as_many_clusters_as_values_cost_nothing():
    x = np.array([2.0, 1.0, 2.0, 5.0])
    found = kmeans_line(x, 3)
    assert found.labels.tolist() == [1, 0, 1, 2]
    assert found.cost == 0


def test_among_equals_the_last_cluster_starts_early():
    assert kmeans_line([2.0, 0.0, 1.0], 2).labels.tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kmeans_line([], 1), "^x is empty"),
        (lambda: kmeans_line([0.0, np.nan], 1), "^x has NaN"),
        (lambda: kmeans_line(np.ones((2, 2, 2)), 1), "^x has shape"),
        (lambda: kmeans_line([1.0, 2.0], 3), "^k=3"),
        (lambda: kmeans_line([1.0, 1.0], 2), "^k=2: .* distinct values of x, 1"),
        (lambda: kmeans_line([1.0, 2.0], 1, [1.0, 0.0]), "^weights holds 0"),
        (lambda: kmeans_line([1.0, 2.0], 1, [1.0]), "^weights has shape"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
