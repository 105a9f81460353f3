"""The experiments of QMoE: sources, worlds and exact predictions."""

import numpy as np
import pytest
from refutable.simulations.compression.qmoe import _code as code
from refutable.simulations.compression.qmoe import (
    _sizes,
    codeword_counts,
    expected_compression,
    gptq,
    round_trip,
)
from refutable.solvers import quantization, ternary_codec
from refutable.theory.compression import qmoe as theory

from refutable import Cell

CELL = Cell({"p0": 0.885, "width": 300, "rows": 8})


@pytest.mark.parametrize("draw", [code.trits, codeword_counts.zero_runs])
def test_sources_have_the_stated_share_of_zeros_and_both_signs(draw):
    values = draw(np.random.default_rng(0), (400, 301), 0.885)
    assert values.shape == (400, 301)
    shares = [(values == sign).mean() for sign in (-1, 0, 1)]
    assert shares == pytest.approx([0.0575, 0.885, 0.0575], abs=5e-3)


def test_exact_compression_of_the_expert_shapes():
    found = [
        theory.compression(rows, columns, rows * code.expected_row(0.885, columns))
        for rows, columns in theory.SHAPES
    ]
    expected = [21.1032, 19.3389, 21.2651, 19.8936, 21.4296, 20.8021]
    assert found == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize(
    ("ties", "pairs", "bits", "efficiency"),
    [
        ("released", 10.8829, 0.7351, 0.857),
        ("sparse", 10.8545, 0.7370, 0.855),
        ("dense", 10.9351, 0.7316, 0.861),
    ],
)
def test_rates_of_other_orders_of_ties(ties, pairs, bits, efficiency):
    rate = code.rate(0.885, ties)
    assert rate.mean_pairs == pytest.approx(pairs, abs=5e-5)
    assert rate.bits_per_weight() == pytest.approx(bits, abs=5e-5)
    assert theory.trit_entropy(0.885) / rate.bits_per_weight() == pytest.approx(
        efficiency, abs=5e-4
    )
    released = code.rate(0.885).mean_pairs
    assert abs(rate.mean_pairs / released - 1) < theory.TIE_MARGIN


def test_random_orders_of_ties_move_the_rate_less():
    released = ternary_codec.build_dictionary(0.885)
    ties, law = ternary_codec.cut_ties(released), ternary_codec.pair_law(0.885)
    assert (ties.taken, len(ties.parents)) == (2490, 20800)
    for seed in range(3):
        priority = np.random.default_rng(seed).random(len(ties.parents))
        rate = ternary_codec.markov_rate(ternary_codec.retied(released, priority), law)
        assert code.rate(0.885, "sparse").mean_pairs < rate.mean_pairs
        assert rate.mean_pairs < code.rate(0.885, "dense").mean_pairs


@pytest.mark.parametrize("ties", code.TIES)
def test_expected_codewords_of_every_order_are_those_of_its_parse(ties):
    rows = code.trits(np.random.default_rng(3), (20_000, 128), 0.885)
    counts = ternary_codec.parse(rows, code.tied_book(0.885, ties)).per_row
    z = (counts.mean() - code.expected_row(0.885, 128, ties)) / counts.std() * np.sqrt(len(counts))
    assert abs(z) < 4.5


@pytest.mark.parametrize(("rows", "width"), theory.SHAPES)
def test_figures_of_the_expert_shapes_lie_between_the_extreme_orders(rows, width):
    found = expected_compression.compressions(Cell({"p0": 0.885, "rows": rows, "width": width}))
    assert found["least"] < found["compression"] < found["most"] < found["endless"]
    assert found["least"] < theory.EXPECTED_COMPRESSION[rows, width] < found["most"]


def test_rate_and_its_naive_form():
    assert code.rate(0.885).mean_pairs == pytest.approx(10.8829, abs=5e-5)
    naive = Cell({"p0": 0.885, "width": 2080})
    assert 1040 / code.naive(naive) == pytest.approx(11.6839, abs=5e-5)


def test_round_trip_world_and_its_broken_twin():
    assert (round_trip.round_trip(CELL, np.random.default_rng(0), 4)["wrong"] == 0).all()
    broken = round_trip.round_trip(CELL, np.random.default_rng(0), 4, decoded_with=0.88)
    assert (broken["wrong"] > 0).all()


@pytest.mark.parametrize("model", [theory.BASE, theory.LARGE, theory.C2048])
def test_listed_tensors_and_closed_form_agree(model):
    assert _sizes.listed(model) == theory.bf16_bytes(model) // 2
    assert _sizes.listed(model, "expert") == theory.expert_parameters(model)


def test_wrong_factor_is_the_other_triangular_root():
    cell = Cell({"correlation": 0.9, "rows": 3, "columns": 6})
    _, hessian = gptq.random_layer(cell, np.random.default_rng(0))
    wrong, right = gptq.wrong_factor(hessian), quantization.inverse_factor(hessian)
    inverse = np.linalg.inv(hessian)
    np.testing.assert_allclose(wrong @ wrong.T, inverse, rtol=1e-9)
    np.testing.assert_allclose(right.T @ right, inverse, rtol=1e-9)


def test_gptq_gains_with_correlation():
    cells = [Cell({"correlation": c, "rows": 64, "columns": 128}) for c in (0.0, 0.5, 0.9)]
    found = [gptq.layers(cell, np.random.default_rng(0), 4) for cell in cells]
    gains = [f["gptq_over_rounding"].mean() for f in found]
    assert gains == pytest.approx([0.83, 0.68, 0.28], abs=0.05)
    assert found[2]["trace_ratio"].mean() == pytest.approx(1 / 3.34, abs=0.02)
