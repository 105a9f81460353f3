"""All partitions: how many, which, and the cheapest by brute force over labels."""

from itertools import product

import numpy as np
import pytest
from refutable.solvers.set_partitions import cheapest_partition, set_partitions
from scipy.special import stirling2


@pytest.mark.parametrize(("n", "k"), [(1, 1), (4, 1), (4, 4), (7, 3), (9, 5)])
def test_every_partition_occurs_once(n, k):
    labels = set_partitions(n, k)
    assert len(labels) == stirling2(n, k, exact=True)
    as_sets = {frozenset(frozenset(np.flatnonzero(row == g)) for g in range(k)) for row in labels}
    assert len(as_sets) == len(labels)
    assert all(len(groups) == k and frozenset() not in groups for groups in as_sets)
    assert labels.tolist() == sorted(labels.tolist())


def plain_cost(x, labels):
    return sum(((x[labels == g] - x[labels == g].mean(axis=0)) ** 2).sum() for g in set(labels))


@pytest.mark.parametrize("d", [1, 2])
def test_nothing_is_cheaper(d, monkeypatch):
    x = np.random.default_rng(d).standard_normal((7, d))
    every = [np.array(one) for one in product(range(3), repeat=7) if len(set(one)) == 3]
    monkeypatch.setattr("refutable.solvers.set_partitions._CHUNK", 50)
    labels, cost = cheapest_partition(x, 3)
    assert cost == pytest.approx(min(plain_cost(x, one) for one in every), rel=1e-12)
    assert cost == pytest.approx(plain_cost(x, labels), rel=1e-12)
    assert cheapest_partition(x[:, 0], 3)[1] == pytest.approx(cheapest_partition(x[:, :1], 3)[1])


def test_what_cannot_be_listed_is_refused():
    with pytest.raises(ValueError, match="x has shape"):
        cheapest_partition(np.zeros((13, 2)), 2)
    with pytest.raises(ValueError, match="^k"):
        set_partitions(3, 4)
