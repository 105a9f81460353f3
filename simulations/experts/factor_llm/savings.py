"""Multiply-adds that K of N experts save in TinyLlama, tensor by tensor."""

from __future__ import annotations

from refutable.solvers import accounting
from refutable.solvers.accounting import Tensor, linear
from refutable.theory.experts import factor_llm as theory

from refutable import (
    Axis,
    Basis,
    Cell,
    Cells,
    Claim,
    Exact,
    FalseTheory,
    Origin,
    Printed,
    Scope,
    Values,
)


def tiny_llama() -> list[Tensor]:
    """Every matrix of TinyLlama by which a token is multiplied, and the embedding table."""
    m = theory.TINY_LLAMA
    maps = (
        ("ffn.gate", m.width, m.hidden),
        ("ffn.up", m.width, m.hidden),
        ("ffn.down", m.hidden, m.width),
        ("attention.query", m.width, m.width),
        ("attention.key", m.width, m.key_width),
        ("attention.value", m.width, m.key_width),
        ("attention.output", m.width, m.width),
    )
    layers = [t for name, a, b in maps for t in linear(name, a, b, count=m.layers, bias=False)]
    ends = (Tensor("head", (m.vocabulary, m.width)), Tensor("embedding", (m.vocabulary, m.width)))
    return [*layers, *ends]


def flops(cell: Cell) -> Values:
    """Multiply-adds of TinyLlama per token, and the savings with K of N experts."""
    tensors = tiny_llama()
    used = [t for t in tensors if t.name != "embedding"]
    ffn = accounting.multiply_adds(used, prefix="ffn")
    saved = ffn - ffn * cell.k // cell.n
    total = accounting.multiply_adds(used)
    router = accounting.parameters(linear("router", theory.TINY_LLAMA.width, cell.n))
    return {
        "ffn": ffn,
        "attention": accounting.multiply_adds(used, prefix="attention"),
        "head": accounting.multiply_adds(used, prefix="head"),
        "ffn_saving_percent": 100 * saved / ffn,
        "total_saving": saved / total,
        "saving_with_embedding": saved / accounting.multiply_adds(tensors),
        "speedup": total / (total - saved),
        "router_percent": 100 * router * theory.TINY_LLAMA.layers / ffn,
    }


def total_saving(cell: Cell) -> float:
    """Return the closed form of the share of all multiply-adds that is saved."""
    return float(theory.total_saving(theory.TINY_LLAMA, cell.n, cell.k))


FLOPS = Claim(
    id="factor_llm.flops-accounting",
    title="The savings follow from the experts left out and the layers' share",
    source="Abstract (75 % fewer feed-forward FLOPs with one of four experts, > 30 % faster)",
    origin=Origin.IMPLIED,
    basis=Basis.THIRD_PARTY,
    statement="The saving follows from K/N and the feed-forward layers' share of the multiply-adds "
    "of TinyLlama; > 30 % faster is within the ideal speed-up of two of four experts.",
    formula='1 - K/N, quad "total saving" = (1 - K/N) "ffn" / ("ffn" + "attention" + "head")',
    scope=Scope.ARITHMETIC,
    does_not_show="Any measured latency; products of activations with each other (attention "
    "scores) are not counted, so savings at long contexts are smaller.",
    cells=Cells(n=(4,), k=(1, 2, 3)),
    compute=flops,
    expect=(
        Exact("ffn").equals(theory.TINY_LLAMA.ffn),
        Exact("attention").equals(theory.TINY_LLAMA.attention),
        Exact("head").equals(theory.TINY_LLAMA.head),
        Printed("ffn_saving_percent", k=1).prints("75"),
        Exact("total_saving").near(total_saving, 1e-12),
        Exact("speedup", k=(1, 2)).at_least(
            1.3, predicted=lambda c: float(theory.ideal_speedup(theory.TINY_LLAMA, c.n, c.k))
        ),
        Exact("router_percent").at_most(0.03),
    ),
    controls=(
        FalseTheory(
            "the embedding look-up counted as multiply-adds",
            Exact("saving_with_embedding").near(total_saving, 1e-3),
        ),
    ),
    figure=Axis(x="k", label="active experts K of 4"),
)
