"""Operator splitting for the K-means semidefinite program.

Douglas-Rachford splitting between ``{11^T/n + Y: Y in the Fantope of trace K - 1}`` and the
nonnegative matrices. One symmetric state ``T`` holds both the nonnegative iterate ``max(T, 0)`` and
the multiplier ``-rho min(T, 0)``, so that the matrix to project is ``|T| + A / rho``: one pass over
memory. Every check turns the iterate into a feasible point and a dual bound; only those count.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from refutable.solvers.argument_checks import inside, partition, positive, refuse, whole_number
from refutable.solvers.sdp.bounds import (
    FEASIBLE,
    dual_bound,
    feasible_mixture,
    infeasibility,
    nearly_psd,
)
from refutable.solvers.sdp.fantope import FantopeProjector
from refutable.solvers.sdp.problem import (
    FloatArray,
    IntArray,
    KMeansProblem,
    kept_factor,
    membership_factor,
)
from refutable.solvers.sdp.result import SdpResult, kmeans_scale, scale_free
from refutable.solvers.sdp.rounding import round_coordinates
from refutable.solvers.sdp.starts import better_partition, polished


@dataclass(frozen=True)
class SplittingOptions:
    """Settings of the splitting.

    Chosen by the number of iterations, in the mean 215 on eight loose instances of 60 points: 334
    with rho 2, 238 with 8, 455 with 1, 743 with 16; 278 with relaxation 1, 374 with 1.9; 305
    without stiffening. Every run ends certified, whatever they are.

    Attributes
    ----------
    rho : float
        Penalty, in units where the objective has Frobenius norm ``sqrt(K)``.
    relaxation : float
        Over-relaxation, between 0 and 2.
    max_iterations : int
        When to stop without a certificate.
    first_check : int
        Iterations before the first check; each later one waits a quarter longer.
    stiffen_after : int
        Iterations after which the penalty is raised, and again after every half as many more:
        instances that last so long are loose, and there a larger one leaves a gap many times
        smaller.
    stiffening : float
        Factor of each rise.
    """

    rho: float = 4.0
    relaxation: float = 1.6
    max_iterations: int = 2000
    first_check: int = 20
    stiffen_after: int = 400
    stiffening: float = 2.0

    def __post_init__(self) -> None:
        positive("rho", self.rho)
        inside("relaxation", self.relaxation, 0, 2)
        for name in ("max_iterations", "first_check", "stiffen_after"):
            object.__setattr__(self, name, whole_number(name, getattr(self, name)))
        if positive("stiffening", self.stiffening) < 1:
            refuse("stiffening", self.stiffening, "a number, at least 1")


DEFAULT_OPTIONS = SplittingOptions()
DENSE_LIMIT = 3000
"""Most points for which the splitting runs: its matrices of order n have 72 MB each, and its time
is many times that of a certificate, which has a limit of its own."""

CACHED = 24_000
"""Numbers of each matrix that are worked on at once: three blocks of 192 kB fit a cache of 1 MB."""


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
        factor = membership_factor(labels, problem.k)
        # No partition has less than nothing within its groups.
        bound = value if within == 0.0 else np.inf
        self.result = SdpResult(
            labels, value, bound, within, tolerance, "splitting", factor=factor, integral=True
        )

    def offer_partition(self, labels: IntArray) -> None:
        """Take a partition, polished by K-means, for the labels and the solution if better."""
        problem, before = self.problem, self.result.labels
        labels = better_partition(problem, before, polished(problem, labels))
        if labels is before:
            return
        self.result = replace(self.result, labels=labels)
        if self.result.integral or problem.partition_value(labels) > self.result.value:
            self.take_partition()

    def take_partition(self) -> None:
        """Make the best partition the solution."""
        labels = self.result.labels
        self.result = replace(
            self.result,
            value=self.problem.partition_value(labels),
            within=self.problem.partition_within(labels),
            factor=membership_factor(labels, self.problem.k),
            matrix=None,
            integral=True,
        )

    def finished(self, iterations: int) -> SdpResult:
        """Return the result; the partition alone should the matrix have a negative eigenvalue."""
        matrix = self.result.matrix
        if matrix is not None and not nearly_psd(matrix):
            self.take_partition()
        return replace(self.result, iterations=iterations)

    def offer_member(self, member: FloatArray) -> None:
        """Take an iterate of the Fantope, made feasible, if it is better and truly feasible."""
        matrix, _ = feasible_mixture(member, self.problem.k)
        value = float(np.vdot(self.problem.gram, matrix))
        if value <= self.result.value or infeasibility(matrix, self.problem.k) > FEASIBLE:
            return
        self.result = replace(
            self.result,
            value=value,
            within=self.problem.total - value,
            factor=None,
            matrix=matrix,
            integral=False,
        )

    def promising(self, multiplier: FloatArray, vectors: FloatArray) -> bool:
        """Whether the bound of a multiplier may close the gap.

        Ritz values on `vectors`, orthonormal and orthogonal to the ones, never exceed the
        eigenvalues: when even they leave a gap, the decomposition can be spared.
        """
        gram, k = self.problem.gram, self.problem.k
        small = vectors.T @ (gram @ vectors + multiplier @ vectors)
        leading = np.linalg.eigvalsh(0.5 * (small + small.T))[1 - k :]
        least = float((gram.sum() + multiplier.sum()) / len(gram) + leading.sum())
        value, within = self.result.value, self.result.within
        return least - value <= self.result.tolerance * kmeans_scale(least, value, within)

    def offer_multiplier(self, multiplier: FloatArray) -> None:
        """Evaluate the bound of a multiplier."""
        bound = dual_bound(self.problem.gram, multiplier, self.problem.k)
        if bound < self.result.bound:
            self.result = replace(self.result, bound=bound, multiplier=multiplier)


@scale_free
def solve_by_splitting(
    problem: KMeansProblem,
    start: IntArray,
    tolerance: float = 1e-6,
    options: SplittingOptions = DEFAULT_OPTIONS,
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

    Returns
    -------
    SdpResult
        The best feasible point and bound seen; `NOT_CERTIFIED` when the budget ran out first.

    Raises
    ------
    ValueError
        When the start is malformed or the tolerance not positive.
    """
    tolerance = positive("tolerance", tolerance)
    start = partition("start", start, problem.n, problem.k)
    trivial = trivial_solution(problem, tolerance, "splitting")
    if trivial is not None:
        return trivial
    best = _Best(problem, tolerance, start)
    if np.isfinite(best.result.bound):
        return best.finished(0)
    state = _State(problem, start, options)
    projector = FantopeProjector(problem.n, problem.k - 1)
    due, stiff_at = float(options.first_check), options.stiffen_after
    for iteration in range(1, options.max_iterations + 1):
        vectors, weights = projector.project(state.matrix)
        last = iteration == options.max_iterations
        if iteration >= due or last:
            due = iteration + max(options.first_check, 0.25 * iteration)
            _check(best, state.multiplier(), vectors, weights, last)
            if best.result.certified:
                break
        state.advance(vectors * weights, vectors)
        if iteration == stiff_at:
            stiff_at += stiff_at // 2
            state.stiffen(options.stiffening)
    return best.finished(iteration)


