"""Cutting a gated feed-forward layer into experts that add up to it."""

from __future__ import annotations

import numpy as np
from refutable.simulations.experts._identities.gap import IDENTITY, relative_gap
from refutable.simulations.experts.factor_llm._routers import HIDDEN, WIDTH
from refutable.solvers.gated_ffn import cut_ffn, expert_outputs, random_ffn
from refutable.solvers.subsets import random_partitions

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    Origin,
    Scope,
)

CUT = 8


def cut_and_add(
    cell: Cell,
    rng: np.random.Generator,
    size: int,
    one_permutation: bool = True,
    bias: float = 0.0,
) -> Columns:
    """Cut networks at random into equal experts and add their outputs.

    Parameters
    ----------
    one_permutation : bool
        Up is cut along the permutation of gate, or along another one.
    bias : float
        Scale of a bias of the down projection, of which every expert gets a copy.
    """
    ffn = random_ffn(rng, size, WIDTH, HIDDEN)
    tokens = rng.standard_normal((size, cell.tokens, WIDTH))
    order, other = random_partitions(rng, 2 * size, HIDDEN, HIDDEN).reshape(2, size, HIDDEN)
    added = bias * rng.standard_normal((size, 1, WIDTH))
    experts = cut_ffn(ffn, order, CUT, None if one_permutation else other)
    outputs = expert_outputs(experts, tokens, cell.activation) + added[:, None]
    whole = ffn(tokens, cell.activation) + added
    return {"gap": relative_gap(outputs.sum(axis=1), whole)}


PARTITION = Claim(
    id="factor_llm.ffn-partition-identity",
    title="The experts cut from a feed-forward layer add up to that layer",
    source="Factorisation of the feed-forward layer; new_model_KD.py, class LlamaMLP_stu",
    origin=Origin.IMPLIED,
    basis=Basis.CODE,
    statement="For any partition of the hidden units, with one permutation for gate, up and down, "
    "the experts add up to the original feed-forward layer.",
    formula='sum_(i=1)^N e_i (x) = "FFN"(x)',
    scope=Scope.AS_STATED,
    does_not_show="That a few of the experts are a good approximation of all of them.",
    assumptions=("elementwise activation", "no bias in the down projection"),
    cells=ByEffort(
        smoke=Cells(activation=("silu",), tokens=(200,)),
        standard=Cells(activation=("silu",), tokens=(2000,)),
        full=Cells(activation=("silu", "gelu", "relu"), tokens=(2000,)),
    ),
    simulate=cut_and_add,
    expect=(Exact("gap").at_most(IDENTITY),),
    controls=(
        BrokenWorld("another permutation for up than for gate", change={"one_permutation": False}),
        BrokenWorld(
            "an activation that normalises over the hidden units",
            cells=Cells(activation=("normalising",), tokens=(200,)),
        ),
        BrokenWorld("a bias copied into every expert", change={"bias": 1.0}),
    ),
    block=4,
    cap=20,
)
