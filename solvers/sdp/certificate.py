"""A proof that a partition solves the K-means semidefinite program, built in closed form.

The multiplier of each pair of groups starts as a rank-one block with the row sums that
complementary slackness demands, minus the cross-group noise; Sinkhorn scaling restores the row
sums after clipping at zero; eigen-directions above the trace multiplier are subtracted until none
is left. The result is only ever *used* through the bound of `refutable.solvers.sdp.bounds`, which
holds for any nonnegative multiplier, so a failure of the construction costs tightness and never
truth.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy
from refutable.solvers.argument_checks import partition, positive, whole_number
from refutable.solvers.sdp.blocks import Grouped, noise_cancelling, rank_one_minus_noise
from refutable.solvers.sdp.bounds import (
    double_centred,
    dual_bound,
    largest_eigenvalue_below,
    rounding_allowance,
    scatter_bound,
)
from refutable.solvers.sdp.kkt import partition_test
from refutable.solvers.sdp.problem import (
    FloatArray,
    IntArray,
    KMeansProblem,
    kept_factor,
    membership_factor,
)
from refutable.solvers.sdp.progress import Callback, Clock
from refutable.solvers.sdp.result import SdpResult, scale_free

TRIALS = ((0.5, 1.0), (0.8, 0.5))
"""Places in the interval of the trace multiplier, with the share of the corrections for each. Of 36
partitions near the cutoff 31 are proved with these, and as many with one place at 0.5, with 0.3 and
0.8, or with 0.2 and 0.5."""

SLACK = 1e-10
"""Relative rise of the trace multiplier at which the factorisation is tried: far above rounding,
which it would else fail on, and far below any tolerance."""

SURE = 4.0
"""Where the interval of the trace multiplier ends at this many times its low end, the first
multiplier is nearly always the last."""

DENSE_EIGEN = 400
"""Order up to which eigenpairs are found by bisection, else by Lanczos; chosen for speed."""


def leading_pairs(
    multiplier: FloatArray, centred: FloatArray, factor: FloatArray, count: int
) -> tuple[FloatArray, FloatArray]:
    """Return the `count` leading eigenpairs of ``Pi (X X^T + Lam) Pi``.

    By bisection when small, else by Lanczos, which forms no other matrix of order n: its values
    are never above the true ones.

    Parameters
    ----------
    multiplier : ndarray, shape (n, n)
    centred : ndarray, shape (n, p)
        Points about the means of their groups.
    factor : ndarray, shape (n, k)
        Normalised indicators, off which ``Pi`` projects.
    count : int
    """
    n = len(multiplier)
    if n <= DENSE_EIGEN or count > n // 8:
        matrix = without_group_means(centred @ centred.T + multiplier, factor)
        values, vectors = scipy.linalg.eigh(
            matrix, subset_by_index=(n - count, n - 1), driver="evr", check_finite=False
        )
        return np.asarray(values), np.asarray(vectors)
    from scipy.sparse.linalg import LinearOperator, eigsh  # load slowly

    def image(vector: FloatArray) -> FloatArray:
        inner = vector - factor @ (factor.T @ vector)
        outer = multiplier @ inner + centred @ (centred.T @ inner)
        return np.asarray(outer - factor @ (factor.T @ outer))

    seen = LinearOperator((n, n), matvec=image, dtype=np.float64)
    start = np.cos(np.arange(n, dtype=np.float64))
    values, vectors = eigsh(seen, k=count, which="LA", tol=1e-4, v0=start)  # roughly will do
    return np.asarray(values), np.asarray(vectors)


def without_group_means(matrix: FloatArray, factor: FloatArray) -> FloatArray:
    """``Pi M Pi`` for the projection ``Pi`` off the normalised indicators."""
    half = matrix @ factor
    corner = 0.5 * (factor.T @ half)
    cross = (half - factor @ corner) @ factor.T
    return np.asarray(matrix - cross - cross.T)


def _settle(
    grouped: Grouped, noise: FloatArray, lam: float, corrections: int, doubtful: bool
) -> Iterator[FloatArray | None]:
    """Yield multipliers, each corrected where the one before had directions above ``lam``.

    None stands for one whose eigenvalues were found above ``lam``, which spares the factorisation:
    where the first is `doubtful`, eigenvalues are looked at first.
    """
    factor = membership_factor(grouped.groups, len(grouped.sizes))
    sums = grouped.row_sums(lam)
    base, count = rank_one_minus_noise(grouped, sums, noise), 4
    n = len(noise)
    for _ in range(corrections + 1):
        multiplier = noise_cancelling(grouped, sums, base)
        # Stopping early is safe: the bound decides afterwards, whatever these eigenvalues say.
        if not doubtful:
            yield multiplier
        values, vectors = leading_pairs(
            multiplier, grouped.centred, factor, min(count, max(1, n // 4))
        )
        if doubtful:
            yield multiplier if values.max() <= lam * (1.0 + SLACK) else None
        if values.min() > lam and count < n // 4:
            count *= 2
        # Beyond what is needed, because the scaling that follows brings part of it back; from 1.0
        # to 2.2, and from 0.9 to 0.99, as many partitions are proved.
        weights = 1.5 * np.maximum(values - 0.97 * lam, 0.0)
        base = (vectors * weights) @ vectors.T
        np.subtract(multiplier, base, out=base)


def _prove(gram: FloatArray, multiplier: FloatArray, lam: float, k: int) -> float | None:
    """Bound by one Cholesky factorisation, None when ``lam`` is not above all eigenvalues."""
    shifted = gram + multiplier
    top = largest_eigenvalue_below(double_centred(shifted), lam * (1.0 + SLACK))
    if top is None:
        return None
    return float(shifted.sum()) / len(gram) + rounding_allowance(shifted) + (k - 1) * top


def bound_at(problem: KMeansProblem, labels: IntArray, lam: float) -> float:
    """Upper bound on the optimum from the construction at one trace multiplier, uncorrected.

    Parameters
    ----------
    problem : KMeansProblem
        Points and number of groups, from 2 to ``n - 1``.
    labels : ndarray of int, shape (n,)
        A partition that uses every group.
    lam : float
        The trace multiplier; outside of ``[lam_lo, lam_hi]`` the bound cannot be tight.
    """
    grouped = Grouped.of(problem, partition("labels", labels, problem.n, problem.k))
    sums, noise = grouped.row_sums(lam), grouped.centred @ grouped.centred.T
    multiplier = noise_cancelling(grouped, sums, rank_one_minus_noise(grouped, sums, noise))
    points = problem.centred[grouped.order]
    return dual_bound(points @ points.T, 0.5 * (multiplier + multiplier.T), problem.k)


@scale_free
def certify_partition(
    problem: KMeansProblem,
    labels: IntArray,
    tolerance: float = 1e-6,
    corrections: int = 40,
    *,
    time_limit: float | None = None,
    callback: Callback | None = None,
) -> SdpResult:
    """Try to prove that a partition solves the K-means semidefinite program.

    Parameters
    ----------
    problem : KMeansProblem
        Points and number of groups.
    labels : ndarray of int, shape (n,)
        The partition; every group from 0 to ``k - 1`` is used.
    tolerance : float
        Relative gap that counts as proved.
    corrections : int
        Most eigen-corrections for the first trial value of the trace multiplier; half as many
        for the second.
    time_limit : float, optional
        Seconds after which no further correction is begun.
    callback : callable, optional
        Called with the `Progress` after each correction; a true answer ends the search.

    Returns
    -------
    SdpResult
        With the partition as solution and the best bound found. `NOT_CERTIFIED` does not say
        that the partition is not optimal, unless `partition_test` says so.

    Raises
    ------
    ValueError
        When the labels are malformed, the tolerance is not positive and finite, or the limit is
        negative.
    """
    clock = Clock(time_limit, callback)
    tolerance = positive("tolerance", tolerance)
    corrections = whole_number("corrections", corrections, 0)
    labels = partition("labels", labels, problem.n, problem.k)
    value, within = problem.partition_value(labels), problem.partition_within(labels)
    test = partition_test(problem.centred, labels, problem.k)
    grouped = Grouped.of(problem, labels)
    bound, multiplier, steps = np.inf, None, 0
    if 1 < problem.k < problem.n and test.possible and not clock.over():
        ends = float(test.lam_lo), float(test.lam_hi)
        bound, multiplier, steps = _search(problem, grouped, ends, corrections, clock, value)
    if multiplier is None:
        multiplier = np.zeros((problem.n, problem.n))
        bound = scatter_bound(problem.centred, problem.k, problem.n)
    return SdpResult(
        labels,
        value,
        value if within == 0.0 else float(bound),
        within,
        tolerance,
        "certificate",
        steps,
        factor=kept_factor(labels, problem.k),
        multiplier=multiplier,
        integral=True,
        stopped=clock.stopped,
    )


def _search(
    problem: KMeansProblem,
    grouped: Grouped,
    ends: tuple[float, float],
    corrections: int,
    clock: Clock,
    value: float,
) -> tuple[float, FloatArray | None, int]:
    """Try a few values of the trace multiplier; return bound, multiplier and corrections."""
    low, high = ends
    noise = grouped.centred @ grouped.centred.T
    sorted_points = problem.centred[grouped.order]
    gram = sorted_points @ sorted_points.T
    back = np.argsort(grouped.order)
    spent = 0
    for fraction, share in TRIALS:
        lam = float(low + fraction * (high - low))
        doubtful = problem.n > DENSE_EIGEN and high < SURE * low
        for multiplier in _settle(grouped, noise, lam, int(share * corrections), doubtful):
            bound = None if multiplier is None else _prove(gram, multiplier, lam, problem.k)
            if multiplier is not None and bound is not None:
                return bound, multiplier[np.ix_(back, back)], spent
            spent += 1
            clock.tell("certificate", spent, value, np.inf, np.inf)
            if clock.over(clock.seconds / spent):
                return np.inf, None, spent
    return np.inf, None, spent
