"""The hand-made over-fitted measures and the search over bounded parameters."""

import numpy as np
import pytest
from refutable.simulations.experts._gaussian_moe.efficiency import information
from refutable.simulations.experts.topk_moe import cardinality, clone_elsewhere, one_expert_kept
from refutable.simulations.experts.topk_moe import population_minimum as population
from refutable.simulations.experts.topk_moe._densities import density_change
from refutable.solvers.gaussian_moe import Gate, Layout
from refutable.theory.experts import topk_moe as theory

from refutable import Cell


def test_information_of_the_top_k_gate_differs_from_the_dense_one():
    sparse, dense = information("top-2"), information("top-2", Gate())
    ratio = np.diag(np.linalg.inv(sparse)) / np.diag(np.linalg.inv(dense))
    assert ratio.min() < 0.8 or ratio.max() > 1.25


def test_facts_about_the_cardinality():
    change = {
        case: cardinality.cardinality(Cell({"case": case}))["change"] for case in cardinality.FACTS
    }
    assert change["dead expert"] == 0
    assert change["clones apart in rank"] < 1e-5
    assert min(change["top expert cloned"], change["top clones, one more kept"]) > 0.1


def test_a_clone_moves_the_density_in_proportion_to_its_shift():
    base = theory.BASE_TRUTH
    small, large = (
        density_change(base, 2, theory.clone(base, 2, eps, 0.0), 2) for eps in (1e-6, 1e-4)
    )
    assert large / small == pytest.approx(100, rel=0.05)


def test_population_minimum_is_zero_only_with_enough_experts_kept():
    assert population.population_minimum(2, 1, 3, 1, 2) < 1e-10
    assert population.population_minimum(3, 2, 4, 1, 1) > 0.1


def test_starts_and_box_fit_together():
    layout = Layout(4, 1, False)
    low, high = population._box(layout)
    starts = population._starts(theory.BASE_TRUTH, layout, 3)
    assert starts.shape == (3, layout.size) == (3, len(high))
    assert (low < high).all()


def test_gate_change_matters_only_through_the_ranking_at_one():
    assert one_expert_kept.gate_change(Cell({"kept": 1}))["change"] == 0
    assert one_expert_kept.gate_change(Cell({"kept": 1}), swap=True)["change"] > 0.1
    assert one_expert_kept.gate_change(Cell({"kept": 1}), kept=2)["change"] > 0.1
    small = [
        one_expert_kept.gate_change(Cell({"kept": 1}), kept=2, by=by)["change"]
        for by in (1e-3, 5e-4)
    ]
    assert small[0] / small[1] == pytest.approx(2, rel=0.01)  # to first order in the change
    assert small[0] < 0.01


@pytest.mark.parametrize(("slope", "changes"), [(0.999, False), (1.001, True)])
def test_a_third_expert_is_selected_from_the_largest_slope_on(monkeypatch, slope, changes):
    monkeypatch.setattr(cardinality, "JUST_SELECTED", slope)
    change = cardinality.awake(Cell({"case": cardinality.FACTS[0]}))["change"]
    assert (change > 0.1) is changes


def test_published_truth_uses_its_second_expert_only_with_the_intercept():
    assert one_expert_kept.experts_in_use(Cell({"with_intercept": False}))["second"] == 0
    share = one_expert_kept.experts_in_use(Cell({"with_intercept": True}))["second"]
    assert share == pytest.approx(8 / 25, abs=1e-4)


def test_a_clone_is_kept_on_the_other_side_too():
    cell = Cell({"coordinate": "c", "kept": 3})
    real = clone_elsewhere.clone_cost(cell)
    dense = clone_elsewhere.clone_cost(cell, kept=4, truth_keeps=None)
    assert real["least"] > 1e3 * dense["least"]
    base = theory.BASE_TRUTH
    copies = theory.clone(base, 1, 0.0, -np.log(2))
    left = np.array([[-0.5]])
    assert theory.selected(copies.b1[:, None], left, 3)[0, 1:3].sum() == 1
    assert not theory.selected(base.b1[:, None], left, 2)[0, 1]
