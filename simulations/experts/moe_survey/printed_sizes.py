"""Total and activated parameters of tables 2 and 3 against the models' configurations.

Sizes are counted twice, by the closed form of `theory` and by adding up every tensor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from refutable.solvers import accounting
from refutable.solvers.accounting import Tensor, experts, linear, repeated
from refutable.theory.experts import moe_survey as theory
from refutable.theory.experts.moe_survey import DECODERS, SparseDecoder

from refutable import (
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Exact,
    Origin,
    Printed,
    Scope,
    Values,
)

BILLION = 10**9
Sizes = tuple[Fraction, Fraction]
"""Total and activated parameters."""


def feed_forward(name: str, width: int, inner: int, count: int = 1) -> tuple[Tensor, ...]:
    """`count` networks of three matrices: gate and up d -> f, down f -> d."""
    ends = (("gate", width, inner), ("up", width, inner), ("down", inner, width))
    return tuple(
        t for n, a, b in ends for t in linear(f"{name}.{n}", a, b, count=count, bias=False)
    )


def attention(model: SparseDecoder) -> tuple[Tensor, ...]:
    """Projections and the two norms of a layer."""
    d, queries = model.width, model.heads * model.head_width
    keys = model.key_heads * model.head_width
    return (
        *linear("query", d, queries, bias=False),
        *linear("key", d, keys, bias=False),
        *linear("value", d, keys, bias=False),
        *linear("out", queries, d, bias=False),
        Tensor("norm", (d,), count=2),
    )


def tensors_of(model: SparseDecoder) -> tuple[Tensor, ...]:
    """Every tensor of the model."""
    d, sparse = model.width, model.layers - model.dense_layers
    layer = (
        *linear("router", d, model.routed, bias=False),
        *experts(feed_forward("expert", d, model.expert_width), model.routed, model.chosen),
        *feed_forward("shared", d, model.expert_width, model.shared),
    )
    return (
        Tensor("embedding", (model.vocabulary, d)),
        Tensor("head", (model.vocabulary, d)),
        Tensor("final_norm", (d,)),
        *repeated(attention(model), model.layers),
        *repeated(feed_forward("dense", d, model.dense_width or 1), model.dense_layers),
        *repeated(layer, sparse),
    )


def counted(name: str) -> Sizes:
    """Count total and activated parameters tensor by tensor."""
    return _sizes(DECODERS[name])


def _sizes(model: SparseDecoder) -> Sizes:
    tensors = tensors_of(model)
    return Fraction(accounting.parameters(tensors)), Fraction(accounting.activated(tensors))


# --- nearby wrong ways of counting, for the controls -------------------------------------------


def by_name(name: str) -> Sizes:
    """Take the total to be E models of the size in the name, whatever they share."""
    _, active = counted(name)
    return Fraction(DECODERS[name].routed * theory.NOMINAL_BILLIONS[name] * BILLION), active


def in_proportion(name: str) -> Sizes:
    """Take k/E of the whole model to be active, attention and embeddings included."""
    total, _ = counted(name)
    return total, total * Fraction(DECODERS[name].chosen, DECODERS[name].routed)


def without_shared(name: str) -> Sizes:
    """Leave the shared experts out of what is active."""
    total, active = counted(name)
    model = DECODERS[name]
    unused = feed_forward("shared", model.width, model.expert_width, model.shared)
    layers = model.layers - model.dense_layers
    return total, active - layers * accounting.parameters(unused)


def tied(name: str) -> Sizes:
    """Count word embedding and output head once."""
    total, active = counted(name)
    once = DECODERS[name].vocabulary * DECODERS[name].width
    return total - once, active - once


def experts_everywhere(name: str) -> Sizes:
    """Put experts in the first layer as well."""
    return _sizes(replace(DECODERS[name], dense_layers=0))


def table_entry(cell: Cell, count: Callable[[str], Sizes] = counted) -> Values:
    """Sizes in billions of one model, and what the two routes differ by."""
    total, active = count(cell.model)
    model = DECODERS[cell.model]
    return {
        "total": total / BILLION,
        "activated": active / BILLION,
        "total_differs_by": total - theory.parameters(model),
        "activated_differs_by": active - theory.activated_parameters(model),
    }


ENTRIES = tuple({"model": model, "table": table} for model, table in theory.PRINTED_BILLIONS)
MIXTRAL, DEEPSEEK = {"model": "Mixtral 8x7B"}, {"model": "DeepSeekMoE 16B", "table": "table 2"}


def _printed(cell: Cell) -> tuple[str, str]:
    return theory.PRINTED_BILLIONS[cell.model, cell.table]


PARAMETERS = Claim(
    id="moe_survey.param-accounting",
    title="Printed total and activated sizes follow from the models' configurations",
    source="Tables 2 and 3 for Mixtral 8x7B and DeepSeekMoE 16B; their public configuration files",
    origin=Origin.PRINTED,
    basis=Basis.FULL_TEXT,
    statement="Total and activated parameters of Mixtral 8x7B and DeepSeekMoE 16B, as the survey "
    "prints them, follow from the configurations: activated are the k experts of a token in place "
    "of all E, with everything that all tokens share.",
    formula="P = 2 V d + d + sum_ell [2 d (H + H') h + 2 d + d E + 3 d f (E + S)], quad "
    "P_a = P|_(E arrow.r k)",
    scope=Scope.ARITHMETIC,
    does_not_show="Other models of the tables, whose configurations were not read.",
    assumptions=("no biases, separate embedding and head", "the whole router counts as active"),
    notes=(
        "Mixtral: 46,702,792,704 and 12,879,925,248, printed as 47 and 13 billion. DeepSeekMoE: "
        "16,375,728,128 and 2,828,650,496, printed as 16.4 and 2.8 in table 2, as 16 and 3 in "
        "table 3.",
    ),
    cells=Cells.of(*ENTRIES),
    compute=table_entry,
    expect=(
        Printed("total").prints(lambda c: _printed(c)[0]),
        Printed("activated").prints(lambda c: _printed(c)[1]),
        Exact("total_differs_by").equals(0),
        Exact("activated_differs_by").equals(0),
    ),
    controls=(
        BrokenWorld(
            "eight models of seven billion",
            change={"count": by_name},
            at=MIXTRAL,
            judged_by="total",
        ),
        BrokenWorld(
            "k of E of the whole model",
            change={"count": in_proportion},
            at=MIXTRAL,
            judged_by="activated",
        ),
        BrokenWorld(
            "shared experts not active",
            change={"count": without_shared},
            at=DEEPSEEK,
            judged_by="activated",
        ),
        BrokenWorld(
            "embedding and head counted once",
            change={"count": tied},
            at=DEEPSEEK,
            judged_by="total",
        ),
        BrokenWorld(
            "experts in the first layer too", change={"count": experts_everywhere}, at=DEEPSEEK
        ),
    ),
)
