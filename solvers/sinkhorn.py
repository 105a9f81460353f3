"""Entropic transport between two finite laws, by Sinkhorn's scaling.

The plan is ``u_i K_ij w_j`` with the kernel ``K = exp(log_kernel)``; scalings alternate until the
row sums stand. Kernels are scaled by their largest entries of each row and column first, which the
scalings take up, so that entries as small as 1e-300 of those are what is lost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.argument_checks import (
    finite_array,
    positive,
    probabilities,
    refuse,
    whole_number,
)

__all__ = ["EntropicPlan", "entropic_plan"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class EntropicPlan:
    """A plan, the logarithms of its scalings, and how it ended.

    Parameters
    ----------
    plan : ndarray, shape (n, m)
    log_rows, log_columns : ndarray, shapes (n,) and (m,)
        ``log plan = log_rows + log_kernel + log_columns``.
    sweeps : int
        Sweeps taken.
    violation : float
        Largest difference of a row sum from its probability, relative to it. Column sums are right.
    """

    plan: Floats
    log_rows: Floats
    log_columns: Floats
    sweeps: int
    violation: float


def entropic_plan(
    log_kernel: ArrayLike,
    rows: ArrayLike,
    columns: ArrayLike,
    *,
    tolerance: float = 1e-12,
    sweeps: int = 10_000,
) -> EntropicPlan:
    """Return the plan of least divergence from a kernel with given row and column sums.

    Parameters
    ----------
    log_kernel : array_like, shape (n, m)
        Such as minus the cost over epsilon; finite.
    rows, columns : array_like, shapes (n,) and (m,)
        Probabilities, above 0.
    tolerance : float
        Ends the sweeps once `EntropicPlan.violation` is below it; above 0.
    sweeps : int
        The most sweeps, at least 1.

    Raises
    ------
    ValueError
        If an argument is malformed, or the scalings run out of the range of doubles.
    """
    levels = finite_array("log_kernel", log_kernel, ndim=2)
    a = _positive_law("rows", rows, levels.shape[0])
    b = _positive_law("columns", columns, levels.shape[1])
    least, most = positive("tolerance", tolerance), whole_number("sweeps", sweeps)
    top = levels.max(axis=1, keepdims=True)
    side = (levels - top).max(axis=0, keepdims=True)
    kernel = np.exp(levels - top - side)
    u = a.copy()
    for sweep in range(1, most + 1):
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            w = b / (u @ kernel)
            sums = u * (kernel @ w)
            violation = float(np.abs(sums / a - 1).max())
        if not np.isfinite(violation):
            refuse("log_kernel", levels, "a kernel of less range: it underflows between the laws")
        if violation < least or sweep == most:
            break
        with np.errstate(over="ignore"):
            u *= a / sums
    log_rows, log_columns = np.log(u) - top[:, 0], np.log(w) - side[0]
    return EntropicPlan(u[:, None] * kernel * w, log_rows, log_columns, sweep, violation)


def _positive_law(name: str, law: ArrayLike, count: int) -> Floats:
    array = probabilities(name, law, shape=(count,))
    if array.min() <= 0:
        raise ValueError(f"{name} holds {array.min()}: give probabilities above 0")
    return array
