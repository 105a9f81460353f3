"""Whether the adjusted program recovers groups of unequal shape (its exact recovery theorem)."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.mixtures.ila_sdp._data import contiguous_labels, elongated_mixtures
from refutable.solvers.assignment import misclustering_error
from refutable.solvers.sdp.adjusted import AdjustedProblem
from refutable.solvers.sdp.adjusted_certificate import certify_adjusted_partition
from refutable.solvers.sdp.adjusted_splitting import AdjustedOptions, adjusted_sdp, argmax_labels
from refutable.solvers.sdp.kkt import partition_test
from refutable.solvers.sdp.result import Status

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Certificate,
    Claim,
    Columns,
    FalseTheory,
    Origin,
    Probability,
    Scope,
)


def known_covariances(cell: Cell, rng: Generator, size: int) -> Columns:
    """How the two relaxations fare when the covariances are known.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``adjusted_exact``: the true membership matrices are certified to solve the adjusted
        program; ``adjusted_possible``: its necessary condition holds; ``plain_possible``: the
        necessary condition of the K-means program holds; ``gap`` where certified, or below 0
        beyond rounding (a contradiction), else 0.
    """
    labels = contiguous_labels(cell.n, cell.k)
    points, covariances = elongated_mixtures(cell, rng, size)
    plain = partition_test(points, labels, cell.k).possible
    proofs = [
        certify_adjusted_partition(AdjustedProblem(cloud, covariances), labels) for cloud in points
    ]
    judged = [proof.status(1e-6) for proof in proofs]
    exact = np.array([status is Status.CERTIFIED for status in judged])
    told = [status is not Status.NOT_CERTIFIED for status in judged]
    return {
        "adjusted_exact": exact.astype(np.float64),
        "adjusted_possible": np.array([float(proof.test.possible) for proof in proofs]),
        "plain_possible": plain.astype(np.float64),
        "gap": np.where(told, [proof.gap for proof in proofs], 0.0),
    }


def equal_covariances(cell: Cell, rng: Generator, size: int) -> Columns:
    """`known_covariances` with coinciding ones: the membership matrices are not determined.

    ``adjusted_exact``: the solver's own matrices, read by their row sums, give the truth.
    """
    labels = contiguous_labels(cell.n, cell.k)
    points, _ = elongated_mixtures(cell, rng, size)
    same, options = np.tile(np.eye(cell.p), (cell.k, 1, 1)), AdjustedOptions(max_iterations=300)
    found = [adjusted_sdp(AdjustedProblem(cloud, same), options=options) for cloud in points]
    errors = [misclustering_error(argmax_labels(one.raw_members), labels) for one in found]
    exact = (np.array(errors) == 0.0).astype(np.float64)
    return {"adjusted_exact": exact, "adjusted_possible": exact, "plain_possible": 0.0 * exact}


EXACT_HETEROGENEOUS = Claim(
    id="ila_sdp.la-sdp-exact-heterogeneous",
    title="With known unequal covariances the adjusted SDP finds every group",
    source="Exact recovery theorem for the likelihood-adjusted program (constants unspecified)",
    origin=Origin.PRINTED,
    basis=Basis.RECALLED,
    statement=(
        "With known distinct covariances the likelihood-adjusted program recovers every group "
        "exactly when the groups are well separated, where the plain K-means program does not."
    ),
    formula="max sum_k tr(A_k Z_k), quad tr(Z_k) = 1, quad sum_k Z_k 1 = 1, quad Z_k >= 0",
    scope=Scope.SCALED_DOWN,
    does_not_show=(
        "The theorem's constants are not specified, so the location of its threshold is not "
        "tested. Covariances are known, groups equal, n at most 120."
    ),
    assumptions=("known distinct covariances", "equal groups", "Gaussian noise"),
    notes=("That the plain program fails on these mixtures is found here, not recalled.",),
    cells=ByEffort(
        smoke=Cells(n=(60,), p=(4,), k=(2,), cond=(25.0,), sep=(4.0, 10.0)),
        standard=Cells(n=(60,), p=(4,), k=(2,), cond=(25.0,), sep=(4.0, 6.0, 8.0, 10.0)),
        full=Cells(n=(60, 120), p=(4,), k=(2, 3), cond=(25.0,), sep=(4.0, 6.0, 8.0, 10.0, 12.0)),
    ),
    simulate=known_covariances,
    expect=(
        Probability("adjusted_exact", sep=10.0).at_least(0.8),
        Probability("adjusted_possible", sep=4.0).at_most(0.2),
        Probability("plain_possible").at_most(0.2),
        Certificate("gap").within(-1e-12, 1e-6),
        Probability("adjusted_exact").shown(),
    ),
    controls=(
        FalseTheory(
            "the adjusted program needs no separation",
            Probability("adjusted_exact", sep=4.0).at_least(0.8),
        ),
        BrokenWorld(
            "equal covariances, matrices read one by one",
            simulate=equal_covariances,
            cells=Cells(n=(24,), p=(4,), k=(2,), cond=(1.0,), sep=(10.0,)),
            expect=(Probability("adjusted_exact").at_least(0.8),),
        ),
        BrokenWorld(
            "groups a sixth as elongated",
            cells=Cells(n=(60,), p=(4,), k=(2,), cond=(4.0,), sep=(10.0,)),
            judged_by=("plain_possible", "gap"),
        ),
        BrokenWorld(
            "a fifth of the points",
            cells=Cells(n=(12,), p=(4,), k=(2,), cond=(25.0,), sep=(4.0,)),
            judged_by="adjusted_possible",
        ),
    ),
    block=20,
    cap=ByEffort(smoke=800, standard=2000, full=4000),
    figure=Axis(x="sep", label="distance of the centres"),
)
