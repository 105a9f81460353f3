"""Least squares at several clients, merged, beside least squares of all their data."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.bayes.fisher_merging._precisions import diagonals
from refutable.solvers.gaussian_merging import diagonal_mode, full_mode

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

CLIENTS, ROWS, DIMENSION = 3, 20, 4


def least_squares(x: FloatArray, y: FloatArray) -> FloatArray:
    """Return coefficients by QR, which never forms ``x' x``, shape (..., p)."""
    q, r = np.linalg.qr(x)
    return np.asarray(np.linalg.solve(r, np.swapaxes(q, -1, -2) @ y[..., None])[..., 0])


def designs(rng: Generator, size: int, kind: str, leaning: float) -> FloatArray:
    """Draw designs of clients with scales of their own, shape (size, 3, 20, 4).

    Parameters
    ----------
    rng : Generator
    size : int
    kind : str
        ``orthogonal`` columns, or ``general`` ones.
    leaning : float
        Part of each column in the next one.
    """
    x = rng.standard_normal((size, CLIENTS, ROWS, DIMENSION))
    scales = np.exp(0.5 * rng.standard_normal((size, CLIENTS, 1, DIMENSION)))
    if kind == "orthogonal":
        x = np.linalg.qr(x)[0] * np.sqrt(ROWS)
    return (x + leaning * np.roll(x, 1, axis=-1)) * scales


def gaps(
    cell: Cell, rng: Generator, size: int, shrunk: float = 0.0, leaning: float = 0.0
) -> Columns:
    """Distance of merged from pooled least squares, relative to the length of the latter.

    Parameters
    ----------
    cell : Cell
        With ``design``.
    shrunk : float
        Share by which entries off the diagonal of the Fishers are too small.
    leaning : float
        Part of each column of the designs in the next one.

    Returns
    -------
    dict of ndarray, shape (size,)
        For ``full`` Fishers and their ``diagonal``.
    """
    x = designs(rng, size, cell.design, leaning)
    truth = rng.standard_normal((size, 1, DIMENSION, 1))
    y = (x @ truth)[..., 0] + rng.standard_normal((size, CLIENTS, ROWS))
    fits = least_squares(x, y)
    pooled = least_squares(x.reshape(size, -1, DIMENSION), y.reshape(size, -1))
    fishers = np.swapaxes(x, -1, -2) @ x
    diagonal = diagonals(fishers)
    told = (1 - shrunk) * fishers + shrunk * diagonal[..., None] * np.eye(DIMENSION)

    def gap(merged: FloatArray) -> FloatArray:
        apart = np.linalg.norm(merged - pooled, axis=1)
        return np.asarray(apart / np.linalg.norm(pooled, axis=1))

    return {"full": gap(full_mode(fits, told)), "diagonal": gap(diagonal_mode(fits, diagonal))}


POOLED = Claim(
    id="fisher_merging.full-fisher-equals-pooled-ols",
    title="In linear regression merging by full Fishers is fitting all data at once",
    source="derived, for the closed form of the abstract's merge",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement="Least squares at several clients, merged with the full Fishers $X_i^top X_i$, is "
    "least squares of the pooled data. With diagonal Fishers it is that only where the "
    "columns of every client are orthogonal.",
    formula="(sum_i X_i' X_i)^(-1) sum_i X_i' X_i hat(theta)_i = (X' X)^(-1) X' y",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Anything of losses that are not quadratic, where merging is an approximation.",
    assumptions=("three clients of 20 rows and 4 columns, with column scales of $exp(N(0, 1/4))$",),
    cells=Cells(design=("general", "orthogonal")),
    simulate=gaps,
    expect=(
        Exact("full").at_most(1e-10),
        Exact("diagonal", design="orthogonal").at_most(1e-10),
        Exact("diagonal", design="general").at_least(1e-5),
    ),
    controls=(
        BrokenWorld(
            "entries off the diagonal that are a millionth too small",
            change={"shrunk": 1e-6},
            at={"design": "general"},
            judged_by="full",
        ),
        BrokenWorld(
            "columns that lean on one another by a millionth",
            change={"leaning": 1e-6},
            at={"design": "orthogonal"},
            judged_by="diagonal",
        ),
    ),
    block=256,
    cap=ByEffort(smoke=512, standard=4096, full=16_384),
)
