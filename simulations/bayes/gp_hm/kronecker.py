"""On a grid two small solves are one large one: whether they are, and what they cost."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.bayes.gp_hm._counting import Tally, factorised, substituted
from refutable.solvers import kronecker as kr
from refutable.solvers.gaussian_process import jittered_cholesky
from refutable.solvers.kernels import matern52, times_cosine
from refutable.theory.bayes import gp_hm as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    ExactSlope,
    FloatArray,
    Origin,
    Scope,
    Values,
)

NUGGET, FREQUENCIES = 0.1, (3.0, 5.0)
SIZES = np.array([3.0, 4.0, 6.0, 8.0])


def kernel(lag: FloatArray, frequency: float) -> FloatArray:
    """Return Matern-5/2 times a cosine."""
    return np.asarray(times_cosine(matern52(lag, 0.3), lag, frequency)[0])


def factor(n: int, frequency: float) -> FloatArray:
    """Return the covariance along a side of n points, with a nugget."""
    x = np.linspace(0, 1, n)
    return kernel(x[:, None] - x, frequency) + NUGGET * np.eye(n)


def solves(
    cell: Cell, rng: Generator, size: int, moved: float = 0.0, order: str = "rows"
) -> Columns:
    """How far the solution by two factors is from the dense one, and the determinants apart.

    Parameters
    ----------
    cell : Cell
        With ``rows`` and ``columns``, the points along either side.
    rng : Generator
    size : int
    moved : float
        Standard deviation of what moves every point off the grid, in the dense covariance.
    order : {"rows", "columns"}
        In which order the factors take the grid.
    """
    shape = (cell.rows, cell.columns)
    lower = [jittered_cholesky(factor(n, f)) for n, f in zip(shape, FREQUENCIES, strict=True)]
    dense = _dense_covariance(
        shape, moved * rng.standard_normal((size, cell.rows * cell.columns, 2))
    )
    u = rng.standard_normal((size, cell.rows, cell.columns))
    whole = np.linalg.solve(dense, u.reshape(size, -1, 1))[..., 0]
    turned = np.swapaxes(u, 1, 2).reshape(u.shape) if order == "columns" else u
    halves = kr.inverse_multiply([f.lower for f in lower], turned)
    found = kr.inverse_multiply([f.lower.T for f in lower], halves).reshape(size, -1)
    volumes = [f.log_determinant for f in lower]
    volume = cell.columns * volumes[0] + cell.rows * volumes[1]
    return {
        "apart": np.abs(found - whole).max(axis=1) / np.abs(whole).max(axis=1),
        "volume": np.abs(np.linalg.slogdet(dense)[1] - volume),
    }


def _dense_covariance(shape: tuple[int, int], moves: FloatArray) -> FloatArray:
    """Return the covariance of every pair of points of the grid, moved, shape (size, n, n)."""
    numbers = np.stack(np.unravel_index(np.arange(moves.shape[1]), shape), axis=-1)
    places = numbers / (np.array(shape) - 1) + moves
    lag = places[:, :, None] - places[:, None, :]
    level = NUGGET * (numbers[:, None] == numbers)
    sides = [kernel(lag[..., i], f) + level[..., i] for i, f in enumerate(FREQUENCIES)]
    return np.asarray(sides[0] * sides[1])


SOLVE = Claim(
    id="gp_hm.kronecker-solve",
    title="On a grid two small triangular solves do the work of one large solve",
    source="Abstract: collocation points on a grid, a product of kernels, a Kronecker product",
    origin=Origin.IMPLIED,
    basis=Basis.ABSTRACT,
    statement="With a product kernel on a grid the covariance is a Kronecker product: solving by "
    "the Cholesky factors of its two factors, along one axis after the other, gives what the "
    "dense solve gives, and the log determinant is the weighted sum of theirs.",
    formula="(K_1 times.o K_2)^(-1) vec(U) = vec(K_1^(-1) U K_2^(-1)), quad "
    "log det (K_1 times.o K_2) = m_2 log det K_1 + m_1 log det K_2",
    scope=Scope.AS_STATED,
    does_not_show="Accuracy where the covariance is nearly singular, as fitted ones are: here "
    "every factor has a nugget of a tenth.",
    cells=ByEffort(
        smoke=Cells.of({"rows": 6, "columns": 9}),
        standard=Cells.of({"rows": 6, "columns": 9}, {"rows": 15, "columns": 12}),
        full=Cells.of(
            {"rows": 6, "columns": 9}, {"rows": 15, "columns": 12}, {"rows": 30, "columns": 25}
        ),
    ),
    simulate=solves,
    expect=(Exact("apart").at_most(1e-9), Exact("volume").at_most(1e-9)),
    controls=(
        BrokenWorld("points moved off the grid by 1e-7", change={"moved": 1e-7}),
        BrokenWorld("rows taken for columns", change={"order": "columns"}, judged_by="apart"),
    ),
    block=8,
    cap=ByEffort(smoke=16, standard=64, full=64),
)


def counts(cell: Cell, formed: bool = False, known: bool = False) -> Values:
    """Multiplications and divisions that a solve does, counted while it is done.

    Parameters
    ----------
    cell : Cell
    formed : bool
        Let the two factors be factorised and the product of their triangles be formed.
    known : bool
        Let the triangle of the dense covariance be given.
    """
    pairs = [(_dense(int(m), known), _by_factors(int(m), formed)) for m in SIZES]
    dense, factors = np.array(pairs, dtype=float).T
    return {
        "dense": dense,
        "factors": factors,
        "dense foretold": float(np.abs(dense - theory.dense_operations(SIZES)).max()),
        "factors foretold": float(np.abs(factors - theory.kronecker_operations(SIZES)).max()),
    }


def _dense(m: int, known: bool) -> int:
    tally = Tally()
    matrix: FloatArray = np.asarray(np.kron(*(factor(m, f) for f in FREQUENCIES)))
    lower = (
        tally.counted(np.asarray(np.linalg.cholesky(matrix)))
        if known
        else factorised(matrix, tally)
    )
    substituted(lower, tally.counted(np.ones((m * m, 1))))
    return tally.done


def _by_factors(m: int, formed: bool) -> int:
    tally = Tally()
    first, second = (factorised(factor(m, f), tally) for f in FREQUENCIES)
    if formed:
        product = np.kron(first, second)  # counts, as every entry is a product
        substituted(product, tally.counted(np.ones((m * m, 1))))
    else:
        half = substituted(first, tally.counted(np.ones((m, m))))
        substituted(second, half.T)
    return tally.done


COST = Claim(
    id="gp_hm.kronecker-exponents",
    title="The work of a solve on a square grid grows as the cube of its side, not the sixth power",
    source="Abstract: the Kronecker product promotes efficiency without low-rank approximations",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement="For m by m points the multiplications and divisions of a solve by the two Cholesky "
    "factors grow as $m^3$, and those of the dense solve as $m^6$.",
    formula='"operations" tilde.op 7/3 m^3 quad "against" quad 1/6 m^6',
    scope=Scope.ARITHMETIC,
    does_not_show="Seconds, which depend on a machine: operations are counted, in an algorithm "
    "that is written out for the purpose.",
    cells=Cells.of({"grid": "square"}),
    compute=counts,
    expect=(
        ExactSlope("dense", SIZES, start_at=2).near(6.0, 0.4),
        ExactSlope("factors", SIZES, start_at=2).near(3.0, 0.4),
        Exact("dense foretold").at_most(0.5),
        Exact("factors foretold").at_most(0.5),
    ),
    controls=(
        BrokenWorld(
            "the product of the triangles is formed",
            change={"formed": True},
            judged_by=("factors", "factors foretold"),
        ),
        BrokenWorld(
            "the triangle of the dense covariance is given",
            change={"known": True},
            judged_by=("dense", "dense foretold"),
        ),
    ),
    figure=Axis("m", "side m", log=True),
)
