r"""Adapt-infinity: cluster budgets, choice of scorer by histogram entropy, image grounding."""

from __future__ import annotations

import math

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from refutable.claims.records import Paper

PAPER = Paper(
    key="adapt_inf",
    field="selection",
    title="Adapt-infinity: Scalable Continual Multimodal Instruction Tuning via Dynamic Data "
    "Selection",
    authors=("Adyasha Maharana", "Jaehong Yoon", "Tianlong Chen", "Mohit Bansal"),
    year=2025,
    venue="ICLR 2025",
    arxiv="2410.10636",
    code="https://github.com/adymaharana/adapt-inf",
    read="Code at commit deb587f: data_selection/adapt-inf.py (read, not run), with third-party "
    "notes on the paper. The paper's own wording was not read.",
    not_checked=(
        "accuracy and forgetting over the lifelong stream: needs a multimodal model and its data",
        "that a scorer of larger histogram entropy selects better data: needs training",
    ),
)

EDGES = 50
REACH = 4.0


def normal_histogram_entropy(edges: int = EDGES, reach: float = REACH) -> float:
    """Entropy in bits of a standard normal cut into edges - 1 equal bins on [-reach, reach]."""
    masses = np.diff(scipy.stats.norm.cdf(np.linspace(-reach, reach, edges)))
    shares = masses / masses.sum()
    return float(-(scipy.special.xlogy(shares, shares)).sum() / math.log(2))


def mutual_information(joint: ArrayLike) -> float:
    """Mutual information in nats of a joint law, shape (images, texts), entries summing to 1."""
    p = np.asarray(joint, dtype=np.float64)
    product = p.sum(axis=1, keepdims=True) * p.sum(axis=0, keepdims=True)
    return float((scipy.special.xlogy(p, p) - scipy.special.xlogy(p, product)).sum())


def conditional(joint: ArrayLike) -> NDArray[np.float64]:
    """Law of the text given each image, shape (images, texts)."""
    p = np.asarray(joint, dtype=np.float64)
    return np.asarray(p / p.sum(axis=1, keepdims=True))


def mismatch_penalty(joint: ArrayLike, model: ArrayLike) -> float:
    r"""Mean divergence :math:`E\,KL(p(\cdot\mid image)\|q(\cdot\mid image))` in nats."""
    p = np.asarray(joint, dtype=np.float64)
    true = conditional(p)
    return float((scipy.special.xlogy(p, true) - scipy.special.xlogy(p, np.asarray(model))).sum())


def mean_log_grounding(joint: ArrayLike, model: ArrayLike) -> float:
    r"""Predicted :math:`E[|z|\log IG]=I(text;image)-E\,KL(p\|q)`, q the model's conditional.

    IG = PPL(text)/PPL(text | image), so |z| log IG = log q(text | image) - log p(text).
    """
    return mutual_information(joint) - mismatch_penalty(joint, model)
