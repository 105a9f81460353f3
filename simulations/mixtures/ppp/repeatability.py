"""Whether the partition is the same whatever the start, as the abstract says.

Repeatability of a procedure is the mean adjusted Rand index over pairs of its runs on the same
data. The procedure is k-means, the best of thirty starts by k-means++.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from refutable.simulations.mixtures.ppp._data import APART, SEPARATION, K, groups
from refutable.solvers.assignment import adjusted_rand_index
from refutable.solvers.lloyd import lloyd, random_points
from refutable.solvers.mixture_em import kmeans_plus_plus

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    FloatArray,
    Mean,
    MendedWorld,
    Origin,
    Probability,
    Scope,
    Verdict,
)

RUNS = 5
STARTS = 30
SAME = 0.98
"""Mean adjusted Rand index above which the runs on a data set count as the same partition."""

LEAST_INDEX = -0.5  # of the adjusted Rand index; the largest is 1

Seeding = Callable[[Generator, FloatArray, int, int], FloatArray]


def repeated_runs(
    cell: Cell,
    rng: Generator,
    size: int,
    starts: int = STARTS,
    seeding: Seeding = kmeans_plus_plus,
) -> Columns:
    """Run k-means five times on each of `size` data sets.

    Parameters
    ----------
    starts : int
        Starts of each run, the cheapest of which it keeps.
    seeding : callable
        Draws the centres of the starts.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``agreement``: mean adjusted Rand index over the ten pairs of runs; ``repeatable``: whether
        it is above 0.98.
    """
    x = groups(rng, size, cell.sep, cell.apart)
    labels = lloyd(x, seeding(rng, x, K, RUNS * starts)).best(starts).labels
    first, second = np.triu_indices(RUNS, 1)
    agreement = adjusted_rand_index(labels[:, first], labels[:, second]).mean(axis=1)
    return {"agreement": agreement, "repeatable": agreement > SAME}


SEPARATED = Claim(
    id="ppp.repeatable-when-separated",
    title="On separated groups the best of thirty starts finds the same clusters again",
    source="Abstract: clusters are not sensitive to initial conditions; tried on separated groups",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement=(
        "Where the groups are separated, five runs of k-means, each the best of thirty starts, "
        "agree: their mean adjusted Rand index is above 0.98 in nine of ten data sets."
    ),
    formula='PP(overline("ARI") > 0.98) >= 0.9',
    scope=Scope.MECHANISM_ONLY,
    does_not_show=(
        "Anything about the paper's own algorithm or data. That the partition is the true one: "
        "runs may agree on a wrong one. Six groups of 50 points in four dimensions only."
    ),
    assumptions=("equal groups", "unit isotropic noise", "the right number of groups is given"),
    notes=(
        "A single start at random points has a mean index of about 0.75 on the same data, a single "
        "start by k-means++ 0.83, the best of five 0.98.",
        "About 97 % of data sets have an index above 0.98 without a condition on the closest "
        "centres, all but a few with it; over data sets the mean index is 0.998.",
    ),
    cells=ByEffort(
        smoke=Cells(sep=(10.0,), apart=(APART,)),
        standard=Cells(sep=(10.0,), apart=(0.0, APART)),
        full=Cells(sep=(10.0,), apart=(0.0, APART)),
    ),
    simulate=repeated_runs,
    expect=(
        Probability("repeatable").at_least(0.9),
        Mean("agreement", bounds=(LEAST_INDEX, 1)).shown(),
    ),
    controls=(
        BrokenWorld(
            "the best of five starts at random points",
            change={"starts": 5, "seeding": random_points},
            at={"apart": APART},
        ),
        BrokenWorld(
            "groups half as far apart",
            cells=Cells(sep=(5.0,), apart=(0.0,)),
            expect=(Probability("repeatable").at_least(0.9),),
        ),
    ),
    block=8,
    cap=ByEffort(smoke=480, standard=960, full=1920),
    figure=SEPARATION,
)


NOT_SENSITIVE = Claim(
    id="ppp.init-insensitivity",
    title="The clusters do not depend on where the search starts",
    source=(
        "Abstract: the resulting clusters are not sensitive to initial conditions; read without a "
        "condition on the data, of k-means in place of the paper's algorithm"
    ),
    origin=Origin.PRINTED,
    basis=Basis.ABSTRACT,
    statement=(
        "Whatever the data, runs of k-means from different starts give the same clusters: for "
        "groups that overlap and for data without groups, too, five runs of the best of thirty "
        "starts have a mean adjusted Rand index above 0.98 in eight of ten data sets."
    ),
    formula='PP(overline("ARI") > 0.98) >= 0.8 "for every separation"',
    scope=Scope.MECHANISM_ONLY,
    does_not_show=(
        "Anything about the paper's own algorithm, whose details were not readable: k-means from "
        "thirty starts stands in for it. The paper names convergence to the same solution as a "
        "goal; what is tried is its result, not a guarantee."
    ),
    assumptions=("equal groups", "unit isotropic noise", "the number of groups is given"),
    notes=(
        "Mean index about 0.84 at separation 3 and 0.69 without groups; a single start at random "
        "points has 0.56 and 0.39.",
    ),
    cells=Cells(sep=(3.0, 0.0), apart=(0.0,)),
    simulate=repeated_runs,
    expect=(
        Probability("repeatable").at_least(0.8),
        Mean("agreement", bounds=(LEAST_INDEX, 1)).shown(),
    ),
    controls=(BrokenWorld("the best of fifteen starts", change={"starts": 15}, at={"sep": 3.0}),),
    positive=(MendedWorld("separated groups", cells=Cells(sep=(10.0,), apart=(APART,))),),
    block=8,
    cap=ByEffort(smoke=160, standard=320, full=640),
    figure=SEPARATION,
    expected=Verdict.REFUTED,
    why=(
        "Where groups overlap many partitions are nearly as cheap as the best, and which of them "
        "the best of thirty starts ends in is chance. The sentence is true of separated groups, "
        "of which even nine of ten is supported (repeatable-when-separated). It is the sentence "
        "that is refuted, as read without a condition, and not the paper's own algorithm, which "
        "was not readable."
    ),
)
