"""What every method returns: a feasible solution, a bound on the optimum, and what that proves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from functools import wraps
from typing import Concatenate, ParamSpec, cast

import numpy as np
from refutable.solvers.argument_checks import positive
from refutable.solvers.sdp.problem import (
    FloatArray,
    IntArray,
    KMeansProblem,
    membership_factor,
)
from refutable.solvers.sdp.progress import Callback, Progress, Stop

P = ParamSpec("P")

SLACK = 1e-12
"""Relative excess of a feasible value over a bound that rounding may cause: the bounds allow for
their own, values are sums of up to ``n^2`` products of some 1e-16 each."""


class Status(Enum):
    """Whether the bound proves the solution optimal to the wanted accuracy.

    `INCONSISTENT` says that the bound lies below the value by more than rounding: one of the two
    is wrong, and nothing is proved. `TIME_LIMIT` and `CALLBACK` are `NOT_CERTIFIED` where not the
    method but the caller put the end; value and bound are as true as ever.
    """

    CERTIFIED = "certified"
    NOT_CERTIFIED = "not certified"
    INCONSISTENT = "inconsistent"
    TIME_LIMIT = "stopped at the time limit"
    CALLBACK = "stopped by the callback"


def kmeans_scale(bound: float, value: float, within: float) -> float:
    """Return what a gap of K-means is divided by: ``min(max(|bound|, |value|), within)``.

    The sum of squares between groups alone proves nothing: one far point makes it as large as it
    likes, and the gap of any partition of the other points vanishes beside it.
    """
    return min(max(abs(bound), abs(value)), within)


def likelihood_scale(within: float) -> float:
    """Return what a gap of twice the log-likelihood is divided by: ``max(within, 1)``.

    The value itself moves with the unit of measurement, by way of the determinants; squared
    deviations do not, and a difference of one is one whatever the data.
    """
    return max(within, 1.0)


def relative_gap(bound: float, value: float, scale: float) -> float:
    """Relative duality gap ``(bound - value) / scale``.

    Zero when bound and value are equal; infinite when a number is not finite or the scale
    vanishes: then nothing is known.
    """
    if not np.isfinite([bound, value, scale]).all():
        return float("inf")
    if bound == value:
        return 0.0
    return (bound - value) / scale if scale > 0 else float("inf")


def judged(bound: float, value: float, scale: float, tolerance: float) -> Status:
    """Say what a bound, a value and the scale of their difference prove.

    Rounding is relative to the numbers themselves, hence `SLACK` times the larger of them; the
    tolerance is relative to the scale, in either direction.
    """
    gap = relative_gap(bound, value, scale)
    if np.isfinite([bound, value]).all() and bound - value < -SLACK * max(abs(bound), abs(value)):
        return Status.INCONSISTENT
    return Status.CERTIFIED if abs(gap) <= tolerance else Status.NOT_CERTIFIED


STOPPED = {Stop.TIME_LIMIT: Status.TIME_LIMIT, Stop.CALLBACK: Status.CALLBACK}


def with_reason(proved: Status, stopped: Stop | None) -> Status:
    """Replace `NOT_CERTIFIED` by what ended the solver, when something did."""
    if proved is Status.NOT_CERTIFIED and stopped is not None:
        return STOPPED[stopped]
    return proved


class Bounded:
    """What a feasible value and a rigorous dual bound say together."""

    value: float
    bound: float
    within: float
    tolerance: float
    integral: bool
    stopped: Stop | None

    @property
    def scale(self) -> float:
        """What the gap is divided by, see `kmeans_scale`."""
        return kmeans_scale(self.bound, self.value, self.within)

    @property
    def gap(self) -> float:
        """Relative gap ``(bound - value) / scale``, see `relative_gap`."""
        return relative_gap(self.bound, self.value, self.scale)

    @property
    def status(self) -> Status:
        """What the gap proves, see `judged`; where it proves nothing, what ended the solver."""
        proved = judged(self.bound, self.value, self.scale, self.tolerance)
        return with_reason(proved, self.stopped)

    @property
    def certified(self) -> bool:
        """Whether `status` is `CERTIFIED`."""
        return self.status is Status.CERTIFIED

    @property
    def exact(self) -> bool:
        """Whether a partition is proved optimal for the relaxation."""
        return self.integral and self.certified


@dataclass(frozen=True, eq=False)
class SdpResult(Bounded):
    """A primal feasible point with a dual bound.

    Attributes
    ----------
    labels : ndarray of int, shape (n,)
        The best partition seen: read off the solution and polished, or that of the start.
    value : float
        Objective of the feasible point that `membership` returns.
    bound : float
        An upper bound on the optimum that holds whatever the method did.
    within : float
        Sum of squares within the groups of the feasible point: total minus `value`. The gap is
        judged on this scale as well.
    tolerance : float
        Relative gap at which the solution counts as certified, finite and positive.
    method : str
        Which method produced the solution.
    iterations : int
        Iterations (or corrections) spent.
    factor : ndarray, shape (n, r), or None
        ``Z = factor @ factor.T + spread P`` when the factor is not huge.
    spread : float
        Multiple of ``P = I - 11^T/n`` in it: the part of the centre that makes up for signs.
    matrix : ndarray, shape (n, n), or None
        The solution itself when it has no small factor.
    multiplier : ndarray, shape (n, n), or None
        The nonnegative multiplier behind `bound`, for an independent check; None when it is
        never formed.
    integral : bool
        Whether the solution is the matrix of the partition `labels`.
    stopped : Stop or None
        The time limit or the callback, when one of them ended the method.
    """

    labels: IntArray
    value: float
    bound: float
    within: float
    tolerance: float
    method: str
    iterations: int = 0
    factor: FloatArray | None = None
    matrix: FloatArray | None = None
    multiplier: FloatArray | None = None
    integral: bool = False
    stopped: Stop | None = None
    spread: float = 0.0

    def __post_init__(self) -> None:
        positive("tolerance", self.tolerance)

    def in_units(self, unit: float) -> SdpResult:
        """Return the result for points measured in a unit ``1 / unit`` times as large."""
        square = unit * unit
        scaled = None if self.multiplier is None else self.multiplier * square
        return replace(
            self,
            value=self.value * square,
            bound=self.bound * square,
            within=self.within * square,
            multiplier=scaled,
        )

    def membership(self) -> FloatArray:
        """Return the feasible matrix ``Z``, shape (n, n), for whoever wants the solution itself."""
        if self.matrix is not None:
            return self.matrix
        factor = self.factor
        if factor is None and self.integral:
            factor = membership_factor(self.labels, int(self.labels.max()) + 1)
        if factor is None:
            raise ValueError(f"method={self.method!r} kept no solution: its factor is too large")
        matrix = np.asarray(factor @ factor.T)
        if self.spread != 0.0:
            matrix -= self.spread / len(matrix)
            matrix[np.diag_indices(len(matrix))] += self.spread
        return matrix


def scale_free(
    solve: Callable[Concatenate[KMeansProblem, P], SdpResult],
) -> Callable[Concatenate[KMeansProblem, P], SdpResult]:
    """Make a method see points of largest centred coordinate near one.

    Multiplying the points by a power of two thus changes no bit of a solution, and no square
    overflows or vanishes on the way. A `callback` among the keywords is told in the caller's unit.
    """

    @wraps(solve)
    def rescaled(problem: KMeansProblem, *args: P.args, **kwargs: P.kwargs) -> SdpResult:
        unit, told = problem.unit, cast(Callback | None, kwargs.get("callback"))
        if unit == 1.0:
            return solve(problem, *args, **kwargs)
        if callable(told):

            def in_units(progress: Progress) -> object:
                return told(progress.in_units(unit))

            kwargs["callback"] = in_units
        return solve(problem.normalised, *args, **kwargs).in_units(unit)

    return cast(Callable[Concatenate[KMeansProblem, P], SdpResult], rescaled)
