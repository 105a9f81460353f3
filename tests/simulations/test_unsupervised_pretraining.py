"""The mechanisms behind the claims, at sizes that take a moment."""

import numpy as np
import pytest
from refutable.simulations.learning.unsupervised_pretraining import (
    _factors,
    break_even,
    clusters,
    two_terms,
)
from refutable.theory.learning import unsupervised_pretraining as theory
from scipy.stats import chi2, ks_2samp

from refutable import Cell


@pytest.mark.parametrize("loading", ["equal", "unequal"])
def test_the_two_terms(loading):
    cell, model = Cell({"m": 2000, "n": 500, "loading": loading}), _factors.MODELS[loading]
    run = two_terms.two_terms(cell, np.random.default_rng(1), 100)
    found = run["subspace_excess"].mean()
    assert found == pytest.approx(theory.subspace_term(model, 2000), rel=0.06)
    assert (run["excess"] > run["subspace_excess"]).all()
    labels = (run["excess"] - run["subspace_excess"]).mean()
    assert labels == pytest.approx(theory.label_term(model, 500), rel=0.2)


def test_loadings_made_alike_cost_what_their_mean_square_does():
    equal, unequal = (Cell({"m": 2000, "n": 500, "loading": name}) for name in _factors.MODELS)
    alike, plain = (
        two_terms.two_terms(cell, np.random.default_rng(2), 100, alike=change)["subspace_excess"]
        for cell, change in ((unequal, True), (equal, False))
    )
    np.testing.assert_allclose(alike, (_factors.UNEQUAL.loadings**2).mean() * plain)
    assert alike.mean() < 0.85 * theory.subspace_term(_factors.UNEQUAL, 2000)


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
    basis = _factors.pretrained_basis(np.random.default_rng(2), 20, 2000, strength=0.0)
    theta, variances = _factors.MODEL.theta, _factors.MODEL.variances
    by_chance = _factors.MODEL.rank * ((theta * variances) ** 2).sum() / variances.sum()
    nothing = (theta**2 * variances).sum() - by_chance
    assert _factors.subspace_excess(basis).mean() == pytest.approx(nothing, rel=0.06)


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


def test_the_second_term_is_a_chi_square():
    """With d - r degrees of freedom: what the cuts and the number of runs are reckoned with."""
    model = _factors.MODEL
    basis = _factors.pretrained_basis(np.random.default_rng(7), 600, 32_000)
    seen = _factors.subspace_excess(basis) / theory.subspace_term(model, 32_000)
    free = model.dim - model.rank
    assert ks_2samp(seen, chi2.rvs(free, size=20_000, random_state=8) / free).pvalue > 1e-3


def test_fewer_points_and_more_components_cost_what_they_should():
    cell = Cell({"m": 8000, "n": 500})
    model = _factors.MODEL
    fewer = two_terms.two_terms(cell, np.random.default_rng(9), 200, share=0.5)
    assert fewer["subspace_excess"].mean() == pytest.approx(
        theory.subspace_term(model, 4000), rel=0.05
    )
    wide = two_terms.two_terms(cell, np.random.default_rng(10), 200, components=20)
    labels = (wide["excess"] - wide["subspace_excess"]).mean()
    assert labels == pytest.approx(model.residual * 20 / (500 - 21), rel=0.1)


def test_no_run_counts_for_more_than_its_cut():
    cell = Cell({"m": 8000, "n": 500})
    raw = two_terms.two_terms(cell, np.random.default_rng(11), 40, share=0.05)
    cut = two_terms.cut_terms(cell, np.random.default_rng(11), 40, share=0.05)
    most = 2 * theory.subspace_term(_factors.MODEL, 8000)
    assert raw["subspace_excess"].max() > most
    np.testing.assert_array_equal(cut["subspace_excess"], np.minimum(raw["subspace_excess"], most))
    most = 5 * theory.pretrained_excess(_factors.MODEL, 8000, 500)
    np.testing.assert_array_equal(cut["excess"], np.minimum(raw["excess"], most))


def test_a_share_of_the_bound_is_violated():
    cell = Cell({"m": 32_000, "n": 2000})
    run = two_terms.against_bound(cell, np.random.default_rng(12), 60, share=0.04)
    np.testing.assert_array_equal(run["violated"], run["tightness"] > 0.04)
    assert 0.4 < run["violated"].mean() < 0.95
    exact = theory.pretrained_excess(_factors.MODEL, 32_000, 2000)
    bound = theory.square_root_bound(100, 5, 32_000, 2000)
    assert run["tightness"].mean() == pytest.approx(exact / bound, rel=0.25)


def test_weaker_factors_shift_the_break_even():
    cell = Cell({"n": 5000, "ratio": 2.0})
    as_stated, weaker = (
        break_even.advantage(cell, np.random.default_rng(13), 40, strength)["advantage"].mean()
        for strength in (1.0, 0.5)
    )
    assert as_stated > 0.015
    assert weaker < -0.005


def test_labels_that_agree_less_mislead_more_majorities():
    cell = Cell({"n": 20, "m": 1000, "separation": 6.0})
    run = clusters.cluster_then_label(cell, np.random.default_rng(14), 24, agreement=0.7)
    assert run["over_floor"].mean() == pytest.approx(
        0.6 * theory.wrong_majority(20, 8, 0.7), abs=0.02
    )
    assert run["over_floor"].max() <= clusters.CUT[1]
