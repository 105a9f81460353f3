"""The order of top-k and softmax in the sparse gate: equations (3) and (4)."""

from __future__ import annotations

import numpy as np
import scipy
from refutable.solvers.moe_layer import keep_top_k, top_k_gate

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    FalseTheory,
    FloatArray,
    Origin,
    Scope,
)

ROUNDING = 1e-12
SPREAD = 2.0
"""Standard deviation of router outputs; that of a trained router is of this order."""


def gate_of(outputs: FloatArray, k: int, fill: float) -> FloatArray:
    """Return softmax(TopK(z)), where TopK puts `fill` for what is not chosen."""
    kept = keep_top_k(outputs, k)
    return np.asarray(scipy.special.softmax(np.where(np.isneginf(kept), fill, kept), axis=-1))


def softmax_first(outputs: FloatArray, k: int, renormalise: bool) -> FloatArray:
    """Take the k largest entries of softmax(z), divided by their sum or not."""
    flat = outputs.reshape(-1, outputs.shape[-1])
    experts, gates = top_k_gate(flat, k, renormalise=renormalise)
    scattered = np.zeros(flat.shape)
    np.put_along_axis(scattered, experts, gates, axis=-1)
    return scattered.reshape(outputs.shape)


def both_orders(
    cell: Cell,
    rng: np.random.Generator,
    size: int,
    renormalise: bool = True,
    fill: float = -np.inf,
    uneven: float = 0.0,
) -> Columns:
    """Largest differences between the two orders, and after a constant is added to the outputs.

    Parameters
    ----------
    renormalise : bool
        Whether the k largest probabilities are divided by their sum.
    fill : float
        What TopK puts for an expert that is not chosen.
    uneven : float
        Range of what is added besides the constant, another number for each expert.
    """
    outputs = SPREAD * rng.standard_normal((size, cell.tokens, cell.experts))
    constant = rng.uniform(-10, 10, (size, cell.tokens, 1))
    added = constant + uneven * rng.random(outputs.shape)
    gate = gate_of(outputs, cell.chosen, fill)
    after = softmax_first(outputs, cell.chosen, renormalise)
    moved = gate_of(outputs + added, cell.chosen, fill)
    plain = softmax_first(outputs, cell.chosen, False)
    return {
        "order_gap": np.abs(gate - after).max(axis=(1, 2)),
        "shift_gap": np.abs(gate - moved).max(axis=(1, 2)),
        "plain_gap": np.abs(gate - plain).max(axis=(1, 2)),
    }


ORDER = Claim(
    id="moe_survey.topk-then-softmax",
    title="Softmax after top-k is the renormalised top-k of the softmax",
    source="Section 2.2, equations (3) and (4): G = softmax(TopK(g + noise))",
    origin=Origin.IMPLIED,
    basis=Basis.FULL_TEXT,
    statement="The sparse gate softmax(TopK(z)) equals the k largest entries of softmax(z) "
    "divided by their sum, and does not change when a constant is added to z.",
    formula='"softmax"("TopK"(z))_i = p_i / (sum_(j in cal(T)) p_j), quad p = "softmax"(z), '
    "quad i in cal(T)",
    scope=Scope.AS_STATED,
    does_not_show="That models do either: DeepSeekMoE keeps the k probabilities as they are "
    "(norm_topk_prob is false in its configuration).",
    assumptions=("no two of the router outputs are equal",),
    notes=("The noise of equation (3) is part of z; the identity holds for each draw of it.",),
    cells=ByEffort(
        smoke=Cells(experts=(8, 64), chosen=(2, 8), tokens=(32,)),
        standard=Cells(experts=(8, 16, 64), chosen=(1, 2, 8), tokens=(32,)),
        full=Cells(experts=(8, 16, 32, 64, 256), chosen=(1, 2, 4, 8), tokens=(32,)),
    ),
    simulate=both_orders,
    expect=(Exact("order_gap").at_most(ROUNDING), Exact("shift_gap").at_most(ROUNDING)),
    controls=(
        FalseTheory(
            "top-k of the softmax as it is",
            Exact("plain_gap", experts=64, chosen=8).at_most(ROUNDING),
        ),
        BrokenWorld(
            "probabilities not renormalised",
            change={"renormalise": False},
            at={"experts": 64, "chosen": 8},
            judged_by="order_gap",
        ),
        BrokenWorld(
            "zero instead of minus infinity for the rest",
            change={"fill": 0.0},
            at={"experts": 64, "chosen": 8},
        ),
        BrokenWorld(
            "a shift that differs by 1e-6 between experts",
            change={"uneven": 1e-6},
            at={"experts": 64, "chosen": 8},
            judged_by="shift_gap",
        ),
    ),
    block=50,
    cap=ByEffort(smoke=200, standard=500, full=2000),
)
