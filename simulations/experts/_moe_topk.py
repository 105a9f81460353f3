"""Which densities a top-K gate can and cannot write: exact facts and population minima."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from refutable.simulations.experts._gaussian_moe.worlds import parameters
from refutable.solvers.gaussian_moe import (
    AffineFamily,
    Gate,
    Layout,
    Parameters,
    log_density,
    nearest,
    quadrature,
)
from refutable.theory.experts import topk_moe as theory
from refutable.theory.experts.softmax_gmoe.atoms import Atoms

FloatArray = NDArray[np.float64]

TRUTHS = {2: theory.TWO_TRUTH, 3: theory.BASE_TRUTH, 4: theory.FOUR_TRUTH}
HALVES = ((-1.0, 0.0), (0.0, 1.0))
LOWEST = {"gate": -8.0, "expert": -6.0, "log_v": np.log(0.02)}
HIGHEST = {"gate": 8.0, "expert": 6.0, "log_v": np.log(9.0)}


def density_change(truth: Atoms, kept: int, other: Atoms, other_kept: int) -> float:
    """Return the largest relative difference of two densities at 50,000 fixed points."""
    rng = np.random.default_rng(23)
    x, y = rng.uniform(-1, 1, 50_000), 0.5 + 1.5 * rng.standard_normal(50_000)
    base = log_density(parameters(truth), Gate(top_k=kept), x, y)
    moved = log_density(parameters(other), Gate(top_k=other_kept), x, y)
    return float(np.abs(np.expm1(moved - base)).max())


def append(truth: Atoms, b0: float, b1: float, a: float, c: float, v: float) -> Atoms:
    """Return the truth with one more expert."""
    old = (truth.b0, truth.b1, truth.a, truth.c, truth.v)
    return Atoms(*(np.append(o, new) for o, new in zip(old, (b0, b1, a, c, v), strict=True)))


def population_minimum(true_k: int, kept: int, k: int, k_bar: int, starts: int) -> float:
    """Return the least H^2 found between the truth and k experts under a top-`k_bar` gate.

    Bounded parameters: b0, b1 in [-8, 8] (last gate at 0), a, c in [-6, 6], v in [0.02, 9].
    """
    truth = TRUTHS[true_k]
    gate = Gate(top_k=k_bar)
    nodes = quadrature(parameters(truth), Gate(top_k=kept), HALVES, 24, 24)
    layout = Layout(k, 1, False)
    family = AffineFamily(layout, gate, np.zeros(layout.size), np.eye(layout.size))
    low, high = _box(layout)
    begin = np.clip(_starts(truth, layout, starts), low + 1e-6, high - 1e-6)
    return nearest(family, nodes, begin, evaluations=80, bounds=(low, high))[0]


def _box(layout: Layout) -> tuple[FloatArray, FloatArray]:
    counts = [layout.gates, 2 * layout.k, layout.k]
    ends = [[side["gate"], side["expert"], side["log_v"]] for side in (LOWEST, HIGHEST)]
    low, high = (np.repeat(np.asarray(end), counts) for end in ends)
    return low, high


def _starts(truth: Atoms, layout: Layout, count: int) -> FloatArray:
    """Return the true experts and copies of them, slopes scaled, with small or large noise."""
    rng = np.random.default_rng(29)
    base, k = len(truth.b0), layout.k
    rows = []
    for i in range(count):
        pick = np.concatenate([np.arange(base), rng.integers(0, base, k - base)])
        p = parameters(Atoms(truth.b0[pick], truth.b1[pick] * rng.uniform(0.7, 1.3), truth.a[pick],
                             truth.c[pick], truth.v[pick]))  # fmt: skip
        spread = 0.15 if i % 3 else 0.8
        rows.append(_pack(p, layout) + spread * rng.standard_normal(layout.size))
    return np.asarray(rows)


def _pack(p: Parameters, layout: Layout) -> FloatArray:
    return np.asarray(layout.pack(p.pinned()))


def changed_fraction(
    b1: FloatArray, direction: FloatArray, eta: float, x: FloatArray, k: int
) -> float:  # fmt: skip
    """Return the share of x whose top-k set changes when b1 moves by eta times `direction`."""
    before, after = theory.selected(b1, x, k), theory.selected(b1 + eta * direction, x, k)
    return float((before != after).any(axis=-1).mean())
