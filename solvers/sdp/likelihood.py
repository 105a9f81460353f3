"""Clustering by likelihood-adjusted semidefinite programs, covariances known or estimated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    between,
    finite_array,
    nonnegative,
    partition,
    positive,
    whole_array,
    whole_number,
)
from refutable.solvers.sdp.adjusted import AdjustedProblem
from refutable.solvers.sdp.adjusted_certificate import (
    AdjustedProof,
    certify_adjusted_partition,
)
from refutable.solvers.sdp.adjusted_splitting import (
    AdjustedOptions,
    AdjustedResult,
    adjusted_sdp,
    at_partition,
    with_partition,
)
from refutable.solvers.sdp.problem import (
    FloatArray,
    IntArray,
    KMeansProblem,
    given_or_fixed,
)
from refutable.solvers.sdp.progress import Callback, Clock, Stop
from refutable.solvers.sdp.result import Status
from refutable.solvers.sdp.starts import kmeans_start

SMALLEST_GROUP = 3
"""Points below which the covariance of a group is next to nothing but its shrinkage."""

MOST_ROUNDS = 10_000
"""More is a mistake: each round solves a whole program."""


def la_sdp(
    points: ArrayLike,
    covariances: ArrayLike,
    *,
    start: IntArray | None = None,
    tolerance: float = 1e-6,
    options: AdjustedOptions | None = None,
    rng: Generator | None = None,
    time_limit: float | None = None,
    callback: Callback | None = None,
) -> AdjustedResult:
    """Solve the likelihood-adjusted program with known covariances.

    A local search proposes a partition and a closed-form certificate is tried first; the splitting
    runs when that does not close the gap. Either way the answer is the program's own, which does
    not depend on the start.

    Parameters
    ----------
    points : array_like, shape (n, p)
        The points.
    covariances : array_like, shape (K, p, p)
        Positive definite covariances of the groups, ``K < n``.
    start : ndarray of int, shape (n,), optional
        A partition that the local search also tries.
    tolerance : float
        Relative gap that counts as certified, positive and finite.
    options : AdjustedOptions, optional
        Settings of the splitting.
    rng : Generator, optional
        Source of the seedings of the local search; a fixed one by default.
    time_limit : float, optional
        Seconds after which no further iteration is begun. The local search always runs.
    callback : callable, optional
        Called with the `Progress` now and then; a true answer ends the method.

    Returns
    -------
    AdjustedResult
        Labels, value, bound, gap and status; `NOT_CERTIFIED` is a status, not an error.

    Raises
    ------
    ValueError
        When an argument is malformed, a covariance is not positive definite, or the limit is
        negative.
    """
    clock = Clock(time_limit, callback)
    problem = AdjustedProblem(cast(FloatArray, points), cast(FloatArray, covariances))
    tolerance, rng = positive("tolerance", tolerance), given_or_fixed(rng)
    options = options or AdjustedOptions()
    if not 1 < problem.k < problem.n:
        return adjusted_sdp(problem, start, tolerance, options, **clock.rest)
    proposed = [kmeans_start(KMeansProblem(problem.points, problem.k), rng)]
    if start is not None:
        proposed.append(partition("start", start, problem.n, problem.k))
    polished = [problem.best_single_moves(problem.matched(one)) for one in proposed]
    labels = max(polished, key=problem.partition_value)
    proved = certify_adjusted_partition(problem, labels, tolerance, **clock.rest)
    if proved.status(tolerance) is Status.CERTIFIED:
        return _with_bound(at_partition(problem, labels, tolerance), proved)
    limits = clock.rest
    if proved.stopped is not None:
        limits["time_limit"] = 0.0
    found = adjusted_sdp(problem, None, tolerance, options, **limits)
    found = _with_bound(replace(found, stopped=proved.stopped or found.stopped), proved)
    value = problem.partition_value(labels)
    if value > found.value:
        return with_partition(problem, found, labels)
    better = value > problem.partition_value(found.labels) and not found.integral
    return replace(found, labels=labels) if better else found


def _with_bound(found: AdjustedResult, proved: AdjustedProof) -> AdjustedResult:
    """Take the bound of a certificate, with what proves it, where it is the lower one."""
    if proved.multipliers is None or proved.prices is None or proved.bound >= found.bound:
        return found
    return replace(found, bound=proved.bound, multipliers=proved.multipliers, prices=proved.prices)


def group_covariances(
    points: FloatArray, labels: IntArray, k: int, shrinkage: float = 0.2, ridge: float = 1e-3
) -> FloatArray:
    """Biased covariance of each group, shrunk towards a multiple of the identity, (k, p, p).

    Parameters
    ----------
    points : ndarray, shape (n, p)
        The points.
    labels : ndarray of int, shape (n,)
        Group of each point; none is empty.
    k : int
        Number of groups.
    shrinkage : float
        Weight of ``(tr / p) I``, from 0 to 1.
    ridge : float
        Added to the diagonal.
    """
    points = finite_array("points", points, ndim=2)
    k = whole_number("k", k)
    labels = partition("labels", labels, len(points), k)
    between("shrinkage", shrinkage, 0, 1)
    nonnegative("ridge", ridge)
    identity = np.eye(points.shape[1])
    stack = []
    for group in range(k):
        cloud = points[labels == group]
        spread = cloud - cloud.mean(axis=0)
        covariance = spread.T @ spread / len(cloud)
        mean_variance = np.trace(covariance) / len(identity)
        shrunk = (1.0 - shrinkage) * covariance + shrinkage * mean_variance * identity
        stack.append(shrunk + ridge * identity)
    return np.stack(stack)


@dataclass(frozen=True, eq=False)
class IteratedResult:
    """Outcome of the iterated program.

    Attributes
    ----------
    labels : ndarray of int, shape (n,)
        Final partition.
    rounds : tuple of AdjustedResult
        The program of each round.
    settled : bool
        Whether the labels repeated before the rounds ran out or a group became too small.
    stopped : Stop or None
        The time limit or the callback, when one of them ended the last round.
    """

    labels: IntArray
    rounds: tuple[AdjustedResult, ...]
    settled: bool
    stopped: Stop | None = None


def _checked_start(start: IntArray, n: int) -> IntArray:
    """Return the labels of ``n`` points, every group up to the largest label in use."""
    array = whole_array("start", start, 0, n - 1, shape=(n,))
    return partition("start", array, n, int(array.max()) + 1)


def ila_sdp(
    points: ArrayLike,
    start: IntArray,
    *,
    shrinkage: float = 0.2,
    rounds: int = 10,
    tolerance: float = 1e-4,
    options: AdjustedOptions | None = None,
    rng: Generator | None = None,
    time_limit: float | None = None,
    callback: Callback | None = None,
) -> IteratedResult:
    """Iterate: covariances from the labels, likelihood-adjusted program, labels from its solution.

    Parameters
    ----------
    points : array_like, shape (n, p)
        The points.
    start : ndarray of int, shape (n,)
        Starting labels; every group from 0 to the largest label is used.
    shrinkage : float
        Of the covariances, from 0 to 1.
    rounds : int
        Most rounds, at least 1.
    tolerance : float
        Relative gap of each program.
    options : AdjustedOptions, optional
        Settings of the splitting; by default 250 iterations, fewer when the partition settles.
    rng : Generator, optional
        Source of the seedings of the local search.
    time_limit : float, optional
        Seconds after which no further iteration is begun; the first round always has a bound.
    callback : callable, optional
        Called with the `Progress` of the round that runs; a true answer ends the method.

    Returns
    -------
    IteratedResult
        Labels and the program of each round.

    Raises
    ------
    ValueError
        When the points or labels are malformed, or a setting is out of range.
    """
    clock = Clock(time_limit, callback)
    cloud = finite_array("points", points, ndim=2)
    between("shrinkage", shrinkage, 0, 1)
    tolerance, rng = positive("tolerance", tolerance), given_or_fixed(rng)
    rounds = whole_number("rounds", rounds, 1, MOST_ROUNDS)
    labels = _checked_start(start, len(cloud))
    k = int(labels.max()) + 1
    done: list[AdjustedResult] = []
    for _ in range(rounds):
        covariances = group_covariances(cloud, labels, k, shrinkage)
        program = la_sdp(
            cloud,
            covariances,
            start=labels,
            tolerance=tolerance,
            options=options or AdjustedOptions(max_iterations=250, patience=3),
            rng=rng,
            **clock.rest,
        )
        done.append(program)
        settled = program.stopped is None and np.array_equal(program.labels, labels)
        labels = program.labels
        if (
            program.stopped is not None
            or settled
            or np.bincount(labels, minlength=k).min() < SMALLEST_GROUP
        ):
            break
    return IteratedResult(labels, tuple(done), settled, program.stopped)
