"""k-means is NP-hard; the abstract has it that "thus" there is no optimal algorithm.

NP-hardness says that no algorithm is fast on every instance unless P = NP. It says nothing of a
given instance, and nothing against an algorithm that is optimal and slow.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.solvers.lloyd import lloyd, random_points
from refutable.solvers.mixture_em import kmeans_plus_plus
from refutable.solvers.sdp import KMeansProblem, certify_large_partition
from refutable.solvers.set_partitions import cheapest_partition, set_partitions
from refutable.theory.mixtures import ppp as theory

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Certificate,
    Claim,
    Columns,
    Exact,
    FalseTheory,
    Origin,
    RightTheory,
    Scope,
    Verdict,
)

FEW_GROUPS, STARTS = 3, 100
AGREE = 1e-9
"""Relative difference of two sums of squares that counts as rounding."""

PROVED = 1e-6
"""Relative gap at which a partition counts as certified."""

LARGE, LARGE_GROUPS, APART = 2000, 6, 12.0
"""Points, groups and distance of any two centres; the cutoff for exact recovery is at 8."""


def solved(cell: Cell, rng: Generator, size: int, groups: int = FEW_GROUPS) -> Columns:
    """Try every partition of a few points in the plane into `groups` groups.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``solved``: 1 if all partitions were tried and none is cheaper than the one returned;
        ``missed``: partitions that were not tried.
    """
    x = rng.standard_normal((size, cell.few, 2))
    best = np.array([cheapest_partition(points, groups)[1] for points in x])
    starts = lloyd(x, random_points(rng, x, groups, STARTS)).costs.min(axis=1)
    tried = len(np.unique(set_partitions(cell.few, groups), axis=0))
    missed = theory.partitions(cell.few, groups) - tried
    unbeaten = starts >= best * (1 - AGREE)
    return {
        "solved": (unbeaten & (missed == 0)).astype(float),
        "missed": np.full(size, float(missed)),
    }


NON_SEQUITUR = Claim(
    id="ppp.nphard-nonsequitur",
    title="As k-means is NP-hard, no algorithm finds the optimal partition",
    source="Abstract: clustering is NP-hard, thus no optimal algorithm exists",
    origin=Origin.PRINTED,
    basis=Basis.ABSTRACT,
    statement=(
        "There is no algorithm that finds the optimal partition: on none of the instances in the "
        "plane does trying every partition end with the optimum."
    ),
    formula='"NP-hard" => "no optimal algorithm"',
    scope=Scope.ARITHMETIC,
    does_not_show=(
        "Anything about algorithms that are fast on every instance: none exists unless P = NP, "
        "which is surely what is meant. The sentence is tried as it is printed."
    ),
    cells=ByEffort(
        smoke=Cells(few=(7, 8)), standard=Cells(few=(8, 10)), full=Cells(few=(8, 10, 12))
    ),
    simulate=solved,
    expect=(Exact("solved").equals(0), Exact("missed").equals(0)),
    controls=(
        FalseTheory("half of the instances at most", Exact("solved").within(0, 0.5)),
        BrokenWorld("two groups", change={"groups": 2}, judged_by="solved"),
    ),
    positive=(RightTheory("every instance is solved", Exact("solved").equals(1)),),
    untouched_because="`missed` counts the partitions against Stirling's number; a test breaks it.",
    block=10,
    cap=ByEffort(smoke=20, standard=40, full=80),
    expected=Verdict.REFUTED,
    why=(
        "Trying every partition is an optimal algorithm, and it ends. NP-hardness bounds its speed "
        "on the worst instance. On a line the optimum takes O(k n log n) (optimum-on-a-line), and "
        "2000 separated points in six dimensions are solved and certified in a fraction of a "
        "second (certified-optimum)."
    ),
)


def certified(cell: Cell, rng: Generator, size: int, exchange: bool = False) -> Columns:
    """Certify the cheapest of ten k-means starts on 2000 points in six dimensions.

    Parameters
    ----------
    exchange : bool
        Exchange two points of different groups before the proof is tried.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``gap``: relative gap between the partition and the bound of the semidefinite programme.
    """
    labels = np.arange(LARGE) % LARGE_GROUPS
    x = rng.standard_normal((size, LARGE, LARGE_GROUPS))
    x[:, np.arange(LARGE), labels] += APART / np.sqrt(2.0)
    best = lloyd(x, kmeans_plus_plus(rng, x, LARGE_GROUPS, 10)).best().labels.astype(np.intp)
    if exchange:
        rows, other = np.arange(size), (best != best[:, :1]).argmax(axis=1)
        best[rows, 0], best[rows, other] = best[rows, other], best[rows, 0]
    problems = [KMeansProblem(points, LARGE_GROUPS) for points in x]
    pairs = zip(problems, best, strict=True)
    return {"gap": np.array([certify_large_partition(*pair, PROVED).gap for pair in pairs])}


CERTIFIED = Claim(
    id="ppp.certified-optimum",
    title="Among 2000 points in six dimensions the best partition is found and proved",
    source="Bound of the K-means semidefinite programme (Peng and Wei 2007); not in the paper",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement=(
        "For six well separated groups of 2000 points in all, the best of ten k-means starts is "
        "certified to be the cheapest of all partitions, to a relative gap of 1e-6."
    ),
    formula='("bound" - "value")/"bound" <= 10^(-6)',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Anything about groups that overlap: there the relaxation need not be tight.",
    assumptions=("well separated groups",),
    cells=Cells(n=(LARGE,)),
    simulate=certified,
    expect=(Certificate("gap").within(-1e-12, PROVED),),
    controls=(BrokenWorld("two points exchanged", change={"exchange": True}),),
    block=5,
    cap=ByEffort(smoke=20, standard=40, full=100),
)
