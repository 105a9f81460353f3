"""Split and merge rounds against scikit-learn, the evidence solver, and cases done by hand."""

import numpy as np
import pytest
from refutable.solvers.normal_inverse_wishart import (
    GroupStatistics,
    NormalInverseWishart,
    log_marginal,
    log_split_ratio,
)
from refutable.solvers.split_merge import Moves, Prior, _lloyd, _moves, split_merge
from scipy.special import gammaln
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

PRIOR = Prior(0.01, 10.0, 1.0)


def clusters(seed, k=4, each=30, d=3, sep=12.0):
    """Points (1, k * each, d) of k groups whose centres are sep apart, and their labels."""
    rng = np.random.default_rng(seed)
    centres = sep / np.sqrt(2) * np.eye(k, d) if k <= d else sep * np.eye(k, d) + sep
    labels = np.repeat(np.arange(k), each)
    return (rng.standard_normal((k * each, d)) + centres[labels])[None], labels[None]


@pytest.mark.parametrize("steps", [1, 4, 100])
def test_kmeans_is_that_of_scikit_learn(steps):
    x = np.random.default_rng(0).standard_normal((200, 3))
    labels = np.random.default_rng(1).integers(0, 5, 200)
    centres = np.stack([x[labels == j].mean(axis=0) for j in range(5)])
    _lloyd.lloyd(x, labels, 5, steps)
    peer = KMeans(5, init=centres, n_init=1, max_iter=steps, tol=0).fit(x)
    ours = np.stack([x[labels == j].mean(axis=0) for j in range(5)])
    np.testing.assert_allclose(ours, peer.cluster_centers_, atol=1e-12)


def test_two_means_stands_still():
    """Its labels are a fixed point of scikit-learn's k-means, and both sides are in use."""
    x = np.random.default_rng(0).standard_normal((90, 2))
    for seed in range(5):
        labels = _lloyd.two_means(np.random.default_rng(seed), x, 100)
        centres = np.stack([x[labels == j].mean(axis=0) for j in range(2)])
        peer = KMeans(2, init=centres, n_init=1).fit(x)
        assert (peer.labels_ == labels).all()


def test_the_second_of_two_means_is_drawn_by_squared_distance():
    """Points at 0, 1 and 3 with no step of k-means: from 0, the 3 is drawn in 9 of 10 cases."""
    x, rng, far = np.array([[0.0], [1.0], [3.0]]), np.random.default_rng(0), []
    for _ in range(6000):
        labels = _lloyd.two_means(rng, x, 0)
        if labels[0] == 0 and labels[2] == 1:
            far.append(labels[1] == 0)
    # 0 then 3 (9/10) or 1 then 3 (4/5) keep the 1 with the first; 0 then 1 (1/10) does not.
    assert np.mean(far) == pytest.approx((0.9 + 0.8) / (0.9 + 0.8 + 0.1), abs=0.02)


def test_evidence_and_score_are_those_of_the_conjugate_solver():
    x, labels = clusters(2)
    x, groups = x[0] - x[0].mean(axis=0), labels[0]
    law = NormalInverseWishart(np.zeros(3), 0.01, 10.0, 1.7 * np.eye(3))
    numbers, log = np.array([0.01, 10.0, 1.7]), Prior(0.01, 10.0, 1.7).by_count(len(x), 3)
    counts, sums, seconds = _moves.moments(x, groups, 4)
    parts = [GroupStatistics.of(x[groups == j]) for j in range(4)]
    for j in range(4):
        wanted = float(log_marginal(law, parts[j]) + gammaln(30))
        found = _moves.log_evidence(counts[j], sums[j], seconds[j], numbers, log)
        assert found == pytest.approx(wanted, abs=1e-9)
    pair = np.array([1, 3])
    score = _moves.split_score((counts[pair], sums[pair], seconds[pair]), numbers, log)
    assert score == pytest.approx(float(log_split_ratio(law, parts[1], parts[3])), abs=1e-9)


def test_moves_are_taken_as_often_as_the_rule_says():
    def share(score, floor):
        rng = np.random.default_rng(3)
        return np.mean([_moves.taken(rng, score, floor) for _ in range(4000)])

    assert share(1e-9, 0.1) == share(1e-9, -1.0) == 1
    assert share(-50.0, 0.1) == pytest.approx(0.1, abs=0.02)
    assert share(-0.5, 0.1) == pytest.approx(0.1, abs=0.02)
    assert share(-0.5, -1.0) == pytest.approx(np.exp(-0.5), abs=0.03)
    assert share(-50.0, -1.0) == share(-0.5, 0.0) == 0


@pytest.mark.parametrize("start", [1, 4, 12])
def test_separated_groups_are_found_from_any_start(start):
    x, truth = clusters(4)
    labels = np.arange(x.shape[1])[None] % start
    found = split_merge(np.random.default_rng(0), x, labels, PRIOR)
    assert adjusted_rand_score(truth[0], found.labels[0]) == 1
    assert found.counts[0, -1] == 4
    assert found.counts.shape == (1, 16)


