"""The experiments of FactorLLM: subsets, labels and counts do what their names say."""

from itertools import combinations

import numpy as np
import pytest
from refutable.simulations.experts.factor_llm import _routers, partition, pseudo_label, savings

from refutable import Cell

NETWORK = Cell({"activation": "silu", "tokens": 20})
LABEL = {"n": 4, "hidden": 64, "tokens": 40}


def rng():
    return np.random.default_rng(0)


def test_only_the_right_cut_adds_up():
    assert (partition.cut_and_add(NETWORK, rng(), 2)["gap"] < 1e-12).all()
    assert (partition.cut_and_add(NETWORK, rng(), 2, one_permutation=False)["gap"] > 0.1).all()
    assert (partition.cut_and_add(NETWORK, rng(), 2, bias=1.0)["gap"] > 0.1).all()
    soft = Cell({"activation": "normalising", "tokens": 20})
    assert (partition.cut_and_add(soft, rng(), 2)["gap"] > 0.1).all()


def test_errors_against_loops_over_subsets():
    experts = rng().normal(size=(1, 2, 4, 3))
    teacher = experts.sum(axis=2)
    chosen = _routers.nearest(experts, teacher / 2, 2)
    for token in range(2):
        near = np.argsort(((experts[0, token] - teacher[0, token] / 2) ** 2).sum(axis=1))[:2]
        assert set(np.flatnonzero(chosen[0, token])) == set(near)
        output = 2 * experts[0, token, near].sum(axis=0)
        direct = ((output - teacher[0, token]) ** 2).sum()
        assert _routers.error_of(experts, chosen, 2.0)[0, token] == pytest.approx(direct)


@pytest.mark.parametrize("structure", _routers.STRUCTURES)
def test_order_of_the_routers(structure):
    errors = _routers.routing_errors(Cell({**LABEL, "k": 2, "structure": structure}), rng(), 8)
    assert (errors["best"] <= errors["label"] + 1e-12).all()
    assert (errors["best"] <= errors["random"]).all()
    assert (errors["best_unscaled"] <= errors["closest_unscaled"] + 1e-12).all()


def test_random_is_the_mean_over_subsets():
    cell = Cell({**LABEL, "k": 2, "structure": "structured"})
    experts = _routers.labelled_networks(cell, rng(), 1)
    teacher = experts.sum(axis=2)
    direct = np.mean(
        [
            ((2 * experts[:, :, list(pair)].sum(axis=2) - teacher) ** 2).sum(axis=-1).mean()
            for pair in combinations(range(4), 2)
        ]
    )
    power = (teacher**2).sum(axis=-1).mean()
    assert _routers.routing_errors(cell, rng(), 1)["random"][0] == pytest.approx(direct / power)


def test_with_one_expert_the_label_is_the_best_choice():
    errors = _routers.routing_errors(Cell({**LABEL, "k": 1, "structure": "structured"}), rng(), 4)
    np.testing.assert_allclose(errors["label"], errors["best"])


def test_norm_coefficient():
    found = [pseudo_label.label_algebra(Cell({"n": 4, "k": k})) for k in (1, 2, 3)]
    assert [f["norm_coefficient"] for f in found] == [0.5, 0.0, -0.5]
    assert {f["expansion"] for f in found} == {"proved"}


def test_the_whole_number_of_the_released_code_is_another_share():
    released = pseudo_label.label_algebra(
        Cell({"n": 4, "k": 3}), compared=pseudo_label.released_share
    )
    assert released["norm_coefficient"] == -1.0
    assert released["expansion"].startswith("refuted")
    for k in (1, 2):  # N // K is N / K there
        assert pseudo_label.released_share(4, k) == pseudo_label.share(4, k)


def test_savings_follow_what_is_cut():
    whole = savings.flops(Cell({"n": 4, "k": 2}), cut=("ffn.gate", "ffn.up"))
    assert whole["ffn_saving_percent"] == pytest.approx(100 / 3)


def test_flops_of_one_of_four_experts():
    counts = savings.flops(Cell({"n": 4, "k": 1}))
    assert counts["ffn_saving_percent"] == 75
    assert counts["saving_with_embedding"] < counts["total_saving"] < 0.75
