"""What every method returns: a feasible solution, a bound on the optimum, and what that proves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from solvers.sdp.problem import FloatArray, IntArray


class Status(Enum):
    """Whether the bound proves the solution optimal to the wanted accuracy."""

    CERTIFIED = "certified"
    NOT_CERTIFIED = "not certified"


def relative_gap(bound: float, value: float) -> float:
    """Relative duality gap ``(bound - value) / |bound|``; zero when both vanish."""
    scale = max(abs(bound), abs(value))
    return (bound - value) / scale if scale > 0 else 0.0


class Bounded:
    """What a feasible value and a rigorous dual bound say together."""

    value: float
    bound: float
    tolerance: float
    integral: bool

    @property
    def gap(self) -> float:
        """Relative gap ``(bound - value) / |bound|``."""
        return relative_gap(self.bound, self.value)

    @property
    def status(self) -> Status:
        """`CERTIFIED` when the gap is at most the tolerance."""
        return Status.CERTIFIED if self.gap <= self.tolerance else Status.NOT_CERTIFIED

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
        The partition read off the solution.
    value : float
        Objective of the feasible point that `membership` returns.
    bound : float
        An upper bound on the optimum that holds whatever the method did.
    tolerance : float
        Relative gap at which the solution counts as certified.
    method : str
        Which method produced the solution.
    iterations : int
        Iterations (or corrections) spent.
    factor : ndarray, shape (n, r), or None
        ``Z = factor @ factor.T`` when the solution has low rank.
    matrix : ndarray, shape (n, n), or None
        The solution itself when it has no small factor.
    multiplier : ndarray, shape (n, n), or None
        The nonnegative multiplier behind `bound`, for an independent check; None when it is
        never formed.
    integral : bool
        Whether the solution is the matrix of the partition `labels`.
    """

    labels: IntArray
    value: float
    bound: float
    tolerance: float
    method: str
    iterations: int = 0
    factor: FloatArray | None = None
    matrix: FloatArray | None = None
    multiplier: FloatArray | None = None
    integral: bool = False

    def membership(self) -> FloatArray:
        """Return the feasible matrix ``Z``, shape (n, n); formed on demand."""
        if self.matrix is not None:
            return self.matrix
        if self.factor is None:
            raise ValueError(f"the method {self.method!r} kept no solution")
        return np.asarray(self.factor @ self.factor.T)
