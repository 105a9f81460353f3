"""Sizes of Switch checkpoints, in closed form and tensor by tensor."""

from __future__ import annotations

from collections.abc import Callable

from refutable.solvers import accounting
from refutable.solvers.accounting import Tensor, linear, repeated
from refutable.theory.compression import qmoe as theory
from refutable.theory.compression.qmoe import Switch

from refutable import Values

GIGA = 10**9
SIZE_SOURCE = "Table of model sizes and abstract; configuration of the Switch models"


def listed(model: Switch, prefix: str = "") -> int:
    """Add up the tensors of a Switch Transformer, as an independent route to its size."""
    d, inner = model.d_model, model.heads * theory.HEAD_WIDTH
    attention = (
        *repeated(linear("qkv", d, inner, bias=False), 3),
        *linear("o", inner, d, bias=False),
    )
    wide = (
        *linear("wi", d, model.d_ff, bias=False),
        *linear("wo", model.d_ff, d, bias=False),
    )
    experts = repeated(
        [Tensor(f"expert.{t.name}", t.shape, t.count) for t in wide], model.experts * model.sparse
    )
    tensors = [
        *experts,
        *repeated(attention, model.encoder + 2 * model.decoder),
        *repeated(wide, model.blocks - model.sparse),
        Tensor("gate", (model.experts, d), model.sparse),
        Tensor("embedding", (theory.VOCABULARY, d), 2 if model.untied else 1),
        Tensor("norm", (d,), 2 * model.encoder + 3 * model.decoder + 2),
        Tensor("relative_positions", (theory.BUCKETS, model.heads), 2),
    ]
    return accounting.parameters(tensors, prefix)


def without_norms(model: Switch) -> int:
    """Add up the tensors but for the norms, for a control."""
    return listed(model) - listed(model, "norm")


def sizes(model: Switch, listing: Callable[[Switch], int] = listed) -> Values:
    """Sizes in GB, ratio and bits per parameter of a model, by the closed form.

    `listing` is the independent route with which it is compared.
    """
    full, small = theory.bf16_bytes(model), theory.compressed_bytes(model)
    return {
        "bf16_gb": full / GIGA,
        "compressed_gb": small / GIGA,
        "ratio": full / small,
        "bits": 16 * small / full,
        "trillions": full / 2 / 1e12,
        "routes_differ_by": 2 * listing(model) - full,
    }
