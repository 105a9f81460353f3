"""Sizes of DeepSpeed-MoE models tensor by tensor, and nearby wrong ways of counting them."""

from __future__ import annotations

from dataclasses import replace

from refutable.solvers import accounting
from refutable.solvers.accounting import Tensor, experts, linear, repeated
from refutable.theory.experts import deepspeed_moe as theory
from refutable.theory.experts.deepspeed_moe import DECODERS, Decoder

BILLION = 10**9


def norm(name: str, width: int) -> tuple[Tensor, ...]:
    """LayerNorm: scale and shift."""
    return (Tensor(f"{name}.weight", (width,)), Tensor(f"{name}.bias", (width,)))


def mlp(name: str, width: int) -> tuple[Tensor, ...]:
    """Feed-forward network h -> 4h -> h."""
    return (
        *linear(f"{name}.up", width, 4 * width),
        *linear(f"{name}.down", 4 * width, width),
    )


def moe(width: int, held: int, residual: bool) -> tuple[Tensor, ...]:
    """Experts with their gate, top-1, and the dense branch of a residual layer."""
    layer = (Tensor("gate", (held, width)), *experts(mlp("experts", width), held, 1))
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
    for held in decoder.experts:
        tensors += moe(h, held, decoder.residual)
    return tensors


def counted(decoder: Decoder) -> int:
    """Count the parameters tensor by tensor."""
    return accounting.parameters(tensors_of(decoder))


# --- wrong ways of counting, for the controls --------------------------------------------------


def residual_twice(decoder: Decoder) -> int:
    """Count the dense branch of residual layers twice."""
    again = accounting.parameters(mlp("residual", decoder.width)) * len(decoder.experts)
    return counted(decoder) + (again if decoder.residual else 0)


def moe_everywhere(decoder: Decoder) -> Decoder:
    """Put an MoE in every layer instead of every other one; dense models stay dense."""
    return theory.with_moe_everywhere(decoder) if decoder.experts else decoder


def moe_in_every_layer(decoder: Decoder) -> int:
    """Count an MoE in every layer instead of every other one."""
    return counted(moe_everywhere(decoder))


def student_by_width(decoder: Decoder) -> int:
    """Distil by cutting 1/8 of the width instead of 1/8 of the depth."""
    if decoder.layers == 24:
        return counted(decoder)
    teacher = next(
        d for d in DECODERS.values() if (d.width, d.layers, d.residual) == (decoder.width, 24, True)
    )
    return counted(replace(teacher, width=decoder.width * 7 // 8))
