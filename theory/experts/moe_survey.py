r"""A survey on mixture of experts: load-balancing loss, sizes, dropped tokens in closed form.

Cai et al., 2024. Symbols: N experts, k chosen per token, :math:`D_i` the share of tokens whose
largest gate is i, :math:`P_i` the mean gate of i, T tokens, C slots per expert (the capacity).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import scipy
from numpy.typing import ArrayLike

from refutable import FloatArray, Paper

PAPER = Paper(
    key="moe_survey",
    field="experts",
    title="A Survey on Mixture of Experts",
    authors=(
        "Weilin Cai",
        "Juyong Jiang",
        "Fan Wang",
        "Jing Tang",
        "Sunghun Kim",
        "Jiayi Huang",
    ),
    year=2024,
    venue="arXiv preprint",
    arxiv="2407.06204",
    read=(
        "the full text of a later version, titled A Survey on Mixture of Experts in Large Language "
        "Models: section 2.2 with equations (3) to (11) and tables 1 to 3; the public "
        "configuration files of Mixtral 8x7B and DeepSeekMoE 16B"
    ),
    not_checked=(
        "the other models of tables 2 and 3: their configurations were not read",
        "benchmark scores and training costs: they need the trained models",
        "the importance loss and the router z-loss, equations (9) to (11): nothing but their "
        "definition is stated",
    ),
)

# --- the load-balancing loss, equations (6) to (8) ---------------------------------------------


def balance_loss_of_one_hot_gates(shares: ArrayLike) -> FloatArray:
    r"""Loss for k = 1, where P = D: :math:`N\sum D_i^2 = 1 + N\sum(D_i - 1/N)^2`.

    Parameters
    ----------
    shares : array_like, shape (..., N)
        D, which sums to 1.
    """
    share = np.asarray(shares, dtype=np.float64)
    n = share.shape[-1]
    return np.asarray(1 + n * ((share - 1 / n) ** 2).sum(axis=-1))


def least_loss_of_shares(shares: ArrayLike, k: int) -> FloatArray:
    r"""Least loss over all gates with k entries that have these shares D of first choices.

    The gates of a token of expert i with :math:`G_i\ge G_j` and at most k entries are the convex
    hull of the uniform gates on sets that hold i, so that the least :math:`\sum_j G_j D_j` is the
    mean of D over i and the s smallest others, for the best s below k. It is approached, not
    reached, where the argmax must be strict.

    Parameters
    ----------
    shares : array_like, shape (..., N)
        D, which sums to 1.
    k : int
        Chosen experts, 1 to N.
    """
    ordered = np.sort(np.asarray(shares, dtype=np.float64), axis=-1)
    smallest = ordered[..., :k]
    before = smallest.cumsum(axis=-1) - smallest
    # Where i is itself among the s smallest it is counted twice; such a mean is never the least,
    # because i and all that are larger lie above the mean of i and the smaller ones.
    means = (ordered[..., :, None] + before[..., None, :]) / np.arange(1, k + 1)
    return np.asarray(ordered.shape[-1] * (ordered * means.min(axis=-1)).sum(axis=-1))


def useful_choices(n: int, k: int) -> int:
    """Entries of a gate that lower the loss most: k, but not more than half of N + 1."""
    return min(k, (n + 1) // 2)


def least_balance_loss(n: int, k: int) -> Fraction:
    r"""Greatest lower bound of the loss for gates with k entries.

    .. math:: \frac{N}{j(N-j+1)}, \quad j = \min(k, \lfloor (N+1)/2\rfloor)

    for :math:`N\ge 3`; 7/8 for N = k = 2; 1 for k = 1. Derived here: N - j + 1 experts share the
    tokens equally, each of which gives 1/j to its own expert and to the j - 1 dead ones.
    """
    if (n, k) == (2, 2):
        return Fraction(7, 8)
    j = useful_choices(n, k)
    return Fraction(n, j * (n - j + 1))


def least_loss_shares(n: int, k: int) -> tuple[Fraction, ...]:
    """Shares D at which `least_balance_loss` is approached, largest first."""
    if (n, k) == (2, 2):
        return (Fraction(3, 4), Fraction(1, 4))
    live = n - useful_choices(n, k) + 1
    return (Fraction(1, live),) * live + (Fraction(0),) * (n - live)


# --- sizes, tables 2 and 3 ---------------------------------------------------------------------


@dataclass(frozen=True)
class SparseDecoder:
    """A decoder whose feed-forward networks have three matrices each, experts included.

    Without biases; word embedding and output head are two matrices. The first `dense_layers`
    layers have one network of width `dense_width` in place of the experts; `shared` experts
    serve every token beside the `chosen` of the `routed`.
    """

    layers: int
    width: int
    heads: int
    key_heads: int
    head_width: int
    vocabulary: int
    expert_width: int
    routed: int
    chosen: int
    shared: int = 0
    dense_layers: int = 0
    dense_width: int = 0


DECODERS = {
    "Mixtral 8x7B": SparseDecoder(32, 4096, 32, 8, 128, 32000, 14336, 8, 2),
    "DeepSeekMoE 16B": SparseDecoder(28, 2048, 16, 16, 128, 102400, 1408, 64, 6, 2, 1, 10944),
}
"""As the public configuration files have them."""

PRINTED_BILLIONS = {
    ("Mixtral 8x7B", "table 2"): ("47", "13"),
    ("DeepSeekMoE 16B", "table 2"): ("16.4", "2.8"),
    ("DeepSeekMoE 16B", "table 3"): ("16", "3"),
}
"""Total and activated parameters, as the survey prints them."""

NOMINAL_BILLIONS = {"Mixtral 8x7B": 7, "DeepSeekMoE 16B": 16}
"""The number in the model's name, before the B."""


