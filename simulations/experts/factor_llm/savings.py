"""Multiply-adds that K of N experts save in TinyLlama, tensor by tensor."""

from __future__ import annotations

from dataclasses import replace

from refutable.solvers import accounting
from refutable.solvers.accounting import Tensor, linear
from refutable.theory.experts import factor_llm as theory
from refutable.theory.experts.factor_llm import Llama

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
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

CUT = ("ffn.gate", "ffn.up", "ffn.down")
"""Matrices of which each expert has a part."""


def tensors_of(m: Llama) -> list[Tensor]:
    """Every matrix by which a token is multiplied, and the embedding table."""
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


def flops(cell: Cell, model: Llama = theory.TINY_LLAMA, cut: tuple[str, ...] = CUT) -> Values:
    """Multiply-adds of a model per token, and the savings with K of N experts."""
    tensors = tensors_of(model)
    used = [t for t in tensors if t.name != "embedding"]
    ffn = accounting.multiply_adds(used, prefix="ffn")
    shared = sum(accounting.multiply_adds(used, prefix=name) for name in cut)
    saved = shared - shared * cell.k // cell.n
    total = accounting.multiply_adds(used)
    router = accounting.parameters(linear("router", model.width, cell.n))
    return {
        "ffn": ffn,
        "attention": accounting.multiply_adds(used, prefix="attention"),
        "head": accounting.multiply_adds(used, prefix="head"),
        "ffn_saving_percent": 100 * saved / ffn,
        "total_saving": saved / total,
        "saving_with_embedding": saved / accounting.multiply_adds(tensors),
        "speedup": total / (total - saved),
        "router_percent": 100 * router * model.layers / ffn,
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
    statement="The saving follows from $K/N$ and the feed-forward layers' share of the "
    "multiply-adds of TinyLlama; > 30 % faster is within the ideal speed-up of two of "
    "four experts.",
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
        FalseTheory("30 % faster with three of four", Exact("speedup", k=3).at_least(1.3)),
        BrokenWorld(
            "keys and values as wide as the queries",
            change={"model": replace(theory.TINY_LLAMA, key_width=theory.TINY_LLAMA.width)},
        ),
        BrokenWorld(
            "8 d/3 hidden units, not rounded up to a multiple of 256",
            change={"model": replace(theory.TINY_LLAMA, hidden=8 * theory.TINY_LLAMA.width // 3)},
        ),
        BrokenWorld("the down projection is not cut", change={"cut": ("ffn.gate", "ffn.up")}),
        BrokenWorld(
            "two of eight experts", cells=Cells(n=(8,), k=(2,)), judged_by="router_percent"
        ),
    ),
    figure=Axis(x="k", label="active experts K of 4", curve=True),
)
