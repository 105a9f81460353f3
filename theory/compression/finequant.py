"""FineQuant: error of group-wise absmax quantisation, and the memory bound on its speed-up.

Kim, Henry, Fahim and Awadalla, 2023. Symbols: b bits, groups of g weights, a_g the largest
absolute value of g standard normals, 'half' scale s = 2a / (2^b - 1), 'sym' scale
s = a / (2^{b-1} - 1).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import scipy

from refutable import Paper

PAPER = Paper(
    key="finequant",
    field="compression",
    title=("FineQuant: Unlocking Efficiency with Fine-Grained Weight-Only Quantization for LLMs"),
    authors=("Young Jin Kim", "Rawn Henry", "Raffy Fahim", "Hany Hassan Awadalla"),
    year=2023,
    venue="NeurIPS 2023 workshop ENLSP",
    arxiv="2308.09723",
    read=(
        "the abstract and third-party summaries only; the full text was not available, so the "
        "form of the scale is the usual one and not taken from the paper"
    ),
    not_checked=(
        "the measured 3.65x throughput of OPT-175B: needs the GPUs (only its consistency with "
        "the memory bound is looked at)",
        "every accuracy: needs the trained models",
        "the adaptive choice of the group size: its exact rule could not be read",
    ),
)


def expected_squared_maximum(g: int) -> float:
    """E[a_g^2] = integral of 2t (1 - (2 Phi(t) - 1)^g) over t > 0."""

    def tail(t: float) -> float:
        outside = 2 * np.exp(scipy.special.log_ndtr(-t))
        return float(-2 * t * np.expm1(g * np.log1p(-outside))) if t > 0 else 0.0

    centre = float(scipy.special.ndtri(1 - 1 / (2.0 * g + 1)))
    found = scipy.integrate.quad(tail, 0.0, centre + 10.0, points=[centre], epsabs=1e-12, limit=200)
    return float(found[0])


def group_mse(bits: int, g: int, convention: Literal["half", "sym"]) -> float:
    """Mean squared error on standard normal weights.

    'half': E[a_g^2] / (3 (2^b - 1)^2) (1 + 2/g), the extreme always being off by s / 2;
    'sym': E[a_g^2] / (12 (2^{b-1} - 1)^2) (1 - 1/g), the extreme being exact.
    """
    largest = expected_squared_maximum(g)
    half = largest / (3 * (2.0**bits - 1) ** 2) * (1 + 2 / g)
    sym = largest / (12 * (2.0 ** (bits - 1) - 1) ** 2) * (1 - 1 / g)
    return {"half": half, "sym": sym}[convention]


def rounding_error(d: float) -> float:
    """e(d) = E (w - d round(w / d))^2 of a standard normal w on a grid of step d."""
    norm, reach = scipy.stats.norm, int(np.ceil(10 / d)) + 1
    total = 0.0
    for k in range(-reach, reach + 1):
        low, high = (k - 0.5) * d, (k + 0.5) * d
        mass = norm.cdf(high) - norm.cdf(low)
        first = norm.pdf(low) - norm.pdf(high)
        second = mass + low * norm.pdf(low) - high * norm.pdf(high)
        total += second - 2 * k * d * first + (k * d) ** 2 * mass
    return float(total)


def outlier_mse(bits: int, g: int, n: int, outlier: float) -> float:
    """Mean squared error of a column of n normals, one of them replaced by an outlier K.

    (g/n) e(2K / (2^b - 1)) + (1 - g/n) MSE of a clean group + (s/2)^2 / n for the outlier.
    """
    step = 2 * outlier / (2.0**bits - 1)
    spoiled = (g - 1) / n * rounding_error(step) + step**2 / 4 / n
    return spoiled + (1 - g / n) * group_mse(bits, g, "half")


def bits_per_weight(bits: int, g: int) -> float:
    """Storage of a weight, b + 16 / g: one 16-bit scale per group."""
    return bits + 16 / g


def memory_bound(bits: int, g: int) -> float:
    """Largest speed-up over 16-bit weights if only reading weights takes time."""
    return 16 / bits_per_weight(bits, g)


FLOPS, BANDWIDTH = 312e12, 2.039e12
"""NVIDIA A100: 16-bit tensor FLOP/s and bytes/s."""


def ridge(bits_of_weight: float) -> float:
    """Batch F b' / (16 B) at which compute takes as long as reading the weights."""
    return FLOPS * bits_of_weight / (16 * BANDWIDTH)


CLAIMED_SPEED_UP = 3.65
"""Throughput of OPT-175B on 2 GPUs, as printed in the abstract."""
