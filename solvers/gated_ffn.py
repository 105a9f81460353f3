"""Gated feed-forward blocks and their cut into experts, batched over independent networks.

A block computes ``down @ (act(gate @ x) * (up @ x))`` (Shazeer, GLU variants, arXiv 2002.05202).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    Ints,
    finite_array,
    generator,
    one_of,
    positive,
    refuse,
    whole_array,
    whole_number,
)

Activation = Callable[[Floats], Floats]


def silu(x: Floats) -> Floats:
    """Sigmoid-weighted linear unit, elementwise."""
    return np.asarray(x * scipy.special.expit(x))


def gelu(x: Floats) -> Floats:
    """Gaussian error linear unit (exact form), elementwise."""
    return np.asarray(0.5 * x * (1 + scipy.special.erf(x / np.sqrt(2))))


def relu(x: Floats) -> Floats:
    """Rectified linear unit, elementwise."""
    return np.maximum(x, 0.0)


def normalising(x: Floats) -> Floats:
    """Softmax over the hidden units: NOT elementwise, so it does not survive a cut."""
    return np.asarray(scipy.special.softmax(x, axis=-1))


ACTIVATIONS: dict[str, Activation] = {
    "silu": silu,
    "gelu": gelu,
    "relu": relu,
    "normalising": normalising,
}


@dataclass(frozen=True)
class GatedFFN:
    """Weights of one or more gated blocks.

    Parameters
    ----------
    gate, up : array, shape (..., f, d)
        Input projections of f hidden units.
    down : array, shape (..., d, f)
        Output projection.
    """

    gate: Floats
    up: Floats
    down: Floats

    def __post_init__(self) -> None:
        gate = finite_array("gate", self.gate, least=2)
        finite_array("up", self.up, shape=gate.shape)
        finite_array("down", self.down, shape=self._down_shape())

    def _down_shape(self) -> tuple[int, ...]:
        *batch, hidden, width = self.gate.shape
        return (*batch, width, hidden)

    def __call__(self, x: ArrayLike, activation: str = "silu") -> Floats:
        """Apply the block to tokens x, shape (..., T, d) -> (..., T, d)."""
        tokens = finite_array("x", x, least=2)
        if tokens.shape[-1] != self.gate.shape[-1]:
            refuse("x", tokens, f"tokens of the block's width, {self.gate.shape[-1]}")
        act = ACTIVATIONS[one_of("activation", activation, ACTIVATIONS)]
        hidden = act(tokens @ _turn(self.gate)) * (tokens @ _turn(self.up))
        return np.asarray(hidden @ _turn(self.down))


def _turn(matrix: Floats) -> Floats:
    return np.swapaxes(matrix, -1, -2)


def random_ffn(
    rng: np.random.Generator, size: int, width: int, hidden: int, scale: float = 1.0
) -> GatedFFN:
    """Draw independent normal blocks, gate and up entries N(0, scale^2/d), down N(0, 1/f).

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    size, width, hidden : int
        Number of blocks, d and f.
    scale : float, optional
        Standard deviation of a pre-activation at a standard normal token.
    """
    size, width = whole_number("size", size), whole_number("width", width)
    hidden = whole_number("hidden", hidden)
    inputs = positive("scale", scale) / np.sqrt(width)
    generator("rng", rng)
    return GatedFFN(
        inputs * rng.standard_normal((size, hidden, width)),
        inputs * rng.standard_normal((size, hidden, width)),
        rng.standard_normal((size, width, hidden)) / np.sqrt(hidden),
    )


def _rows(matrix: Floats, order: Ints, parts: int) -> Floats:
    *batch, hidden, width = matrix.shape
    picked = np.take_along_axis(matrix, order[..., None], axis=-2)
    return picked.reshape(*batch, parts, hidden // parts, width)


def cut_ffn(
    ffn: GatedFFN, order: ArrayLike, parts: int, order_up: ArrayLike | None = None
) -> GatedFFN:
    """Cut the hidden units into equal consecutive blocks of `order`, one expert each.

    Parameters
    ----------
    ffn : GatedFFN
        Weights with shapes (..., f, d) and (..., d, f).
    order : int array, shape (..., f)
        A permutation of the hidden units for each network.
    parts : int
        Number of experts, a divisor of f.
    order_up : int array, shape (..., f), optional
        Another permutation for ``up``: a deliberately wrong cut.

    Returns
    -------
    experts : GatedFFN
        Weights with one more axis of length `parts` before the last two.
    """
    hidden = ffn.gate.shape[-2]
    parts = whole_number("parts", parts, 1, hidden)
    if hidden % parts:
        refuse("parts", parts, f"a divisor of the {hidden} hidden units")
    rows = _permutations("order", order, ffn)
    up = rows if order_up is None else _permutations("order_up", order_up, ffn)
    down = _rows(_turn(ffn.down), rows, parts)
    return GatedFFN(_rows(ffn.gate, rows, parts), _rows(ffn.up, up, parts), _turn(down))


def _permutations(name: str, order: ArrayLike, ffn: GatedFFN) -> Ints:
    """Return one permutation of the hidden units for each network, shape (..., f)."""
    rows = whole_array(name, order, 0, ffn.gate.shape[-2] - 1, shape=ffn.gate.shape[:-1])
    if (np.sort(rows, axis=-1) != np.arange(rows.shape[-1])).any():
        raise ValueError(f"{name} repeats hidden units: give permutations")
    return rows


def expert_outputs(experts: GatedFFN, x: ArrayLike, activation: str = "silu") -> Floats:
    """Output of every expert at every token: x (..., T, d) -> (..., parts, T, d)."""
    return experts(finite_array("x", x, least=2)[..., None, :, :], activation)
