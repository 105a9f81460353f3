"""k-means on a line solved exactly, and what single starts make of it.

The dynamic programme is held against enumeration of every partition.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.solvers.lloyd import lloyd, random_points
from refutable.solvers.one_dimensional_kmeans import kmeans_line
from refutable.solvers.set_partitions import cheapest_partition

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
    Mean,
    Origin,
    Scope,
)

LINE_POINTS, LINE_GROUPS, LINE_STARTS = 60, 5, 100
"""A sample of a standard normal law, and how many single starts are held against its optimum."""

FEW_GROUPS = 3
AGREE = 1e-9
"""Relative difference of two sums of squares that counts as rounding."""


def on_a_line(cell: Cell, rng: Generator, size: int, single: bool = False) -> Columns:
    """Hold the dynamic programme against enumeration and against a hundred single starts.

    Parameters
    ----------
    single : bool
        Take one run of Lloyd's iterations from random points for the optimum instead.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``disagreement`` with the cheapest of all partitions of `cell.few` points, relative;
        ``beaten``: by how much the cheapest of the single starts on 60 points is cheaper, relative;
        ``worse``: share of single starts that are not optimal.
    """
    few = rng.standard_normal((size, cell.few))
    many = rng.standard_normal((size, LINE_POINTS))
    every = np.array([cheapest_partition(row, FEW_GROUPS)[1] for row in few])
    found = _optimum(rng, few, FEW_GROUPS, single)
    best = _optimum(rng, many, LINE_GROUPS, single)
    starts = _single_starts(rng, many, LINE_GROUPS, LINE_STARTS)
    return {
        "disagreement": np.abs(found - every) / every,
        "beaten": np.maximum(1 - starts.min(axis=1) / best, 0.0),
        "worse": (starts > best[:, None] * (1 + AGREE)).mean(axis=1),
    }


def _single_starts(rng: Generator, x: FloatArray, k: int, starts: int) -> FloatArray:
    """Return the costs of single starts from random points, (size, starts)."""
    return lloyd(x[..., None], random_points(rng, x[..., None], k, starts)).costs


def _optimum(rng: Generator, x: FloatArray, k: int, single: bool) -> FloatArray:
    if single:
        return _single_starts(rng, x, k, 1)[:, 0]
    return kmeans_line(x, k).cost


LINE = Claim(
    id="ppp.optimum-on-a-line",
    title="On a line k-means is solved exactly, and single starts mostly miss the optimum",
    source="Dynamic programming (Wang and Song 2011), held against enumeration; not in the paper",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement=(
        "The dynamic programme finds the cheapest of all partitions of points on a line, and no "
        "single start of Lloyd's iterations beats it."
    ),
    formula='D_k (j) = min_i (D_(k-1) (i) + "cost"(i, j))',
    scope=Scope.MECHANISM_ONLY,
    does_not_show=(
        "Anything about more dimensions: on a line k-means is not NP-hard. Agreement is seen on "
        "random instances; that it always holds is a theorem that is not tried."
    ),
    notes=(
        "About 88 % of single starts are worse than the optimum. In single samples it may be 99 of "
        "100, by up to 68 %: samples differ much.",
    ),
    cells=ByEffort(smoke=Cells(few=(9,)), standard=Cells(few=(10,)), full=Cells(few=(10, 11))),
    simulate=on_a_line,
    expect=(
        Exact("disagreement").at_most(AGREE),
        Exact("beaten").at_most(AGREE),
        Mean("worse", bounds=(0, 1)).at_least(0.8),
    ),
    controls=(
        BrokenWorld(
            "a single random start taken for the optimum",
            change={"single": True},
            judged_by=("disagreement", "beaten"),
        ),
        FalseTheory(
            "97 of 100 starts or more are worse", Mean("worse", bounds=(0, 1)).at_least(0.97)
        ),
    ),
    block=20,
    cap=ByEffort(smoke=480, standard=480, full=960),
)