@pytest.mark.parametrize(("far", "split"), [(5, False), (6, True)])
def test_a_part_must_have_six_points(far, split):
    x, _ = clusters(5, 1, 40)
    x[0, :far] += 100
    found = split_merge(np.random.default_rng(0), x, np.zeros((1, 40), int), PRIOR, Moves(rounds=1))
    assert (found.counts[0, 1] == 2) == split


@pytest.mark.parametrize(("least", "split"), [(41, False), (40, True)])
def test_small_groups_are_left_alone(least, split):
    x, _ = clusters(5, 1, 40)
    x[0, :20] += 100
    moves = Moves(rounds=1, least=least)
    found = split_merge(np.random.default_rng(0), x, np.zeros((1, 40), int), PRIOR, moves)
    assert (found.counts[0, 1] == 2) == split


def test_every_group_merges_at_most_once_in_a_round():
    """With every merge taken and no split, four groups become two, then one."""
    x, truth = clusters(6)
    moves = Moves(rounds=3, floor=1.0, least=1000)
    found = split_merge(np.random.default_rng(0), x, truth, PRIOR, moves)
    assert found.counts[0].tolist() == [4, 2, 1, 1]


def test_merging_is_with_the_nearest():
    x = np.array([0.0, 10.0, 11.0, 50.0])[:, None] + np.zeros((4, 20))
    x = x.reshape(1, -1, 1) + 0.01 * np.random.default_rng(0).standard_normal((1, 80, 1))
    labels = np.repeat(np.arange(4), 20)[None]
    law = np.array([0.01, 3.0, 1.0])
    done, log = np.array([True, False, False, False]), Prior(*law).by_count(80, 1)
    out = labels[0].copy()
    _moves.merge_round(np.random.default_rng(0), x[0], out, 4, done, law, log, np.array([1.0, 0.0]))
    assert np.unique(out[20:60]).tolist() == [1]
    assert (out[:20] == 0).all()
    assert (out[60:] == 3).all()


@pytest.mark.parametrize(("remerge", "most"), [(False, 2), (True, 1)])
def test_what_was_just_split_may_merge_where_that_is_allowed(remerge, most):
    x, _ = clusters(7, 1, 60)
    moves = Moves(rounds=1, floor=1.0, remerge=remerge)
    found = split_merge(np.random.default_rng(0), x, np.zeros((1, 60), int), PRIOR, moves)
    assert found.counts[0, 1] == most


@pytest.mark.parametrize(("together", "least"), [(False, 1000), (True, 12)])
def test_concentration_weighs_against_few_groups(together, least):
    """Two groups that barely overlap end apart at a huge concentration, together at a tiny one.

    Started apart and never split, or started together and split or not.
    """
    x, truth = clusters(8, 2, 40, 1, 3.0)
    start, ends = (0 * truth if together else truth), []
    for alpha in (1e-30, 1e30):
        prior, moves = Prior(0.01, 3.0, 1.0, alpha), Moves(rounds=1, least=least)
        ends.append(split_merge(np.random.default_rng(0), x, start, prior, moves).counts[0, 1])
    assert ends == [1, 2]


def test_the_prior_stands_at_the_mean_of_the_data():
    """Where the data lie does not matter; from a mean far away the groups would look like one."""
    x, truth = clusters(10)
    found = split_merge(np.random.default_rng(0), x + 1e3, truth, PRIOR)
    assert adjusted_rand_score(truth[0], found.labels[0]) == 1


def test_the_input_is_left_alone_and_labels_are_dense():
    x, _ = clusters(9)
    start = 3 * (np.arange(x.shape[1])[None] % 5)
    kept = start.copy(), x.copy()
    found = split_merge(np.random.default_rng(0), x, start, PRIOR, Moves(rounds=0))
    assert (start == kept[0]).all()
    assert (x == kept[1]).all()
    assert found.counts.shape == (1, 1)
    assert sorted(set(found.labels[0])) == list(range(found.counts[0, 0]))


def run(**changes):
    x, labels = clusters(0)
    given = {"rng": np.random.default_rng(0), "x": x, "labels": labels, "prior": PRIOR}
    return split_merge(**(given | changes))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Prior(0.0, 10.0, 1.0), "^kappa"),
        (lambda: Prior(0.01, np.nan, 1.0), "^nu"),
        (lambda: Prior(0.01, 10.0, -1.0), "^scale"),
        (lambda: Prior(0.01, 10.0, 1.0, 0.0), "^concentration"),
        (lambda: Moves(rounds=-1), "^rounds"),
        (lambda: Moves(floor=1.1), "^floor"),
        (lambda: Moves(side=0), "^side"),
        (lambda: run(x=np.zeros((4, 2))), "^x has 2 axes"),
        (lambda: run(x=np.full((1, 120, 3), np.nan)), "^x has NaN"),
        (lambda: run(labels=np.zeros((1, 7), int)), "^labels has shape"),
        (lambda: run(labels=np.full((1, 120), 120)), "^labels holds"),
        (lambda: run(prior=Prior(0.01, 2.0, 1.0)), "^prior has nu=2.0: give .* = 2"),
        (lambda: run(rng=3), "^rng"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
