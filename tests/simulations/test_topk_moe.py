"""The hand-made over-fitted measures and the search over bounded parameters."""

import numpy as np
import pytest
from refutable.simulations.experts import _moe_topk as topk
from refutable.simulations.experts import topk_moe as claims
from refutable.simulations.experts._gaussian_moe import efficiency as exact
from refutable.solvers.gaussian_moe import Gate, Layout
from refutable.theory.experts import topk_moe as theory

from refutable import Cell


def test_information_of_the_top_k_gate_differs_from_the_dense_one():
    sparse, dense = exact.information("top-2"), exact.information("top-2", Gate())
    ratio = np.diag(np.linalg.inv(sparse)) / np.diag(np.linalg.inv(dense))
    assert ratio.min() < 0.8 or ratio.max() > 1.25


def test_facts_about_the_cardinality():
    change = {case: claims.cardinality(Cell({"case": case}))["change"] for case in claims.FACTS}
    assert change["dead expert"] == 0
    assert change["clones apart in rank"] < 1e-5
    assert min(change["top expert cloned"], change["top clones, one more kept"]) > 0.1


def test_a_clone_moves_the_density_in_proportion_to_its_shift():
    base = theory.BASE_TRUTH
    small, large = (
        topk.density_change(base, 2, theory.clone(base, 2, eps, 0.0), 2) for eps in (1e-6, 1e-4)
    )
    assert large / small == pytest.approx(100, rel=0.05)


def test_population_minimum_is_zero_only_with_enough_experts_kept():
    assert topk.population_minimum(2, 1, 3, 1, 2) < 1e-10
    assert topk.population_minimum(3, 2, 4, 1, 1) > 0.1


def test_starts_and_box_fit_together():
    layout = Layout(4, 1, False)
    low, high = topk._box(layout)
    starts = topk._starts(theory.BASE_TRUTH, layout, 3)
    assert starts.shape == (3, layout.size) == (3, len(high))
    assert (low < high).all()


def test_gate_change_matters_only_through_the_ranking_at_one():
    assert claims.gate_change(Cell({"kept": 1}))["change"] == 0
    assert claims.ranking_change(Cell({"kept": 1}))["change"] > 0.1
    assert claims.two_kept(Cell({"kept": 1}))["change"] > 0.1


def test_published_truth_uses_its_second_expert_only_with_the_intercept():
    assert claims.experts_in_use(Cell({"with_intercept": False}))["second"] == 0
    share = claims.experts_in_use(Cell({"with_intercept": True}))["second"]
    assert share == pytest.approx(8 / 25, abs=1e-4)
