"""FineQuant: error of group-wise absmax quantisation, and the memory bound on its speed-up.

Kim, Henry, Fahim and Awadalla, 2023. Symbols: b bits, groups of g weights, a_g the largest
absolute value of g standard normals, 'half' scale s = 2a / (2^b - 1), 'sym' scale
s = a / (2^{b-1} - 1).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
import scipy
from numpy.typing import NDArray

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


Vector = NDArray[np.float64]


@lru_cache(maxsize=64)
def expected_squared_maximum(g: int) -> float:
    """E[a_g^2] = integral of 2t (1 - (2 Phi(t) - 1)^g) over t > 0."""

    def tail(t: float) -> float:
        outside = 2 * np.exp(scipy.special.log_ndtr(-t))
        return float(-2 * t * np.expm1(g * np.log1p(-outside))) if t > 0 else 0.0

    centre = float(scipy.special.ndtri(1 - 1 / (2.0 * g + 1)))
    found = scipy.integrate.quad(tail, 0.0, centre + 10.0, points=[centre], epsabs=1e-12, limit=200)
    return float(found[0])


def step(largest: float, bits: int, convention: Literal["half", "sym"]) -> float:
    """Step s of the grid of a group with this largest entry."""
    return largest * {"half": 2 / (2.0**bits - 1), "sym": 1 / (2.0 ** (bits - 1) - 1)}[convention]


def group_mse(bits: int, g: int, convention: Literal["half", "sym"]) -> float:
    """Mean squared error on standard normal weights.

    'half': E[a_g^2] / (3 (2^b - 1)^2) (1 + 2/g), the extreme always being off by s / 2;
    'sym': E[a_g^2] / (12 (2^{b-1} - 1)^2) (1 - 1/g), the extreme being exact.

    The other errors are taken as uniform, which costs less than 0.3 % from 3 bits on, but up to
    half with 2. `exact_group_mse` does without.
    """
    largest = expected_squared_maximum(g)
    half = largest / (3 * (2.0**bits - 1) ** 2) * (1 + 2 / g)
    sym = largest / (12 * (2.0 ** (bits - 1) - 1) ** 2) * (1 - 1 / g)
    return {"half": half, "sym": sym}[convention]


def exact_group_mse(bits: int, g: int, convention: Literal["half", "sym"]) -> float:
    """Return what `group_mse` approximates, by the law of the maximum and of what lies below it."""
    points, law = _law_of_maximum(g)
    steps = points * step(1.0, bits, convention)
    others = _errors_within(steps, points) / (1 - 2 * scipy.special.ndtr(-points))
    extreme = steps**2 * {"half": 0.25, "sym": 0.0}[convention]
    return float(law @ ((g - 1) * others + extreme) / g)


def rounding_error(d: float) -> float:
    """e(d) = E (w - d round(w / d))^2 of a standard normal w on a grid of step d."""
    return float(_errors_within(np.array([d]), np.array([np.inf]))[0])


def _errors_within(steps: Vector, largest: Vector) -> Vector:
    """E (w - d round(w / d))^2, where |w| is at most `largest`, for every step d, shape (m,)."""
    d, a = steps[:, None], largest[:, None]
    k = np.arange(int(np.ceil((np.minimum(10.0, a) / d).max())) + 2)
    low, high = np.clip((k - 0.5) * d, 0.0, a), np.minimum((k + 0.5) * d, a)
    mass = scipy.special.ndtr(-low) - scipy.special.ndtr(-high)
    first = _density(low) - _density(high)
    second = mass + low * _density(low) - high * _density(high)
    return np.asarray(2 * (second - 2 * k * d * first + (k * d) ** 2 * mass).sum(axis=1))


def _density(x: Vector) -> Vector:
    """Return the standard normal density, without all of scipy.stats."""
    return np.asarray(np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi))


def _law_of_maximum(g: int) -> tuple[Vector, Vector]:
    """Points a and weights, the density g 2 phi(a) (2 Phi(a) - 1)^(g-1) in them, for E f(a_g).

    The midpoint rule: of smooth functions that vanish at both ends it errs less than any power of
    the distance of its points. Beyond 12 there is less than 1e-30.
    """
    apart = 0.02
    points: Vector = np.asarray(apart * (np.arange(600) + 0.5))
    inside = np.log1p(-2 * scipy.special.ndtr(-points))
    return points, apart * 2 * g * _density(points) * np.exp((g - 1) * inside)


@lru_cache(maxsize=64)
def group_mse_variance(bits: int, g: int, convention: Literal["half", "sym"]) -> float:
    r"""Bound on the variance of the mean squared error of one group, by its largest entry.

    The error of a group is :math:`X = s^2 (v_1 + \dots + v_g) / g` with :math:`v_i \in [0, 1/4]`,
    s being set by :math:`a_g`. Given :math:`a_g` the extreme has :math:`v = 1/4` ('half') or 0
    ('sym'), and the others are independent with one mean m, known from moments of normals cut at
    :math:`a_g`. A variable in [0, 1/4] of mean m has a variance of at most m (1/4 - m) (Bhatia and
    Davis, 2000). So

    .. math:: \operatorname{Var} X \le E[s^4 (g-1) m (1/4 - m) / g^2]
              + \operatorname{Var}(s^2 [(g-1) m + v] / g).
    """
    points, law = _law_of_maximum(g)
    steps = points * step(1.0, bits, convention)
    extreme = {"half": 0.25, "sym": 0.0}[convention]
    inside = 1 - 2 * scipy.special.ndtr(-points)
    m = np.clip(_errors_within(steps, points) / (steps**2 * inside), 0.0, 0.25)
    given = steps**2 * ((g - 1) * m + extreme) / g
    within = steps**4 * (g - 1) * m * (0.25 - m) / g**2
    return float(law @ (within + given**2) - (law @ given) ** 2)


def column_mse_variance(
    bits: int, g: int, n: int, convention: Literal["half", "sym"] = "half", outliers: int = 0
) -> float:
    """Bound on the variance of the error of n weights in groups, some with one outlier each.

    The n / g groups are independent. In a group with an outlier that sets s, rounding to a multiple
    of s moves no weight by more than itself, so that its squared error has a variance of at most
    E w^4 = 3.
    """
    clean = max(1 - outliers * g / n, 0.0) * g / n * group_mse_variance(bits, g, convention)
    return clean + outliers * 3 * (g - 1) / n**2


def outlier_mse(bits: int, g: int, n: int, outlier: float) -> float:
    """Mean squared error of a column of n normals, one of them replaced by an outlier K.

    (g/n) e(2K / (2^b - 1)) + (1 - g/n) MSE of a clean group + (s/2)^2 / n for the outlier.
    """
    s = step(outlier, bits, "half")
    spoiled = (g - 1) / n * rounding_error(s) + s**2 / 4 / n
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
