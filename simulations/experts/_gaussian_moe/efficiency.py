"""Maximum likelihood with as many experts as the truth has: errors in units of the bound.

What is expected of them is what convergence in law says: the means of the errors cut off, since a
single run that fails may carry the mean of an error that is not.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.random import Generator
from refutable.simulations.experts._gaussian_moe.worlds import WORLDS, parameters
from refutable.solvers.gaussian_moe import (
    Fit,
    Gate,
    Layout,
    Parameters,
    Status,
    cramer_rao,
    fisher_information,
    fit,
    quadrature,
)
from refutable.theory.experts.clipped import chi_square_mean, half_normal_mean
from refutable.theory.experts.softmax_gmoe.atoms import Atoms

from refutable import Cell, Columns, FloatArray, Mean
from refutable.claims.expectations import Expectation

CUT = {"z": 3.0, "distance": 4.0}
"""Where errors in units of their bound are cut off, and squared distances in units of their mean:
beyond lies 1 in 370 of the limit law, and 1 in 10,000 of that of eight parameters."""
NORMAL_MEAN = (0.68, 0.96, half_normal_mean(CUT["z"]))
"""Region and prediction of E min(|error|/bound, 3); n = 1000 is about 5 percent above the limit."""


def near_its_bound(outcome: str, predicted: bool = True) -> Expectation:
    """Expect errors of one parameter as large as the Cramer-Rao bound says."""
    ends = NORMAL_MEAN if predicted else NORMAL_MEAN[:2]
    return Mean(outcome, bounds=(0.0, CUT["z"])).within(*ends)


def attained(count: int, low: float, high: float) -> tuple[Expectation, ...]:
    """Expect a squared distance between `low` and `high`, and all `count` errors at their bounds.

    Parameters
    ----------
    count : int
        Free parameters.
    low, high : float
        Region of the mean of ``distance``, which theory puts at 1.
    """
    distance = Mean("distance", bounds=(0.0, CUT["distance"]))

    def limit(cell: Cell) -> float:
        del cell
        return chi_square_mean(count, CUT["distance"])

    return (
        distance.within(low, high, limit),
        *(near_its_bound(f"z{i}") for i in range(count)),
    )


@lru_cache(maxsize=16)
def information(
    world: str, gate: Gate | None = None, mistaken_variance: bool = False
) -> FloatArray:
    """Return the information of one observation in the order of the free vector.

    Parameters
    ----------
    world : str
    gate : Gate, optional
        Another gate than the world's (as if the density had that gate).
    mistaken_variance : bool
        Take the standard deviations for the variances.
    """
    w = WORLDS[world]
    truth, used = w.truth, gate or w.gate
    if mistaken_variance:
        truth = Atoms(truth.b0, truth.b1, truth.a, truth.c, np.sqrt(truth.v))
    p = parameters(truth, w.tau)
    return fisher_information(p, used, quadrature(p, used, w.pieces, 240, 60))


def errors(world: str, fitted: Parameters, gate: Gate | None = None) -> FloatArray:
    """Return fitted minus true free vector (log v and log tau), shape (size, P)."""
    w = WORLDS[world]
    layout = Layout.of(w.parameters, gate or w.gate)
    return np.asarray(layout.pack(fitted) - layout.pack(w.parameters))


def squared_distance(error: FloatArray, n: int, metric: FloatArray) -> FloatArray:
    """Return n e'Ie/P: mean 1 if e has covariance I^-1/n."""
    return np.asarray(n * np.einsum("fp,pq,fq->f", error, metric, error) / error.shape[1])


def converged(found: Fit) -> FloatArray:
    """Return 1 where a fit is a determined stationary point."""
    return np.asarray(found.status == Status.CONVERGED, dtype=np.float64)


def fits(world: str, rng: Generator, size: int, n: int, gate: Gate | None = None) -> Fit:
    """Fit `size` data sets of n from the truth."""
    w = WORLDS[world]
    return fit(*w.draw(rng, size, n), w.parameters, gate or w.gate)


def efficiency(world: str, rng: Generator, size: int, n: int, gate: Gate | None = None) -> Columns:
    """Fit `size` data sets of n from the truth; errors in units of the bound.

    Returns
    -------
    dict of ndarray, shape (size,)
        As :func:`in_bounds`.
    """
    return in_bounds(world, fits(world, rng, size, n, gate), n, gate)


def in_bounds(world: str, found: Fit, n: int, gate: Gate | None = None) -> Columns:
    """Express the errors of fits to n observations in units of the bound.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``distance``: n e'Ie/P, cut off at 4; ``converged``; and for every free parameter its
        absolute error in units of its own bound, cut off at 3: ``z0``, ``z1``, ... (far less
        skewed than its square).
    """
    error, metric = errors(world, found.parameters), information(world)
    unit = np.minimum(np.sqrt(n) * np.abs(error) / cramer_rao(metric), CUT["z"])
    columns = {f"z{i}": unit[:, i] for i in range(unit.shape[1])}
    distance = np.minimum(squared_distance(error, n, metric), CUT["distance"])
    return {"distance": distance, "converged": converged(found), **columns}
