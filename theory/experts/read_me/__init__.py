"""Read-ME: caching, batching and prefetching of experts whose ids are known ahead.

Cai et al., NeurIPS 2024. Symbols: N experts, a cache of k, request law p, a batch of B tokens,
load times l_i and compute times c_i of L layers. Laws and hit ratios are in `caching`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from refutable.theory._arguments import whole

from refutable import Paper

PAPER = Paper(
    key="read_me",
    field="experts",
    title=(
        "Read-ME: Refactorizing LLMs as Router-Decoupled Mixture of Experts with System Co-Design"
    ),
    authors=(
        "Ruisi Cai",
        "Yeonju Ro",
        "Geon-Woo Kim",
        "Peihao Wang",
        "Babak Ehteshami Bejnordi",
        "Aditya Akella",
        "Zhangyang Wang",
    ),
    year=2024,
    venue="NeurIPS 2024",
    arxiv="2410.19123",
    code="https://github.com/VITA-Group/READ-ME",
    read="a machine-converted copy of the paper, and the modelling code of its repository",
    not_checked=(
        "latency (-5.0% to -6.1% mean, -9.5% to -10% at the 95th percentile): needs the GPU system",
        "accuracy (+10.1% MMLU): needs the trained models",
        "Table 4's hit ratios: its request trace is not published (and is no independent Zipf "
        "trace: no exponent in [0, 1.1] fits its LRU row); only their order is looked at",
    ),
)

Vector = NDArray[np.float64]
Times = NDArray[np.float64 | np.int64]  # whole ticks stay whole

# --- batching --------------------------------------------------------------------------------


def fewest_experts(queues: NDArray[np.int64], batch: NDArray[np.int64]) -> NDArray[np.int64]:
    """Fewest experts whose queues (R, E) hold B tokens (R,): the longest queues first.

    j* = min{j : q_(1) + ... + q_(j) >= B} with queue lengths in decreasing order.
    """
    filled = np.cumsum(-np.sort(-queues, axis=1), axis=1)
    return np.where(batch > 0, 1 + (filled < batch[:, None]).sum(axis=1), 0)


def distinct_experts(p: Vector, batch: float) -> float:
    """Return the expected distinct experts of B independent tokens: sum_e 1 - (1 - p_e)^B."""
    return float((1 - (1 - p) ** batch).sum())


# --- prefetching -----------------------------------------------------------------------------


def on_demand_time(load: Times, compute: Times) -> Times:
    """Total time if every layer is loaded when it is needed; times (R, L)."""
    return np.asarray((load + compute).sum(axis=1))


def pipelined_time(load: Times, compute: Times) -> Times:
    """l_1 + sum_i max(c_i, l_{i+1}) + c_L; times (R, L)."""
    overlap = np.maximum(compute[:, :-1], load[:, 1:]).sum(axis=1)
    return np.asarray(load[:, 0] + overlap + compute[:, -1])


def saving_of_equal_layers(ratio: float) -> float:
    """Fraction of time saved by many equal layers with min(l, c) / max(l, c) = ratio."""
    return ratio / (1 + ratio)


# --- sizes -----------------------------------------------------------------------------------

VOCABULARY = 32_000
CLUSTERS = 7
HIDDEN, FFN, LAYERS = 4096, 11_008, 32
"""Llama-2-7B."""


def router_parameters(*, swiglu: bool = False, clusters: int = CLUSTERS) -> int:
    """Router of the code: embedding, one attention block and MLP of width 512, three norms, head.

    `swiglu` gives the MLP three matrices, as Table 1 of the paper names it, instead of two; the
    head has one output for each of the `clusters`, which are the experts.
    """
    d = 512
    square = d * d + d
    head = (d + 1) * whole("clusters", clusters)
    return VOCABULARY * d + 4 * square + (3 if swiglu else 2) * square + 3 * d + head


LENGTH = 4096
TOKENS_PER_STAGE = (100 * 64 * LENGTH, 200 * 128 * LENGTH)
"""Steps x batch x length: router tuning and expert tuning of one round."""
ROUNDS = 8


def backbone_parameters() -> int:
    """Llama-2-7B without its FFNs: attention and both embeddings (norms neglected)."""
    return LAYERS * 4 * HIDDEN**2 + 2 * VOCABULARY * HIDDEN


def ffn_parameters() -> int:
    """All FFNs of Llama-2-7B."""
    return LAYERS * 3 * HIDDEN * FFN


def active_parameters(*, residual_extra: bool = False, clusters: int = CLUSTERS) -> float:
    """One expert of half the channels, the backbone and the router.

    `residual_extra` counts the permanent expert, the 2^-K intersection of the independent half
    masks of K clusters, in addition instead of as part of the half.
    """
    share = 0.5 + (2.0 ** -whole("clusters", clusters) if residual_extra else 0.0)
    return backbone_parameters() + share * ffn_parameters() + router_parameters(clusters=clusters)


def total_parameters(*, shared_once: bool = True, clusters: int = CLUSTERS) -> float:
    """Half experts, one a cluster, that share their intersection, kept once or by each."""
    shared = 2.0 ** -whole("clusters", clusters)
    experts = clusters * (0.5 - shared) + shared if shared_once else clusters * 0.5
    return backbone_parameters() + experts * ffn_parameters() + router_parameters(clusters=clusters)
