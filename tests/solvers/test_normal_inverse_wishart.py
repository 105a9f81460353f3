"""Conjugate Gaussian evidence against SciPy's t, quadrature, and all partitions of a few points."""

import math

import numpy as np
import pytest
import scipy.stats
from refutable.solvers.normal_inverse_wishart import (
    GroupStatistics,
    NormalInverseWishart,
    log_marginal,
    log_merge_ratio,
    log_predictive,
    log_split_ratio,
)
from scipy.integrate import dblquad, quad


def prior_of(d, kappa=0.5):
    rng = np.random.default_rng(d)
    root = rng.standard_normal((d, d))
    return NormalInverseWishart(rng.standard_normal(d), kappa, d + 1.5, root @ root.T + np.eye(d))


def points(n, d, seed=0):
    return 1.3 * np.random.default_rng(seed).standard_normal((n, d)) + 0.4


def predictive(law, x):
    freedom = float(law.nu) - law.d + 1
    shape = law.scale * (law.kappa + 1) / (law.kappa * freedom)
    return scipy.stats.multivariate_t(law.mean, shape, df=freedom).logpdf(x)


def one_by_one(law, x):
    """The posterior by adding one point after the other, from the textbook's one-point update."""
    mean, kappa, nu, scale = law.mean, float(law.kappa), float(law.nu), law.scale
    for point in x:
        apart = point - mean
        scale = scale + kappa / (kappa + 1) * np.outer(apart, apart)
        mean, kappa, nu = (kappa * mean + point) / (kappa + 1), kappa + 1, nu + 1
    return NormalInverseWishart(mean, kappa, nu, scale)


def chain(law, x):
    """Evidence by the product rule, with the predictive of SciPy."""
    return sum(predictive(one_by_one(law, x[:i]), x[i]) for i in range(len(x)))


@pytest.mark.parametrize("d", [1, 2, 6])
def test_predictive_is_the_t_of_scipy(d):
    law, x = prior_of(d), points(9, d)
    np.testing.assert_allclose(log_predictive(law, x), predictive(law, x), rtol=1e-12)


@pytest.mark.parametrize("d", [1, 3, 6])
def test_evidence_is_the_product_of_predictives(d):
    law, x = prior_of(d), points(25, d)
    group = GroupStatistics.of(x)
    np.testing.assert_allclose(log_marginal(law, group), chain(law, x), rtol=1e-12)
    ours, theirs = law.posterior(group), one_by_one(law, x)
    for name in ("mean", "kappa", "nu", "scale"):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-11)


def test_evidence_integrates_to_one_and_matches_the_prior_by_quadrature():
    law = NormalInverseWishart([0.3], 0.7, 2.5, [[1.2]])

    def pair(y, x):
        return math.exp(log_marginal(law, GroupStatistics.of([[x], [y]])))

    t = scipy.stats.t(2.5, 0.3, np.sqrt(1.2 * 1.7 / (0.7 * 2.5)))
    x = 0.9
    row = quad(lambda y: pair(y, x), -np.inf, np.inf)[0]
    assert abs(row - t.pdf(x)) < 1e-8

    def normal(value, mean, variance):
        return math.exp(-((value - mean) ** 2) / (2 * variance)) / math.sqrt(2 * math.pi * variance)

    def joint(mean, variance):
        likelihood = normal(0.9, mean, variance) * normal(-0.4, mean, variance)
        inverse_gamma = 0.6**1.25 / math.gamma(1.25) * variance**-2.25 * math.exp(-0.6 / variance)
        return likelihood * normal(mean, 0.3, variance / 0.7) * inverse_gamma

    area = dblquad(joint, 1e-6, 200, lambda v: -12 * v**0.5 - 3, lambda v: 12 * v**0.5 + 3)[0]
    assert abs(area - pair(-0.4, 0.9)) < 1e-5 * area


def test_mode_covariance_is_where_the_joint_density_is_largest():
    law = NormalInverseWishart([0.3], 0.7, 2.5, [[1.2]])
    v = np.linspace(0.05, 1.0, 20_001)
    density = scipy.stats.invgamma.logpdf(v, 1.25, scale=0.6) - 0.5 * np.log(v)
    assert abs(v[density.argmax()] - law.mode_covariance[0, 0]) < 1e-4


def partitions(n):
    """All partitions of n points as label vectors in order of first appearance."""
    rows = [[0]]
    for _ in range(n - 1):
        rows = [[*r, g] for r in rows for g in range(max(r) + 2)]
    return rows


def restaurant(labels, alpha):
    """Log probability of a partition by seating one point after the other."""
    log = 0.0
    for i, g in enumerate(labels):
        before = labels[:i]
        weight = before.count(g) if g in before else alpha
        log += math.log(weight / (alpha + i))
    return log


