"""The whole network, forward and backward."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from refutable.solvers.context_transformer.blocks import (
    Kept,
    attend,
    attend_back,
    between,
    between_back,
    gelu,
    gelu_back,
    normalise,
    normalise_back,
    slope,
    times,
    total,
)
from refutable.solvers.context_transformer.layout import Floats, Layout, Weights


class Pass(NamedTuple):
    """A forward pass, with what its backward pass needs.

    Attributes
    ----------
    outputs : ndarray, shape (b, queries, 2)
    """

    outputs: Floats
    inputs: tuple[Floats, Floats, Floats]
    blocks: list[Kept]
    head: tuple[Floats, ...]


def of_block(weights: Weights, index: int) -> Weights:
    """Return the weights of a block, without its number in their names."""
    mark = f"{index}."
    return {name[len(mark) :]: w for name, w in weights.items() if name.startswith(mark)}


def first_of(index: int, layout: Layout, context: int) -> int:
    """Return the first token that a block computes: in the last block, that of the queries."""
    return context if index == layout.layers - 1 else 0


def forward(
    weights: Weights, layout: Layout, x: Floats, y: Floats, visible: NDArray[np.bool_]
) -> Pass:
    """Run the network.

    Parameters
    ----------
    weights : dict
        From `Layout.split`.
    layout : Layout
    x : ndarray, shape (b, context + queries, features)
    y : ndarray, shape (b, context)
    visible : ndarray of bool, shape (b, context)
    """
    context = y.shape[1]
    embedded = np.tanh(times(x, weights["x"]) + weights["x_bias"])
    h = embedded.copy()
    h[:, :context] += y[..., None] * weights["y"][0] + weights["y_bias"]
    blocks = []
    for index in range(layout.layers):
        own, first = of_block(weights, index), first_of(index, layout, context)
        added, attention = attend(h, first, own, layout.heads, visible)
        h = h[:, first:] + added
        added, inner = between(h, own)
        h = h + added
        blocks.append(Kept(attention, inner))
    u, inverse = normalise(h)
    value, gate = gelu(times(u, weights["head"]) + weights["head_bias"])
    outputs = times(value, weights["last"]) + weights["last_bias"]
    return Pass(outputs, (x, y, embedded), blocks, (u, inverse, value, gate))


def backward(weights: Weights, layout: Layout, run: Pass, back: Floats, slopes: Weights) -> None:
    """Fill in the gradient of a loss, given that with respect to the outputs.

    Parameters
    ----------
    weights, layout, run
        As in, and from, `forward`.
    back : ndarray, shape (b, queries, 2)
    slopes : dict
        Views of the gradient, from `Layout.split`; written to.
    """
    x, y, embedded = run.inputs
    context = y.shape[1]
    d_h = _head_back(weights, run, back, slopes)
    for index in reversed(range(layout.layers)):
        own, filled = of_block(weights, index), of_block(slopes, index)
        first = first_of(index, layout, context)
        d_h = d_h + between_back(d_h, own, filled, run.blocks[index].between)
        d_all = attend_back(d_h, first, own, filled, run.blocks[index].attention)
        d_all[:, first:] += d_h
        d_h = d_all
    d_context = np.ascontiguousarray(d_h[:, :context])
    slopes["y"][...] = slope(y[..., None], d_context)
    slopes["y_bias"][...] = total(d_context)
    d_inner = d_h * (1 - embedded * embedded)
    slopes["x"][...] = slope(x, d_inner)
    slopes["x_bias"][...] = total(d_inner)


def _head_back(weights: Weights, run: Pass, back: Floats, slopes: Weights) -> Floats:
    u, inverse, value, gate = run.head
    slopes["last"][...] = slope(value, back)
    slopes["last_bias"][...] = total(back)
    d_inner = gelu_back(times(back, weights["last"].T), value, gate)
    slopes["head"][...] = slope(u, d_inner)
    slopes["head_bias"][...] = total(d_inner)
    return normalise_back(times(d_inner, weights["head"].T), u, inverse)
