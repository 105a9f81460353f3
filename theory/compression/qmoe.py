"""QMoE: entropy bounds, checkpoint sizes, error bounds of GPTQ, zeros of min/max rounding.

Frantar and Alistarh, MLSys 2024. Symbols: p_0 probability of a zero weight, R x C matrix, H the
damped Hessian of a layer and U the factor of its inverse, H^-1 = U^T U.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import scipy
from numpy.typing import NDArray

from refutable import Paper

PAPER = Paper(
    key="qmoe",
    field="compression",
    title="QMoE: Practical Sub-1-Bit Compression of Trillion-Parameter Models",
    authors=("Elias Frantar", "Dan Alistarh"),
    year=2024,
    venue="MLSys 2024",
    arxiv="2310.16795",
    code="https://github.com/IST-DASLab/qmoe",
    read=(
        "the released code, and the paper's text and tables; its numbers were first taken from "
        "two third-party notes, which agree with the tables"
    ),
    not_checked=(
        "losses on C4 (bf16 1.18, ternary 1.26 for c2048): they need the trained models",
        "measured MoE-only ratios (20.07x for c2048): they need the quantised weights; the code "
        "is tried on an independent source with the same share of zeros instead",
        "run time of the decoding kernel (overhead below 5%): needs the GPU",
    ),
)

Vector = NDArray[np.float64]

ZEROS = 0.885
"""Share of zeros that the released dictionary is built for."""


def trit_entropy(p0: float) -> float:
    """H(p0) in bits: -p0 log2 p0 - (1 - p0) log2((1 - p0) / 2)."""
    rest = (1 - p0) / 2
    return float(-p0 * np.log2(p0) - (1 - p0) * np.log2(rest))


def binary_entropy(p0: float) -> float:
    """Entropy in bits of zero against nonzero, the signs being forgotten."""
    return float(-p0 * np.log2(p0) - (1 - p0) * np.log2(1 - p0))


def compression(rows: int, columns: int, codewords: float) -> float:
    """16 R C / (16 codewords + 64 (R + 1)) over bf16: 32-bit offset and two bf16 scales a row."""
    return 16 * rows * columns / (16 * codewords + 64 * (rows + 1))


SHAPES = (
    (768, 3072),
    (3072, 768),
    (1024, 4096),
    (4096, 1024),
    (2080, 6144),
    (6144, 2080),
)
"""Expert matrices of switch-base-128, switch-large-128 and switch-c-2048."""

EXPECTED_COMPRESSION: Mapping[tuple[int, int], float] = MappingProxyType(
    dict(zip(SHAPES, (21.1389, 19.3682, 21.3016, 19.9248, 21.4667, 20.8367), strict=True))
)
"""Of independent weights with 88.5% zeros in these shapes, offsets and scales included.

