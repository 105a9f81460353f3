"""Consensus splitting for the likelihood-adjusted semidefinite program.

Three sets share a consensus: positive semidefinite matrices of trace one (projected by a
warm-started subspace, one for each group), nonnegative matrices, and the row sums. At every check
the multipliers become a rigorous bound and the iterate a partition and a feasible point.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from refutable.solvers.argument_checks import partition, positive, refuse, whole_number
from refutable.solvers.sdp.adjusted import AdjustedProblem, partition_members
from refutable.solvers.sdp.adjusted_bounds import (
    adjusted_dual_bound,
    feasible_members,
    members_infeasibility,
    project_rows,
)
from refutable.solvers.sdp.bounds import EPS, FEASIBLE, double_centred
from refutable.solvers.sdp.fantope import SpectraplexStack
from refutable.solvers.sdp.kkt import largest_scatter
from refutable.solvers.sdp.problem import (
    TINY,
    FloatArray,
    IntArray,
    KMeansProblem,
    given_or_fixed,
)
from refutable.solvers.sdp.progress import Callback, Clock, Stop
from refutable.solvers.sdp.result import Bounded, likelihood_scale
from refutable.solvers.sdp.rounding import round_coordinates
from refutable.solvers.sdp.starts import kmeans_start


@dataclass(frozen=True, eq=False)
class AdjustedResult(Bounded):
    """Feasible membership matrices with a dual bound.

    Attributes
    ----------
    labels : ndarray of int, shape (n,)
        Partition read off the sum of the membership matrices, groups named by their covariance.
    value, bound : float
        Objective of a feasible point, and an upper bound on the optimum.
    within : float
        Squared deviations from the means within it, each group in its own metric: the scale of
        the gap.
    tolerance : float
        Relative gap that counts as certified.
    iterations : int
        Iterations spent.
    members : ndarray, shape (K, n, n)
        The feasible point.
    raw_members : ndarray, shape (K, n, n)
        The last iterate of the splitting; it shows a solution that is not unique.
    multipliers : ndarray, shape (K, n, n), and prices : ndarray, shape (n,)
        What proves the bound.
    integral : bool
        Whether the feasible point is the partition `labels`.
    stopped : Stop or None
        The time limit or the callback, when one of them ended the method.
    """

    labels: IntArray
    value: float
    bound: float
    within: float
    tolerance: float
    iterations: int
    members: FloatArray
    raw_members: FloatArray
    multipliers: FloatArray
    prices: FloatArray
    integral: bool
    stopped: Stop | None = None

    def __post_init__(self) -> None:
        positive("tolerance", self.tolerance)

    @property
    def scale(self) -> float:
        """What the gap is divided by, see `likelihood_scale`."""
        return likelihood_scale(self.within)


@dataclass(frozen=True)
class AdjustedOptions:
    """Settings of the splitting, chosen by its number of iterations; the bound is rigorous anyway.

    Attributes
    ----------
    rho : float
        Penalty, in units where the doubly centred objective has mean Frobenius norm one.
    max_iterations : int
        When to stop without a certificate.
    check_every : int
        Iterations between checks.
    patience : int or None
        Stop as well when the best partition has not changed for so many checks in a row; None to
        go on to the gap. For callers that want labels only.
    """

    rho: float = 2.0
    max_iterations: int = 1000
    check_every: int = 25
    patience: int | None = None

    def __post_init__(self) -> None:
        positive("rho", self.rho)
        for name in ("max_iterations", "check_every", "patience"):
            if name != "patience" or self.patience is not None:
                object.__setattr__(self, name, whole_number(name, getattr(self, name)))


DEFAULT_OPTIONS = AdjustedOptions()


EVENNESS = 0.5
"""Power of a group's own norm in its penalty; the rest is the mean's. See `AdjustedOptions`."""


REACH = 4.0
"""Pairs of points farther apart than so many times the farthest of a group count as that far. Of
twelve cases with variances from 1e-3 to 1e3 four are certified without, ten to twelve with 3 to
10."""


def raised(problem: AdjustedProblem) -> FloatArray:
    """Objective with very negative entries raised, (K, n, n): no solution has mass there.

    They are larger than all others by the ratio of the covariances, and a penalty that suits them
    suits no other entry. The farthest pair is that of a partition by local search.
    """
    start = kmeans_start(KMeansProblem(problem.points, problem.k), given_or_fixed(None))
    labels = problem.best_single_moves(problem.matched(start))
    constants = problem.log_determinants[:, None, None]
    apart = -(problem.similarities + constants)
    inside = [float(a[np.ix_(*(labels == g,) * 2)].max()) for g, a in enumerate(apart)]
    return np.asarray(-np.minimum(apart, REACH * max(*inside, 1.0)) - constants)


def _group_scales(objective: FloatArray) -> FloatArray:
    """Norm of the doubly centred objective of each group, drawn towards their mean, (K,)."""
    norms = np.array([float(np.linalg.norm(double_centred(a))) for a in objective])
    norms = np.maximum(norms, TINY)
    return np.asarray(norms**EVENNESS * norms.mean() ** (1.0 - EVENNESS))


class _Splitting:
    """State of the consensus splitting."""

    def __init__(self, problem: AdjustedProblem, rho: float, start: IntArray | None) -> None:
        n, k = problem.n, problem.k
        # A constant in every entry adds the same to every feasible value: without the common one
        # no unit of measurement pulls more than another.
        self.common = float(np.mean(problem.log_determinants))
        objective = raised(problem)
        # What raises an entry is itself a nonnegative multiplier: the bound stays that of the data.
        self.raised_by = objective - problem.similarities
        self.scale = rho * _group_scales(objective)
        self.shares = (1.0 / self.scale) / (1.0 / self.scale).sum()
        self.pull = (objective + self.common) / self.scale[:, None, None]
        self.spectraplex = SpectraplexStack(k, n)
        shape = (k, n, n)
        flat = np.full(shape, 1.0 / (n * k))
        self.consensus = flat if start is None else partition_members(start, k)
        self.dual_psd, self.dual_sign = np.zeros(shape), np.zeros(shape)
        self.members = self.consensus

    def step(self) -> None:
        """Project, average, update the multipliers."""
        wanted = self.consensus - self.dual_psd + self.pull
        self.members = self.spectraplex.project(wanted)
        signs = np.maximum(self.consensus - self.dual_sign, 0.0)
        self.dual_psd += self.members
        self.dual_sign += signs
        self.consensus = project_rows(0.5 * (self.dual_psd + self.dual_sign), self.shares)
        self.dual_psd -= self.consensus
        self.dual_sign -= self.consensus

    def multipliers(self) -> FloatArray:
        """Nonnegative multipliers of the signs, symmetric."""
        lam = np.maximum(self.dual_sign, 0.0) * self.scale[:, None, None] + self.raised_by
        return np.asarray(0.5 * (lam + np.swapaxes(lam, 1, 2)))

    def prices(self) -> FloatArray:
        """Multiplier of the row sums, shape (n,)."""
        n = self.consensus.shape[1]
        each = (self.dual_psd + self.dual_sign).sum(axis=2) * self.scale[:, None]
        sums = each.mean(axis=0)
        return np.asarray(2.0 * (sums - sums.sum() / (2.0 * n)) / n - self.common)


def round_members(problem: AdjustedProblem, members: FloatArray) -> IntArray:
    """Partition read off the *sum* of membership matrices, polished by single moves.

    The sum is what stays determined when covariances coincide; the groups are then named by the
    covariances that suit them best.
    """
    total = members.sum(axis=0)
    values, vectors = np.linalg.eigh(0.5 * (total + total.T))
    leading = vectors[:, -problem.k :] * np.sqrt(np.maximum(values[-problem.k :], 0.0))
    labels = problem.matched(round_coordinates(leading, problem.k))
    return problem.best_single_moves(labels)


def argmax_labels(members: FloatArray) -> IntArray:
    """Return ``argmax_k (Z_k 1)_i``: the obvious rounding, void when covariances coincide."""
    return np.asarray(members.sum(axis=2).argmax(axis=0), dtype=np.intp)


def adjusted_sdp(
    problem: AdjustedProblem,
    start: IntArray | None = None,
    tolerance: float = 1e-6,
    options: AdjustedOptions = DEFAULT_OPTIONS,
    *,
    time_limit: float | None = None,
    callback: Callback | None = None,
) -> AdjustedResult:
    """Solve the likelihood-adjusted semidefinite program with known covariances.

    Parameters
    ----------
    problem : AdjustedProblem
        Points and covariances, fewer groups than points.
    start : ndarray of int, shape (n,), optional
        A partition to start from; from the flat point when None, which favours none.
    tolerance : float
        Relative gap to stop at, positive.
    options : AdjustedOptions
        Penalty and budget.
    time_limit : float, optional
        Seconds after which no further iteration is begun; the last check is counted in.
    callback : callable, optional
        Called with the `Progress` at every check; a true answer ends the method.

    Returns
    -------
    AdjustedResult
        Best feasible point and bound; `NOT_CERTIFIED` when the budget ran out first.

    Raises
    ------
    ValueError
        When there are as many groups as points, the start is malformed, the tolerance is not
        positive and finite, or the limit is negative.
    """
    clock = Clock(time_limit, callback)
    if problem.k >= problem.n:
        refuse("covariances", problem.covariances, f"fewer than the {problem.n} points")
    tolerance = positive("tolerance", tolerance)
    if start is not None:
        start = partition("start", start, problem.n, problem.k)
    if problem.k == 1:
        return _single_group(problem, tolerance)
    splitting = _Splitting(problem, options.rho, start)
    best, calm, cost = at_partition(problem, start, tolerance), 0, 0.0
    for iteration in range(1, options.max_iterations + 1):
        # The first check costs an unknown time and is not begun when there is none left.
        if clock.over(cost) and cost == 0.0:
            break
        splitting.step()
        last = iteration == options.max_iterations or clock.stopped is not None
        if iteration % options.check_every == 0 or last:
            before, begun = best.labels, clock.seconds
            best = _checked(problem, splitting, replace(best, iterations=iteration))
            calm, cost = (
                calm + 1 if np.array_equal(best.labels, before) else 0,
                clock.seconds - begun,
            )
            clock.tell("adjusted splitting", iteration, best.value, best.bound, best.gap)
            if best.certified or calm == options.patience or clock.stopped is not None:
                break
    return replace(best, stopped=clock.stopped)


def _single_group(problem: AdjustedProblem, tolerance: float) -> AdjustedResult:
    """Solve for one covariance: ``11^T/n`` is the only feasible point.

    With ``S`` the row sums of ``A``, ``V`` its value and ``l`` the top eigenvalue of the whitened
    scatter, the prices ``(2 S - V - l) / n`` prove it without any multiplier.
    """
    labels = np.zeros(problem.n, dtype=np.intp)
    members, similarities = partition_members(labels, 1), problem.similarities
    value = problem.partition_value(labels)
    top = float(largest_scatter(problem.whitened[0]))
    prices = (2.0 * similarities[0].sum(axis=1) - value - top) / problem.n
    nothing = np.zeros_like(members)
    return AdjustedResult(
        labels=labels,
        value=value,
        bound=value,
        within=problem.partition_within(labels),
        tolerance=tolerance,
        iterations=0,
        members=members,
        raw_members=members,
        multipliers=nothing,
        prices=prices,
        integral=True,
    )


def at_partition(
    problem: AdjustedProblem, start: IntArray | None, tolerance: float
) -> AdjustedResult:
    """Build the result before any iteration: a partition, and the bound that needs no eigenvalue.

    No entry of ``A_k`` exceeds ``c = max_k -log det S_k``. With multipliers that fill it up to
    ``-log det S_k`` and prices ``c``, every matrix of the bound is a multiple of ``-1 1^T``.
    """
    labels = np.arange(problem.n, dtype=np.intp) % problem.k if start is None else start
    members = partition_members(labels, problem.k)
    constants = problem.log_determinants
    lifted = np.maximum(-problem.similarities - constants[:, None, None], 0.0)
    prices = np.full(problem.n, float(-constants.min()))
    bound = float(prices.sum())
    return AdjustedResult(
        labels=labels,
        value=problem.partition_value(labels),
        bound=bound + 4 * problem.n * EPS * abs(bound),
        within=problem.partition_within(labels),
        tolerance=tolerance,
        iterations=0,
        members=members,
        raw_members=members,
        multipliers=lifted,
        prices=prices,
        integral=True,
    )


def with_partition(
    problem: AdjustedProblem, result: AdjustedResult, labels: IntArray
) -> AdjustedResult:
    """Make a partition the solution of a result."""
    return replace(
        result,
        labels=labels,
        value=problem.partition_value(labels),
        within=problem.partition_within(labels),
        members=partition_members(labels, problem.k),
        integral=True,
    )


def _checked(
    problem: AdjustedProblem, splitting: _Splitting, best: AdjustedResult
) -> AdjustedResult:
    """Improve the best partition, feasible point and bound by the current iterate."""
    best = replace(best, raw_members=splitting.members)
    labels = round_members(problem, splitting.members)
    value = problem.partition_value(labels)
    if value > problem.partition_value(best.labels):
        best = replace(best, labels=labels)
    if value > best.value:
        best = with_partition(problem, best, labels)
    members = feasible_members(0.5 * (splitting.consensus + np.swapaxes(splitting.consensus, 1, 2)))
    value = float(np.vdot(problem.similarities, members))
    if value > best.value and members_infeasibility(members) <= FEASIBLE:
        within = problem.members_within(members)
        best = replace(best, value=value, within=within, members=members, integral=False)
    multipliers, prices = splitting.multipliers(), splitting.prices()
    bound = adjusted_dual_bound(problem.similarities, multipliers, prices)
    if bound < best.bound:
        best = replace(best, bound=bound, multipliers=multipliers, prices=prices)
    return best
