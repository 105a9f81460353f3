r"""Arithmetic and mechanisms behind techniques that a survey of MoE inference collects.

Liu et al. (2024). The survey has no theorem: what is tried here are standard formulas, derived
anew. Symbols: E experts, k of them for a token, B tokens of a batch, T tokens of a layer, hidden
size d, P devices, a cache of C experts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from refutable import Paper

PAPER = Paper(
    key="moe_inference_survey",
    field="experts",
    title="A Survey on Inference Optimization Techniques for Mixture of Experts Models",
    authors=(
        "Jiacheng Liu",
        "Peng Tang",
        "Wenfeng Wang",
        "Yuhang Ren",
        "Xiaofeng Hou",
        "Pheng-Ann Heng",
        "Minyi Guo",
        "Chao Li",
    ),
    year=2024,
    venue="ACM Computing Surveys",
    arxiv="2412.14219",
    read="the abstract and overview pages: three levels, model, system and hardware; no formula",
    not_checked=(
        "its taxonomy, and every speed and accuracy that it quotes of other papers: its body "
        "could not be read, and they need the systems themselves",
    ),
)

Vector = NDArray[np.float64]

# --- experts that a batch touches --------------------------------------------------------------


def expected_distinct(experts: int, chosen: int, batch: int) -> float:
    r"""Distinct experts of B tokens: :math:`E\,(1-(1-k/E)^B)`.

    One expert is left out by a token with probability 1 - k/E, by all B with its B-th power.
    """
    return float(experts * -np.expm1(batch * np.log1p(-chosen / experts)))


# --- a cache of experts under independent requests -----------------------------------------------


def zipf(experts: int, exponent: float) -> Vector:
    """Request law with p_i in proportion to i^-exponent; exponent 0 is uniform."""
    weights = np.arange(1.0, experts + 1) ** -exponent
    law: Vector = weights / weights.sum()
    return law


def characteristic_time(p: Vector, slots: int) -> float:
    r"""Che's :math:`t_C`: :math:`\sum_i (1-e^{-p_i t_C}) = C` for a cache of C < E items.

    The sum is below ``sum p_i t = C`` at t = C, and every term is at least C/E at the time at
    which the rarest item's is.
    """
    if not 1 <= slots < p.size:
        raise ValueError(f"slots={slots}: give a whole number from 1 to {p.size - 1}")
    highest = -np.log1p(-slots / p.size) / p.min()
    # for a uniform law the end is the root itself, which rounding may place on either side
    return float(scipy.optimize.brentq(_overfull, slots, 1.001 * highest, args=(p, slots)))


def _overfull(t: float, p: Vector, slots: int) -> float:
    return float(-np.expm1(-p * t).sum() - slots)


def che_hit_ratio(p: Vector, slots: int) -> float:
    r"""Approximate LRU's hit ratio: :math:`\sum_i p_i (1-e^{-p_i t_C})` (Che et al. 2002)."""
    return float(-(p * np.expm1(-p * characteristic_time(p, slots))).sum())


def static_hit_ratio(p: Vector, slots: int) -> float:
    """Hit ratio of a cache that keeps the most popular items for good: their mass."""
    return float(np.sort(p)[::-1][:slots].sum())


def one_slot_hit_ratio(p: Vector) -> float:
    """Hit ratio of a cache of one item, whatever it replaces: two requests agree, sum p_i^2."""
    return float(p @ p)


# --- expert parallelism --------------------------------------------------------------------------


def all_to_all_bytes(copies: int, bytes_each: int, devices: int) -> float:
    r"""Bytes of dispatch and combine of a layer: :math:`2\,T k\,d\,b\,(1-1/P)`.

    `copies` is T k, a token's for each of its experts; `bytes_each` is d b, those of one hidden
    vector. A copy stays at home with probability 1/P.
    """
    return 2 * copies * bytes_each * (1 - 1 / devices)


# --- storage -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mixture:
    """A decoder each of whose layers has E experts of three matrices, d by `hidden`.

    Keys and values have `key_heads` heads, queries `heads`; embedding and head are not tied.
    """

    layers: int
    width: int
    hidden: int
    experts: int
    chosen: int
    heads: int
    key_heads: int
    head_width: int
    vocabulary: int


MIXTRAL = Mixture(32, 4096, 14_336, 8, 2, 32, 8, 128, 32_000)
"""Mixtral 8x7B: the model's public configuration."""

PUBLISHED_PARAMETERS = 46_702_792_704
"""Mixtral 8x7B in the model presets of Keras Hub (mixtral_8_7b_en)."""


def parameters(model: Mixture, experts: int | None = None) -> int:
    r"""Count with E experts in a layer, or with `experts` of them: k for the activated ones.

    .. math:: 2Vd + d + L\,[2d(H + H_{kv})h + dE + 2d + 3 E d f]

    with every router output counted, whichever experts are.
    """
    m = model
    attention = 2 * m.width * (m.heads + m.key_heads) * m.head_width
    kept = m.experts if experts is None else experts
    layer = attention + m.width * m.experts + 2 * m.width + 3 * kept * m.width * m.hidden
    return 2 * m.vocabulary * m.width + m.width + m.layers * layer


def storage_bytes(model: Mixture, bits: int) -> float:
    """Bytes of all parameters at `bits` bits each."""
    return parameters(model) * bits / 8
