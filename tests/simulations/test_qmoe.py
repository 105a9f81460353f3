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


@pytest.mark.parametrize("draw", [code.trits, codeword_counts.some_doubled])
def test_sources_have_the_stated_share_of_zeros_and_both_signs(draw):
    values = draw(np.random.default_rng(0), (400, 301), 0.885)
    assert values.shape == (400, 301)
    shares = [(values == sign).mean() for sign in (-1, 0, 1)]
    assert shares == pytest.approx([0.0575, 0.885, 0.0575], abs=5e-3)


def test_one_pair_in_twenty_repeats_its_first_trit():
    pairs = codeword_counts.some_doubled(np.random.default_rng(1), (2000, 301), 0.5)[:, :300]
    first, second = pairs[:, ::2].ravel(), pairs[:, 1::2].ravel()
    found = np.bincount(3 * (first + 1) + second + 1, minlength=9) / len(first)
    assert found == pytest.approx(code.law_of_pairs(0.5, codeword_counts.DOUBLED), abs=4e-3)
    assert code.law_of_pairs(0.5) == pytest.approx(ternary_codec.pair_law(0.5))


def test_declared_variances_of_the_codewords():
    cell = Cell({"p0": 0.885, "width": 2080})
    worlds = [({}, 0.0), ({"ties": "dense"}, 0.0), ({"source": codeword_counts.some_doubled}, 0.05)]
    for change, doubled in worlds:
        drawn = codeword_counts.codewords(cell, np.random.default_rng(4), 4000, **change)
        declared = code.variance_of_row(0.885, 2080, doubled)
        # the variance of 4000 counts has a relative deviation of about (2 / 4000)^.5 = .022
        assert drawn["codewords"].var() < 1.1 * declared
    dense = ternary_codec.variance_of_codewords(code.rate(0.885, "dense"), 1040)[-1]
    assert dense < code.variance_of_row(0.885, 2080)


@pytest.mark.parametrize(
    ("uniform", "column", "declared"),
    [
        (gptq.Grid(), "mean_over_predicted", theory.mean_ratio_variance(32)),
        (gptq.Grid(off=0.1), "mean_over_predicted", theory.mean_ratio_variance(32, 0.1)),
        (gptq.Grid(), "rounding_over_predicted", theory.rounding_ratio_variance(64)),
        (gptq.Grid(step=3.0), "rounding_over_predicted", theory.rounding_ratio_variance(64)),
    ],
)
def test_declared_variances_of_the_mean_errors(uniform, column, declared):
    cell = Cell({"correlation": 0.9, "rows": 32, "columns": 8})
    drawn = gptq.layers(cell, np.random.default_rng(0), 300, uniform=uniform)[column]
    assert drawn.var() < declared


@pytest.mark.parametrize("centre", [0.0, 0.1, 0.25])
def test_rounding_errors_are_uniform_on_the_grid_of_the_claim_but_not_on_the_control(centre):
    w = np.linspace(-10, 10, 400_001)
    density = np.exp(-((w - centre) ** 2) / 2)
    density /= density.sum()
    for grid, error in ((gptq.Grid(), 1.0), (gptq.Grid(step=3.0), None)):
        ratio = density @ (w - grid(w)) ** 2 / (grid.step**2 / 12)
        if error is None:  # Poisson summation, two terms
            decays = np.exp(-2 * np.pi**2 * np.array([1, 4]) / 9)
            waves = np.cos(2 * np.pi * np.array([1, 2]) * centre / 3)
            error = 1 + 12 / np.pi**2 * (decays * waves) @ [-1, 1 / 4]
        assert ratio == pytest.approx(error, rel=1e-4)


def test_thresholds_off_the_middle_leave_errors_off_the_middle():
    w = np.random.default_rng(0).standard_normal(1000)
    errors = (w - gptq.Grid(off=0.1)(w)) / gptq.STEP
    assert -0.4 <= errors.min() < -0.35
    assert 0.55 < errors.max() <= 0.6


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
