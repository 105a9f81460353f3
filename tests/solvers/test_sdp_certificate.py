"""The closed-form test and the two certificates, against the splitting and against each other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refutable.solvers.sdp import (
    KMeansProblem,
    certify_large_partition,
    certify_partition,
    dual_bound,
    kmeans_sdp,
    partition_test,
)
from refutable.solvers.sdp.blocks import Grouped, sinkhorn
from refutable.solvers.sdp.structured import StructuredMultiplier

from tests.solvers.sdp_instances import planted


def test_a_batch_of_tests_equals_its_members():
    clouds = [planted(seed, n=30)[0] for seed in range(6)]
    labels = planted(0, n=30)[1]
    batch = partition_test(np.stack(clouds), labels, 3)
    for index, cloud in enumerate(clouds):
        one = partition_test(cloud, labels, 3)
        assert batch.lam_hi[index] == pytest.approx(float(one.lam_hi))
        assert batch.lam_lo[index] == pytest.approx(float(one.lam_lo))
        assert batch.single_moves_lose[index] == one.single_moves_lose


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.8, 1.8))
def test_necessary_condition_and_certificate_are_sound(seed, ratio):
    """Where the condition fails something beats the partition; what is certified is unbeaten."""
    points, labels = planted(seed, n=45, ratio=ratio)
    problem = KMeansProblem(points, 3)
    value = problem.partition_value(labels)
    proved, found = certify_partition(problem, labels), kmeans_sdp(points, 3, method="splitting")
    assert proved.bound >= found.value * (1 - 1e-12)
    if proved.certified:
        assert partition_test(points, labels, 3).possible
        assert found.value <= value * (1 + 1e-9)
    if not partition_test(points, labels, 3).possible:
        # At the usual tolerance the splitting may be content with the partition itself.
        finer = kmeans_sdp(points, 3, method="splitting", tolerance=1e-10)
        assert finer.value > value


def test_certificate_is_found_where_the_condition_holds_nearly_always():
    labels = planted(0, n=120, p=5, k=3)[1]
    clouds = [planted(seed, n=120, ratio=1.2)[0] for seed in range(40)]
    test = partition_test(np.stack(clouds), labels, 3)
    problems = [
        KMeansProblem(cloud, 3) for cloud, may in zip(clouds, test.possible, strict=True) if may
    ]
    proofs = [certify_partition(problem, labels) for problem in problems]
    assert len(proofs) > 20
    assert np.mean([proof.certified for proof in proofs]) >= 0.9
    assert max(proof.gap for proof in proofs if proof.certified) < 1e-9


def brute_force_hartigan(points, labels, k):
    """Whether every single move raises the cost, by moving every point."""
    problem = KMeansProblem(points, k)
    value = problem.partition_value(labels)
    for i in range(len(points)):
        for group in set(range(k)) - {labels[i]}:
            moved = labels.copy()
            moved[i] = group
            if np.bincount(moved, minlength=k).min() and problem.partition_value(moved) >= value:
                return False
    return True


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.2, 1.5))
def test_single_moves_by_brute_force(seed, ratio):
    points, labels = planted(seed, n=18, p=3, ratio=ratio)
    wanted = brute_force_hartigan(points, labels, 3)
    assert partition_test(points, labels, 3).single_moves_lose == wanted


def test_exchanging_two_labels_loses_everything():
    points, labels = planted(0, n=60, ratio=1.6)
    swapped = labels.copy()
    swapped[[0, -1]] = swapped[[-1, 0]]
    test = partition_test(points, swapped, 3)
    assert not test.single_moves_lose
    assert not test.possible
    assert not certify_partition(KMeansProblem(points, 3), swapped).certified


def test_the_certificate_does_not_depend_on_the_order_of_points():
    points, labels = planted(2, n=60, ratio=1.6)
    order = np.random.default_rng(0).permutation(60)
    first = certify_partition(KMeansProblem(points, 3), labels)
    second = certify_partition(KMeansProblem(points[order], 3), labels[order])
    assert first.certified
    assert second.bound == pytest.approx(first.bound, rel=1e-8)
    gram = KMeansProblem(points[order], 3).gram
    assert dual_bound(gram, second.multiplier, 3) == pytest.approx(second.bound, rel=1e-8)


def test_unequal_groups_and_singletons():
    rng = np.random.default_rng(1)
    centres = np.array([[0.0, 0], [30, 0], [0, 30]])
    labels = np.repeat([0, 1, 2], [25, 6, 1])
    points = centres[labels] + rng.standard_normal((32, 2))
    assert certify_partition(KMeansProblem(points, 3), labels).exact


@given(st.integers(0, 10_000))
def test_sinkhorn_reaches_both_margins(seed):
    rng = np.random.default_rng(seed)
    block, rows = rng.uniform(0.1, 1, (5, 7)), rng.uniform(0.5, 2, 5)
    columns = rng.uniform(0.5, 2, 7)
    columns *= rows.sum() / columns.sum()
    scaled = sinkhorn(block, rows, columns, sweeps=500)
    np.testing.assert_allclose(scaled.sum(axis=1), rows)
    np.testing.assert_allclose(scaled.sum(axis=0), columns, rtol=1e-8)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.3, 3.0), st.floats(0.0, 400.0))
def test_structured_bound_equals_the_dense_one(seed, ratio, lam):
    points, labels = planted(seed, n=30, p=4, ratio=ratio)
    problem = KMeansProblem(points, 3)
    grouped = Grouped.of(problem, labels)
    multiplier = StructuredMultiplier.of(grouped, lam, grouped.centred)
    dense = np.zeros((30, 30))
    for k, other, left, right in grouped.pairs():
        dense[left, right] = multiplier.block(k, other)
        dense[right, left] = dense[left, right].T
    assert dense.min() >= 0.0
    structured = multiplier.bound(problem.centred[grouped.order], grouped.slices)
    assert structured == pytest.approx(dual_bound(problem.gram, dense, 3), rel=1e-9)


def test_structured_certificate_closes_the_gap_at_many_points():
    points, labels = planted(0, n=3000, p=8, ratio=1.6)
    assert certify_large_partition(KMeansProblem(points, 3), labels).exact


def test_structured_certificate_with_fewer_noise_directions(monkeypatch):
    monkeypatch.setattr("refutable.solvers.sdp.structured.CORE_LIMIT", 40)
    points, labels = planted(0, n=300, p=6, ratio=3.0)
    proved = certify_large_partition(KMeansProblem(points, 3), labels)
    assert proved.bound >= proved.value * (1 - 1e-12)


@pytest.mark.parametrize("certify", [certify_partition, certify_large_partition])
@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.zeros(5, dtype=int), "shape"),
        (np.array([0, 0, 0, 1, 1, 1]), "empty"),
        (np.array([0, 1, 2, 3, 0, 1]), "^labels holds"),
        (np.array([0.0, 1, 2, 0, 1, 2]), "^labels holds"),
    ],
)
def test_bad_labels_are_named(certify, labels, message):
    with pytest.raises(ValueError, match=message):
        certify(KMeansProblem(np.random.default_rng(0).standard_normal((6, 2)), 3), labels)


def test_structured_certificate_needs_a_real_choice():
    with pytest.raises(ValueError, match="single feasible point"):
        certify_large_partition(KMeansProblem(np.eye(3), 3), np.arange(3))
