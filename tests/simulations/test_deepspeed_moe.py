"""The experiments of DeepSpeed-MoE: both routes to the sizes, and controls that break enough."""

import numpy as np
import pytest
from refutable.simulations.experts.deepspeed_moe import _tensors as sizes
from refutable.simulations.experts.deepspeed_moe import all_to_all as messages
from refutable.simulations.experts.deepspeed_moe import inference_table as simulation
from refutable.theory.experts import deepspeed_moe as theory

from refutable import Cell


@pytest.mark.parametrize("name", theory.DECODERS)
def test_tensor_list_and_closed_form_agree(name):
    decoder = theory.DECODERS[name]
    assert sizes.counted(decoder) == theory.parameters(decoder)


@pytest.mark.parametrize(
    ("change", "rows"),
    [
        (sizes.counted, 0),
        (sizes.residual_twice, 4),
        (sizes.moe_in_every_layer, 7),
        (sizes.student_by_width, 4),
    ],
)
def test_every_changed_count_breaks_printed_rows(change, rows):
    assert sizes.broken_rows(change)(Cell({}))["rows_broken"] == rows


def test_top_2_from_tensors_is_the_closed_form():
    extra = sizes.top_2_extra(theory.DECODERS["1.3B+MoE-128"])
    assert extra == theory.extra_cost_of_second_expert(2048)


def test_cost_factors():
    costs = sizes.cost_factors(sizes.counted)(Cell({}))
    assert float(costs["training"]) == pytest.approx(5.06, abs=5e-3)
    assert float(costs["throughput"]) == pytest.approx(5.31, abs=5e-3)
    assert float(costs["inference"]) == pytest.approx(7.88, abs=5e-3)
    assert float(costs["pr_moe_350m"]) == pytest.approx(0.313, abs=5e-4)


def test_growth_is_that_of_the_square_root():
    assert messages.growth(Cell({"largest_root": 16}))["exponent"] == pytest.approx(0.5)


def test_misplaced_positions_are_seen():
    cell = Cell(simulation._layer(64, 4, 3, 12))
    right = messages.dispatch()(cell, np.random.default_rng(0), 3)
    wrong = messages.dispatch(shift=1)(cell, np.random.default_rng(0), 3)
    assert right["same_dispatch"].all()
    assert not wrong["same_dispatch"].any()
    assert (right["dropped"] == 0).all()


def test_retention_of_the_small_student():
    small = sizes.averages("350M teacher", "350M student")(Cell({}))
    assert float(small["retained"]) == pytest.approx(97.8, abs=0.05)
    large = sizes.averages("1.3B teacher", "1.3B student")(Cell({}))
    assert large["retained_low"] < large["retained"] < large["retained_high"]
