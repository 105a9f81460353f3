"""How fast the nonnegative low-rank method converges on a certified instance."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.mixtures.ila_sdp._data import FloatArray, at_ratio, contiguous_labels
from refutable.solvers.sdp.certificate import certify_partition
from refutable.solvers.sdp.nlr import NlrOptions, factorise, random_factor
from refutable.solvers.sdp.problem import KMeansProblem, membership_factor

from refutable import Cell

BASIN, FLOOR = 1e-2, 1e-11
UPDATES = 1200
LATE_SLOPE, EVENNESS, DECADES, VALUE_ERROR = -0.02, 0.6, 8.0, 1e-6
"""A decay is called geometric if it is as fast, as even and as long as this, and ends there."""


def decay(errors: FloatArray) -> dict[str, float]:
    """Describe how errors decay from the first below the basin's edge down to the floor.

    Returns
    -------
    dict of float
        ``late_slope``: of the logarithm per step, over the second half of the steps; ``evenness``:
        that slope over the one of the first half, 1 for a geometric decay and below 0.5 for a
        power of the step; ``r_squared`` of one line; ``decades`` spanned. All 0 outside the basin.
    """
    inside, below = np.flatnonzero(errors < BASIN), np.flatnonzero(errors < FLOOR)
    end = int(below[0]) if below.size else len(errors)
    logs = np.log(errors[int(inside[0]) : end]) if inside.size else np.zeros(0)
    if len(logs) < 8:
        return dict.fromkeys(("late_slope", "evenness", "r_squared", "decades"), 0.0)
    half, steps = len(logs) // 2, np.arange(len(logs))
    early = float(np.polyfit(steps[:half], logs[:half], 1)[0])
    late = float(np.polyfit(steps[:half], logs[-half:], 1)[0])
    return {
        "late_slope": late,
        "evenness": late / early,
        "r_squared": float(np.corrcoef(steps, logs)[0, 1] ** 2),
        "decades": float((logs[0] - logs[-1]) / np.log(10.0)),
    }


def _certified_instance(cell: Cell, rng: Generator) -> tuple[KMeansProblem, float]:
    """Draw data sets until the true partition is certified; its value comes along."""
    labels = contiguous_labels(cell.n, cell.k)
    while True:
        points = next(at_ratio(rng, 1, cell.n, cell.p, cell.k, cell.ratio))[0]
        problem = KMeansProblem(points, cell.k)
        proof = certify_partition(problem, labels)
        if proof.certified:
            return problem, proof.value


def _any_instance(cell: Cell, rng: Generator) -> tuple[KMeansProblem, float]:
    points = next(at_ratio(rng, 1, cell.n, cell.p, cell.k, cell.ratio))[0]
    problem = KMeansProblem(points, cell.k)
    return problem, problem.partition_value(contiguous_labels(cell.n, cell.k))


def _run(cell: Cell, rng: Generator, problem: KMeansProblem, value: float) -> dict[str, float]:
    """One run from a random start; distances to the true partition's matrix."""
    exact = membership_factor(contiguous_labels(cell.n, cell.k), cell.k)
    target, errors = exact @ exact.T, []

    def watch(factor: FloatArray) -> None:
        errors.append(float(np.linalg.norm(factor @ factor.T - target)))

    start = random_factor(cell.n, 2 * cell.k, cell.k, rng)
    options = NlrOptions(inner=20, outer=UPDATES, tolerance=0.0)
    factor, _ = factorise(problem, start, options, watch)
    reached = float(((problem.centred.T @ factor) ** 2).sum())
    described = decay(np.array(errors))
    value_error = abs(reached - value) / value
    return {
        **described,
        "value_error": value_error,
        "final_error": errors[-1],
        "geometric": float(_geometric(described) and value_error <= VALUE_ERROR),
    }


def _geometric(described: dict[str, float]) -> bool:
    """Say whether the decay is fast, even and long enough to be called geometric."""
    fast, even = described["late_slope"] <= LATE_SLOPE, described["evenness"] >= EVENNESS
    return fast and even and described["decades"] >= DECADES


def _columns(rows: list[dict[str, float]]) -> dict[str, FloatArray]:
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def certified_rate(cell: Cell, rng: Generator, size: int) -> dict[str, FloatArray]:
    """Convergence on instances where the relaxation is certified exact.

    Returns
    -------
    dict of ndarray, shape (size,)
        What `decay` says of the distance per update of the multiplier; ``value_error`` relative to
        the certificate's value; ``final_error``; ``geometric``: whether all of it looks so.
    """
    return _columns([_run(cell, rng, *_certified_instance(cell, rng)) for _ in range(size)])


def any_rate(cell: Cell, rng: Generator, size: int) -> dict[str, FloatArray]:
    """`certified_rate` without asking for a certificate."""
    return _columns([_run(cell, rng, *_any_instance(cell, rng)) for _ in range(size)])
