"""The mechanisms behind the claims, at sizes that take a moment."""

import numpy as np
import pytest
from refutable.simulations.learning.unsupervised_pretraining import (
    _factors,
    clusters,
    two_terms,
)
from refutable.theory.learning import unsupervised_pretraining as theory
from scipy.stats import ks_2samp

from refutable import Cell


def test_the_two_terms():
    cell = Cell({"m": 2000, "n": 500})
    run = two_terms.two_terms(cell, np.random.default_rng(1), 60)
    assert run["subspace_excess"].mean() == pytest.approx(
        theory.subspace_term(_factors.MODEL, 2000), rel=0.1
    )
    assert (run["excess"] > run["subspace_excess"]).all()


def test_labelled_moments_have_the_law_of_drawn_points():
    rng, model = np.random.default_rng(6), _factors.MODEL
    gram, cross = _factors.labelled(rng, 2000, 150)
    x = rng.standard_normal((1000, 150, model.dim)) * np.sqrt(model.variances)
    y = x @ model.theta + np.sqrt(model.residual) * rng.standard_normal((1000, 150))
    drawn = np.einsum("snd,sn->sd", x, y)
    for k in (0, 50):
        assert ks_2samp(cross[:, k], drawn[:, k]).pvalue > 1e-4
    assert ks_2samp(gram[:, 0, 0], (x[..., 0] ** 2).sum(axis=1)).pvalue > 1e-4


def test_points_without_factors_teach_nothing():
    cell = Cell({"m": 2000, "n": 500})
    run = two_terms.two_terms(cell, np.random.default_rng(2), 20, informative=False)
    theta, variances = _factors.MODEL.theta, _factors.MODEL.variances
    by_chance = _factors.MODEL.rank * ((theta * variances) ** 2).sum() / variances.sum()
    nothing = (theta**2 * variances).sum() - by_chance
    assert run["subspace_excess"].mean() == pytest.approx(nothing, rel=0.06)


def test_majorities_are_taken_per_cluster():
    cluster = np.array([[0, 0, 0, 1, 1]])
    y = np.array([[1.0, 1.0, -1.0, -1.0, -1.0]])
    votes = clusters._vote(np.random.default_rng(3), cluster, y)[0]
    assert tuple(votes[:2]) == (1, -1)
    assert set(np.abs(votes)) == {1}


def test_the_nearest_centre_is_found():
    rng = np.random.default_rng(4)
    points, centres = rng.standard_normal((2, 30, 5)), rng.standard_normal((2, 4, 5))
    by_hand = ((points[:, :, None] - centres[:, None]) ** 2).sum(axis=3).argmin(axis=2)
    assert (clusters._nearest(points, centres) == by_hand).all()


def test_clusters_help_only_when_separated():
    rng = np.random.default_rng(5)
    far, near = (
        clusters.cluster_then_label(Cell({"n": 80, "m": 1000, "separation": s}), rng, 6)
        for s in (5.0, 0.5)
    )
    assert far["advantage"].mean() > 0.1
    assert near["advantage"].mean() < 0.03
    assert far["over_floor"].mean() == pytest.approx(
        clusters._wrong_majority(Cell({"n": 80})), abs=0.015
    )
