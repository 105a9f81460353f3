"""Bytes that Mixtral 8x7B takes at 16, 8 and 4 bits, tensor by tensor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from types import MappingProxyType

from refutable.solvers import accounting
from refutable.solvers.accounting import Tensor, linear, repeated
from refutable.theory.experts import moe_inference_survey as theory
from refutable.theory.experts.moe_inference_survey import Mixture

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Exact,
    Origin,
    Scope,
    Values,
)

GIGABYTE = 10**9
SCALES_OF_128 = Fraction(16, 128)
"""Bits per parameter of a 16-bit scale for every 128."""


def tensors_of(m: Mixture) -> list[Tensor]:
    """List every tensor of the model: no biases, embedding and head apart."""
    queries, keys = m.heads * m.head_width, m.key_heads * m.head_width
    layer = (
        *linear("attention.query", m.width, queries, bias=False),
        *linear("attention.key", m.width, keys, bias=False),
        *linear("attention.value", m.width, keys, bias=False),
        *linear("attention.output", queries, m.width, bias=False),
        *linear("router", m.width, m.experts, bias=False),
        Tensor("norm", (m.width,), 2),
        *linear("experts.gate", m.width, m.hidden, count=m.experts, bias=False),
        *linear("experts.up", m.width, m.hidden, count=m.experts, bias=False),
        *linear("experts.down", m.hidden, m.width, count=m.experts, bias=False),
    )
    table = (m.vocabulary, m.width)
    ends = (Tensor("embedding", table), Tensor("head", table), Tensor("norm", (m.width,)))
    return [*repeated(layer, m.layers), *ends]


def stored(
    cell: Cell,
    kept: int = theory.MIXTRAL.experts,
    scales: Fraction = Fraction(0),
    bits_of: Mapping[str, int] = MappingProxyType({}),
) -> Values:
    """Count parameters and bytes at the cell's bits.

    Parameters
    ----------
    kept : int
        Experts of a layer that are stored.
    scales : Fraction
        Bits for scales, per parameter.
    bits_of : mapping
        Bits of the tensors whose names start with a key, instead of the cell's.
    """
    tensors = [
        replace(
            t,
            bits=next((b for n, b in bits_of.items() if t.name.startswith(n)), cell.bits + scales),
            count=t.count * kept // theory.MIXTRAL.experts
            if t.name.startswith("experts")
            else t.count,
        )
        for t in tensors_of(theory.MIXTRAL)
    ]
    size = accounting.bytes_stored(tensors)
    return {
        "parameters": accounting.parameters(tensors),
        "bytes": size,
        "gigabytes": size / GIGABYTE,
    }


MEMORY = Claim(
    id="moe_inference_survey.quant-memory",
    title="Every expert must be stored, at whatever precision",
    source="Quantisation of experts; Mixtral 8x7B's configuration and published parameter count",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement=(
        "Mixtral 8x7B has 46,702,792,704 parameters, all of which are stored: 93.4, 46.7 and 23.35 "
        "GB of $10^9$ bytes at 16, 8 and 4 bits, whatever few experts a token uses."
    ),
    formula='"bytes" = (46 thin 702 thin 792 thin 704) / 8 dot "bits"',
    scope=Scope.ARITHMETIC,
    does_not_show=(
        "The quality of a quantised model; the size of a quantised file, which holds scales and "
        "often keeps some tensors at 16 bits: controls say how much that adds."
    ),
    assumptions=("every parameter at the same number of bits, without scales",),
    notes=(
        "The count is that of Keras Hub's model presets (mixtral_8_7b_en), and of the tensors.",
        "A token activates 12,879,925,248 parameters, 25.8 GB at 16 bits: what is read, not what "
        "is stored. A 16-bit scale for every 128 parameters makes 4 bits 24.1 GB.",
    ),
    cells=Cells(bits=(16, 8, 4)),
    compute=stored,
    expect=(
        Exact("parameters").equals(theory.PUBLISHED_PARAMETERS),
        Exact("bytes").equals(lambda c: theory.storage_bytes(theory.MIXTRAL, c.bits)),
        Exact("gigabytes", bits=16).near(93.4, 0.05),
        Exact("gigabytes", bits=8).near(46.7, 0.05),
        Exact("gigabytes", bits=4).near(23.35, 0.005),
    ),
    controls=(
        BrokenWorld("only the experts that a token uses", change={"kept": theory.MIXTRAL.chosen}),
        BrokenWorld(
            "the routers kept at 16 bits",
            change={"bits_of": {"router": 16}},
            at={"bits": (8, 4)},
            judged_by="bytes",
        ),
        BrokenWorld(
            "a 16-bit scale for every 128 parameters",
            change={"scales": SCALES_OF_128},
            at={"bits": 4},
            judged_by="gigabytes",
        ),
    ),
    figure=Axis(x="bits", label="bits per parameter", curve=True),
)
