"""A top-k mixture-of-experts layer: gate, capacity, dispatch and combine, and its balance."""

from refutable.solvers.moe_layer.balance import (
    Coverage,
    coverage,
    distinct_experts,
    load_balancing_loss,
)
from refutable.solvers.moe_layer.layer import (
    Routing,
    combine_einsum,
    combine_table,
    dispatch_einsum,
    dispatch_table,
    moe_forward,
    one_hot_mask,
    positions_in_expert,
    route,
    top_k_gate,
)
from refutable.solvers.moe_layer.sparse_gate import keep_top_k, sparse_gate

__all__ = [
    "Coverage",
    "Routing",
    "combine_einsum",
    "combine_table",
    "coverage",
    "dispatch_einsum",
    "dispatch_table",
    "distinct_experts",
    "keep_top_k",
    "load_balancing_loss",
    "moe_forward",
    "one_hot_mask",
    "positions_in_expert",
    "route",
    "sparse_gate",
    "top_k_gate",
]
