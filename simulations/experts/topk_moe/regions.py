"""Whether the regions of a top-K gate stay as they are when its slopes move a little.

Lemma 1 (recalled); the radius on the line and the mismatch beyond it are derived.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.theory.experts import topk_moe as theory

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    FalseTheory,
    FloatArray,
    MendedWorld,
    Origin,
    Quantile,
    Scope,
    Slope,
    Verdict,
)


def changed_fraction(
    b1: FloatArray, direction: FloatArray, eta: float, x: FloatArray, k: int
) -> float:  # fmt: skip
    """Return the share of x whose top-k set changes when b1 moves by eta times `direction`."""
    before, after = theory.selected(b1, x, k), theory.selected(b1 + eta * direction, x, k)
    return float((before != after).any(axis=-1).mean())


def _random_gates(rng: Generator, d: int) -> tuple[FloatArray, FloatArray]:
    """Four gate slopes N(0, 2^2) and a unit direction for each."""
    b1, direction = 2 * rng.standard_normal((4, d)), rng.standard_normal((4, d))
    return b1, direction / np.linalg.norm(direction, axis=1, keepdims=True)


def line_regions(cell: Cell, rng: Generator, size: int) -> Columns:
    """Share of x in [-1, 1] whose top-2 set changes, in multiples of the stable radius."""
    x, shares = rng.uniform(-1, 1, (500, 1)), []
    for _ in range(size):
        b1, direction = _random_gates(rng, 1)
        eta = cell.radii * theory.stable_radius(b1)
        shares.append(changed_fraction(b1, direction, eta, x, 2))
    return {"changed": np.array(shares)}


LINE = Claim(
    id="topk_moe.topk-regions-stable-on-the-line",
    title="On the line small moves of the gate change no region",
    source="Lemma 1 (recalled), for $d = 1$; radius derived",
    origin=Origin.DERIVED,
    basis=Basis.RECALLED,
    statement=(
        "For a scalar x no top-K region changes while every gate slope moves by less than half of "
        "the smallest gap between two slopes."
    ),
    formula='eta < 1/2 min_(i != j) abs(b_(1 i) - b_(1 j)) => "regions unchanged"',
    scope=Scope.SCALED_DOWN,
    does_not_show="Ranking with the intercept, as some re-implementations do.",
    assumptions=("d = 1", "ranking by b1 x without the intercept"),
    cells=Cells(radii=(0.1, 0.99)),
    simulate=line_regions,
    expect=(Exact("changed").equals(0),),
    controls=(BrokenWorld("just beyond the radius", cells=Cells(radii=(1.01,))),),
    block=250,
    cap=1000,
)


def regions(cell: Cell, rng: Generator, size: int) -> Columns:
    """Share of 4000 points x whose top-2 set changes when the slopes move by eta."""
    x = rng.uniform(-1, 1, (4000, cell.d))
    pairs = [_random_gates(rng, cell.d) for _ in range(size)]
    return {"changed": np.array([changed_fraction(*p, cell.eta, x, 2) for p in pairs])}


REGION_LEMMA = Claim(
    id="topk_moe.topk-region-lemma",
    title="Small moves of the gate change no region in any dimension",
    source="Lemma 1, as recalled: for every dimension",
    origin=Origin.GUARD,
    basis=Basis.RECALLED,
    statement="A small enough perturbation of the gate slopes leaves every top-K region unchanged.",
    formula='eta "small" => PP("top-" K "set of" x "changes") = 0',
    scope=Scope.SCALED_DOWN,
    does_not_show=(
        "The statement is recalled: the paper may restrict it. The rates may survive, because a "
        "mismatch of regions only increases the Hellinger distance."
    ),
    cells=Cells(d=(2, 3), eta=(0.01,)),
    simulate=regions,
    expect=(Exact("changed", d=(2, 3)).equals(0),),
    controls=(
        FalseTheory("never more than eta changes", Exact("changed").at_most(lambda cell: cell.eta)),
        FalseTheory(
            "half of all gates change more than half of eta",
            Quantile("changed").at_least(lambda cell: cell.eta / 2),
        ),
    ),
    positive=(
        MendedWorld(
            "one dimension",
            cells=Cells(d=(1,), eta=(1e-6,)),
            expect=(Exact("changed").equals(0),),
        ),
    ),
    block=64,
    cap=512,
    expected=Verdict.REFUTED,
    why=(
        "For $d = 2$ and 3 the regions are cones; moving b1 by eta turns their borders by an angle "
        "of order eta, however small eta is. For $d = 1$ the lemma holds (a claim of its own)."
    ),
)

STEPS = (10.0, 30.0, 100.0)


def mismatch(cell: Cell, rng: Generator, size: int, power: float = 1.0) -> Columns:
    """Share of changed points for eta = 1/10, 1/30, 1/100, (size, 3); half a point is added.

    The slopes move by eta to the `power`.
    """
    points = 6000
    x, rows = rng.uniform(-1, 1, (points, cell.d)), []
    for _ in range(size):
        b1, direction = _random_gates(rng, cell.d)
        shares = [changed_fraction(b1, direction, s**-power, x, 2) for s in STEPS]
        rows.append([share + 0.5 / points for share in shares])
    return {"changed": np.array(rows)}


MISMATCH = Claim(
    id="topk_moe.topk-region-mismatch-is-linear",
    title="In two and three dimensions regions change in proportion to the move",
    source="Derived, against Lemma 1 as recalled",
    origin=Origin.DERIVED,
    basis=Basis.RECALLED,
    statement=(
        "In two and three dimensions the share of x whose top-K set changes is proportional to the "
        "size of the perturbation."
    ),
    formula='PP("top-" K "set of" x "changes") = Theta(eta), quad d >= 2',
    scope=Scope.SCALED_DOWN,
    does_not_show="Perturbations below 1/100; random gates of one kind.",
    cells=Cells(d=(2, 3)),
    simulate=mismatch,
    expect=(Slope("changed", STEPS).near(-1, 0.12),),
    controls=(
        FalseTheory("eta^(5/4)", Slope("changed", STEPS).near(-1.25, 0.15)),
        BrokenWorld("the perturbation is $eta^(4/5)$", change={"power": 0.8}),
    ),
    block=32,
    cap=ByEffort(smoke=512, standard=512, full=1024),
)
