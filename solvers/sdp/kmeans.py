"""The K-means semidefinite program by whatever is fastest, with a certificate or an honest gap."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import cast

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import generator, one_of, partition, positive
from refutable.solvers.sdp.bounds import FEASIBLE
from refutable.solvers.sdp.certificate import certify_partition
from refutable.solvers.sdp.nlr import (
    NlrOptions,
    factor_infeasibility,
    factorise,
    feasible_factor,
    random_factor,
    round_factor,
)
from refutable.solvers.sdp.problem import (
    FACTOR_LIMIT,
    FloatArray,
    IntArray,
    KMeansProblem,
    given_or_fixed,
)
from refutable.solvers.sdp.progress import Callback, Clock
from refutable.solvers.sdp.reference import solve_by_cvxpy
from refutable.solvers.sdp.result import SdpResult, scale_free
from refutable.solvers.sdp.splitting import (
    DENSE_LIMIT,
    options_for,
    solve_by_splitting,
    trivial_solution,
)
from refutable.solvers.sdp.starts import better_partition, kmeans_start, polished
from refutable.solvers.sdp.structured import certify_large_partition

METHODS = ("auto", "certificate", "splitting", "low-rank", "scs", "clarabel")
STRUCTURED_FROM = 600
"""Points from which the certificate without n by n matrices is tried first. It is looser, and the
dense one is tried after it: a matter of time, not of the answer."""

CERTIFICATE_BYTES = 2e9
"""Memory that the dense certificate, or the splitting, may take."""

CERTIFICATE_MATRICES = 11
"""Matrices of order n that it holds at once, measured: 1.04 GB at n = 3500."""

CERTIFICATE_LIMIT = int(np.sqrt(CERTIFICATE_BYTES / (8 * CERTIFICATE_MATRICES)))
"""Most points for which the dense certificate is tried, about 4800."""

CORRECTIONS = 40
"""Most corrections of the dense certificate, that of `certify_partition`."""

LARGE_CORRECTIONS = 12
"""Most corrections of it beyond `DENSE_LIMIT`, where each takes seconds."""

SPLITTING_BYTES = 10
"""Memory of the splitting over ``n**2``: half a matrix in single precision, one in double."""

SPLITTING_LIMIT = int(np.sqrt(0.9 * CERTIFICATE_BYTES / SPLITTING_BYTES))
"""Most points for which the splitting runs by default, about 13,400."""

LARGE_GROUPS = 40
"""Most groups for which more than `DENSE_LIMIT` points go to the splitting: its time grows with
their number."""

LOW_RANK_STEPS = 200, 20_000
"""Least and most gradient steps, chosen: what the budget of products allows lies in between."""

LOW_RANK_WORK = 2e10
"""Products that the low-rank method may spend within those: 20 s at 1e9 a second."""


def kmeans_sdp(
    points: ArrayLike,
    k: int,
    *,
    tolerance: float = 1e-6,
    method: str = "auto",
    rng: Generator | None = None,
    time_limit: float | None = None,
    callback: Callback | None = None,
) -> SdpResult:
    """Solve the Peng-Wei semidefinite relaxation of K-means and say how good the answer is.

    By default: K-means from several seedings; a certificate for that partition in closed form;
    when it does not close the gap, operator splitting for up to 13,400 points and the low-rank
    method beyond, or for more than 40 groups of over 3000. The certificate forms n by n matrices
    for up to 4700 points; both need less than 2 GB. More than 3000 points get fewer iterations of
    the splitting, 300 at 10,000: what they leave is said.

    Parameters
    ----------
    points : array_like, shape (n, p)
        The points, one a row.
    k : int
        Number of groups, from 1 to ``n``.
    tolerance : float
        Relative gap that counts as certified, positive and finite.
    method : str
        ``"auto"``, or one method alone: ``"certificate"``, ``"splitting"``, ``"low-rank"``, or the
        peers ``"scs"`` and ``"clarabel"``.
    rng : Generator, optional
        Source of the seedings; a fixed one by default, so that equal input gives equal output.
    time_limit : float, optional
        Seconds after which no further iteration is begun; the K-means start always runs. The
        result then says so in its status, and its value and bound are as true as ever.
    callback : callable, optional
        Called with the `Progress` now and then; a true answer ends the method. The peers tell
        nothing.

    Returns
    -------
    SdpResult
        Solution, value, bound, gap and status; `NOT_CERTIFIED` is a status, not an error.

    Raises
    ------
    ValueError
        When an argument is malformed, named in the message.
    """
    one_of("method", method, METHODS)
    tolerance, rng = positive("tolerance", tolerance), given_or_fixed(rng)
    problem = KMeansProblem(cast(FloatArray, points), k)
    # Refused here, before anything is computed.
    clock = Clock(time_limit, callback)
    return _solve(problem, tolerance, method, rng, **clock.rest)


@scale_free
def _solve(
    problem: KMeansProblem,
    tolerance: float,
    method: str,
    rng: Generator,
    *,
    time_limit: float | None,
    callback: Callback | None,
) -> SdpResult:
    """Solve what has one answer at once, by a peer if asked for, else from a K-means start."""
    clock = Clock(time_limit, callback)
    trivial = trivial_solution(problem, tolerance, method)
    if trivial is not None:
        return trivial
    if method in ("scs", "clarabel"):
        return _by_peer(problem, tolerance, method, rng, clock)
    return _from_start(problem, kmeans_start(problem, rng), tolerance, method, rng, clock)


def _by_peer(
    problem: KMeansProblem, tolerance: float, method: str, rng: Generator, clock: Clock
) -> SdpResult:
    """Ask a peer; when it has no answer in time, a K-means partition and the scatter's bound."""
    try:
        found = solve_by_cvxpy(problem, method, tolerance, time_limit=clock.rest["time_limit"])
    except ValueError:
        if not clock.over():
            raise
        labels = kmeans_start(problem, rng)
        found = certify_large_partition(problem, labels, tolerance, time_limit=0.0)
        return replace(found, method=method)
    return replace(found, stopped=clock.stopped) if clock.over() else found


