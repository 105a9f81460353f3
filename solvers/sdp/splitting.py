"""Operator splitting for the K-means semidefinite program.

Douglas-Rachford splitting between ``{11^T/n + Y: Y in the Fantope of trace K - 1}`` and the
nonnegative matrices. One symmetric state ``T`` holds both the nonnegative iterate ``max(T, 0)`` and
the multiplier ``-rho min(T, 0)``, so that the matrix to project is ``|T| + A / rho``; the state of
many points is in single precision. Every check turns the iterate into a feasible point and a dual
bound in double precision; only those count.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from refutable.solvers.argument_checks import inside, partition, positive, whole_number
from refutable.solvers.sdp.bounds import (
    FEASIBLE,
    centre_share,
    dual_bound,
    factorised_bound,
    foretold_bound,
    scatter_bound,
)
from refutable.solvers.sdp.fantope import BUFFER, FantopeProjector
from refutable.solvers.sdp.problem import (
    TINY,
    FloatArray,
    IntArray,
    KMeansProblem,
    kept_factor,
    membership_factor,
)
from refutable.solvers.sdp.progress import Callback, Clock
from refutable.solvers.sdp.result import SdpResult, kmeans_scale, scale_free
from refutable.solvers.sdp.rounding import round_coordinates
from refutable.solvers.sdp.starts import better_partition, polished, principal_coordinates
from refutable.solvers.sdp.tiles import Lifted, Residuals, Shifted, State, Tiling, least_entry


@dataclass(frozen=True)
class SplittingOptions:
    """Settings of the splitting; every bound is rigorous, whatever they are.

    Chosen by iterations with a penalty left alone, in the mean of eight loose instances of 60
    points: 334 with rho 2, 238 with 8, 743 with 16; 278 with relaxation 1, 374 with 1.9. Balanced,
    a first rho of 0.1, 4 or 160 gets to 1e-5 within 600 on 90 points at half the cutoff.

    Attributes
    ----------
    rho : float
        Penalty to begin with, in units where the objective has Frobenius norm ``sqrt(K)``.
    relaxation : float
        Over-relaxation, between 0 and 2.
    max_iterations : int
        When to stop without a certificate.
    first_check : int
        Iterations before the first check; each later one waits a quarter longer.
    balance_every : int
        Iterations after which the penalty is set anew by the balance of the two residuals.
    balance_after : int
        Iterations that the penalty is left alone first. Tight programs of 200 and 500 points end
        within 80 and 250 then, and take two to four times as many where it moves from the start.
    balance : float
        Wanted ratio of the relative dual residual to the primal one.
    """

    rho: float = 4.0
    relaxation: float = 1.6
    max_iterations: int = 2000
    first_check: int = 20
    balance_every: int = 20
    balance_after: int = 300
    balance: float = 1.0

    def __post_init__(self) -> None:
        positive("rho", self.rho)
        inside("relaxation", self.relaxation, 0, 2)
        positive("balance", self.balance)
        for name in ("max_iterations", "first_check", "balance_every"):
            object.__setattr__(self, name, whole_number(name, getattr(self, name)))
        object.__setattr__(
            self, "balance_after", whole_number("balance_after", self.balance_after, 0)
        )


DEFAULT_OPTIONS = SplittingOptions()
DENSE_LIMIT = 3000
"""Most points whose multiplier is formed and decomposed: some seconds and 72 MB a matrix. Beyond,
a bound is found by a factorisation, which has 0.8 GB and lasts 20 s at 10,000 points."""

BALANCED_FROM = 1000
"""Points beyond which the penalty is balanced from the start: what is tight is certified without
the splitting there, and 2000 loose points need some hundred iterations."""

LARGE_WORK = 3e10
"""Squares of n that the splitting of more points may spend on iterations: 300 at n = 10,000, which
bring ten groups at the cutoff to 2e-4; 100 left them at 3e-2, 240 at 1.2e-3."""

WIDEST = 120
"""Most vectors of the subspace beyond `DENSE_LIMIT`, besides two for each group: iterates of more
are early ones, and nothing of order n is decomposed there."""

SINGLE_FROM = 400
"""Points from which the state is in single precision; below, it is no faster."""

SINGLE_TOLERANCE = 1e-6
"""Least tolerance for single precision: with a penalty that moved, 500 points ended at a gap of
4e-7 in it, where double precision reached 2e-10."""

SINGLE_UNTIL = 1000
"""Iterations after which the state goes on in double precision: 25 groups of 500 points stayed at
1.3e-5 in single, and are certified to 1e-6 in double."""


def options_for(n: int) -> SplittingOptions:
    """Return the default settings, with fewer and balanced iterations where each takes long."""
    if n <= BALANCED_FROM:
        return DEFAULT_OPTIONS
    options = replace(DEFAULT_OPTIONS, balance_after=0)
    if n <= DENSE_LIMIT:
        return options
    most = max(1, min(options.max_iterations, int(LARGE_WORK / n**2)))
    return replace(options, max_iterations=most)


def trivial_solution(problem: KMeansProblem, tolerance: float, method: str) -> SdpResult | None:
    """Solve the programs with one feasible point or a vanishing objective, else return None.

    No matrix of order n is formed for many points.
    """
    n, k = problem.n, problem.k
    if 1 < k < n and problem.centred.any():
        return None
    labels = np.arange(n, dtype=np.intp) % k
    multiplier = np.zeros((n, n)) if n <= DENSE_LIMIT else None
    # With one feasible point its value is the optimum; with equal points every value is zero.
    value = float((problem.centred**2).sum()) if k == n else problem.partition_value(labels)
    return SdpResult(
        labels,
        value,
        value,
        0.0 if k == n else problem.partition_within(labels),
        tolerance,
        method,
        factor=kept_factor(labels, k),
        multiplier=multiplier,
        integral=True,
    )


class _Best:
    """The best feasible point and the best bound seen so far."""

    def __init__(self, problem: KMeansProblem, tolerance: float, labels: IntArray) -> None:
        self.problem = problem
        value, within = problem.partition_value(labels), problem.partition_within(labels)
        # No partition has less than nothing within its groups.
        bound = value if within == 0.0 else scatter_bound(problem.centred, problem.k, DENSE_LIMIT)
        self.result = SdpResult(
            labels,
            value,
            bound,
            within,
            tolerance,
            "splitting",
            factor=membership_factor(labels, problem.k),
            integral=True,
        )
        self.lifts = problem.n > BALANCED_FROM
        """Whether lifting is likely to beat the partition, as it did when it was last tried."""

    def offer_partition(self, labels: IntArray) -> None:
        """Take a partition, polished by K-means, for the labels and the solution if better."""
        problem, before = self.problem, self.result.labels
        labels = better_partition(problem, before, polished(problem, labels))
        if labels is before:
            return
        self.result = replace(self.result, labels=labels)
        if self.result.integral or problem.partition_value(labels) > self.result.value:
            self.result = replace(
                self.result,
                value=problem.partition_value(labels),
                within=problem.partition_within(labels),
                factor=membership_factor(labels, problem.k),
                spread=0.0,
                integral=True,
            )

    def offer_member(self, tiling: Tiling, vectors: FloatArray, weights: FloatArray) -> float:
        """Take an iterate of the Fantope, made feasible, if it is better and truly feasible.

        Returns what its value loses by being made feasible.
        """
        n, k = self.problem.n, self.problem.k
        share = centre_share(least_entry(tiling, vectors * weights, vectors), n, k)
        spread = share * (k - 1.0) / (n - 1.0)
        factor = np.column_stack([np.full(n, n**-0.5), vectors * np.sqrt((1.0 - share) * weights)])
        value = self.worth(factor) + spread * self.problem.total
        if value > self.result.value and _violation(factor, spread, k) <= FEASIBLE:
            self.result = replace(
                self.result,
                value=value,
                within=self.problem.total - value,
                factor=factor,
                spread=spread,
                integral=False,
            )
        return self.worth(vectors * np.sqrt(weights)) - value

    def worth(self, factor: FloatArray) -> float:
        """Objective of ``factor factor^T``."""
        image = self.problem.centred.T @ factor
        return float(np.vdot(image, image))

    def offer_lifted(self, tiling: Tiling, vectors: FloatArray, weights: FloatArray) -> None:
        """Move an iterate towards the nonnegative matrices, until mixing costs next to nothing."""
        n, k, before = self.problem.n, self.problem.k, np.inf
        projector = FantopeProjector(n, k - 1, start=vectors[:, -LIFTED_RANK:], widest=LIFTED_RANK)
        for step in range(1, LIFTS + 1):
            lifted = Lifted(tiling, vectors * weights, vectors, LIFTING)
            vectors, weights = projector.project(lifted)
            if step % LIFTS_AT_ONCE == 0:
                lost, result = self.offer_member(tiling, vectors, weights), self.result
                wanted = max(result.bound - result.value, result.tolerance * result.scale)
                if lost <= LOSS * wanted or lost > 0.7 * before:
                    break
                before = lost

    def offer_multiplier(self, state: State, vectors: FloatArray) -> None:
        """Evaluate the bound of the multiplier."""
        problem, result = self.problem, self.result
        n, k = problem.n, problem.k
        multiplier = None
        if n <= DENSE_LIMIT:
            multiplier = state.multiplier()
            bound = dual_bound(problem.gram, multiplier, k)
        else:
            bound = factorised_bound(state.shifted, Shifted(state), k, vectors, self._rise)
        if bound < result.bound:
            self.result = replace(result, bound=bound, multiplier=multiplier)

    def promises(self, state: State, vectors: FloatArray, weights: FloatArray) -> bool:
        """Say whether the multiplier may close the gap to the iterate's own objective.

        Of few points this is found out by finding the bound itself.
        """
        problem = self.problem
        if problem.n <= DENSE_LIMIT:
            return True
        value = max(self.result.value, self.worth(vectors * np.sqrt(weights)))
        bound = foretold_bound(Shifted(state), problem.k, vectors, self._rise)
        return bound - value <= self.result.tolerance * kmeans_scale(
            bound, value, problem.total - value
        )

    @property
    def _rise(self) -> float:
        """What a factorised bound may lose."""
        return RISE * self.result.tolerance * self.result.scale


SOME_GAIN = 10.0
"""Factor by which the gap must seem to fall for point and bound to be found before the end."""

RISE = 0.1
"""What a factorised bound may lose, of the gap that counts as certified."""

LOSS = 0.1
"""What a point may lose by being made feasible, of the gap that is left."""

LIFTING = 1.8
"""Relaxation of the lifting: from 1.5 to 1.9 it needs about as many steps."""

LIFTED_RANK = 80
"""Most vectors of a lifted point; those of early iterates would have hundreds, to no avail."""

LIFTS, LIFTS_AT_ONCE = 60, 10
"""Most steps of the lifting, and how many before its point is looked at."""


def _violation(factor: FloatArray, spread: float, k: int) -> float:
    """Largest violation of row sums and trace by ``factor factor^T + spread P``."""
    n = len(factor)
    rows = float(np.abs(factor @ factor.sum(axis=0) - 1.0).max())
    return max(rows, abs(float((factor**2).sum()) + spread * (n - 1.0) - k) / k)


@scale_free
def solve_by_splitting(
    problem: KMeansProblem,
    start: IntArray,
    tolerance: float = 1e-6,
    options: SplittingOptions = DEFAULT_OPTIONS,
    *,
    time_limit: float | None = None,
    callback: Callback | None = None,
) -> SdpResult:
    """Solve the K-means semidefinite program to a rigorous relative gap.

    Parameters
    ----------
    problem : KMeansProblem
        Points and number of groups.
    start : ndarray of int, shape (n,)
        Any partition; the splitting starts from its matrix.
    tolerance : float
        Relative gap to stop at, positive.
    options : SplittingOptions
        Penalty, relaxation, budget.
    time_limit : float, optional
        Seconds after which no further iteration is begun; the evaluation of the last one is
        counted in, as far as its time can be foretold.
    callback : callable, optional
        Called with the `Progress` at every check; a true answer ends the method, and point and
        bound are found for where it stands.

    Returns
    -------
    SdpResult
        The best feasible point and bound seen; `NOT_CERTIFIED` when the budget ran out first.

    Raises
    ------
    ValueError
        When the start is malformed, the tolerance not positive, or the limit negative.
    """
    clock = Clock(time_limit, callback)
    tolerance = positive("tolerance", tolerance)
    start = partition("start", start, problem.n, problem.k)
    trivial = trivial_solution(problem, tolerance, "splitting")
    if trivial is not None:
        return trivial
    best = _Best(problem, tolerance, start)
    if best.result.certified:
        return best.result
    state = started(problem, start, options, tolerance)
    widest = WIDEST + 2 * problem.k if problem.n > DENSE_LIMIT else None
    first = first_vectors(problem, start)
    projector = FantopeProjector(problem.n, problem.k - 1, start=first, widest=widest)
    return iterate(best, state, projector, options, clock)


def started(
    problem: KMeansProblem, start: IntArray, options: SplittingOptions, tolerance: float
) -> State:
    """Return the state that holds the matrix of a partition and no multiplier."""
    roughly = tolerance >= SINGLE_TOLERANCE or problem.n > DENSE_LIMIT
    dtype = np.float32 if roughly and problem.n >= SINGLE_FROM else np.float64
    state = State(problem, options.rho, options.relaxation, dtype)
    factor = membership_factor(start, problem.k)
    state.fill(lambda rows, columns: factor[rows] @ factor[columns].T)
    return state


def first_vectors(problem: KMeansProblem, start: IntArray) -> FloatArray:
    """Span what the first matrix consists of: the partition's indicators and the points."""
    count = min(problem.k + BUFFER, problem.points.shape[1])
    points = principal_coordinates(problem.centred, count)
    return np.hstack([points, membership_factor(start, problem.k)[:, 1:]])


