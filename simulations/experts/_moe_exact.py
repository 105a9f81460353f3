"""Maximum likelihood with as many experts as the truth has: errors in units of the bound."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from refutable.simulations.experts._moe_data import as_atoms, draw, parameters
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
from refutable.theory.experts.softmax_gmoe import (
    EASY_TRUTH,
    PAPER_TRUTH,
    Atoms,
    exact_loss,
    exact_loss_constant,
)
from refutable.theory.experts.temperature_moe import TWO_TRUTH as TEMPERATURE_TRUTH
from refutable.theory.experts.topk_moe import BASE_TRUTH

FloatArray = NDArray[np.float64]
Columns = dict[str, FloatArray]


@dataclass(frozen=True)
class World:
    """A truth, the gate it is drawn from, and the law of x (uniform on adjacent pieces)."""

    truth: Atoms
    gate: Gate
    pieces: tuple[tuple[float, float], ...]
    tau: float = 1.0

    @property
    def parameters(self) -> Parameters:
        """The truth in the solver's form."""
        return parameters(self.truth, self.tau)

    def draw(self, rng: Generator, size: int, n: int) -> tuple[FloatArray, FloatArray]:
        """Return x and y of `size` data sets."""
        ends = (self.pieces[0][0], self.pieces[-1][1])
        return draw(rng, self.parameters, self.gate, (size, n), ends)


NORMAL_MEAN = (0.68, 0.96, float(np.sqrt(2 / np.pi)))
"""Region and prediction of E|error|/bound; n = 1000 is about 5 percent above the limit."""
HOT = Gate("sigmoid", free_temperature=True)
WORLDS = {
    "paper": World(PAPER_TRUTH, Gate(), ((0.0, 1.0),)),
    "easy": World(EASY_TRUTH, Gate(), ((-1.0, 1.0),)),
    # the ranking changes at x = 0, where the integrand of the information has a kink
    "top-2": World(BASE_TRUTH, Gate(top_k=2), ((-1.0, 0.0), (0.0, 1.0))),
    "linear": World(TEMPERATURE_TRUTH, Gate(free_temperature=True), ((-3.0, 3.0),), 0.7),
    "relu": World(TEMPERATURE_TRUTH, Gate("relu", free_temperature=True), ((-3.0, 3.0),), 0.5),
    "sigmoid": World(TEMPERATURE_TRUTH, HOT, ((-3.0, 3.0),), 0.1),
    "tanh": World(TEMPERATURE_TRUTH, Gate("tanh", free_temperature=True), ((-3.0, 3.0),), 0.3),
}
"""Worlds by name."""


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
    return (found.status == Status.CONVERGED).astype(np.float64)


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
        ``distance``: n e'Ie/P; ``converged``; and for every free parameter its absolute error in
        units of its own bound, ``z0``, ``z1``, ... (mean sqrt(2/pi), and far less skewed than its
        square).
    """
    error, metric = errors(world, found.parameters), information(world)
    unit = np.sqrt(n) * np.abs(error) / cramer_rao(metric)
    columns = {f"z{i}": unit[:, i] for i in range(unit.shape[1])}
    distance = squared_distance(error, n, metric)
    return {"distance": distance, "converged": converged(found), **columns}


@lru_cache(maxsize=4)
def loss_constant(world: str) -> float:
    """Return the limit of sqrt(n) E[D_1] for two experts under a dense linear gate."""
    truth, bound = WORLDS[world].truth, cramer_rao(information(world))
    gate, expert, log_v = bound[:2], bound[2:6].reshape(2, 2), bound[6:]
    table = [[gate[0], 0.0], [gate[1], 0.0], expert[:, 1], expert[:, 0], truth.v * log_v]
    return exact_loss_constant(np.asarray(table), truth)


def scaled_loss(world: str, found: Fit, n: int) -> FloatArray:
    """Return sqrt(n) D_1 of each fit in units of its limit, shape (size,)."""
    loss = exact_loss(as_atoms(found.parameters), WORLDS[world].truth)
    return np.asarray(np.sqrt(n) * loss / loss_constant(world))
