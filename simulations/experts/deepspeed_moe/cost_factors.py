"""Cost factors of the text (sections 3 to 5), from the sizes of the models."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
from refutable.simulations.experts.deepspeed_moe._tensors import counted, mlp, moe_everywhere
from refutable.solvers import accounting
from refutable.solvers.accounting import linear
from refutable.theory.experts import deepspeed_moe as theory
from refutable.theory.experts.deepspeed_moe import DECODERS, Decoder

from refutable import (
    Basis,
    BrokenWorld,
    Cell,
    Claim,
    Exact,
    Origin,
    Printed,
    Scope,
    Values,
)


def top_2_extra(decoder: Decoder) -> Fraction:
    """Extra multiply-adds of a second expert per token, over the dense model's layers."""
    h = decoder.width
    second = accounting.multiply_adds(mlp("second", h)) * len(decoder.experts)
    dense = accounting.multiply_adds([*linear("qkv", h, 3 * h), *linear("out", h, h), *mlp("m", h)])
    return Fraction(second, dense * decoder.layers)


def unchanged(decoder: Decoder) -> Decoder:
    """Return the model as it is."""
    return decoder


def times(large: Fraction, small: Fraction) -> Fraction:
    """How many times as much."""
    return large / small


def more(large: Fraction, small: Fraction) -> Fraction:
    """How much more, as a share of the smaller one."""
    return large / small - 1


def cost_factors(
    cell: Cell,
    variant: Callable[[Decoder], Decoder] = unchanged,
    factor: Callable[[Fraction, Fraction], Fraction] = times,
) -> Values:
    """Cost factors of the text, from parameter counts of (variants of) the models."""
    del cell
    size = {name: Fraction(counted(variant(decoder))) for name, decoder in DECODERS.items()}
    fast, slow = map(Fraction, theory.THROUGHPUT)
    return {
        "training": factor(size["6.7B"], size["1.3B"]),
        "throughput": factor(fast, slow),
        "inference": factor(size["1.3B+MoE-128"], size["6.7B"]),
        "top_2_percent": 100 * top_2_extra(variant(DECODERS["1.3B+MoE-128"])),
        "pr_moe_percent": 100 * size["1.3B+PR-MoE"] / size["1.3B+MoE-128"],
        "pr_moe_350m": size["350M+PR-MoE"] / size["350M+MoE-128"],
    }


COSTS = Claim(
    id="deepspeed_moe.cost-ratios",
    title="The cost factors in the text follow from the model sizes",
    source="Sections 3 to 5: 5x training, 8x parameters, +33% for top-2, about 60%, less than 1/3",
    origin=Origin.PRINTED,
    basis=Basis.FULL_TEXT,
    statement="The cost factors in the text follow from the sizes and the printed throughputs.",
    formula='P_(6.7) / P_(1.3) approx 5, quad P_("MoE") / P_(6.7) approx 8, quad '
    "(12 dot 8h^2) / (24 dot 12h^2) = 1/3",
    scope=Scope.ARITHMETIC,
    does_not_show="That the 1.3B+MoE-128 and the dense 6.7B model are of equal quality.",
    compute=cost_factors,
    expect=(
        Printed("training").prints("5"),
        Printed("throughput").prints("5"),
        Printed("inference").prints("8"),
        Printed("top_2_percent").prints("33"),
        Printed("pr_moe_percent").prints("60"),
        Exact("pr_moe_350m").at_most(np.nextafter(1 / 3, 0)),
    ),
    controls=(
        BrokenWorld("MoE in every layer", change={"variant": moe_everywhere}),
        BrokenWorld("how much more, taken for how many times", change={"factor": more}),
    ),
)
