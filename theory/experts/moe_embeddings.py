r"""Mixture-of-experts sentence embeddings: contrastive losses, upcycling, published F1 values.

The multiple negatives ranking (MNR) loss of B pairs is
:math:`L=-\frac1B\sum_i\log\frac{e^{a_i\cdot b_i/\tau}}{\sum_je^{a_i\cdot b_j/\tau}}`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from refutable.claims.records import Paper

PAPER = Paper(
    key="moe_embeddings",
    field="experts",
    title="Contrastive Learning and Mixture of Experts Enables Precise Vector Embeddings",
    authors=(
        "Logan Hallee",
        "Rohan Kapur",
        "Arjun Patel",
        "Jason P. Gleghorn",
        "Bohdan Khomtchouk",
    ),
    year=2025,
    venue="Scientific Reports",
    arxiv="2401.15713",
    code="https://github.com/Gleghorn-Lab/Mixture-of-Experts-Sentence-Similarity",
    read="Abstract and README; code at commit 2a67569: models/losses.py, metrics.py, and "
    "results/trained_models (predictions of ModernBERT-base models, one training per kind). "
    "An older README says that N experts are exactly as effective as N models, the current one "
    "almost as effective.",
    not_checked=(
        "training the encoders on co-citation pairs: needs GPUs and the corpora",
        "spread over training seeds: one trained model per kind was published",
        "a single MoE layer keeps 85 % of the gain of all layers: needs training",
    ),
)

DOMAINS = ("COPD", "CVD", "CANCER", "PARASITIC", "AUTOIMMUNE")

PUBLISHED_F1: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("moe", "COPD"): "0.7861",
        ("moe", "CVD"): "0.9060",
        ("moe", "CANCER"): "0.7687",
        ("moe", "PARASITIC"): "0.9004",
        ("moe", "AUTOIMMUNE"): "0.8908",
        ("own", "COPD"): "0.8270",
        ("own", "CVD"): "0.9527",
        ("own", "CANCER"): "0.8509",
        ("own", "PARASITIC"): "0.9060",
        ("own", "AUTOIMMUNE"): "0.8904",
        ("joint", "COPD"): "0.7661",
        ("joint", "CVD"): "0.8995",
        ("joint", "CANCER"): "0.7301",
        ("joint", "PARASITIC"): "0.8905",
        ("joint", "AUTOIMMUNE"): "0.8845",
    }
)
"""Printed maximal F1: the MoE, the model of the domain's own, one model trained on all."""


def mnr_lower_bound(pairs: int, temperature: float = 1.0) -> float:
    r"""Least MNR loss of unit vectors, :math:`\log(1+(B-1)e^{-B/((B-1)\tau)})`.

    Proof. By convexity :math:`L\ge\log(1+(B-1)e^{g/\tau})`, g being the mean off-diagonal minus the
    mean diagonal similarity. With :math:`s=\sum_ia_i\cdot b_i\le B`, from
    :math:`\|\sum_i(a_i-b_i)\|^2\le B\sum_i\|a_i-b_i\|^2=2B(B-s)` follows
    :math:`\sum_{ij}a_i\cdot b_j\ge-B(B-s)/2`, hence :math:`g\ge-(B+s)/(2(B-1))\ge-B/(B-1)`. The
    regular simplex with a = b attains it; it exists iff d >= B - 1.

    Parameters
    ----------
    pairs : int
        B >= 2.
    temperature : float, optional
        tau > 0.
    """
    return math.log1p((pairs - 1) * math.exp(-pairs / ((pairs - 1) * temperature)))


def naive_bound(pairs: int, temperature: float = 1.0) -> float:
    """Bound from cosine >= -1 for every negative, which no B > 2 vectors attain."""
    return math.log1p((pairs - 1) * math.exp(-2 / temperature))


def random_loss(pairs: int) -> float:
    """MNR loss log B of orthogonal embeddings up to the diagonal: all similarities alike."""
    return math.log(pairs)
