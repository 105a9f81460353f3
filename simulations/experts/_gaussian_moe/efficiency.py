"""Maximum likelihood with as many experts as the truth has, beside its linearisation.

Efficiency says that the error is asymptotically that of one Newton step from the truth,
``I^-1 s / n`` with the score s of the data: its covariance is the Cramer-Rao bound exactly, at
every n. So fits are compared with that step on the same data, which takes most of the noise away.
What is expected is what convergence in law says, of differences cut off: a single run that fails
may carry the mean of one that is not.
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
    total_score,
)
from refutable.theory.experts.softmax_gmoe.atoms import Atoms

from refutable import Columns, FloatArray, Mean
from refutable.claims.expectations import Expectation

CUT = 1.0
"""Where differences are cut off: of squared distances in units of their mean, of squared errors of
one parameter in units of its bound."""
MARGIN = 0.05
"""Of the mean squared distance: an estimator that discards a tenth of the data has 0.11."""
NOISE = 0.08
"""Allowed variance of error minus linearisation, in units of the bound; discarding a tenth: 0.11
and less what is cut off."""


def near_its_bound(outcome: str = "extra", margin: float = MARGIN) -> Expectation:
    """Expect the mean squared distance to exceed that of the bound by nothing."""
    return Mean(outcome, bounds=(-CUT, CUT)).near(0.0, margin)


def attained(count: int) -> tuple[Expectation, ...]:
    """Expect efficiency: the bound's mean squared distance, and its linearisation's errors.

    Parameters
    ----------
    count : int
        Free parameters.
    """
    gaps = (Mean(f"gap{i}", bounds=(0.0, CUT)).at_most(NOISE) for i in range(count))
    return (near_its_bound(), *gaps)


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


def linearised(world: str, x: FloatArray, y: FloatArray) -> FloatArray:
    """Return I^-1 s / n of every data set (size, n): errors of covariance I^-1 / n, exactly."""
    w = WORLDS[world]
    total = total_score(x, y, w.parameters, w.gate)
    return np.asarray(np.linalg.solve(information(world), total.T).T / x.shape[1])


def squared_distance(error: FloatArray, n: int, metric: FloatArray) -> FloatArray:
    """Return n e'Ie/P: mean 1 if e has covariance I^-1/n."""
    return np.asarray(n * np.einsum("fp,pq,fq->f", error, metric, error) / error.shape[1])


def converged(found: Fit) -> FloatArray:
    """Return 1 where a fit is a determined stationary point."""
    return np.asarray(found.status == Status.CONVERGED, dtype=np.float64)


def excess(
    error: FloatArray, step: FloatArray, n: int, metric: FloatArray, bound: FloatArray
) -> FloatArray:
    """Return squared distance by `metric` less that of the step by `bound`, cut off at +-1."""
    more = squared_distance(error, n, metric) - squared_distance(step, n, bound)
    return np.clip(more, -CUT, CUT)


def efficiency(
    world: str,
    rng: Generator,
    size: int,
    n: int,
    gate: Gate | None = None,
    share: float = 1.0,
    mistaken: FloatArray | None = None,
) -> tuple[Columns, Fit, FloatArray]:
    """Fit `size` data sets of n from the truth, and compare with one Newton step.

    Parameters
    ----------
    gate : Gate, optional
        Another gate than the world's is fitted.
    share : float
        The fits see a share of the observations that the step sees.
    mistaken : ndarray, shape (P, P), optional
        Another information, in whose units ``mistaken`` is what ``extra`` is in those of the truth.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``extra``: n e'Ie/P less that of the step, cut off at +-1; for every free parameter
        ``gap0``, ...: the squared difference of its two errors in units of its own bound, cut off
        at 1; ``converged``.
    Fit
    ndarray, shape (size, P)
        The steps.
    """
    w, metric = WORLDS[world], information(world)
    x, y = w.draw(rng, size, n)
    step, seen = linearised(world, x, y), round(share * n)
    found = fit(x[:, :seen], y[:, :seen], w.parameters, gate or w.gate)
    error = errors(world, found.parameters, gate)
    gap = np.minimum(n * ((error - step) / cramer_rao(metric)) ** 2, CUT)
    columns = {f"gap{i}": gap[:, i] for i in range(gap.shape[1])}
    columns |= {"extra": excess(error, step, n, metric, metric), "converged": converged(found)}
    if mistaken is not None:
        columns["mistaken"] = excess(error, step, n, mistaken, metric)
    return columns, found, step
