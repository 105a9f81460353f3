r"""FactorLLM: a gated feed-forward network cut into experts, and the pseudo-label for its router.

From the released code: gate/up rows and down columns are cut into N blocks :math:`e_i`, the student
outputs :math:`\frac NK\sum_{i\in\mathrm{top}K}e_i(x)`, and the pseudo-label marks the K experts
with the smallest :math:`\|e_i-\frac KN t\|^2`, t being the teacher's output.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from refutable.claims.records import Paper

if TYPE_CHECKING:
    import sympy

PAPER = Paper(
    key="factor_llm",
    field="experts",
    title="FactorLLM: Factorizing Knowledge via Mixture of Experts for Large Language Models",
    authors=(
        "Zhongyu Zhao",
        "Menghang Dong",
        "Rongyu Zhang",
        "Wenzhao Zheng",
        "Yunpeng Zhang",
        "Huanrui Yang",
        "Dalong Du",
        "Kurt Keutzer",
        "Shanghang Zhang",
    ),
    year=2024,
    venue="arXiv preprint",
    arxiv="2408.11855",
    code="https://github.com/zhenwuweihe/FactorLLM",
    read="Abstract and introduction of the paper; code new_model_KD.py and train.py at commit "
    "8094dc4. The formulas are those of the code: the body of the paper was not read.",
    not_checked=(
        "85 % of the performance kept: needs TinyLlama, its data and fine-tuning",
        "more than 30 % faster: a measured latency; only the multiply-adds behind it are counted",
        "the router after training: as released, training_step returns the language-model loss "
        "alone, so the pseudo-label does not reach the router there",
    ),
)


@dataclass(frozen=True)
class Llama:
    """Sizes of a Llama-type decoder: width d, f hidden units, k/v width, layers, vocabulary."""

    width: int
    hidden: int
    key_width: int
    layers: int
    vocabulary: int

    @property
    def ffn(self) -> int:
        """Feed-forward weights that each token is multiplied by."""
        return self.layers * 3 * self.width * self.hidden

    @property
    def attention(self) -> int:
        """Weights of the query, key, value and output maps."""
        return self.layers * 2 * self.width * (self.width + self.key_width)

    @property
    def head(self) -> int:
        """Weights of the output head."""
        return self.width * self.vocabulary

    @property
    def per_token(self) -> int:
        """All weights a token is multiplied by; the embedding is a look-up and costs none."""
        return self.ffn + self.attention + self.head


TINY_LLAMA = Llama(width=2048, hidden=5632, key_width=256, layers=22, vocabulary=32000)


def ffn_saving(n: int, k: int) -> Fraction:
    """Share 1 - K/N of the feed-forward multiply-adds saved by K of N equal experts."""
    return 1 - Fraction(k, n)


def total_saving(model: Llama, n: int, k: int) -> Fraction:
    """Share of all multiply-adds per token saved; the router is not charged."""
    return Fraction(model.ffn, model.per_token) * ffn_saving(n, k)


def ideal_speedup(model: Llama, n: int, k: int) -> Fraction:
    """Speed-up if time were proportional to multiply-adds."""
    return 1 / (1 - total_saving(model, n, k))


def orthogonal_random_error(n: int, k: int) -> float:
    """Relative error (N - K)/K of a random subset of orthogonal experts of equal norm.

    At K = N/2 it is 1, the error of outputting zero.
    """
    return (n - k) / k


def label_norm_coefficient(n: int, k: int) -> float:
    r"""Coefficient 1 - 2K/N of :math:`\|e_i\|^2` in the pseudo-label's score of expert i.

    0 at K = N/2: the norm of the expert drops out; positive below: small experts are preferred.
    """
    return 1 - 2 * k / n


def _symbolic_experts(n: int, width: int) -> tuple[list[sympy.Matrix], sympy.Matrix]:
    import sympy

    experts = [
        sympy.Matrix([sympy.Symbol(f"e{i}_{j}", real=True) for j in range(width)]) for i in range(n)
    ]
    return experts, sum(experts, sympy.zeros(width, 1))


def label_score(n: int, c: sympy.Expr, width: int = 2) -> sympy.Expr:
    r"""Return :math:`\|e_1-ct\|^2` for symbolic experts of `width` coordinates."""
    (first, *_), total = _symbolic_experts(n, width)
    return (first - c * total).dot(first - c * total)


def label_expansion(n: int, k: int, width: int = 2) -> sympy.Expr:
    r"""Return what the score expands to, c = K/N.

    :math:`c^2\|t\|^2+(1-2c)\|e_1\|^2-2c\sum_{j\ne1}e_1^\top e_j`.
    """
    import sympy

    (first, *others), total = _symbolic_experts(n, width)
    c = sympy.Rational(k, n)
    expansion = c**2 * total.dot(total) + (1 - 2 * c) * first.dot(first)
    return expansion - 2 * c * sum(first.dot(other) for other in others)
