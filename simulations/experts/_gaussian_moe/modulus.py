"""How far the density moves at least when one copy of an expert moves by t.

The local modulus min H^2(p_G, p_*) over all other parameters, one coordinate of one of the copies
of the first expert displaced by t; its exponent in t is what the over-specified losses encode.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from refutable.simulations.experts._gaussian_moe.worlds import parameters
from refutable.solvers.gaussian_moe import AffineFamily, Gate, Layout, Nodes, nearest, quadrature
from refutable.theory.experts.softmax_gmoe.atoms import Atoms

from refutable import FloatArray

Pieces = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Setting:
    """A truth, its gate, and how many copies its first expert gets.

    Parameters
    ----------
    truth : Atoms
    gate : Gate
    pieces : tuple of (low, high)
        Where x is uniform.
    copies : int
    tau : float
    nodes : tuple of int
        Quadrature nodes in x (per piece) and in y (per expert).
    known : str
        Coordinate that stays at its truth in every atom, "" for none.
    law : Gate, optional
        Gate of the truth, if it is not that of the fit.
    """

    truth: Atoms
    gate: Gate
    pieces: Pieces
    copies: int = 2
    tau: float = 1.0
    nodes: tuple[int, int] = (40, 32)
    known: str = ""
    law: Gate | None = None

    @property
    def layout(self) -> Layout:
        """Order of the free vector of the over-fitted model."""
        k = len(self.truth.b0) - 1 + self.copies
        return Layout(k, 1, self.gate.free_temperature)

    def target(self) -> Nodes:
        """Quadrature nodes of the true law."""
        law = self.law or self.gate
        return quadrature(parameters(self.truth, self.tau), law, self.pieces, *self.nodes)

    def origin(self) -> FloatArray:
        """Return the true density written with equal copies of the first expert."""
        keep = np.concatenate([np.zeros(self.copies, int), np.arange(1, len(self.truth.b0))])
        t = self.truth
        b0 = t.b0[keep] - np.where(keep == 0, self.tau * np.log(self.copies), 0.0)
        copied = Atoms(b0, t.b1[keep], t.a[keep], t.c[keep], t.v[keep])
        return np.asarray(self.layout.pack(parameters(copied, self.tau)))

    def position(self, coordinate: str, atom: int) -> int:
        """Place of one coordinate (b0, b1, a, c or v) of one atom in the free vector."""
        layout, width = self.layout, 2
        place = {
            "b0": width * atom,
            "b1": width * atom + 1,
            "c": layout.gate_block + width * atom,
            "a": layout.gate_block + width * atom + 1,
            "v": layout.size - layout.k + atom,
        }
        return place[coordinate]

    def directions(self, coordinate: str) -> FloatArray:
        """Free directions: all but the displaced coordinate, one common b0 for the copies.

        Free weights would let the weight of the displaced copy go to zero instead.
        """
        size = self.layout.size
        copies = [self.position("b0", i) for i in range(self.copies)]
        held = {*copies, self.position(coordinate, 0)}
        if self.known:
            held |= {self.position(self.known, atom) for atom in range(self.layout.k)}
        common = np.zeros((size, 1))
        common[copies] = 1.0
        return np.hstack([common, np.eye(size)[:, [i for i in range(size) if i not in held]]])


def modulus(setting: Setting, coordinate: str, t: float, starts: int, seed: int) -> float:
    """Return the least H^2 with `coordinate` of the first copy displaced by t.

    Parameters
    ----------
    setting : Setting
    coordinate : {"b1", "a", "c", "v"}
        For v the displacement is in log v.
    t : float
    starts : int
        The origin, the symmetric split, and random ones.
    seed : int
    """
    origin, directions = setting.origin(), setting.directions(coordinate)
    origin[setting.position(coordinate, 0)] += t
    family = AffineFamily(setting.layout, setting.gate, origin, directions)
    first = np.stack([np.zeros(directions.shape[1]), _split(setting, coordinate, t, directions)])
    rng = np.random.default_rng(seed)
    rest = rng.normal(0, 0.7 * t, (max(starts - 2, 0), directions.shape[1]))
    return nearest(family, setting.target(), np.concatenate([first, rest])[:starts])[0]


def _split(setting: Setting, coordinate: str, t: float, directions: FloatArray) -> FloatArray:
    """Let the other copies take the displacement back; for c the variances shrink by t^2 too."""
    shift = np.zeros(setting.layout.size)
    for atom in range(1, setting.copies):
        shift[setting.position(coordinate, atom)] = -t / (setting.copies - 1)
    if coordinate == "c":
        for atom in range(setting.copies):
            shift[setting.position("v", atom)] = np.log1p(-min(t * t / setting.truth.v[0], 0.9))
    return np.asarray(np.linalg.pinv(directions) @ shift)


DIGITS = 8
"""Decimals kept of a slope: those behind depend on where in memory BLAS found its arrays."""


def local_slopes(
    setting: Setting, coordinate: str, grid: tuple[float, ...], starts: int = 4, seed: int = 0
) -> FloatArray:
    """Return d log H^2 / d log t between neighbours of an increasing grid of t."""
    values = [modulus(setting, coordinate, t, starts, seed) for t in grid]
    slopes = np.diff(np.log(values)) / np.diff(np.log(grid))
    return np.asarray(np.round(slopes, DIGITS))