def parameters(model: SparseDecoder, routed: int | None = None) -> int:
    r"""Count all parameters, or those that remain if only `routed` experts of a layer are held.

    .. math:: 2Vd + d + \sum_\ell\bigl[2dHh + 2dH'h + 2d + dE + 3d f (E + S)\bigr]

    with 3 d f' in place of the last two terms in a dense layer. The whole router counts in any
    case: a token that meets k experts is scored against all E.
    """
    d, held = model.width, model.routed if routed is None else routed
    attention = 2 * d * (model.heads + model.key_heads) * model.head_width + 2 * d
    sparse = d * model.routed + 3 * d * model.expert_width * (held + model.shared)
    layers = model.layers * attention + model.dense_layers * 3 * d * model.dense_width
    return layers + (model.layers - model.dense_layers) * sparse + (2 * model.vocabulary + 1) * d


def activated_parameters(model: SparseDecoder) -> int:
    """Count the parameters that one token meets: k experts in place of E, and the shared ones."""
    return parameters(model, model.chosen)


# --- work and dropped tokens -------------------------------------------------------------------


def expert_multiply_adds(width: int, expert_width: int, chosen: int) -> int:
    """Multiply-adds of one token in its k experts: 3 k d f, whatever E is."""
    return 3 * chosen * width * expert_width


def router_multiply_adds(width: int, experts: int) -> int:
    """Multiply-adds of one token in the router: d E."""
    return width * experts


def slots(tokens: int, experts: int, factor: float) -> int:
    """Capacity of an expert for top-1 routing: the factor times T/N, rounded down."""
    return int(factor * tokens / experts)


def _overflow_moment(tokens: int, experts: int, capacity: int, power: int) -> float:
    loads = np.arange(capacity + 1, tokens + 1)
    chances = scipy.stats.binom(tokens, 1 / experts).pmf(loads)
    return float((loads - capacity) ** power @ chances)


def dropped_share(tokens: int, experts: int, capacity: int) -> float:
    r"""Mean share of tokens that uniform top-1 routing drops.

    .. math:: \frac{N}{T}\,E\bigl(\mathrm{Bin}(T, 1/N) - C\bigr)_+
    """
    return experts / tokens * _overflow_moment(tokens, experts, capacity, 1)


def dropped_variance_bound(tokens: int, experts: int, capacity: int) -> float:
    r"""Bound the variance of the dropped share by :math:`N\,Var(Bin - C)_+ / T^2`.

    Multinomial loads are negatively associated (Joag-Dev and Proschan 1983), and so are monotone
    functions of them: the covariances of the overflows are not positive.
    """
    mean, square = (_overflow_moment(tokens, experts, capacity, p) for p in (1, 2))
    return experts / tokens**2 * (square - mean**2)
