"""Table-driven dispatch of section 5.4 against the one-hot einsum that it replaces."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from refutable.solvers import moe_layer
from refutable.solvers.moe_layer import Routing
from refutable.theory.experts import deepspeed_moe as theory

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    FloatArray,
    Origin,
    Scope,
)


def random_layer(
    cell: Cell, rng: np.random.Generator, chosen: int
) -> tuple[FloatArray, Routing, FloatArray]:
    """Tokens (S, M), their routing and expert matrices (E, M, M) of one layer."""
    tokens = rng.standard_normal((cell.tokens, cell.features))
    logits = rng.standard_normal((cell.tokens, cell.experts))
    weights = rng.standard_normal((cell.experts, cell.features, cell.features))
    return tokens, moe_layer.route(logits, chosen, capacity=cell.capacity), weights


def two_routes(
    tokens: FloatArray, routing: Routing, table_routing: Routing, weights: FloatArray
) -> dict[str, Any]:
    """One layer by the one-hot einsum and by the table: differences and counted work."""
    slots = moe_layer.dispatch_table(tokens, table_routing)
    reference = moe_layer.dispatch_einsum(tokens, routing)
    outputs = reference @ weights
    combined = moe_layer.combine_table(slots @ weights, table_routing)
    expected = moe_layer.combine_einsum(outputs, routing)
    dropped = ~routing.kept.any(axis=1)
    return {
        "same_dispatch": np.array_equal(slots, reference),
        "combine_error": np.abs(combined - expected).max() / np.abs(expected).max(),
        "dropped": np.abs(combined[dropped]).sum(),
        "multiply_adds": moe_layer.one_hot_mask(routing).size * tokens.shape[1],
        "moves": routing.kept.sum() * tokens.shape[1],
    }


def whole_layers(
    cell: Cell, rng: np.random.Generator, size: int, shift: int = 0, chosen: int = 1
) -> Columns:
    """Layers by both routes.

    Parameters
    ----------
    shift : int
        Misplaces the table's positions (1: inclusive count).
    chosen : int
        Experts of a token.
    """
    rows = []
    for _ in range(size):  # one replicate is a whole layer of array operations
        tokens, routing, weights = random_layer(cell, rng, chosen)
        positions = routing.positions + shift
        table = replace(routing, positions=positions, kept=positions < cell.capacity)
        rows.append(two_routes(tokens, routing, table, weights))
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def layer(tokens: int, experts: int, features: int, capacity: int) -> dict[str, int]:
    """Return a cell: S tokens, E experts, M features, c_e slots per expert."""
    return {"tokens": tokens, "experts": experts, "features": features, "capacity": capacity}


_SMALL = layer(128, 8, 16, 18)
_LAYER = layer(512, 16, 64, 40)

DISPATCH = Claim(
    id="deepspeed_moe.dispatch-table",
    title="Moving tokens by table equals the one-hot product, with less work",
    source="Section 5.4: sparse einsum $S E M c_e$ replaced by a table-driven layout, $S M c_e$",
    origin=Origin.IMPLIED,
    basis=Basis.FULL_TEXT,
    statement=(
        "Scatter and gather by table give the dispatch of the one-hot einsum bit for bit and its "
        "combine to rounding error, moving at most S M numbers instead of $S E M c_e$ "
        "multiply-adds."
    ),
    formula="S dot E dot M dot c_e arrow.r S dot M",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Speed of a kernel.",
    assumptions=("top-1 gate", "a token takes the next free slot of its expert, in token order"),
    notes=("The printed $S M c_e$ counts every kept row $c_e$ times.",),
    cells=ByEffort(
        smoke=Cells.of(_SMALL),
        standard=Cells.of(_SMALL, _LAYER),
        full=Cells.of(_SMALL, _LAYER, layer(2048, 64, 64, 40)),
    ),
    simulate=whole_layers,
    expect=(
        Exact("same_dispatch").equals(1),
        Exact("combine_error").at_most(1e-10),
        Exact("dropped").equals(0),
        Exact("multiply_adds").equals(
            lambda c: theory.dispatch_multiply_adds(c.tokens, c.experts, c.features, c.capacity)
        ),
        Exact("moves").at_most(lambda c: theory.table_moves(c.tokens, c.features)),
    ),
    controls=(
        BrokenWorld(
            "inclusive instead of exclusive count of positions",
            change={"shift": 1},
        ),
        BrokenWorld("two experts per token", change={"chosen": 2}, at=_SMALL),
    ),
    block=4,
    cap=20,
)
