"""Counts of MoSA against a list of arrays."""

from fractions import Fraction

import numpy as np
import pytest
from refutable.theory.experts import mosa as theory


def test_adapter_parameters_are_those_of_its_arrays():
    shapes = [(768, 64), (64,), (64, 768), (768,)]
    per_layer = sum(np.empty(shape).size for shape in shapes)
    counted = theory.adapter_parameters(theory.VIT_B_LAYERS, theory.VIT_B_WIDTH, theory.BOTTLENECK)
    assert counted == 12 * per_layer == 1_189_632
    assert round(100 * counted / theory.VIT_B_PARAMETERS, 2) == 1.39


def test_a_layer_norm_adds_its_scale_and_shift():
    norm = sum(np.empty(768).size for _ in ("scale", "shift"))
    with_norm = theory.adapter_parameters(12, 768, 64, layer_norm=True)
    assert with_norm - theory.adapter_parameters(12, 768, 64) == 12 * norm
    with pytest.raises(ValueError, match="bottleneck=0: give"):
        theory.adapter_parameters(12, 768, 0)
    with pytest.raises(ValueError, match=r"width=1\.5: give"):
        theory.adapter_parameters(12, 1.5, 64)


def test_shares():
    assert theory.step_share(4) == Fraction(1, 4)
    assert theory.pass_coincidence(4) == sum(Fraction(1, 4) ** 2 for _ in range(4))


def test_excess_of_a_nonzero_start():
    start, trained = 5.0, 2.0
    modules = [trained if i == 0 else start for i in range(4)]  # one entry, masked in module 0
    assert sum(modules) - trained == theory.nonzero_start_excess(4) * start