def _from_start(
    problem: KMeansProblem,
    labels: IntArray,
    tolerance: float,
    method: str,
    rng: Generator,
    clock: Clock,
) -> SdpResult:
    """Try the methods in order of cost."""
    options = options_for(problem.n)
    if method == "splitting":
        return solve_by_splitting(problem, labels, tolerance, options, **clock.rest)
    if method == "low-rank":
        return solve_by_low_rank(problem, tolerance, rng, labels, **clock.rest)
    proved = _certify(problem, labels, tolerance, clock)
    if proved.certified or method == "certificate" or proved.stopped is not None:
        return proved
    many_groups = problem.n > DENSE_LIMIT and problem.k > LARGE_GROUPS
    if problem.n > SPLITTING_LIMIT or many_groups:
        found = solve_by_low_rank(problem, tolerance, rng, labels, **clock.rest)
    else:
        found = solve_by_splitting(problem, labels, tolerance, options, **clock.rest)
    return _better(problem, proved, found)


def _certify(problem: KMeansProblem, labels: IntArray, tolerance: float, clock: Clock) -> SdpResult:
    """Certificate without n by n matrices for many points, and the stronger dense one."""
    if problem.n < STRUCTURED_FROM:
        return certify_partition(problem, labels, tolerance, **clock.rest)
    structured = certify_large_partition(problem, labels, tolerance, **clock.rest)
    done = structured.certified or structured.stopped is not None
    if done or problem.n > CERTIFICATE_LIMIT:
        return structured
    corrections = CORRECTIONS if problem.n <= DENSE_LIMIT else LARGE_CORRECTIONS
    dense = certify_partition(problem, labels, tolerance, corrections, **clock.rest)
    best = dense if dense.bound <= structured.bound else structured
    return replace(best, stopped=dense.stopped)


def _better(problem: KMeansProblem, first: SdpResult, second: SdpResult) -> SdpResult:
    """Join better solution, bound and labels; what is no number is never better."""
    best = second if second.value > first.value and np.isfinite(second.value) else first
    labels = best.labels
    if not best.integral:
        labels = better_partition(problem, first.labels, second.labels)
    bounding = second if second.bound < first.bound else first
    return replace(
        best,
        labels=labels,
        bound=bounding.bound,
        multiplier=bounding.multiplier,
        method=second.method,
        iterations=first.iterations + second.iterations,
        stopped=second.stopped,
    )


@scale_free
def solve_by_low_rank(
    problem: KMeansProblem,
    tolerance: float,
    rng: Generator,
    start: IntArray | None = None,
    *,
    time_limit: float | None = None,
    callback: Callback | None = None,
) -> SdpResult:
    """Nonnegative low-rank method, made feasible, with the structured certificate.

    Parameters
    ----------
    problem : KMeansProblem
        Points and number of groups, from 2 to ``n - 1``.
    tolerance : float
        Relative gap that counts as certified.
    rng : Generator
        Source of the random start.
    start : ndarray of int, shape (n,), optional
        A partition that the returned one is not to be worse than.
    time_limit : float, optional
        Seconds after which no further step is taken; what was found is then made feasible.
    callback : callable, optional
        Called with the `Progress` after each update of the multiplier; a true answer ends the
        method. No bound is known before the end.

    Returns
    -------
    SdpResult
        The better of the low-rank solution and the partition read off it; a K-means partition
        when the factor would hold more than ten million numbers.
    """
    clock = Clock(time_limit, callback)
    positive("tolerance", tolerance)
    generator("rng", rng)
    if start is not None:
        start = partition("start", start, problem.n, problem.k)
    k = problem.k
    numbers = problem.n * 2 * k
    if numbers > FACTOR_LIMIT:
        labels = kmeans_start(problem, rng) if start is None else start
        proved = certify_large_partition(problem, labels, tolerance, **clock.rest)
        return replace(proved, method="low-rank")
    steps = int(np.clip(LOW_RANK_WORK / (numbers * (problem.points.shape[1] + 4)), *LOW_RANK_STEPS))
    initial = random_factor(problem.n, 2 * k, k, rng)
    value = -np.inf if start is None else problem.partition_value(start)
    updates = count(1)

    def watch(_: FloatArray) -> bool:
        clock.tell("low-rank", next(updates), value, np.inf, np.inf)
        return clock.stopped is not None

    options = NlrOptions(steps=steps)
    factor, steps = factorise(problem, initial, options, watch, time_limit=clock.rest["time_limit"])
    clock.over()
    labels = polished(problem, round_factor(factor, k))
    if start is not None:
        labels = better_partition(problem, start, labels)
    proved = certify_large_partition(problem, labels, tolerance)
    feasible = feasible_factor(factor, k, labels)
    value = float(((problem.centred.T @ feasible) ** 2).sum())
    result = replace(proved, method="low-rank", iterations=steps, stopped=clock.stopped)
    if value > proved.value and factor_infeasibility(feasible, k) <= FEASIBLE:
        within = problem.total - value
        return replace(result, value=value, within=within, factor=feasible, integral=False)
    return result
