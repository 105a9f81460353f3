"""Merges against climbing the sum of log densities, and against one another."""

import numpy as np
import pytest
from refutable.solvers import gaussian_merging as gm
from scipy import optimize, stats

RNG = np.random.default_rng(0)
MEANS = RNG.standard_normal((3, 2))
ROOTS = RNG.standard_normal((3, 2, 2))
PRECISIONS = ROOTS @ np.swapaxes(ROOTS, -1, -2) + 0.3 * np.eye(2)
WEIGHTS = np.array([0.5, 1.0, 2.0])


def climbed(precisions, weights):
    def fall(theta):
        return -sum(
            w * stats.multivariate_normal.logpdf(theta, m, np.linalg.inv(f))
            for w, m, f in zip(weights, MEANS, precisions, strict=True)
        )

    return optimize.minimize(fall, np.zeros(2), tol=1e-12).x


def test_the_full_mode_is_the_highest_point():
    assert gm.full_mode(MEANS, PRECISIONS, WEIGHTS) == pytest.approx(
        climbed(PRECISIONS, WEIGHTS), abs=1e-6
    )
    assert gm.full_mode(MEANS, PRECISIONS) == pytest.approx(
        climbed(PRECISIONS, np.ones(3)), abs=1e-6
    )


def test_the_diagonal_mode_is_the_highest_point():
    diagonal = np.diagonal(PRECISIONS, axis1=1, axis2=2)
    wanted = climbed(diagonal[..., None] * np.eye(2), WEIGHTS)
    assert gm.diagonal_mode(MEANS, diagonal, WEIGHTS) == pytest.approx(wanted, abs=1e-6)


def test_the_average_is_that_of_numpy():
    wanted = np.average(MEANS, axis=0, weights=WEIGHTS)
    assert gm.average(MEANS, WEIGHTS) == pytest.approx(wanted)
    assert gm.average(MEANS) == pytest.approx(MEANS.mean(axis=0))


def test_batches_are_merged_one_by_one_and_precisions_broadcast():
    many = RNG.standard_normal((5, 3, 2))
    diagonal = np.ascontiguousarray(np.diagonal(PRECISIONS, axis1=1, axis2=2))
    for merge, shared in ((gm.full_mode, PRECISIONS), (gm.diagonal_mode, diagonal)):
        together = merge(many, shared, WEIGHTS)
        own = merge(many, np.stack([shared] * 5), WEIGHTS)
        for row in range(5):
            alone = merge(many[row], shared, WEIGHTS)
            assert together[row] == pytest.approx(alone)
            assert own[row] == pytest.approx(alone)


def test_without_any_precision_there_is_no_mode():
    with pytest.raises(ValueError, match="^precisions.*regular"):
        gm.full_mode(MEANS, np.zeros((3, 2, 2)))
    with pytest.raises(ValueError, match="^precisions.*each coordinate"):
        gm.diagonal_mode(MEANS, np.array([[1.0, 0.0]] * 3))


def test_shapes_go_together():
    with pytest.raises(ValueError, match="^precisions.*broadcast"):
        gm.diagonal_mode(np.stack([MEANS] * 4), np.ones((2, 3, 2)))
    with pytest.raises(ValueError, match="^precisions.*as the means"):
        gm.full_mode(MEANS, PRECISIONS[:2])
