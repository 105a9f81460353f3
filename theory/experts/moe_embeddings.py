r"""Mixture-of-experts sentence embeddings: contrastive losses, upcycling, published F1 values.

The multiple negatives ranking (MNR) loss of B pairs is
:math:`L=-\frac1B\sum_i\log\frac{e^{a_i\cdot b_i/\tau}}{\sum_je^{a_i\cdot b_j/\tau}}`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
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

_ROWS = {
    "moe": ("0.7861", "0.9060", "0.7687", "0.9004", "0.8908"),
    "joint": ("0.7661", "0.8995", "0.7301", "0.8905", "0.8845"),
    "COPD": ("0.8270", "0.8937", "0.6756", "0.7039", "0.7329"),
    "CVD": ("0.6897", "0.9527", "0.6701", "0.7202", "0.7502"),
    "CANCER": ("0.6696", "0.8258", "0.8509", "0.6979", "0.6920"),
    "PARASITIC": ("0.6716", "0.8446", "0.6677", "0.9060", "0.6890"),
    "AUTOIMMUNE": ("0.6742", "0.8794", "0.6669", "0.7242", "0.8904"),
}

PUBLISHED_F1: Mapping[tuple[str, str], str] = MappingProxyType(
    {(m, d): f1 for m, row in _ROWS.items() for d, f1 in zip(DOMAINS, row, strict=True)}
)
"""Printed maximal F1 of a model on a domain's pairs: the MoE, one dense model trained on all
domains, and the dense models of one domain, by the domain they were trained on."""

PUBLISHED_ALL: Mapping[str, str] = MappingProxyType(
    {
        "moe": "0.887471185644",
        "joint": "0.877037748344",
        "COPD": "0.734711805170",
        "CVD": "0.745819923093",
        "CANCER": "0.713206032899",
        "PARASITIC": "0.831096214484",
        "AUTOIMMUNE": "0.770157013459",
    }
)
"""F1 in the rows named All, rounded to twelve digits: the table has sixteen."""

PAIRS: Mapping[str, int] = MappingProxyType(
    {"COPD": 2676, "CVD": 4584, "CANCER": 1734, "PARASITIC": 27750, "AUTOIMMUNE": 10066}
)
"""Test pairs of a domain: rows of its prediction files."""


def trained_on(model: str, domain: str) -> str:
    """Return the row of a model: `own` is the model of the domain it is tried on."""
    return domain if model == "own" else model


def weighted_f1(model: str, pairs: Mapping[str, int] = PAIRS) -> Fraction:
    """Mean of a model's printed F1 over domains, weighted by their test pairs.

    Parameters
    ----------
    model : str
        "moe", "joint", or the domain that a dense model was trained on.
    pairs : mapping of str to int, optional
        Weights of the domains, some of them above 0.

    Raises
    ------
    ValueError
        If no such model was published, or the weights do not fit the domains.
    """
    if model not in _ROWS:
        raise ValueError(f"model={model!r}: give one of {sorted(_ROWS)}")
    if set(pairs) != set(DOMAINS) or min(pairs.values()) < 0 or not any(pairs.values()):
        raise ValueError(f"pairs={dict(pairs)}: give a weight, at least 0, to each of {DOMAINS}")
    total = sum((Fraction(PUBLISHED_F1[model, d]) * pairs[d] for d in DOMAINS), Fraction(0))
    return total / sum(pairs.values())


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
