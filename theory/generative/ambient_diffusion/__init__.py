r"""How many noisy samples a clean one is worth: exponents, effective sizes, and two edges.

Daras, Cherapanamjeri & Daskalakis, "How Much is a Noisy Image Worth? Data Scaling Laws for Ambient
Diffusion" (ICLR 2025). A law of k atoms in a ball of R^d is seen through noise of known levels
s_i. The error in Wasserstein distance of the best estimate is, as reviews of the paper tell it and
with powers and dimension as in the homogeneous case (Doss, Wu, Yang & Zhou),

.. math:: (d / \sum_i s_i^{-4})^{1/4} + (\log(1/\delta) / \sum_i s_i^{-(4k-2)})^{1/(4k-2)}.

The text of the theorem was not read; this is a reconstruction, and its constants are not known.
Nothing below uses them: what is tried is why a noisy sample is discounted by these powers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from refutable import Paper

PAPER = Paper(
    key="ambient_diffusion",
    field="generative",
    title="How Much is a Noisy Image Worth? Data Scaling Laws for Ambient Diffusion",
    authors=("Giannis Daras", "Yeshwanth Cherapanamjeri", "Constantinos Daskalakis"),
    year=2025,
    venue="ICLR 2025",
    arxiv="2411.02780",
    code="https://github.com/giannisdaras/ambient-laws",
    read=(
        "The abstract, the repository's README, Table 1, the conference's reviews and two more of "
        "the full paper, which name the discounts; the theorems themselves were not read."
    ),
    not_checked=(
        "The minimax theorem, upper and lower bound: its text was not found. What is tried is the "
        "mechanism of its two discounts.",
        "Every FID (CIFAR-10, CelebA, ImageNet) and the price of 1.5 to 1.75 noisy images for a "
        "clean one: these need diffusion models trained on a GPU.",
        "The condition on the cleanest sample and the role of the failure probability.",
        "The risk for three atoms or more: a rate of $n^(-1/10)$ needs more than a CPU's samples.",
    ),
)

DIMENSION_POWER = 4
"""A noisy sample counts s^-4 where the span of the atoms is looked for [read, reviews]."""


def atoms_power(k: int) -> int:
    """Return 4k - 2: a noisy sample counts s^-(4k-2) in the fine-grained part [read, reviews].

    Raises
    ------
    ValueError
        For k below 1.
    """
    if k < 1:
        raise ValueError(f"k={k}: a law has at least one atom")
    return 4 * k - 2


def effective_size(counts: Sequence[float], levels: Sequence[float], power: float) -> float:
    """Return ``sum_i s_i^-power`` over groups of `counts` samples at noise `levels`."""
    return math.fsum(n * s**-power for n, s in zip(counts, levels, strict=True))


def edge(d: int, counts: Sequence[float], levels: Sequence[float], power: float) -> float:
    r"""Norm of the weighted second-moment matrix of pure noise less its mean [derived].

    With weights :math:`w_i = s_i^{-power}` the matrix ``sum_i w_i (X_i X_i' - s_i^2 I) / sum_i
    w_i`` has entries of variance :math:`\sum w_i^2 s_i^4 / (\sum w_i)^2` off the diagonal and, for
    n much above d, the semicircle law; its edge is twice the root of d times that. It is least at
    the power 4, where it is ``2 sqrt(d / sum_i s_i^-4)``.

    Parameters
    ----------
    d : int
    counts, levels : sequence of float, of one length
    power : float
        4 for the best weights, 0 for equal ones.
    """
    total = effective_size(counts, levels, power)
    square = effective_size(counts, levels, 2 * power - 4)
    return 2.0 * math.sqrt(d * square) / total
