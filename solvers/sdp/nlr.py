"""Nonnegative low-rank factorisation of the K-means semidefinite program.

Zhuang, Chen, Yang & Zhang (ICLR 2024): ``Z = U U^T`` with ``U >= 0`` of shape (n, r) and
``|U|_F^2 = K``, by projected gradient steps on the augmented Lagrangian of ``U U^T 1 = 1``. No n by
n matrix is formed. The factor is made exactly feasible before its value counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from refutable.solvers.argument_checks import (
    bounded_array,
    generator,
    nonnegative,
    positive,
    refuse,
    whole_number,
)
from refutable.solvers.sdp.problem import (
    TINY,
    FloatArray,
    IntArray,
    KMeansProblem,
    membership_factor,
)
from refutable.solvers.sdp.progress import Clock
from refutable.solvers.sdp.rounding import round_coordinates

Watch = Callable[[FloatArray], object]


@dataclass(frozen=True)
class NlrOptions:
    """Settings of the low-rank method, with the points scaled to spectral norm one.

    The defaults are chosen by the number of steps. On loose instances of 60 points, a step of 0.01
    to 0.2, a penalty of 1 to 20, 50 inner steps and inner tolerances of 1e-4 to 1e-2 change the
    value by less than 1e-3 (it is not convex), and the number of steps by a factor of two.

    Attributes
    ----------
    step : float
        Length of a gradient step; it is halved whenever the Lagrangian would rise.
    penalty : float
        Augmented Lagrangian penalty, times ``n``.
    inner : int
        Most gradient steps for each update of the multiplier.
    outer : int
        Most updates of the multiplier.
    steps : int
        Gradient steps after which no further update is begun.
    inner_tolerance, tolerance : float
        Relative change that ends the inner loop; change and infeasibility that end the outer one.
    """

    step: float = 0.05
    penalty: float = 5.0
    inner: int = 200
    outer: int = 1000
    steps: int = 200_000
    inner_tolerance: float = 1e-3
    tolerance: float = 1e-6

    def __post_init__(self) -> None:
        for name in ("step", "penalty", "inner_tolerance"):
            positive(name, getattr(self, name))
        nonnegative("tolerance", self.tolerance)
        for name in ("inner", "outer", "steps"):
            object.__setattr__(self, name, whole_number(name, getattr(self, name)))


DEFAULT_OPTIONS = NlrOptions()

RISE = 1e-12
"""Rise of the Lagrangian, over ``K``, that counts as rounding: of sums of some thousand terms of
2e-16."""

SHORTEST = 1e-12
"""Step below which a factor counts as stationary: it moves no entry by more than rounding."""

FLOOR = 1e-9
"""Added to every entry before the scaling, relative to the largest, because a row of zeros cannot
be scaled: the feasible point is off by as little, and what it is worth is evaluated afterwards."""


def spectral_norm(points: FloatArray) -> float:
    """Largest singular value of a matrix (n, p)."""
    square = points @ points.T if len(points) < points.shape[1] else points.T @ points
    return float(np.sqrt(max(np.linalg.eigvalsh(square)[-1], 0.0)))


def random_factor(n: int, rank: int, k: int, rng: Generator) -> FloatArray:
    """Half-normal entries, scaled to ``|U|_F^2 = k``, shape (n, rank)."""
    shape = (whole_number("n", n), whole_number("rank", rank))
    whole_number("k", k)
    factor = np.abs(generator("rng", rng).standard_normal(shape))
    return np.asarray(factor * (np.sqrt(k) / np.linalg.norm(factor)))


def factorise(
    problem: KMeansProblem,
    start: FloatArray,
    options: NlrOptions = DEFAULT_OPTIONS,
    watch: Watch | None = None,
    *,
    time_limit: float | None = None,
) -> tuple[FloatArray, int]:
    """Run the low-rank method.

    Parameters
    ----------
    problem : KMeansProblem
        Points and number of groups.
    start : ndarray, shape (n, r)
        Nonnegative factor, not zero.
    options : NlrOptions
        Steps, penalty, budgets.
    watch : callable, optional
        Called with the factor after each update of the multiplier; a true answer ends the method.
    time_limit : float, optional
        Seconds after which no further step is taken.

    Returns
    -------
    factor : ndarray, shape (n, r)
        ``U``; ``U U^T 1 = 1`` holds as well as the budget allows.
    steps : int
        Gradient steps taken.

    Raises
    ------
    ValueError
        When the start has a wrong shape, negative entries or no positive one, or the limit is
        negative.
    """
    clock = Clock(time_limit, None)
    start = bounded_array("start", start, 0, ndim=2)
    if len(start) != problem.n:
        refuse("start", start, f"one row for each of the {problem.n} points")
    if not start.any():
        raise ValueError("start is all zero: give a factor with a positive entry")
    centred, size = problem.normalised.centred, np.sqrt(problem.k)
    points = centred / max(spectral_norm(centred), TINY)
    here = _Iterate.of(points, start * (size / np.linalg.norm(start)))
    dual, penalty, steps = np.zeros(problem.n), options.penalty / problem.n, 0
    step = options.step
    for _ in range(options.outer):
        for _ in range(options.inner):
            if clock.over():
                return here.factor, steps
            new, step = _descend(points, here, dual, penalty, step)
            change = float(np.linalg.norm(new.factor - here.factor)) / size
            here, steps = new, steps + 1
            if change < options.inner_tolerance:
                break
        dual += penalty * here.excess
        if watch is not None and watch(here.factor):
            break
        infeasible = float(np.linalg.norm(here.excess)) / np.sqrt(problem.n)
        if max(change, infeasible) < options.tolerance or steps >= options.steps:
            break
    return here.factor, steps


@dataclass(frozen=True, eq=False)
class _Iterate:
    """A factor with the products that both the gradient and the Lagrangian need."""

    factor: FloatArray
    sums: FloatArray
    excess: FloatArray
    image: FloatArray

    @classmethod
    def of(cls, points: FloatArray, factor: FloatArray) -> _Iterate:
        sums = factor.sum(axis=0)
        return cls(factor, sums, factor @ sums - 1.0, points.T @ factor)

    def lagrangian(self, dual: FloatArray, penalty: float) -> float:
        pull = dual + 0.5 * penalty * self.excess
        return float(self.excess @ pull) - float(np.vdot(self.image, self.image))

    def gradient(self, points: FloatArray, dual: FloatArray, penalty: float) -> FloatArray:
        pull = dual + penalty * self.excess
        gradient = -2.0 * (points @ self.image)
        gradient += np.multiply.outer(pull, self.sums)
        gradient += pull @ self.factor
        return np.asarray(gradient)


def _descend(
    points: FloatArray, here: _Iterate, dual: FloatArray, penalty: float, step: float
) -> tuple[_Iterate, float]:
    """One projected step on the augmented Lagrangian, back on the sphere of the same norm.

    The step is halved, for good, until the factor survives and the Lagrangian does not rise: the
    curvature grows with the number of groups, and a step too long kills every entry.
    """
    size = float(np.linalg.norm(here.factor))
    gradient = here.gradient(points, dual, penalty)
    limit = here.lagrangian(dual, penalty) + RISE * size**2
    while step > SHORTEST:
        moved = np.maximum(here.factor - step * gradient, 0.0)
        norm = float(np.linalg.norm(moved))
        if norm > 0.0:
            new = _Iterate.of(points, moved * (size / norm))
            if new.lagrangian(dual, penalty) <= limit:
                return new, step
        step *= 0.5
    return here, step


def feasible_factor(factor: FloatArray, k: int, labels: IntArray) -> FloatArray:
    """Turn a nonnegative factor into one of a feasible point of the program.

    Diagonal scaling makes the rows of ``Z`` sum to one, a rank-one term what is left to that, and
    mixing with ``11^T/n`` or with a finer partition restores the trace. Every step keeps ``Z``
    nonnegative and positive semidefinite.

    Parameters
    ----------
    factor : ndarray, shape (n, r)
        Nonnegative entries.
    k : int
        Wanted trace.
    labels : ndarray of int, shape (n,)
        Groups to split when the trace is too small.
    """
    scaled = _with_full_rows(_doubly_stochastic(factor))
    trace, n = float((scaled**2).sum()), len(factor)
    if abs(trace - k) <= 1e-14 * k:  # some ulps: nothing is left to repair
        return scaled
    other = np.full((n, 1), n**-0.5) if trace > k else _finer_partition(labels)
    reach = float((other**2).sum())
    t = (trace - k) / (trace - reach)
    return np.hstack([np.sqrt(max(1.0 - t, 0.0)) * scaled, np.sqrt(max(t, 0.0)) * other])


def factor_infeasibility(factor: FloatArray, k: int) -> float:
    """Largest violation of row sums, trace and signs by ``factor factor^T``; infinite for NaN."""
    if not np.isfinite(factor).all():
        return float("inf")
    rows = float(np.abs(factor @ factor.sum(axis=0) - 1.0).max())
    trace = abs(float((factor**2).sum()) - k) / k
    return max(rows, trace, -float(factor.min()))


def _doubly_stochastic(factor: FloatArray, sweeps: int = 500) -> FloatArray:
    """Scale the rows of ``U`` so that ``U U^T 1 = 1``, by damped Sinkhorn iterations."""
    scale = np.ones(len(factor))
    floor = FLOOR * float(factor.max())
    positive = factor + floor
    for _ in range(sweeps):
        reached = positive @ (scale @ positive)
        if np.abs(scale * reached - 1.0).max() < 1e-14:  # some ulps
            break
        scale = np.sqrt(scale / reached)
    return np.asarray(positive * scale[:, None])


def _with_full_rows(factor: FloatArray) -> FloatArray:
    """Append the column that makes every row of ``U U^T`` sum to one, whatever it was before."""
    sums = factor @ factor.sum(axis=0)
    shrink = 1.0 / max(float(sums.max()), TINY)
    lacking = np.maximum(1.0 - shrink * sums, 0.0)
    total = float(lacking.sum())
    column = lacking / np.sqrt(total) if total > 0.0 else lacking
    return np.hstack([factor * np.sqrt(shrink), column[:, None]])


def _finer_partition(labels: IntArray) -> FloatArray:
    """Split every group of two or more points in two halves; return the normalised indicators."""
    order = np.argsort(labels, kind="stable")
    rank = np.empty(len(labels), dtype=np.intp)
    starts = np.concatenate([[0], np.cumsum(np.bincount(labels))[:-1]])
    rank[order] = np.arange(len(labels)) - starts[labels[order]]
    halves = 2 * labels + rank % 2
    compact = np.unique(halves, return_inverse=True)[1].astype(np.intp)
    return membership_factor(compact, int(compact.max()) + 1)


def round_factor(factor: FloatArray, k: int) -> IntArray:
    """K-means on the leading left singular directions of the factor, labels (n,)."""
    left, values, _ = np.linalg.svd(factor, full_matrices=False)
    return round_coordinates(left[:, :k] * values[:k], k)