@pytest.mark.parametrize("alpha", [1.0, 0.3])
def test_split_and_merge_ratios_are_odds_among_all_partitions(alpha):
    x, law = points(5, 2, 3), prior_of(2)
    tables = {
        tuple(labels): restaurant(labels, alpha)
        + sum(chain(law, x[np.array(labels) == g]) for g in set(labels))
        for labels in partitions(5)
    }
    assert len(tables) == 52
    total = np.logaddexp.reduce(list(tables.values()))
    whole = tables[0, 0, 0, 0, 0]
    for labels, value in tables.items():
        if max(labels) == 1:
            first, second = (GroupStatistics.of(x[np.array(labels) == g]) for g in (0, 1))
            odds = log_split_ratio(law, first, second, alpha)
            np.testing.assert_allclose(odds, (value - total) - (whole - total), atol=1e-10)
            assert odds + log_merge_ratio(law, second, first, alpha) == pytest.approx(0, abs=1e-12)


def test_split_ratio_of_planted_halves():
    rng, found = np.random.default_rng(4), []
    half = rng.standard_normal((2, 50, 1))
    for sep in (0.0, 2.0, 6.0):
        x = half + np.array([0.0, sep])[:, None, None]
        law = NormalInverseWishart(x.mean(axis=(0, 1)), 0.01, 3.0, np.eye(1))
        found.append(log_split_ratio(law, *(GroupStatistics.of(h) for h in x)))
    assert found[0] < found[1] < 0 < found[2]
    assert found[0] < -60


def test_groups_of_a_partition_and_their_union():
    x = points(30, 3, 5)
    label = np.random.default_rng(6).integers(0, 3, 30)
    groups = GroupStatistics.by_label(x, label, 4)
    for i in range(3):
        own = GroupStatistics.of(x[label == i])
        np.testing.assert_allclose(groups[i].mean, own.mean, rtol=1e-12)
        np.testing.assert_allclose(groups[i].scatter, own.scatter, atol=1e-11)
    assert log_marginal(prior_of(3), groups[3]) == 0
    union, all_ = groups[0].merged(groups[1]).merged(groups[2]), GroupStatistics.of(x)
    np.testing.assert_allclose(union.mean, all_.mean, rtol=1e-12)
    np.testing.assert_allclose(union.scatter, all_.scatter, rtol=1e-11)
    same = groups[3].merged(groups[0])
    np.testing.assert_array_equal(same.mean, groups[0].mean)


def test_leading_axes_broadcast():
    x, law = points(24, 2, 7).reshape(3, 8, 2), prior_of(2)
    together = log_marginal(law, GroupStatistics.of(x))
    np.testing.assert_allclose(
        together, [log_marginal(law, GroupStatistics.of(part)) for part in x], rtol=1e-13
    )
    after = law.posterior(GroupStatistics.of(x))
    each = [predictive(one_by_one(law, part), [0.2, 0.1]) for part in x]
    np.testing.assert_allclose(log_predictive(after, [0.2, 0.1]), each, rtol=1e-12)


LAW, GROUP = prior_of(2), GroupStatistics.of(points(4, 2))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: NormalInverseWishart([0, 0], 0.0, 3.0, np.eye(2)), "^kappa"),
        (lambda: NormalInverseWishart([0, 0], 1.0, 1.0, np.eye(2)), "^nu holds 1.0: give .* = 1"),
        (lambda: NormalInverseWishart([0, 0], 1.0, 3.0, np.eye(3)), "^scale has shape"),
        (lambda: NormalInverseWishart([0, 0], 1.0, 3.0, -np.eye(2)), "^scale is not positive"),
        (lambda: NormalInverseWishart([0, 0], 1.0, 3.0, [[1, 1], [0, 1]]), "^scale is not sym"),
        (lambda: NormalInverseWishart([0, np.nan], 1.0, 3.0, np.eye(2)), "^mean"),
        (lambda: GroupStatistics.of(np.empty((0, 2))), "^x is empty"),
        (lambda: GroupStatistics.by_label(np.ones((2, 2)), [0, 2], 2), "^labels holds"),
        (lambda: LAW.posterior(GroupStatistics.of(np.ones((2, 3)))), "^group has shape"),
        (lambda: log_predictive(LAW, [1.0]), "^x has shape"),
        (lambda: log_split_ratio(LAW, GROUP, GROUP, 0.0), "^concentration"),
        (
            lambda: log_split_ratio(LAW, GROUP, GroupStatistics(0 * GROUP.count, *[0] * 2)),
            "^second holds an empty",
        ),
        (lambda: GROUP.merged(GroupStatistics.of(np.ones((2, 3)))), "^other has shape"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
