r"""SCMoE: next-token logits of a mixture of experts, contrasted with those of a weaker routing.

Equations (5) and (6): on tokens with :math:`z_s \ge \max z_s + \log\alpha` the logits are
:math:`(1+\beta) z_s - \beta z_w`, elsewhere :math:`-\infty`. `Toy` is a model of them that was
made for the question when the contrast helps; the paper has no model.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike

from refutable import FloatArray, Paper

PAPER = Paper(
    key="scmoe",
    field="experts",
    title="Unchosen Experts Can Contribute Too: Unleashing MoE Models' Power by Self-Contrast",
    authors=(
        "Chufan Shi",
        "Cheng Yang",
        "Xinyu Zhu",
        "Jiahao Wang",
        "Taiqiang Wu",
        "Siheng Li",
        "Deng Cai",
        "Yujiu Yang",
        "Yu Meng",
    ),
    year=2024,
    venue="NeurIPS 2024",
    arxiv="2405.14507",
    code="https://github.com/DavidFanzz/SCMoE",
    read="The full NeurIPS text, and the code at commit 857fad7: decodingmethod/moe_utils.py, "
    "modeling_mixtral.py, the test sets.",
    not_checked=(
        "reasoning accuracy of Mixtral 8x7B and DeepSeekMoE on GSM8K, StrategyQA, MBPP and "
        "HumanEval, the headline: it needs the models and several large GPUs",
        "latency of decoding: the same",
    ),
)

ALPHA = 0.1
BETAS = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Strengths that were tried for each task; the best one is reported, on the same test data."""

GSM8K_TASKS = 1319
MBPP_TASKS = 500
PRINTED = {
    "greedy": "61.79",
    "SCMoE": "66.94",
    "ideal strong activation": "68.92",
    "rank 1, beta 0.1": "60.88",
    "table's single run": "67.02",
    "self-consistency maj@20": "75.59",
    "SCMoE maj@5": "66.87",
}
"""Accuracies on GSM8K in percent; greedy decoding is top-2 routing."""

COMBINED = "78.31"
"""SCMoE with self-consistency, maj@20."""
QUOTED_RUN = "67.94"
"""A single run as the text quotes it; the table has 67.02 for it."""
QUOTED_GAIN = "5.10"
ENSEMBLES = ("45.19", "61.79", "63.84", "62.93", "62.02", "59.14", "57.32", "57.70")
"""GSM8K accuracy with the top k = 1..8 experts."""


def contrasted_probabilities(
    strong: FloatArray, weak: FloatArray, beta: float, alpha: float
) -> FloatArray:
    r"""Return :math:`p_s (p_s/p_w)^\beta`, normalised on :math:`p_s \ge \alpha \max p_s`.

    Parameters
    ----------
    strong, weak : array, shape (..., V)
        Positive probabilities.
    beta, alpha : float
        At least 0; from 0 to 1.
    """
    kept = strong >= alpha * strong.max(axis=-1, keepdims=True)
    weights = np.where(kept, strong * (strong / weak) ** beta, 0.0)
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


@dataclass(frozen=True)
class Toy:
    r"""Logits with an error that both routings share.

    :math:`z_s = g + e_c + e_s` and :math:`z_w = \rho g + e_c + e_w`, g being the signal on the
    right token alone and the errors independent normal on every token.

    Attributes
    ----------
    signal, rho : float
        g, and the share of it that the weak routing has, at most 1.
    shared, strong, weak : float
        Standard deviations of e_c, e_s and e_w.
    """

    signal: float
    rho: float
    shared: float
    strong: float
    weak: float

    def separation(self, beta: float) -> float:
        r"""Signal of the contrasted logits in standard deviations of their error.

        .. math:: g (1+\beta(1-\rho)) / \sqrt{s_c^2 + (1+\beta)^2 s_s^2 + \beta^2 s_w^2}

        since :math:`(1+\beta) - \beta = 1` copy of the shared error is left.
        """
        spread = math.hypot(self.shared, (1 + beta) * self.strong, beta * self.weak)
        return self.signal * (1 + beta * (1 - self.rho)) / spread

    @property
    def first_gain(self) -> float:
        r"""Derivative of log separation at 0: :math:`1-\rho-s_s^2/(s_c^2+s_s^2)`."""
        return 1 - self.rho - self.strong**2 / (self.shared**2 + self.strong**2)

    @property
    def best_beta(self) -> float:
        r"""Strength of the greatest separation, 0 where every contrast hurts.

        .. math:: ((1-\rho)(s_c^2+s_s^2) - s_s^2) / (\rho s_s^2 + s_w^2)

        Without end where the denominator is not positive: the weak signal is then negative.
        """
        denominator = self.rho * self.strong**2 + self.weak**2
        if denominator <= 0:
            return math.inf
        return max(0.0, self.first_gain * (self.shared**2 + self.strong**2) / denominator)


def accuracy(separation: ArrayLike, vocabulary: int) -> FloatArray:
    r"""Return how often the right token has the largest logit: :math:`E\,\Phi(X+d)^{V-1}`.

    Parameters
    ----------
    separation : array_like
        d, the right token's signal in standard deviations of an error that is independent and
        standard normal on every token.
    vocabulary : int
        V, at least 2.
    """
    # The trapezoid rule converges faster than any power of the step on smooth decaying functions.
    x, step = np.linspace(-10, 10, 2001, retstep=True)
    density = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    above = scipy.special.ndtr(x + np.asarray(separation)[..., None]) ** (vocabulary - 1)
    return np.asarray((density * above).sum(axis=-1) * step)


def expert_signals(experts: int, signal: float, decay: float) -> FloatArray:
    """Signals g q^(j-1) of the experts j = 1.. in a toy where they fall from rank to rank."""
    return np.asarray(signal * decay ** np.arange(experts))


def ensemble_separation(
    k: ArrayLike, signal: float, decay: float, shared: float, own: float
) -> FloatArray:
    r"""Separation of the plain average of the top k experts, whose signals are `expert_signals`.

    .. math:: g \frac{1}{k}\sum_{j=1}^{k} q^{j-1} / \sqrt{s_c^2 + s^2/k}
    """
    experts = np.asarray(k, dtype=float)
    whole = experts if decay == 1 else (1 - decay**experts) / (1 - decay)
    return np.asarray(signal * whole / experts / np.hypot(shared, own / np.sqrt(experts)))
