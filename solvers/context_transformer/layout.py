"""Where each weight of the network lies in one flat vector."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from refutable.solvers.argument_checks import generator, refuse, whole_number

Floats = NDArray[np.floating]
Weights = dict[str, Floats]

SPAN = 3.0
"""Inputs are embedded by tanh of their multiples by normal numbers of this deviation: for inputs
of order 1 most units then bend within their range, and none is a step."""


@dataclass(frozen=True)
class Layout:
    """Sizes of a network.

    Parameters
    ----------
    features : int
        Entries of an input x.
    width : int
        Of a token; a multiple of `heads`.
    layers, heads : int
        Blocks, and attention heads of each.

    Raises
    ------
    ValueError
        If a size is no whole number of 1 or more, or `heads` does not divide `width`.
    """

    features: int = 1
    width: int = 32
    layers: int = 2
    heads: int = 4

    def __post_init__(self) -> None:
        for name in ("features", "width", "layers", "heads"):
            whole_number(name, getattr(self, name))
        if self.width % self.heads:
            refuse("heads", self.heads, f"a divisor of the width, {self.width}")

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of every weight by its name; those of block i begin with ``i.``."""
        d, wide = self.width, 2 * self.width
        block = {
            "query": (d, d),
            "key_value": (d, wide),
            "out": (d, d),
            "up": (d, wide),
            "up_bias": (wide,),
            "down": (wide, d),
            "down_bias": (d,),
        }
        shapes: dict[str, tuple[int, ...]] = {"x": (self.features, d), "x_bias": (d,)}
        shapes |= {"y": (1, d), "y_bias": (d,)}
        for i in range(self.layers):
            shapes |= {f"{i}.{name}": shape for name, shape in block.items()}
        shapes |= {"head": (d, wide), "head_bias": (wide,), "last": (wide, 2), "last_bias": (2,)}
        return shapes

    @property
    def count(self) -> int:
        """Number of weights."""
        return sum(math.prod(shape) for shape in self.shapes.values())

    def split(self, flat: Floats) -> Weights:
        """Return views of a flat vector, shape (count,), by name."""
        views, start = {}, 0
        for name, shape in self.shapes.items():
            end = start + math.prod(shape)
            views[name] = flat[start:end].reshape(shape)
            start = end
        return views


def initial_parameters(layout: Layout, rng: Generator) -> NDArray[np.float64]:
    """Draw the weights that training starts from.

    Matrices are normal with a variance of 1 over their rows, which keeps the size of what passes
    through; biases are 0, but for that of the inputs, which spreads the bends of tanh.

    Parameters
    ----------
    layout : Layout
    rng : Generator

    Returns
    -------
    ndarray, shape (layout.count,)
    """
    draw, flat = generator("rng", rng), np.zeros(layout.count)
    for name, view in layout.split(flat).items():
        if view.ndim == 2:
            view[...] = draw.standard_normal(view.shape) / math.sqrt(view.shape[0])
        if name in ("x", "x_bias"):
            view[...] = SPAN * draw.standard_normal(view.shape)
    return flat
