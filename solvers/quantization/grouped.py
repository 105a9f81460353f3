"""Symmetric absmax quantisation of groups of weights, in two conventions of the scale.

With a the largest absolute value of a group and b bits, `half` has s = 2a / (2^b - 1), so that
the extremes fall half a step outside the integer range and are clipped to its ends; `sym` has
s = a / (2^{b-1} - 1), so that the extremes are exact.

Weight i belongs to group i // g, so that a last group has fewer weights where g does not divide n:
n / g rounded up scales, as in AutoGPTQ's ``g_idx``. Its scale is also that of the group filled up
with zeros, which change no largest absolute value: whoever must give whole groups, as
compressed-tensors asks, pads with zeros, gets the same scales, and cuts the codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.argument_checks import finite_array, one_of, whole_number
from refutable.solvers.quantization.ternary import Quantizer

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
        (..., m), one per group of neighbours along the last axis, m being n / group rounded up.
    group
        Weights per scale; the last one may have fewer.
    """

    codes: NDArray[np.int32]
    scales: Floats
    group: int


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
        Weights per scale. The last group has what is left over.
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
    codes = _joined(_codes(blocks / steps, bits), np.shape(weights))
    return Grouped(codes.astype(np.int32), scales, int(group))


def _codes(steps: Floats, bits: int) -> Floats:
    # clipping after rounding: half to even sends 7.5 to 8, which the range does not have
    return np.clip(np.round(steps), -(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def absmax_quantizers(
    weights: Floats, bits: int, group: int, convention: Convention = "half"
) -> list[Quantizer]:
    """Return, for every column of weights (R, C), the map to the grids of its group, for `gptq`.

    Scales are those of the weights as they are given, before any is compensated: the static groups
    of AutoGPTQ. Parameters as in `absmax_quantize`.
    """
    group = whole_number("group", group)
    scales = absmax_scales(finite_array("weights", weights, ndim=2), bits, group, convention)
    maps = [_rounding(scale, bits) for scale in scales.T]
    return [maps[i // group] for i in range(np.shape(weights)[1])]


def _rounding(scales: Floats, bits: int) -> Quantizer:
    steps = np.where(scales > 0, scales, 1.0)
    return lambda column: scales * _codes(column / steps, bits)


def dequantize(quantized: Grouped) -> Floats:
    """Return the weights (..., n) that codes and scales stand for."""
    codes = quantized.codes
    return _joined(_split(codes, quantized.group) * quantized.scales[..., None], codes.shape)


def _split(weights: ArrayLike, group: int) -> Floats:
    """Return groups (..., m, group), the last filled up with zeros."""
    array, group = finite_array("weights", weights, least=1), whole_number("group", group)
    length = array.shape[-1]
    group = min(group, length)
    blocks = -(-length // group)
    padded = array
    if blocks * group > length:
        padded = np.zeros((*array.shape[:-1], blocks * group))
        padded[..., :length] = array
    return padded.reshape(*array.shape[:-1], blocks, group)


def _joined(blocks: Floats, shape: tuple[int, ...]) -> Floats:
    """Return the weights (..., n) of groups, without what filled up the last."""
    return blocks.reshape(*shape[:-1], -1)[..., : shape[-1]]


def _scales(blocks: Floats, bits: int, convention: Convention) -> Floats:
    one_of("convention", convention, get_args(Convention))
    largest = np.abs(blocks).max(axis=-1)
    half, sym = 2 * largest / (2**bits - 1), largest / (2 ** (bits - 1) - 1)
    return np.asarray(half if convention == "half" else sym)