def iterate(
    best: _Best,
    state: State,
    projector: FantopeProjector,
    options: SplittingOptions,
    clock: Clock,
) -> SdpResult:
    """Run the splitting from any state until its gap is closed or something ends it."""
    due, cost, iteration, outlook = float(options.first_check), 0.0, 0, Outlook(best.problem.n)
    for iteration in range(1, options.max_iterations + 1):
        if clock.over(cost or outlook.guess(clock.seconds / iteration)) and iteration == 1:
            break
        vectors, weights = projector.project(state)
        last = iteration == options.max_iterations or clock.stopped is not None
        if iteration >= due or last:
            due, begun = iteration + max(options.first_check, 0.25 * iteration), clock.seconds
            best.offer_partition(round_coordinates(vectors * np.sqrt(weights), best.problem.k))
            seen = last or (
                outlook.promising(best.result) and best.promises(state, vectors, weights)
            )
            if seen:
                _evaluate(best, state, vectors, weights, last)
                outlook.learn(best.result)
                cost = clock.seconds - begun
            now = best.result
            clock.tell("splitting", iteration, now.value, now.bound, now.gap)
            if now.certified or clock.stopped is not None:
                if not seen:
                    _evaluate(best, state, vectors, weights, last=True)
                break
        outlook.residuals = state.advance(vectors * weights, vectors)
        if iteration % options.balance_every == 0 and iteration > options.balance_after:
            state.balance(outlook.residuals, options.balance)
        if iteration == SINGLE_UNTIL:
            state.refine()
    return replace(best.result, iterations=iteration, stopped=clock.stopped)


