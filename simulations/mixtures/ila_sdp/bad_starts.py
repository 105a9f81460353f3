"""Whether the iterated program finds groups from starts that defeat EM (the abstract)."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.mixtures.ila_sdp._data import (
    IntArray,
    contiguous_labels,
    elongated_mixtures,
    stacked,
)
from refutable.simulations.mixtures.ila_sdp._em import em_labels
from refutable.solvers.assignment import misclustering_error
from refutable.solvers.sdp.likelihood import SMALLEST_GROUP, ila_sdp

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    FloatArray,
    Onset,
    Origin,
    Probability,
    Scope,
)

FAILED = 0.05
"""Share of points in wrong groups at which a run counts as failed."""

CENTRES = np.array([[0.0, 0.0], [11.0, 0.0], [45.5, 40.0]])


def two_near_one_far(rng: Generator, n: int, cond: float) -> FloatArray:
    """Two neighbouring groups and one far away, unequal shapes, shape (n, 2)."""
    root = np.sqrt(cond)
    deviations = np.array([[1.0, root], [1.0, 1.0 / root], [root, 1.0]])
    labels = contiguous_labels(n, 3)
    return np.asarray(CENTRES[labels] + rng.standard_normal((n, 2)) * deviations[labels])


def _nearest(points: FloatArray, centres: FloatArray) -> IntArray:
    return np.asarray(((points[:, None] - centres) ** 2).sum(axis=-1).argmin(axis=1))


def adversarial_start(rng: Generator, points: FloatArray, kind: str | float) -> IntArray:
    """Labels of the nearest of three data points, every group having at least three members.

    ``far``: two of the three points from the far group; ``random``: any three. A number from 0 to
    1 is the chance of each point to have its label of a ``far`` start, and not its true one.
    """
    n = len(points)
    while True:
        if kind == "random":
            chosen = rng.choice(n, 3, replace=False)
        else:
            near, far = rng.integers(2 * n // 3, size=1), rng.choice(n // 3, 2, replace=False)
            chosen = np.concatenate([near, 2 * n // 3 + far])
        start = _nearest(points, points[chosen])
        if not isinstance(kind, str):
            start = np.where(rng.random(n) < kind, start, contiguous_labels(n, 3))
        if np.bincount(start, minlength=3).min() >= SMALLEST_GROUP:
            return start


def _duel(points: FloatArray, start: IntArray, labels: IntArray, k: int) -> dict[str, float]:
    """Run both methods from the same labels."""
    ours = float(misclustering_error(ila_sdp(points, start).labels, labels))
    em = float(misclustering_error(em_labels(points, start, k), labels))
    return {
        "ila_fails": float(ours > FAILED),
        "em_fails": float(em > FAILED),
        "ila_better": float(ours <= FAILED < em),
        "ila_worse": float(em <= FAILED < ours),
    }


def bad_starts(cell: Cell, rng: Generator, size: int) -> Columns:
    """Run the iterated program and EM from the same bad labels.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``ila_fails``, ``em_fails``: more than 5 percent of the points wrong; ``ila_better``: EM
        fails and the iterated program does not; ``ila_worse``: the reverse.
    """
    labels, rows = contiguous_labels(cell.n, 3), []
    for _ in range(size):
        points = two_near_one_far(rng, cell.n, cell.cond)
        rows.append(_duel(points, adversarial_start(rng, points, cell.start), labels, 3))
    return stacked(rows)


def fair_starts(cell: Cell, rng: Generator, size: int) -> Columns:
    """`bad_starts` on elongated groups in many dimensions, from hierarchical clustering."""
    from sklearn.cluster import AgglomerativeClustering

    labels = contiguous_labels(cell.n, cell.k)
    points, _ = elongated_mixtures(cell, rng, size)
    starts = [AgglomerativeClustering(cell.k).fit_predict(cloud) for cloud in points]
    pairs = zip(points, starts, strict=True)
    return stacked([_duel(cloud, start.astype(np.intp), labels, cell.k) for cloud, start in pairs])


BEATS_EM_FROM_BAD_STARTS = Claim(
    id="ila_sdp.ila-beats-init-sensitive-em",
    title="From bad starts the iterated SDP finds groups that EM misses",
    source="Abstract: lower error than EM started alike; here from adversarial starts only",
    origin=Origin.IMPLIED,
    basis=Basis.ABSTRACT,
    statement=(
        "From labels that put two of three starting centres into one far group, the iterated "
        "program finds the groups where EM from the same labels fails."
    ),
    formula='S_k <- op("cov")(G_k), quad G <- op("LA-SDP")(S_1, dots, S_K)',
    scope=Scope.SCALED_DOWN,
    does_not_show=(
        "Nothing about ordinary starts: there EM is as good, as the control shows. Three groups "
        "in the plane of 10 to 20 points each; the abstract's general ordering is not claimed."
    ),
    assumptions=("well separated groups", "adversarial start"),
    notes=(
        "Where the start is bad in part the advantage goes: with 30 points and each label taken "
        "from the bad start with some chance, else true, EM fails in half of the runs from a "
        "chance between 0.39 and 0.54 on; the iterated program is ahead in half of them only from "
        "one between 0.73 and 0.87 on. Between the two both fail often.",
    ),
    cells=ByEffort(
        smoke=Cells(n=(30,), cond=(9.0,), start=("far",)),
        standard=Cells(n=(30, 60), cond=(1.0, 9.0), start=("far", "random")),
        full=Cells(n=(30, 60), cond=(1.0, 9.0), start=("far", "random")),
    ),
    simulate=bad_starts,
    expect=(
        Probability("ila_better", start="far").at_least(0.5),
        Probability("ila_worse").at_most(0.35),
        Probability("ila_fails").shown(),
        Probability("em_fails").shown(),
    ),
    controls=(
        BrokenWorld(
            "ordinary starts",
            simulate=fair_starts,
            cells=ByEffort(
                smoke=Cells(n=(40,), p=(4,), k=(2,), cond=(25.0,), sep=(8.0,)),
                standard=Cells(n=(80,), p=(4, 16), k=(2,), cond=(25.0,), sep=(8.0,)),
                full=Cells(n=(80,), p=(4, 16), k=(2,), cond=(25.0,), sep=(8.0,)),
            ),
            expect=(
                Probability("ila_better").at_least(0.5),
                Probability("ila_worse").at_most(0.35),
            ),
        ),
    ),
    block=8,
    cap=ByEffort(smoke=192, standard=400, full=800),
    figure=Axis(x="cond", label="variance ratio"),
    onset=tuple(
        Onset(
            along="start",
            between=(0.0, 1.0),
            holds=Probability(outcome).at_least(0.5),
            at={"n": 30, "cond": 9.0},
            scale="linear",
            tolerance=0.15,
            budget=4_000,
        )
        for outcome in ("em_fails", "ila_better")
    ),
)
