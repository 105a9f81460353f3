r"""PMoE: routing a mixture policy by how often each primitive is the best one.

One state, K primitives with values :math:`Q_i`, router :math:`w=\mathrm{softmax}(\theta)`. The
router's loss is :math:`|w-e_j|^2` with :math:`j=\arg\max_i Q_i`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import scipy

from refutable.claims.arrays import FloatArray
from refutable.claims.records import Paper

PAPER = Paper(
    key="pmoe",
    field="experts",
    title="Probabilistic Mixture-of-Experts for Efficient Deep Reinforcement Learning",
    authors=("Jie Ren", "Yewen Li", "Zihan Ding", "Wei Pan", "Hao Dong"),
    year=2021,
    venue="arXiv preprint",
    arxiv="2104.09122",
    code="https://github.com/quantumiracle/Popular-RL-Algorithms",
    read="A co-author's code (pmoe_sac.py, pmoe_ppo.py) and the beginnings of the arXiv text and "
    "of an earlier submission. The paper's derivations were not read.",
    not_checked=(
        "higher returns than unimodal and option policies on six MuJoCo tasks: needs the simulator "
        "and days of training",
        "comparison with Gumbel-softmax and score-ratio estimators of the routing gradient",
    ),
)

TAIL = 12.0
"""Standard deviations at which the integral over the best value is cut: a mass of 4e-33."""


def win_probabilities(means: Sequence[float], sd: float = 1.0) -> FloatArray:
    r"""Probability that each of several independent normal values is the largest, shape (K,).

    .. math:: P_i=\int\phi(q-\mu_i/\sigma)\prod_{l\ne i}\Phi(q-\mu_l/\sigma)\,dq
    """
    places = np.asarray(means, dtype=np.float64) / sd

    def density(q: float, i: int) -> float:
        others = np.delete(places, i)
        normal = math.exp(-((q - places[i]) ** 2) / 2) / math.sqrt(2 * math.pi)
        return normal * float(np.prod(scipy.special.ndtr(q - others)))

    ends = float(places.min()) - TAIL, float(places.max()) + TAIL
    found = [
        scipy.integrate.quad(density, *ends, args=(i,), epsabs=1e-12, limit=200)[0]
        for i in range(len(places))
    ]
    return np.array(found)


def softmax_jacobian(weights: FloatArray) -> FloatArray:
    """Return ``diag(w) - w w'``, shape (K, K): how the softmax moves with its logits."""
    return np.asarray(np.diag(weights) - np.outer(weights, weights))


def router_gradient(weights: FloatArray, targets: FloatArray) -> FloatArray:
    """Gradient of ``|softmax(theta) - target|^2`` in theta, ``2 J (w - target)``, (..., K)."""
    off = weights - targets
    return np.asarray(2 * weights * (off - (weights * off).sum(axis=-1, keepdims=True)))


def frequency_ascent(weights: FloatArray, wins: FloatArray) -> FloatArray:
    """Return the mean of minus the router's gradient in its logits, ``-2 J (w - P(best))``."""
    return -router_gradient(weights, wins)


def policy_gradient(weights: FloatArray, means: FloatArray) -> FloatArray:
    """Return the gradient of the expected value ``<w, mu>`` in the logits, ``J mu``."""
    return np.asarray(softmax_jacobian(weights) @ means)


def cosine(one: FloatArray, other: FloatArray) -> float:
    """Cosine of the angle between two directions."""
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


def frequency_spread(weights: FloatArray, wins: FloatArray) -> tuple[float, float]:
    """Mean and variance of ``|g - E g|^2 / |E g|^2`` for one frequency gradient g.

    The mean is the total variance over the squared length of the mean. The gradient has K values,
    so both are sums.
    """
    mean = frequency_ascent(weights, wins)
    steps = -2 * softmax_jacobian(weights) @ (weights[:, None] - np.eye(len(weights)))
    squares = ((steps - mean[:, None]) ** 2).sum(axis=0) / (mean @ mean)
    first = float(squares @ wins)
    return first, float(squares**2 @ wins) - first**2


NODES = 5
"""Gauss-Hermite nodes: exact for the polynomials of degree 4 in a value that are integrated."""


def reinforce_spread(
    weights: FloatArray, means: FloatArray, sd: float, baseline: float = 0.0
) -> tuple[float, float]:
    """Mean and variance of ``|g - E g|^2 / |E g|^2`` for ``g = (Q_i - b)(e_i - w)``, i from w."""
    mean = policy_gradient(weights, means)
    roots, shares = np.polynomial.hermite_e.hermegauss(NODES)
    values = means[:, None] + sd * roots - baseline
    moves = np.eye(len(weights)) - weights
    steps = values[:, :, None] * moves[:, None, :]
    squares = ((steps - mean) ** 2).sum(axis=2) / (mean @ mean)
    law = np.outer(weights, shares / shares.sum())
    first = float((law * squares).sum())
    return first, float((law * squares**2).sum()) - first**2


UNIMODAL_GAP = math.log(2)
"""KL(q || p) of the best single normal law to two equal modes far apart: it fills one of them."""
