"""What holds without semidefiniteness: down to an eigenvalue of -2, and for every symmetric W."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.random import Generator
from refutable.simulations.mixtures.lame._instances import (
    ROUNDING,
    STEPS,
    instances,
    largest_rise,
)
from refutable.solvers.mean_field import mean_field_path
from refutable.theory.mixtures import lame as theory

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    FloatArray,
    Origin,
    Scope,
)

NEAR_UNIFORM = 0.05
"""Scale of the logits of pairs: the nearer to 0, the nearer to -2 they begin to swap."""


def scaled_to(affinity: FloatArray, least: float) -> FloatArray:
    """Scale matrices (size, n, n) so that `least` is the least eigenvalue of their symmetric part.

    It must be below 0 before.
    """
    symmetric = (affinity + np.swapaxes(affinity, -1, -2)) / 2
    return np.asarray(affinity * (least / np.linalg.eigvalsh(symmetric)[:, :1, None]))


def pairs(rng: Generator, size: int, n: int, k: int) -> tuple[FloatArray, FloatArray]:
    """Draw near-uniform log q, and W that links every two samples: eigenvalues 1 and -1."""
    logits = NEAR_UNIFORM * rng.standard_normal((size, n, k))
    partner = np.eye(n)[np.arange(n) ^ 1]
    return scipy.special.log_softmax(logits, axis=-1), np.broadcast_to(partner, (size, n, n))


def with_eigenvalue(
    cell: Cell, rng: Generator, size: int, least: float = -2.0, graph: str | None = None
) -> Columns:
    """Follow L_1/2 along a hundred updates on graphs whose least eigenvalue is `least`.

    `graph` replaces the cell's.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``rise``: the largest relative rise; ``error``: of the predicted decrease, relative.
    """
    if cell.graph == "pairs":
        log_q, affinity = pairs(rng, size, cell.n, cell.k)
    else:
        log_q, affinity = instances(rng, size, cell.n, cell.k, graph or cell.graph)
    affinity = scaled_to(affinity, least)
    path = mean_field_path(log_q, affinity, STEPS)
    values = theory.objective(path, log_q, affinity)
    predicted = theory.decrease(path[:-1], path[1:], affinity)
    missed = np.abs(values[:-1] - values[1:] - predicted) / np.maximum(np.abs(values[:-1]), 1)
    return {"rise": largest_rise(values), "error": missed.max(axis=0)}


EIGENVALUE = Claim(
    id="lame.least-eigenvalue",
    title="The affinity need not be semidefinite: a least eigenvalue of minus two is enough",
    source="derived here from the update, by Pinsker's inequality",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="For symmetric W a step lowers the objective by the divergence of the old labels "
    "from the new ones plus half the quadratic form of the step, so it never rises if the least "
    "eigenvalue of W is -2 or more.",
    formula='L_(1/2)(z) - L_(1/2)(z^+) = "KL"(z | z^+) + 1/2 sum_(i j) w_(i j) Delta_i^top '
    "Delta_j >= (1 + lambda_min/2) abs(Delta)^2",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Below -2 the objective may rise and need not: the constant is best for two "
    "classes in near-uniform pairs, and graphs that repel less evenly have room.",
    notes=(
        "The symmetric part of a five-nearest-neighbour graph has a least eigenvalue of -2.6 to "
        "-3.1 on random features: hardly below -2, and it raises the objective in hardly any run.",
    ),
    cells=ByEffort(
        smoke=Cells.of(
            {"graph": "pairs", "n": 16, "k": 2},
            {"graph": "random", "n": 32, "k": 6},
            {"graph": "symmetric neighbours", "n": 64, "k": 2},
        ),
        standard=Cells(graph=("random", "symmetric neighbours"), n=(16, 64), k=(2, 12))
        + Cells(graph=("pairs",), n=(16, 64), k=(2,)),
        full=Cells(graph=("random", "symmetric neighbours"), n=(16, 64), k=(2, 6, 12))
        + Cells(graph=("pairs",), n=(16, 64), k=(2, 6, 12)),
    ),
    simulate=with_eigenvalue,
    expect=(Exact("rise").at_most(ROUNDING), Exact("error").at_most(ROUNDING)),
    controls=(
        BrokenWorld(
            "a least eigenvalue of -2.1",
            change={"least": -2.1},
            at={"graph": "pairs", "k": 2},
            judged_by="rise",
        ),
        BrokenWorld(
            "the neighbour graph as it is, not symmetric",
            change={"graph": "neighbours"},
            at={"graph": "symmetric neighbours"},
            judged_by="error",
        ),
    ),
    block=20,
    cap=ByEffort(smoke=20, standard=60, full=200),
)
