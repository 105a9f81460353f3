"""Work per token of a sparse layer: the experts cost k, the router E."""

from __future__ import annotations

import numpy as np
from refutable.solvers.accounting import linear, multiply_adds
from refutable.solvers.moe_layer import route
from refutable.theory.experts import moe_survey as theory

from refutable import (
    Axis,
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

WIDTH, EXPERT_WIDTH = 64, 224
"""The proportion of Mixtral, 4096 to 14336."""


def work_of_a_choice() -> int:
    """Multiply-adds of one token in one expert, from its three matrices."""
    ends = ((WIDTH, EXPERT_WIDTH), (WIDTH, EXPERT_WIDTH), (EXPERT_WIDTH, WIDTH))
    return multiply_adds([t for a, b in ends for t in linear("expert", a, b, bias=False)])


def work(
    cell: Cell, rng: np.random.Generator, size: int, more: int = 0, router: bool = True
) -> Columns:
    """Multiply-adds per token of routed batches.

    Parameters
    ----------
    more : int
        Experts of a token beyond the cell's k.
    router : bool
        Whether the router's own product is counted.
    """
    scores = multiply_adds(linear("router", WIDTH, cell.experts, bias=False)) if router else 0
    outputs = rng.standard_normal((size * cell.tokens, cell.experts))
    kept = route(outputs, cell.chosen + more).kept.reshape(size, -1).sum(axis=1)
    experts = kept * work_of_a_choice() / cell.tokens
    return {"experts": experts, "layer": experts + scores}


FLOPS = Claim(
    id="moe_survey.sparse-flops-ratio",
    title="The work of a sparse layer per token grows with the experts chosen, not with all",
    source="Abstract and section 2.2: capacity is scaled up with minimal computation overhead",
    origin=Origin.IMPLIED,
    basis=Basis.FULL_TEXT,
    statement="The experts cost a token 3 k d f multiply-adds, whatever their number E is; E "
    "enters only through the router's d E.",
    formula='"madds per token" = 3 k d f + d E',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Time, memory or communication, which do grow with E; that capacity is "
    "used well.",
    assumptions=("no token is dropped",),
    notes=(
        "The router's share is $E / (3 k f)$: 5 % for 64 experts here, 0.009 % in Mixtral's 8.",
    ),
    cells=ByEffort(
        smoke=Cells(experts=(8, 64), chosen=(2,), tokens=(128,)),
        standard=Cells(experts=(8, 16, 32, 64), chosen=(1, 2), tokens=(128,)),
        full=Cells(experts=(8, 16, 32, 64, 256), chosen=(1, 2, 4, 8), tokens=(128,)),
    ),
    simulate=work,
    expect=(
        Exact("experts").equals(
            lambda c: theory.expert_multiply_adds(WIDTH, EXPERT_WIDTH, c.chosen)
        ),
        Exact("layer").equals(
            lambda c: (
                theory.expert_multiply_adds(WIDTH, EXPERT_WIDTH, c.chosen)
                + theory.router_multiply_adds(WIDTH, c.experts)
            )
        ),
    ),
    controls=(
        BrokenWorld("one expert more per token", change={"more": 1}, at={"chosen": 2}),
        BrokenWorld("a router that costs nothing", change={"router": False}, judged_by="layer"),
    ),
    block=20,
    cap=40,
    figure=Axis(x="experts", label="experts", log=True, curve=True),
)
