"""Cutting a gated block: experts add up, wrong cuts do not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refutable.solvers.gated_ffn import (
    ACTIVATIONS,
    GatedFFN,
    cut_ffn,
    expert_outputs,
    gelu,
    random_ffn,
)
from refutable.solvers.subsets import random_partitions
from scipy.special import expit
from scipy.stats import norm


def test_against_a_plain_loop() -> None:
    rng = np.random.default_rng(0)
    ffn = random_ffn(rng, 1, 3, 4)
    x = rng.normal(size=3)
    gate, up = ffn.gate[0] @ x, ffn.up[0] @ x
    direct = ffn.down[0] @ (gate * expit(gate) * up)
    np.testing.assert_allclose(ffn(x[None, None])[0, 0], direct)


def test_gelu_is_x_times_the_normal_distribution_function() -> None:
    x = np.linspace(-4, 4, 9)
    np.testing.assert_allclose(gelu(x), x * norm.cdf(x))


@given(parts=st.sampled_from([1, 2, 4, 8]), name=st.sampled_from(["silu", "gelu", "relu"]))
def test_experts_add_up(parts: int, name: str) -> None:
    rng = np.random.default_rng(parts)
    ffn = random_ffn(rng, 2, 4, 8)
    order = random_partitions(rng, 2, 8, 8)
    x = rng.normal(size=(2, 5, 4))
    outputs = expert_outputs(cut_ffn(ffn, order, parts), x, name)
    assert outputs.shape == (2, parts, 5, 4)
    np.testing.assert_allclose(outputs.sum(axis=1), ffn(x, name), atol=1e-12)


def test_wrong_cuts_do_not_add_up() -> None:
    rng = np.random.default_rng(1)
    ffn = random_ffn(rng, 1, 4, 8)
    order, other = random_partitions(rng, 2, 8, 8)[:, None]
    x = rng.normal(size=(1, 5, 4))
    mixed = expert_outputs(cut_ffn(ffn, order, 2, other), x).sum(axis=1)
    assert np.abs(mixed - ffn(x)).max() > 0.1
    soft = expert_outputs(cut_ffn(ffn, order, 2), x, "normalising").sum(axis=1)
    assert np.abs(soft - ffn(x, "normalising")).max() > 0.1


def test_refusals() -> None:
    rng = np.random.default_rng(2)
    ffn = random_ffn(rng, 1, 4, 6)
    with pytest.raises(ValueError, match="divisor"):
        cut_ffn(ffn, np.arange(6)[None], 4)
    with pytest.raises(ValueError, match="^order has shape"):
        cut_ffn(ffn, np.arange(6), 2)
    with pytest.raises(ValueError, match="^down has shape"):
        GatedFFN(np.ones((2, 3)), np.ones((2, 3)), np.ones((2, 3)))
    with pytest.raises(ValueError, match="width"):
        random_ffn(rng, 1, 0, 4)
    assert set(ACTIVATIONS) == {"silu", "gelu", "relu", "normalising"}
