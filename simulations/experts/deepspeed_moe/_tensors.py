"""Sizes of DeepSpeed-MoE models tensor by tensor, and figures that follow from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from refutable.solvers import accounting
from refutable.solvers.accounting import Interval, Tensor, linear, printed_interval, repeated
from refutable.theory.experts import deepspeed_moe as theory
from refutable.theory.experts.deepspeed_moe import DECODERS, Decoder

BILLION = 10**9


def norm(name, width):
    """LayerNorm: scale and shift."""
    return (Tensor(f"{name}.weight", (width,)), Tensor(f"{name}.bias", (width,)))


def mlp(name, width, count=1, active=None):
    """`count` feed-forward networks h -> 4h -> h."""
    return (
        *linear(f"{name}.up", width, 4 * width, count=count, active=active),
        *linear(f"{name}.down", 4 * width, width, count=count, active=active),
    )


def moe(width, experts, residual):
    """Experts with their gate, and the dense branch of a residual layer."""
    layer = (Tensor("gate", (experts, width)), *mlp("experts", width, experts, active=1))
    extra = (*mlp("residual", width), *linear("coefficient", width, 2)) if residual else ()
    return layer + extra


def tensors_of(decoder: Decoder) -> list[Tensor]:
    """Every tensor of the model, as the released training code creates it."""
    h, layers = decoder.width, decoder.layers
    attention = (
        *norm("input_norm", h),
        *linear("qkv", h, 3 * h),
        *linear("out", h, h),
        *norm("post_norm", h),
    )
    tensors = [
        Tensor("word_embedding", (theory.VOCABULARY, h), active=0),
        Tensor("position_embedding", (theory.POSITIONS, h), active=0),
        *norm("final_norm", h),
        *repeated(attention, layers),
        *repeated(mlp("mlp", h), layers - len(decoder.experts)),
    ]
    for experts in decoder.experts:
        tensors += moe(h, experts, decoder.residual)
    return tensors


def counted(decoder: Decoder) -> int:
    """Count the parameters tensor by tensor."""
    return accounting.parameters(tensors_of(decoder))


def table_row(cell):
    """Size in billions and reduction of one model, with both routes to the count."""
    count = counted(DECODERS[cell.model])
    base = counted(DECODERS[theory.teacher_of(cell.model)])
    return {
        "billions": Fraction(count, BILLION),
        "reduction": Fraction(base, count),
        "routes_differ_by": count - theory.parameters(DECODERS[cell.model]),
    }


def broken_rows(change: Callable[[Decoder], int]):
    """Count the printed rows that a changed way of counting no longer reproduces."""

    def compute(cell):
        del cell
        sizes = {name: Fraction(change(DECODERS[name])) for name in theory.PRINTED_BILLIONS}
        broken = [
            not accounting.prints(sizes[name] / BILLION, printed)
            for name, printed in theory.PRINTED_BILLIONS.items()
        ] + [
            not accounting.prints(sizes[theory.teacher_of(name)] / sizes[name], printed)
            for name, printed in theory.PRINTED_REDUCTIONS.items()
        ]
        return {"rows_broken": sum(broken)}

    return compute


def residual_twice(decoder: Decoder) -> int:
    """Count the dense branch of residual layers twice."""
    again = accounting.parameters(mlp("residual", decoder.width)) * len(decoder.experts)
    return counted(decoder) + (again if decoder.residual else 0)


def moe_in_every_layer(decoder: Decoder) -> int:
    """Count an MoE in every layer instead of every other one."""
    return counted(theory.with_moe_everywhere(decoder) if decoder.experts else decoder)


def student_by_width(decoder: Decoder) -> int:
    """Distil by cutting 1/8 of the width instead of 1/8 of the depth."""
    if decoder.layers == 24:
        return counted(decoder)
    teacher = next(
        d for d in DECODERS.values() if (d.width, d.layers, d.residual) == (decoder.width, 24, True)
    )
    return counted(replace(teacher, width=decoder.width * 7 // 8))


def without_embeddings(cell):
    """Size of the model with neither embedding counted."""
    tensors = tensors_of(DECODERS[cell.model])
    stems = ("word_embedding", "position_embedding")
    return {
        "billions": Fraction(sum(t.parameters for t in tensors if t.name not in stems), BILLION)
    }


def top_2_extra(decoder: Decoder) -> Fraction:
    """Extra multiply-adds of a second expert per token, over the dense model's layers."""
    h = decoder.width
    second = accounting.multiply_adds(mlp("second", h)) * len(decoder.experts)
    dense = accounting.multiply_adds([*linear("qkv", h, 3 * h), *linear("out", h, h), *mlp("m", h)])
    return Fraction(second, dense * decoder.layers)


def cost_factors(count: Callable[[Decoder], int]):
    """Cost factors of the text, from parameter counts."""

    def compute(cell):
        del cell
        size = {name: Fraction(count(decoder)) for name, decoder in DECODERS.items()}
        fast, slow = map(Fraction, theory.THROUGHPUT)
        return {
            "training": size["6.7B"] / size["1.3B"],
            "throughput": fast / slow,
            "inference": size["1.3B+MoE-128"] / size["6.7B"],
            "top_2_percent": 100 * top_2_extra(DECODERS["1.3B+MoE-128"]),
            "pr_moe_percent": 100 * size["1.3B+PR-MoE"] / size["1.3B+MoE-128"],
            "pr_moe_350m": size["350M+PR-MoE"] / size["350M+MoE-128"],
        }

    return compute


def averages(teacher: str, student: str):
    """Exact mean of each role's six entries, and what the rounding of the entries allows."""

    def compute(cell):
        del cell
        mean = {
            role: accounting.exact_mean(theory.TABLE_5[row])
            for role, row in (("teacher", teacher), ("student", student))
        }
        spread = [
            Interval.mean(map(printed_interval, theory.TABLE_5[row])) for row in (student, teacher)
        ]
        retained = (spread[0] / spread[1]).scaled(100)
        return {
            **mean,
            "retained": 100 * mean["student"] / mean["teacher"],
            "retained_low": retained.low,
            "retained_high": retained.high,
        }

    return compute
