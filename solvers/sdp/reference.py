"""The K-means semidefinite program by general-purpose conic solvers, as an independent peer."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
from refutable.solvers.argument_checks import one_of, positive
from refutable.solvers.sdp.bounds import (
    FEASIBLE,
    double_centred,
    dual_bound,
    feasible_mixture,
    infeasibility,
    nearly_psd,
)
from refutable.solvers.sdp.fantope import capped_simplex
from refutable.solvers.sdp.problem import TINY, FloatArray, KMeansProblem
from refutable.solvers.sdp.progress import Clock
from refutable.solvers.sdp.result import SdpResult, scale_free
from refutable.solvers.sdp.rounding import round_coordinates
from refutable.solvers.sdp.starts import polished

SOLVERS: dict[str, dict[str, Any]] = {
    "scs": {"solver": "SCS", "eps": 1e-6, "max_iters": 50_000},
    "clarabel": {"solver": "CLARABEL"},
}
LIMIT = {"scs": "time_limit_secs", "clarabel": "time_limit"}
"""What each calls its limit."""


@scale_free
def solve_by_cvxpy(
    problem: KMeansProblem,
    solver: str = "scs",
    tolerance: float = 1e-6,
    *,
    time_limit: float | None = None,
) -> SdpResult:
    """Solve with cvxpy; slow, and right for reasons of its own.

    The same rigorous bounds as elsewhere are evaluated at the solver's primal and dual answers.

    Parameters
    ----------
    problem : KMeansProblem
        Points and number of groups.
    solver : str
        ``"scs"`` (to 1e-6) or ``"clarabel"`` (to its default accuracy; n up to about 60).
    tolerance : float
        Relative gap that counts as certified.
    time_limit : float, optional
        Seconds that the solver is given; it does not say that they ran out.

    Returns
    -------
    SdpResult
        Usually a little short of the solver's nominal accuracy.

    Raises
    ------
    ValueError
        When the solver is unknown, has no answer in time, or one that cannot be made feasible.
    """
    clock = Clock(time_limit, None)
    one_of("solver", solver, SOLVERS)
    positive("tolerance", tolerance)
    k = problem.k
    scale = max(float(np.abs(problem.gram).max()), TINY)
    settings = dict(SOLVERS[solver])
    if clock.over():
        raise ValueError(f"time_limit={time_limit} leaves no time: give more seconds")
    if clock.time_limit is not None:
        settings[LIMIT[solver]] = clock.time_limit
    answer, dual, iterations = _solve(problem.gram / scale, k, settings)
    matrix, _ = feasible_mixture(_nearest_member(answer, k), k)
    multiplier = np.maximum(dual, 0.0) * scale
    multiplier = 0.5 * (multiplier + multiplier.T)
    values, vectors = np.linalg.eigh(matrix)
    if infeasibility(matrix, k) > FEASIBLE or not nearly_psd(matrix):
        raise ValueError(f"solver={solver!r} ended at no feasible point: try the other solver")
    labels = round_coordinates(vectors[:, -k:] * np.sqrt(np.maximum(values[-k:], 0.0)), k)
    value = float(np.vdot(problem.gram, matrix))
    return SdpResult(
        polished(problem, labels),
        value,
        dual_bound(problem.gram, multiplier, k),
        max(problem.total - value, 0.0),
        tolerance,
        f"cvxpy {solver}",
        iterations,
        matrix=matrix,
        multiplier=multiplier,
    )


def _solve(
    gram: FloatArray, k: int, settings: dict[str, Any]
) -> tuple[FloatArray, FloatArray, int]:
    """Return solution, multiplier of the signs, and iterations."""
    # Imported here because cvxpy takes a second to load and only a peer needs it.
    cp: Any = import_module("cvxpy")

    member = cp.Variable(gram.shape, PSD=True)
    signs = member >= 0
    rows = cp.sum(member, axis=1) == 1
    objective = cp.Maximize(cp.sum(cp.multiply(gram, member)))
    task = cp.Problem(objective, [signs, rows, cp.trace(member) == k])
    try:
        task.solve(**settings)
    except cp.error.SolverError as error:
        raise ValueError(f"no solution ({error}) with {settings}; try the other solver") from None
    if member.value is None or not np.isfinite(member.value).all():
        raise ValueError(f"no solution ({task.status}) with {settings}; try the other solver")
    steps = int(task.solver_stats.num_iters or 0)
    return np.asarray(member.value), np.asarray(signs.dual_value), steps


def _nearest_member(matrix: FloatArray, k: int) -> FloatArray:
    """Project on ``11^T/n + Fantope``, so that only signs are left to repair."""
    n = len(matrix)
    values, vectors = np.linalg.eigh(double_centred(0.5 * (matrix + matrix.T)) - 2.0 / n)
    weights, _ = capped_simplex(values[1:], k - 1)
    return np.asarray((vectors[:, 1:] * weights) @ vectors[:, 1:].T + 1.0 / n)
