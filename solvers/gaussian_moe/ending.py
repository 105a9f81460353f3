"""How a fit ended: the findings that its status is read from."""

import numpy as np
from numpy.typing import NDArray
from refutable.solvers.gaussian_moe._sums import em_sums
from refutable.solvers.gaussian_moe.data import Problem
from refutable.solvers.gaussian_moe.em import EmPath
from refutable.solvers.gaussian_moe.lm import Maximum
from refutable.solvers.gaussian_moe.status import Status

__all__ = ["em_status", "maximum_status"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Ended = NDArray[np.int64]
# An eigenvalue of the correlation-scaled information below this is a flat direction: genuine
# information sits above 1e-6 in every model here, rounding below 1e-13, and no status of 36
# ordinary fits changes between 1e-13 and 1e-7.
_FLAT = 1e-11
# Sum over the observations of what the gate leaves undecided, sum g (1 - g), below which it is
# separated; no status of 36 ordinary fits changes between 1e-5 and 0.1.
_DECIDED = 1e-3


def few(n: int, d: int, floor: Array) -> Array:
    """Return how many of n observations an expert of least variance may hold by chance alone.

    Its d + 1 coefficients reach as many observations whatever they are, and a band of two standard
    deviations to both sides holds some more, at the density of y in its own units. Of 6,789 fits to
    data without spikes that ended with an expert on the floor (n from 30 to 20,000, d = 1 and 2,
    floors from 1e-8 to 1e-4) all but 23 held no more.
    """
    return np.asarray(2 * (d + 2) + 2 * n * np.sqrt(floor))


def _on_floor(problem: Problem, theta: Array, floor: Array, mass: Array) -> tuple[Mask, Mask]:
    """Return whether an expert of few observations has least variance, and whether any has.

    Where all have, y has no noise, and an expert of few observations is no spike out of it.
    """
    least = theta[:, -problem.layout.k :] <= np.log(floor)[:, None]
    spike = least & (mass <= few(problem.data.n, problem.layout.d, floor)[:, None])
    some = np.asarray(spike.any(axis=1) & ~least.all(axis=1))
    return some, np.asarray(least.any(axis=1))


def _masses(problem: Problem, theta: Array, floor: Array) -> Array:
    """Return what each expert answers for; 0 in fits that have no expert on the floor."""
    k = problem.layout.k
    mass = np.zeros((len(theta), k))
    at = np.flatnonzero((theta[:, -k:] <= np.log(floor)[:, None]).any(axis=1))
    if at.size:
        mass[at] = em_sums(*problem.arguments(theta[at], at))[1][..., 0, 0]
    return mass


def _flat(top: Maximum) -> Mask:
    """Whether the scaled information has a direction without information."""
    h = np.where(np.isfinite(top.information), top.information, 0.0)
    diagonal = np.einsum("fpp->fp", h)
    scale = np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    scaled = h / (scale[:, :, None] * scale[:, None, :])
    return np.asarray(np.linalg.eigvalsh(scaled)[:, 0] < _FLAT)


def _first(findings: list[tuple[Mask, Status]]) -> Ended:
    found = np.select([mask for mask, _ in findings], [status for _, status in findings], 0)
    return found.astype(np.int64)


def em_status(problem: Problem, path: EmPath, floor: Array) -> Ended:
    """Return how fits of an EM ended, which says itself which are done."""
    spike, least = _on_floor(problem, path.theta, floor, path.mass)
    return _first([
        (~np.isfinite(path.value), Status.DIVERGED),
        (spike, Status.SINGULAR),
        (least, Status.BOUNDARY),
        (~path.done, Status.UNFINISHED),
    ])  # fmt: skip


def maximum_status(problem: Problem, top: Maximum, undecided: Array, floor: Array) -> Ended:
    """Return how fits of Levenberg-Marquardt ended."""
    several = problem.gate.kept(problem.layout.k) > 1
    spike, least = _on_floor(problem, top.theta, floor, _masses(problem, top.theta, floor))
    return _first([
        (~np.isfinite(top.value), Status.DIVERGED),
        (spike, Status.SINGULAR),
        (least, Status.BOUNDARY),
        ((undecided < _DECIDED) & several, Status.SEPARATED),
        (~top.done, Status.UNFINISHED),
        (_flat(top), Status.UNIDENTIFIED),
    ])  # fmt: skip
