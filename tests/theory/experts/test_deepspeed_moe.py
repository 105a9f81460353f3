"""Closed forms of DeepSpeed-MoE against enumeration and against NumPy's own counts."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refutable.theory.experts import deepspeed_moe as theory
from refutable.theory.experts.deepspeed_moe import DECODERS, Decoder

DECODER = st.builds(
    Decoder,
    layers=st.integers(3, 6),
    width=st.integers(1, 12),
    experts=st.lists(st.integers(1, 4), max_size=3).map(tuple),
    residual=st.booleans(),
)


@given(DECODER)
def test_parameters_are_the_entries_of_a_listed_model(decoder):
    h, residual = decoder.width, decoder.residual
    ffn = [(4 * h, h), (4 * h,), (h, 4 * h), (h,)]
    layer = [(3 * h, h), (3 * h,), (h, h), (h,), (h,), (h,), (h,), (h,)]
    shapes = [(theory.VOCABULARY, h), (theory.POSITIONS, h), (h,), (h,)]
    for index in range(decoder.layers):
        shapes += layer
        if index < len(decoder.experts):
            shapes += [(decoder.experts[index], h)] + ffn * decoder.experts[index]
            shapes += [*ffn, (2, h), (2,)] if residual else []
        else:
            shapes += ffn
    assert theory.parameters(decoder) == sum(math.prod(shape) for shape in shapes)


@pytest.mark.parametrize(
    ("name", "billions"),
    [("350M", 0.3559), ("1.3B", 1.3158), ("6.7B", 6.6586), ("1.3B+MoE-128", 52.4715)],
)
def test_sizes_of_the_base_models(name, billions):
    assert theory.parameters(DECODERS[name]) / 1e9 == pytest.approx(billions, abs=5e-5)


def test_moe_everywhere_keeps_the_proportions():
    wide = theory.with_moe_everywhere(DECODERS["350M+PR-MoE"])
    assert wide.experts == (32,) * 20 + (64,) * 4
    student = theory.with_moe_everywhere(DECODERS["350M+PR-MoE+MoS"])
    assert len(student.experts) == 21


def test_core_of_table_6():
    assert theory.core_parameters(24, 2048, 1) == 12 * 24 * 2048**2
    for name, row in theory.TABLE_6.items():
        if name.startswith(("1.3B", "47B")):
            core = theory.core_parameters(row.layers, row.width)
            assert f"{core / 1e9:.{len(row.printed.partition('.')[2])}f}" == row.printed
    row = theory.TUTORIAL_24B
    assert f"{theory.core_parameters(row.layers, row.width) / 1e9:.1f}" == row.printed


@given(st.integers(1, 12))
def test_square_root_groups_need_fewest_messages(root):
    ranks = root * root
    counts = {
        g: theory.hierarchical_messages(ranks, g) for g in range(1, ranks + 1) if ranks % g == 0
    }
    assert min(counts.values()) == counts[root] == 2 * root - 2
    assert theory.hierarchical_volume(ranks, root) == 2 * root * (root - 1)


def test_printed_example_of_128_ranks():
    assert theory.hierarchical_messages(128, 8) == theory.hierarchical_messages(128, 16) == 22
    assert theory.hierarchical_volume(128, 8) / 127 == pytest.approx(1.827, abs=1e-3)
    assert theory.coordinated_peers(128, 8) == 15


def test_einsum_cost_is_what_numpy_counts():
    s, e, c, m = 5, 3, 4, 7
    report = np.einsum_path("sec,sm->ecm", np.zeros((s, e, c)), np.zeros((s, m)))[1]
    flops = float(re.search(r"Naive FLOP count:\s*(\S+)", report).group(1))
    assert flops == 2 * theory.dispatch_multiply_adds(s, e, m, c)
    assert theory.dispatch_multiply_adds(512, 16, 64, 40) == 20_971_520
    assert theory.table_moves(512, 64) == 32_768


@pytest.mark.parametrize(
    "bad", [{"layers": 0}, {"width": 0}, {"experts": (0,)}, {"experts": (2,) * 5}]
)
def test_impossible_decoders_are_refused(bad):
    with pytest.raises(ValueError, match=r"positive|more MoE layers"):
        Decoder(**{"layers": 4, "width": 8, **bad})
