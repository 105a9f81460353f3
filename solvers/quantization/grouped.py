"""Symmetric absmax quantisation of groups of weights, in two conventions of the scale.

With a the largest absolute value of a group and b bits, `half` has s = 2a / (2^b - 1), so that
the extremes fall half a step outside the integer range and are clipped to its ends; `sym` has
s = a / (2^{b-1} - 1), so that the extremes are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from refutable.solvers.argument_checks import finite_array, one_of, refuse, whole_number

Floats = NDArray[np.float64]
Convention = Literal["half", "sym"]


@dataclass(frozen=True)
class Grouped:
    """Quantised weights.

    Attributes
    ----------
    codes
        (..., n) integers in [-2^(b-1), 2^(b-1) - 1].
    scales
        (..., n / group), one per group of neighbours along the last axis.
    """

    codes: NDArray[np.int32]
    scales: Floats


def absmax_scales(
    weights: Floats, bits: int, group: int, convention: Convention = "half"
) -> Floats:
    """Scale of every group; see `absmax_quantize`."""
    return _scales(_split(weights, group), whole_number("bits", bits, 2, 16), convention)


def absmax_quantize(
    weights: Floats, bits: int, group: int, convention: Convention = "half"
) -> Grouped:
    """Quantise groups of neighbours along the last axis.

    Parameters
    ----------
    weights
        (..., n).
    bits
        b in 2..16.
    group
        Weights per scale; divides n.
    convention
        `half` or `sym`, see the module.

    Returns
    -------
    Grouped
        Codes and scales; a group of zeros has scale 0.

    Raises
    ------
    ValueError
        If an argument is out of range, or weights are not finite.
    """
    bits = whole_number("bits", bits, 2, 16)
    blocks = _split(weights, group)
    scales = _scales(blocks, bits, convention)
    steps = np.where(scales > 0, scales, 1.0)[..., None]
    # clipping after rounding: half to even sends 7.5 to 8, which the range does not have
    codes = np.clip(np.round(blocks / steps), -(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return Grouped(codes.reshape(np.shape(weights)).astype(np.int32), scales)


def dequantize(quantized: Grouped) -> Floats:
    """Return the weights (..., n) that codes and scales stand for."""
    codes, scales = quantized.codes, quantized.scales
    blocks = codes.reshape(*scales.shape, -1) * scales[..., None]
    return np.asarray(blocks.reshape(codes.shape))


def _split(weights: Floats, group: int) -> Floats:
    array, group = finite_array("weights", weights, least=1), whole_number("group", group)
    length = array.shape[-1]
    if length % group:
        refuse("group", group, f"a divisor of the last axis, {length}, or pad that")
    return array.reshape(*array.shape[:-1], length // group, group)


def _scales(blocks: Floats, bits: int, convention: Convention) -> Floats:
    one_of("convention", convention, get_args(Convention))
    largest = np.abs(blocks).max(axis=-1)
    half, sym = 2 * largest / (2**bits - 1), largest / (2 ** (bits - 1) - 1)
    return np.asarray(half if convention == "half" else sym)
