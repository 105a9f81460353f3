"""Whether the K-means program recovers every label above the cutoff (Chen & Yang 2021, Theorem 1).

Exactness is never judged by a distance between matrices: a partition counts as recovered when a
dual certificate proves it optimal, and as lost when a necessary condition fails. Where that has
room to spare, a certificate that forms no matrix of order n is tried first: it takes milliseconds.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.mixtures.ila_sdp._data import (
    EQUIDISTANT,
    PLANE,
    RATIO,
    IntArray,
    Noise,
    at_ratio,
    contiguous_labels,
    gaussian,
    heavy_tailed,
    joined,
    quieter,
)
from refutable.solvers.sdp.certificate import certify_partition
from refutable.solvers.sdp.kkt import partition_test
from refutable.solvers.sdp.problem import KMeansProblem
from refutable.solvers.sdp.structured import certify_large_partition
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
    Onset,
    Origin,
    Probability,
    Scope,
)

ROOM = 4.0
"""Where the test's interval ends at this many times its low end, the certificate without matrices
of order n proves the partition: all of 34 at 400 points, 7 of 35 from 3 to 4 times, none below."""

MANY = 40
"""Points for each dimension from which that certificate is the faster one."""


def _certified(problem: KMeansProblem, labels: IntArray, room: float) -> bool:
    """Whether a partition is proved to solve the relaxation, by either certificate."""
    n, p = problem.points.shape
    if room >= ROOM and n >= MANY * p and certify_large_partition(problem, labels).certified:
        return True
    return certify_partition(problem, labels).certified


def _outcome(points: FloatArray, cell: Cell) -> Columns:
    """Cheap tests for a whole batch; the certificate only where they leave a chance."""
    labels = contiguous_labels(cell.n, cell.k)
    test = partition_test(points, labels, cell.k)
    certified = np.zeros(len(points), dtype=bool)
    for index in np.flatnonzero(test.possible):
        problem = KMeansProblem(points[index], cell.k)
        room = float(test.lam_hi[index] / test.lam_lo[index])
        certified[index] = _certified(problem, labels, room)
    columns = {
        "mle": test.single_moves_lose,
        "possible": test.possible,
        "recovered": certified,
        "open": test.possible & ~certified,
    }
    return {name: column.astype(np.float64) for name, column in columns.items()}


def recovery(cell: Cell, rng: Generator, size: int, noise: Noise = gaussian) -> Columns:
    """Outcome of `size` independent data sets.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``mle``: no single move lowers the K-means cost; ``possible``: the necessary condition of
        exactness holds; ``recovered``: the true partition is certified to solve the relaxation;
        ``open``: possible and not certified.
    """
    return joined([_outcome(points, cell) for points in at_ratio(cell, rng, size, noise)])


def _cutoff_cells(*shapes: tuple[int, int]) -> Cells:
    """Below, at and above the cutoff, four groups; and one high dimension for the naive formula."""
    high = 1.3 * theory.naive_cutoff(200) / theory.cutoff(200, 1000, 4)
    points = [
        {"n": n, "p": p, "k": 4, "ratio": ratio} for n, p in shapes for ratio in (0.6, 0.65, 1.6)
    ]
    return Cells.of(*points, {"n": 200, "p": 1000, "k": 4, "ratio": high})


SDP_CUTOFF = Claim(
    id="ila_sdp.sdp-cutoff",
    title="The SDP recovers every label above the cutoff; below it nothing does",
    source="Theorem 1 and converse of Chen & Yang (2021), the setting of section 2",
    origin=Origin.PRINTED,
    basis=Basis.CODE,
    statement=(
        "The K-means semidefinite program recovers every label when the squared separation of the "
        "centres is above the cutoff, and no method does when it is below."
    ),
    formula="Delta^2 >= (1 + a) 4 sigma^2 (1 + sqrt(1 + (K p) / (n log n))) log n",
    scope=Scope.SCALED_DOWN,
    does_not_show=(
        "Nothing about n to infinity: the window around the cutoff is a quarter wide at these n. "
        "Below the cutoff the impossibility is tried for the exact K-means (maximum likelihood) "
        "solution. Equal isotropic groups with equidistant centres only."
    ),
    assumptions=EQUIDISTANT,
    notes=(
        "The abstract of Chen & Yang states a sharp threshold that the program reaches; the "
        "formula was read in the code of two companion papers.",
    ),
    cells=ByEffort(
        smoke=_cutoff_cells((200, 10)),
        standard=_cutoff_cells((200, 10), (400, 10), (400, 400)),
        full=_cutoff_cells((200, 10), (400, 10), (400, 400), (1000, 10), (1000, 1000), (2000, 20)),
    ),
    simulate=recovery,
    expect=(
        Probability("recovered", ratio=1.6).at_least(0.85),
        Probability("mle", ratio=0.6).at_most(0.1),
    ),
    controls=(
        FalseTheory("half the constant", Probability("recovered", ratio=0.65).at_least(0.8)),
        FalseTheory("no term in the dimension", Probability("recovered", p=1000).at_least(0.8)),
        BrokenWorld(
            "heavy-tailed noise",
            change={"noise": heavy_tailed},
            at={"n": 200, "p": 10, "ratio": 1.6},
        ),
        BrokenWorld(
            "noise of standard deviation 0.85",
            change={"noise": quieter},
            at={"n": 200, "p": 10, "ratio": 0.6},
            judged_by="mle",
        ),
    ),
    block=50,
    cap=ByEffort(smoke=2000, standard=4000, full=8000),
    draw=Cells(n=(200,), p=(10,), k=(4,), ratio=(0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5)),
    figure=RATIO,
    onset=Onset(
        along="ratio",
        between=(0.6, 1.6),
        holds=Probability("recovered").at_least(0.5),
        at={"n": 200, "p": 10, "k": 4},
        predicted=1.0,
    ),
    map=Map(
        over=PLANE,
        holds=Probability("recovered").at_least(0.5),
        at={"p": 10, "k": 4},
        predicted="ratio >= 1",
        budget=36_000,
    ),
)
