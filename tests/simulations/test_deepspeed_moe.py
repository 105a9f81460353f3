"""The experiments of DeepSpeed-MoE: both routes to the sizes, and controls that break enough."""

from fractions import Fraction

import numpy as np
import pytest
from refutable.simulations.experts.deepspeed_moe import (
    _tensors,
    all_to_all,
    cost_factors,
    dispatch,
    distilled_averages,
    printed_sizes,
)
from refutable.solvers import accounting
from refutable.theory.experts import deepspeed_moe as theory

from refutable import Cell


@pytest.mark.parametrize("name", theory.DECODERS)
def test_tensor_list_and_closed_form_agree(name):
    decoder = theory.DECODERS[name]
    assert _tensors.counted(decoder) == theory.parameters(decoder)


@pytest.mark.parametrize("name", theory.DECODERS)
def test_activated_parameters_by_tensors_and_in_closed_form(name):
    decoder = theory.DECODERS[name]
    found = accounting.activated(_tensors.tensors_of(decoder))
    assert found == theory.activated_parameters(decoder)
    layers = len(decoder.experts)
    branch = 8 * decoder.width**2 + 5 * decoder.width + 2 * decoder.width + 2
    extra = sum(decoder.experts) * decoder.width + decoder.residual * layers * branch
    assert found == theory.parameters(theory.Decoder(decoder.layers, decoder.width)) + extra


def test_a_token_of_the_plain_mixture_meets_the_printed_size_of_its_base():
    met = accounting.activated(_tensors.tensors_of(theory.DECODERS["1.3B+MoE-128"]))
    assert accounting.prints(Fraction(met, 10**9), "1.3")
    assert not accounting.prints(Fraction(met, 10**9), "1.4")


@pytest.mark.parametrize(
    ("base", "layers", "h"), [("8", 40, 4096), ("24", 30, 8192), ("47", 58, 8192)]
)
def test_activated_matrices_print_the_base_of_the_inference_table(base, layers, h):
    """Table 6, the layer counts of the 8B and 24B rows exchanged as in the authors' blog post."""
    attention = accounting.linear("attention", h, 4 * h, bias=False)
    up, down = ((h, 4 * h), (4 * h, h))
    network = tuple(t for a, b in (up, down) for t in accounting.linear("w", a, b, bias=False))
    sparse = layers // 2
    model = (
        *accounting.repeated(attention, layers),
        *accounting.repeated(network, layers - sparse),
        *accounting.repeated(accounting.experts(network, 128, 1), sparse),
    )
    assert accounting.parameters(model) == theory.core_parameters(layers, h)
    assert accounting.prints(Fraction(accounting.activated(model), 10**9), base)


@pytest.mark.parametrize(
    ("change", "rows"),
    [
        (_tensors.counted, 0),
        (_tensors.residual_twice, 4),
        (_tensors.moe_in_every_layer, 7),
        (_tensors.student_by_width, 4),
    ],
)
def test_every_changed_count_breaks_printed_rows(change, rows):
    def broken(entry, printed):
        found = {m: printed_sizes.table_row(Cell({"model": m}), change)[entry] for m in printed}
        return sum(not accounting.prints(found[m], printed[m]) for m in printed)

    found = broken("billions", theory.PRINTED_BILLIONS)
    assert found + broken("reduction", theory.PRINTED_REDUCTIONS) == rows


def test_top_2_from_tensors_costs_a_third_more():
    """Every second layer gets one more network of 8 h^2; a dense layer has 12 h^2."""
    extra = cost_factors.top_2_extra(theory.DECODERS["1.3B+MoE-128"])
    assert extra == Fraction(8, 2 * 12)


def test_cost_factors():
    costs = cost_factors.cost_factors(Cell({}))
    assert float(costs["training"]) == pytest.approx(5.06, abs=5e-3)
    assert float(costs["throughput"]) == pytest.approx(5.31, abs=5e-3)
    assert float(costs["inference"]) == pytest.approx(7.88, abs=5e-3)
    assert float(costs["pr_moe_350m"]) == pytest.approx(0.313, abs=5e-4)


def test_blocks_out_of_order_are_seen():
    cell = Cell({"ranks": 16, "group": 2})
    assert all_to_all.hierarchical_exchange(cell)["same_data"]
    assert not all_to_all.hierarchical_exchange(cell, order=all_to_all.by_local_index)["same_data"]


def test_how_much_more_is_one_less_than_how_many_times():
    times, more = (
        cost_factors.cost_factors(Cell({}), factor=f)
        for f in (cost_factors.times, cost_factors.more)
    )
    for name in ("training", "throughput", "inference"):
        assert more[name] == times[name] - 1


def test_growth_is_that_of_the_square_root():
    found = all_to_all.growth(Cell({"largest_root": 16}))
    assert found["exponent"] == pytest.approx(0.5)
    assert list(found["beyond"]) == [0, 0]  # against the 14 and 30 messages of p = 64 and 256
    halved = all_to_all.growth(Cell({"largest_root": 16}), all_to_all.half_root)
    assert list(halved["beyond"]) == [(4 - 1) + (16 - 1) - 14, (8 - 1) + (32 - 1) - 30]
    assert halved["exponent"] == pytest.approx(0.5, abs=0.06)


def test_misplaced_positions_are_seen():
    cell = Cell(dispatch.layer(64, 4, 3, 12))
    right = dispatch.whole_layers(cell, np.random.default_rng(0), 3)
    wrong = dispatch.whole_layers(cell, np.random.default_rng(0), 3, shift=1)
    assert right["same_dispatch"].all()
    assert not wrong["same_dispatch"].any()
    assert (right["dropped"] == 0).all()


def test_retention_of_the_small_student():
    small = distilled_averages.averages(Cell({}), "350M")
    assert float(small["retained"]) == pytest.approx(97.8, abs=0.05)
    large = distilled_averages.averages(Cell({}), "1.3B")
    assert large["retained_low"] < large["retained"] < large["retained_high"]