class _State:
    """The matrix ``T`` of the splitting and the next matrix to project, ``|T| + A / scale``."""

    def __init__(self, problem: KMeansProblem, start: IntArray, options: SplittingOptions) -> None:
        self.scale = float(np.linalg.norm(problem.gram)) / np.sqrt(problem.k) * options.rho
        self.relaxation = options.relaxation
        self.objective = problem.gram / self.scale
        factor = membership_factor(start, problem.k)
        self.values = factor @ factor.T
        self.matrix = self.values + self.objective

    def multiplier(self) -> FloatArray:
        """Nonnegative multiplier of the signs, symmetric, shape (n, n)."""
        return _symmetric(np.maximum(self.values * -self.scale, 0.0))

    def stiffen(self, factor: float) -> None:
        """Raise the penalty; the nonnegative iterate and the multiplier do not change."""
        self.scale *= factor
        self.objective /= factor
        self.values = np.where(self.values < 0.0, self.values / factor, self.values)
        self.matrix = np.abs(self.values) + self.objective

    def advance(self, scaled: FloatArray, vectors: FloatArray) -> None:
        """``T <- T + relaxation (Z - max(T, 0))`` with ``Z = 11^T/n + scaled vectors^T``.

        A few rows at a time, so that the eight passes over a row find it in the cache.
        """
        n = len(self.values)
        turned, step = vectors.T, max(8, CACHED // n)
        for start in range(0, n, step):
            rows = slice(start, start + step)
            block, target = self.values[rows], self.matrix[rows]
            change = scaled[rows] @ turned
            change += 1.0 / n
            np.maximum(block, 0.0, out=target)
            change -= target
            change *= self.relaxation
            block += change
            np.abs(block, out=target)
            target += self.objective[rows]


def _check(
    best: _Best, multiplier: FloatArray, vectors: FloatArray, weights: FloatArray, last: bool
) -> None:
    """Turn an iterate into a partition, a feasible point and a bound."""
    labels = round_coordinates(vectors * np.sqrt(weights), best.problem.k)
    best.offer_partition(labels)
    member = _symmetric((vectors * weights) @ vectors.T) + 1.0 / best.problem.n
    best.offer_member(member)
    if last or best.promising(multiplier, vectors):
        best.offer_multiplier(multiplier)


def _symmetric(matrix: FloatArray) -> FloatArray:
    return np.asarray(0.5 * (matrix + matrix.T))
