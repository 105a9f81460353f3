"""Whether the SDP is exact as often as a finite-n form of Chen & Yang's Theorem 1 predicts."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.mixtures.ila_sdp._data import (
    EQUIDISTANT,
    PLANE,
    RATIO,
    Noise,
    at_ratio,
    contiguous_labels,
    gaussian,
    heavy_tailed,
    joined,
)
from refutable.solvers.sdp.kkt import partition_test
from refutable.theory.mixtures import ila_sdp as theory

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    FalseTheory,
    FloatArray,
    Map,
    Origin,
    Probability,
    Scope,
)


def _conditions(points: FloatArray, cell: Cell) -> Columns:
    test = partition_test(points, contiguous_labels(cell.n, cell.k), cell.k)
    return {
        "mle": test.single_moves_lose.astype(np.float64),
        "possible": test.possible.astype(np.float64),
    }


def necessary(cell: Cell, rng: Generator, size: int, noise: Noise = gaussian) -> Columns:
    """Necessary conditions for `size` independent data sets.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``mle``: no single move lowers the K-means cost; ``possible``: the necessary condition of
        exactness holds.
    """
    return joined([_conditions(points, cell) for points in at_ratio(cell, rng, size, noise)])


def mle_law(cell: Cell) -> float:
    """Predicted chance of ``mle``."""
    return theory.mle_probability(
        cell.n, cell.p, cell.k, cell.ratio * theory.cutoff(cell.n, cell.p, cell.k)
    )


def sdp_law(cell: Cell) -> float:
    """Predicted chance that the relaxation is exact."""
    return theory.sdp_probability(
        cell.n, cell.p, cell.k, cell.ratio * theory.cutoff(cell.n, cell.p, cell.k)
    )


def _twice_the_dimension_term(cell: Cell) -> float:
    separation = cell.ratio * theory.cutoff(cell.n, cell.p, cell.k)
    return theory.sdp_probability(cell.n, cell.p, cell.k, separation, dimension_term=8.0)


LAW_RATIOS = (0.6, 0.8, 1.0, 1.2, 1.4, 1.6)

FINITE_N_LAW = Claim(
    id="ila_sdp.sdp-finite-n-law",
    title="At finite size the SDP is exact with a predicted probability",
    source="Finite-n form of Theorem 1 of Chen & Yang (2021), derived for this check",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement=(
        "At finite n the relaxation is exact with the probability that a Gaussian tail at a "
        "separation reduced by $2 + 4 sqrt(K p / n)$ gives; for K-means itself without reduction."
    ),
    formula=(
        "P approx exp(-n (K - 1) Q((Delta^2 - 2 - 4 sqrt(K p slash n)) "
        "/ (2 sqrt(Delta^2 + 2 K p slash n))))"
    ),
    scope=Scope.SCALED_DOWN,
    does_not_show=(
        "The event is the necessary condition of exactness, not its certificate. An "
        "approximation: agreement to 0.12 only."
    ),
    assumptions=EQUIDISTANT,
    notes=(
        "By the claim sdp-exact-iff-kkt the necessary condition is within 2 percent of certified "
        "exactness.",
    ),
    cells=ByEffort(
        smoke=Cells(n=(200,), p=(10,), k=(4,), ratio=(0.8, 1.0, 1.2)),
        standard=Cells(n=(200, 400), p=(10,), k=(4,), ratio=LAW_RATIOS)
        + Cells(n=(200,), p=(200,), k=(4,), ratio=LAW_RATIOS),
        full=Cells(n=(200, 400, 1000), p=(10,), k=(4,), ratio=LAW_RATIOS)
        + Cells(n=(400,), p=(400,), k=(4,), ratio=LAW_RATIOS),
    ),
    simulate=necessary,
    expect=(
        Probability("mle").near(mle_law, 0.12),
        Probability("possible").near(sdp_law, 0.12),
    ),
    controls=(
        FalseTheory(
            "the separation is reduced by $2 + 8 sqrt(K p / n)$",
            Probability("possible", n=200, p=10, ratio=1.0).near(_twice_the_dimension_term, 0.12),
        ),
        BrokenWorld(
            "heavy-tailed noise",
            change={"noise": heavy_tailed},
            at={"n": 200, "p": 10, "ratio": 1.2},
        ),
    ),
    block=400,
    cap=ByEffort(smoke=8000, standard=16000, full=16000),
    draw=Cells(n=(200,), p=(10,), k=(4,), ratio=(0.6, 0.7, 0.9, 1.1, 1.3, 1.4)),
    figure=RATIO,
    map=Map(
        over=PLANE,
        holds=Probability("possible").at_least(0.5),
        at={"p": 10, "k": 4},
        predicted=lambda cell: sdp_law(cell) >= 0.5,
        budget=320_000,
    ),
)