class Outlook:
    """Foretells the gap from the residuals, which it follows, so that few gaps are evaluated.

    Parameters
    ----------
    n : int
        Number of points: of few points the gap is evaluated early, of many when it may be closed.
    """

    def __init__(self, n: int) -> None:
        self.n, self.large = n, n > DENSE_LIMIT
        self.residuals, self.ratio = Residuals(1.0, 1.0), LARGE_RATIO if self.large else 0.0

    @property
    def residual(self) -> float:
        """The larger of the two residuals of the last step."""
        return max(self.residuals.primal, self.residuals.dual)

    def promising(self, result: SdpResult) -> bool:
        """Whether the gap may be closed, or be much smaller than when it was last evaluated."""
        wanted = result.tolerance
        if not self.large:
            wanted = max(wanted, result.gap / SOME_GAIN)
        return self.ratio * self.residual <= wanted

    def learn(self, result: SdpResult) -> None:
        """Take note of the gap that the last residuals came with."""
        self.ratio = result.gap / max(self.residual, TINY)

    def guess(self, step: float) -> float:
        """Seconds that an evaluation may take, before there was one, from those of a step."""
        return EVALUATION * step + FACTORISATION * self.n**3


LARGE_RATIO = 2.0
"""Gap over residual before it is known; 0.8 to 1.4 on moons and digits."""

EVALUATION, FACTORISATION = 25.0, 2e-11
"""Steps that making a point feasible lasts, and seconds of a factorisation over ``n**3``: a guess,
so that a time limit leaves time for the evaluation."""


STALLED = 0.5
"""Share of the gap that must be left by a better bound for a point to be lifted in vain again."""


def _evaluate(
    best: _Best, state: State, vectors: FloatArray, weights: FloatArray, last: bool
) -> None:
    """Turn an iterate into a bound and a feasible point.

    Where the program is tight the partition is the solution, and lifting would only cost: of few
    points, or where it was in vain, one is lifted where the bound alone no longer closes the gap,
    and at the end.
    """
    before = best.result.gap
    best.offer_multiplier(state, vectors)
    if best.result.certified:
        return
    lost = best.offer_member(state.tiling, vectors, weights)
    if lost > 0.0 and (best.lifts or last or best.result.gap > STALLED * before):
        best.offer_lifted(state.tiling, vectors, weights)
        best.lifts = not best.result.integral