Computed apart from this project, by the same recursion on a dictionary of the released kind in
which ties at the cut fell otherwise than in the released one.
"""

TIE_MARGIN = 0.005
"""How far, relatively, the order of ties may move a rate at 88.5% zeros."""

# --- checkpoint sizes ------------------------------------------------------------------------


@dataclass(frozen=True)
class Switch:
    """A Switch Transformer: widths, heads of 64, blocks of the encoder and of the decoder.

    `sparse` says whether all blocks are sparse or every other one. `moe_ratio` is the paper's
    compression of the expert weights alone; the other strings are what it prints for the bf16
    checkpoint, for the compressed one (GB) and for their ratio.
    """

    d_model: int
    d_ff: int
    heads: int
    encoder: int
    decoder: int
    all_sparse: bool
    experts: int
    untied: bool
    moe_ratio: str
    bf16_gb: str
    compressed_gb: str
    ratio: str

    @property
    def blocks(self) -> int:
        """Blocks of both halves."""
        return self.encoder + self.decoder

    @property
    def sparse(self) -> int:
        """Blocks with experts."""
        return self.blocks if self.all_sparse else self.encoder // 2 + self.decoder // 2


VOCABULARY = 32_128
HEAD_WIDTH = 64
BUCKETS = 32

BASE = Switch(768, 3072, 12, 12, 12, False, 128, False, "17.06", "14.9", "1.27", "11.76")
LARGE = Switch(1024, 4096, 16, 24, 24, False, 128, False, "18.34", "52.7", "3.96", "13.32")
C2048 = Switch(2080, 6144, 30, 15, 15, True, 2048, True, "20.07", "3142", "158.6", "19.81")
"""c2048 with the 15 + 15 sparse blocks and the untied head that the released code gives it."""
PRINTED_BITS = "0.807"


def expert_parameters(model: Switch) -> int:
    """Sparse blocks times experts times 2 d_model d_ff."""
    return model.sparse * model.experts * 2 * model.d_model * model.d_ff


def dense_parameters(model: Switch) -> int:
    """Everything that is no expert weight.

    Attention (one block in the encoder, two in the decoder), dense FFNs, gates, the embedding
    (and the head if untied), norms and relative-position tables.
    """
    d, inner = model.d_model, model.heads * HEAD_WIDTH
    attention = (model.encoder + 2 * model.decoder) * 4 * d * inner
    ffn = (model.blocks - model.sparse) * 2 * d * model.d_ff
    gates = model.sparse * d * model.experts
    embedding = (2 if model.untied else 1) * VOCABULARY * d
    norms = (2 * model.encoder + 3 * model.decoder + 2) * d
    positions = 2 * BUCKETS * model.heads
    return attention + ffn + gates + embedding + norms + positions


def bf16_bytes(model: Switch) -> int:
    """Bytes of the checkpoint at two bytes a parameter."""
    return 2 * (expert_parameters(model) + dense_parameters(model))


def compressed_bytes(model: Switch) -> float:
    """Experts compressed by the printed ratio, the rest left in bf16."""
    return 2 * expert_parameters(model) / float(model.moe_ratio) + 2 * dense_parameters(model)


# --- GPTQ ------------------------------------------------------------------------------------


def worst_error(step: float, factor: Vector) -> float:
    """Bound s^2 / 4 sum_i U_ii^-2 on the quadratic error of a row, unclipped uniform grid."""
    return step**2 / 4 * float((np.diag(factor) ** -2.0).sum())


def mean_error(step: float, factor: Vector) -> float:
    """s^2 / 12 sum_i U_ii^-2: the mean if the rounding errors are uniform."""
    return worst_error(step, factor) / 3


def mean_rounding_error(step: float, hessian: Vector) -> float:
    """s^2 / 12 tr H: the mean quadratic error of plain rounding."""
    return step**2 / 12 * float(np.trace(hessian))


def mean_ratio_variance(rows: int, off: float = 0.0) -> float:
    r"""Bound on the variance of the mean error of so many rows over `mean_error`.

    Gaussian weights whose deviation is two steps or more leave rounding errors that are uniform
    given all before them, to a part :math:`e^{-2\pi^2\cdot 4}` (Poisson summation). So the error
    of a row is :math:`\sum_i d_i e_i^2` with uncorrelated terms, :math:`d_i=U_{ii}^{-2}`, and
    :math:`\sum d_i^2\le(\sum d_i)^2` leaves the variance of one :math:`e^2/(s^2/12)`, 4/5.
    With thresholds `off` steps from the middle e is uniform about `off`, and
    :math:`\operatorname{Var}e^2=s^4(1/180+\mathrm{off}^2/3)`.
    """
    return 144 * (1 / 180 + off**2 / 3) / rows


def rounding_ratio_variance(rows: int) -> float:
    r"""Bound 2/R on the variance of the mean error of R rows over `mean_rounding_error`.

    For independent symmetric errors in [-s/2, s/2] of variance :math:`\sigma^2\le s^2/12`,

    .. math:: \operatorname{Var}(e^\top He)=\sum_i H_{ii}^2\operatorname{Var}e^2
              +2\sigma^4\sum_{i\ne j}H_{ij}^2\le 2\,(s^2/12)^2\operatorname{tr}H^2,

    since :math:`\operatorname{Var}e^2\le\sigma^2(s^2/4-\sigma^2)\le 2\,(s^2/12)^2` (Bhatia and
    Davis, 2000), and :math:`\operatorname{tr}H^2\le(\operatorname{tr}H)^2`.
    """
    return 2 / rows


# --- zeros of min/max rounding ---------------------------------------------------------------


def zero_probability(n: int) -> float:
    r"""P(zero) for a row of n normals on the grid {min, 0, max}, thresholds at half of each.

    .. math::
        1 - 2\int n\varphi(m)\Phi(m)^{n-1}
        \Big[\tfrac1n + (1-\tfrac1n)\tfrac{\Phi(m)-\Phi(m/2)}{\Phi(m)}\Big]\,dm

    The largest entry m of the row is nonzero itself; another one is rounded up if it lies above
    m / 2. The lower end is symmetric. (Rows whose entries all have one sign are neglected; they
    have probability 2^(1-n).)
    """
    norm, ndtr, log_ndtr = scipy.stats.norm, scipy.special.ndtr, scipy.special.log_ndtr

    def rounded_up(m: float) -> float:
        density = n * np.exp(norm.logpdf(m) + (n - 1) * log_ndtr(m))
        return float(density * (1 / n + (1 - 1 / n) * (ndtr(m) - ndtr(m / 2)) / ndtr(m)))

    centre = float(norm.ppf(1 - 1 / n))
    upper = scipy.integrate.quad(rounded_up, 0.0, centre + 6.0, points=[centre], epsabs=1e-12)[0]
    return float(1 - 2 * upper)


def zero_variance(n: int) -> float:
    r"""Variance of the share of zeros of a row of n normals, by its two extremes.

    Given the largest entry m and the smallest -l, the other n - 2 are independent, and each is
    zero with probability :math:`\pi=(\Phi(m/2)-\Phi(-l/2))/(\Phi(m)-\Phi(-l))`. So the variance is
    :math:`\{E[(n-2)\pi(1-\pi)]+\operatorname{Var}((n-2)\pi)\}/n^2`, the extremes having the density
    :math:`n(n-1)\varphi(m)\varphi(l)(\Phi(m)-\Phi(-l))^{n-2}`. (As in `zero_probability`, rows of
    one sign are neglected.)
    """
    ndtr, apart = scipy.special.ndtr, 0.03
    m = apart * (np.arange(300) + 0.5)
    below = m[:, None]
    inside = 1 - ndtr(-m) - ndtr(-below)
    density = n * (n - 1) / (2 * np.pi) * np.exp(-(m**2 + below**2) / 2 + (n - 2) * np.log(inside))
    law = apart**2 * density
    pi = (1 - ndtr(-m / 2) - ndtr(-below / 2)) / inside
    first, second = (law * (n - 2) * pi).sum(), (law * ((n - 2) * pi) ** 2).sum()
    given = (law * (n - 2) * pi * (1 - pi)).sum()
    return float((given + second - first**2) / n**2)
