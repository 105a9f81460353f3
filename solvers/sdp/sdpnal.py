"""The K-means semidefinite program as SDPNAL+ takes it, written and read.

The public MATLAB scripts on this program (Mixon, Villar and Ward, and after them Zhuang, Chen and
Yang) give SDPNAL+ a block ``blk``, the operator ``At``, the cost ``C`` and the right side ``b`` of

    minimise <C, Z>  subject to  At' svec(Z) = b,  Z >= 0 entrywise,  Z positive semidefinite,

with ``C = -P' P`` of the points, the trace as the first constraint, ``b_0 = K``, and for every
point i the matrix ``e_i 1' + 1 e_i'``, whose product with Z is twice a row sum: ``2 Z 1 = 2``.
``svec`` stacks the columns of the upper triangle, off-diagonal entries times the root of 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.argument_checks import finite_array, refuse, square, symmetric, whole_number
from refutable.solvers.sdp.problem import FloatArray, IntArray, KMeansProblem

ROUNDING = 1e-9
"""Relative difference of entries, written in decimals or multiplied by roots of 2, from what they
stand for."""

LEAST_POINTS = 2
"""With one point the row sum and the trace are the same constraint."""


def svec(matrix: ArrayLike) -> FloatArray:
    """Stack the columns of the upper triangle of a symmetric matrix, so that products stay.

    Parameters
    ----------
    matrix : array_like, shape (n, n)

    Returns
    -------
    ndarray, shape (n (n + 1) / 2,)
        With ``svec(A) @ svec(B)`` the sum of the entrywise products of A and B.

    Raises
    ------
    ValueError
        If the matrix is not finite, square and symmetric.
    """
    full = symmetric("matrix", square("matrix", matrix, ndim=2), ROUNDING)
    row, column = _upper(len(full))
    return np.asarray(full[row, column] * _weights(row, column))


def smat(vector: ArrayLike) -> FloatArray:
    """Undo `svec`.

    Raises
    ------
    ValueError
        If the vector is not finite, or its length is no n (n + 1) / 2.
    """
    stacked = finite_array("vector", vector, ndim=1)
    n = _order("vector", stacked, len(stacked))
    row, column = _upper(n)
    full = np.empty((n, n))
    full[row, column] = full[column, row] = stacked / _weights(row, column)
    return full


@dataclass(frozen=True, eq=False)
class SdpnalForm:
    """A semidefinite program with one block and nonnegative entries, as SDPNAL+ takes it.

    Attributes
    ----------
    cost : ndarray, shape (n, n)
        C, symmetric.
    operator : sparse array, shape (n (n + 1) / 2, m)
        At: the `svec` of a constraint's matrix in every column; dense is taken and made sparse.
    right : ndarray, shape (m,)
        b.

    Raises
    ------
    ValueError
        If the parts are not finite or do not go together, or the cost is not symmetric.
    """

    cost: FloatArray
    operator: scipy.sparse.csc_array
    right: FloatArray

    def __post_init__(self) -> None:
        cost = symmetric("cost", square("cost", _dense(self.cost), ndim=2), ROUNDING)
        operator = scipy.sparse.csc_array(_checked_operator(self.operator, len(cost)))
        right = finite_array("right", _dense(self.right)).reshape(-1)
        if len(right) != operator.shape[1]:
            refuse("right", right, f"one number to each of {operator.shape[1]} constraints")
        object.__setattr__(self, "cost", cost)
        object.__setattr__(self, "operator", operator)
        object.__setattr__(self, "right", right)

    @property
    def n(self) -> int:
        """Order of Z."""
        return len(self.cost)

    def value(self, solution: ArrayLike) -> float:
        """Return <C, Z>, which SDPNAL+ makes small, of a Z of shape (n, n)."""
        return float((self.cost * finite_array("solution", solution, shape=self.cost.shape)).sum())

    def residual(self, solution: ArrayLike) -> FloatArray:
        """Return ``At' svec(Z) - b``, shape (m,), of a symmetric Z of shape (n, n)."""
        given = finite_array("solution", solution, shape=self.cost.shape)
        symmetric("solution", given, ROUNDING)
        return np.asarray(self.operator.T @ svec(given) - self.right)


def sdpnal_form(points: ArrayLike, k: int) -> SdpnalForm:
    """Write the K-means program of some points as the MATLAB scripts do.

    The points are taken as they are, not centred, so that C is that of the scripts.

    Parameters
    ----------
    points : array_like, shape (n, p)
        The points, one a row (the scripts have one a column), at least two.
    k : int
        Number of groups, from 1 to n.

    Raises
    ------
    ValueError
        If the points or the number are malformed.
    """
    problem = KMeansProblem(points, k)  # type: ignore[arg-type]  # it converts them
    n = problem.n
    if n < LEAST_POINTS:
        refuse("points", problem.points, f"at least {LEAST_POINTS} points")
    operator = scipy.sparse.hstack([_trace(n), _row_sums(n)], format="csc")
    right = np.concatenate([[float(problem.k)], np.full(n, 2.0)])
    return SdpnalForm(-problem.points @ problem.points.T, scipy.sparse.csc_array(operator), right)


@dataclass(frozen=True, eq=False)
class FromSdpnal:
    """A K-means program read from the form of SDPNAL+.

    Attributes
    ----------
    problem : KMeansProblem
        Points with these scalar products, which a rotation does not change.
    offset : float
        ``<C, Z> = offset - value`` for the value of every feasible Z in `problem`.
    """

    problem: KMeansProblem
    offset: float


def kmeans_of(form: SdpnalForm) -> FromSdpnal:
    """Read the K-means program behind a program in the form of SDPNAL+.

    The constraints are recognised in any order and at any scale: ``Z 1 = 1`` and ``2 Z 1 = 2`` are
    the same. Any symmetric C will do: because ``Z 1 = 1`` and ``tr Z = K`` are fixed, -C may be
    centred and moved by a multiple of the identity until it is a Gram matrix.

    Raises
    ------
    ValueError
        If a constraint is neither the trace nor a row sum of 1, one is there twice or not at all,
        or the trace is no whole number from 1 to n.
    """
    n = form.n
    if n < LEAST_POINTS:
        refuse("cost", form.cost, f"a matrix of at least {LEAST_POINTS} rows")
    k = whole_number("trace", _trace_of_constraints(form), 1, n)
    centre = np.eye(n) - 1.0 / n
    gram = -centre @ form.cost @ centre
    found = np.linalg.eigvalsh(gram)
    noise = n * float(np.finfo(np.float64).eps) * float(np.linalg.norm(form.cost))  # of centring
    lift = -float(found.min()) if found.min() < -noise else 0.0
    found, vectors = np.linalg.eigh(gram + lift * centre)
    kept = found > noise
    points = vectors[:, kept] * np.sqrt(found[kept]) if kept.any() else np.zeros((n, 1))
    offset = lift * (k - 1) + float(form.cost.sum()) / n
    return FromSdpnal(KMeansProblem(np.asarray(points), k), offset)


# --- the parts ----------------------------------------------------------------------------------


def _upper(n: int) -> tuple[IntArray, IntArray]:
    """Rows and columns of the upper triangle, column by column."""
    column, row = np.tril_indices(n)
    return row, column


def _weights(row: IntArray, column: IntArray) -> FloatArray:
    return np.where(row == column, 1.0, np.sqrt(2.0))


def _order(name: str, given: object, length: int) -> int:
    n = (int(np.sqrt(8 * length + 1)) - 1) // 2
    if n < 1 or n * (n + 1) // 2 != length:
        refuse(name, given, "n (n + 1) / 2 entries, an upper triangle")
    return n


def _place(row: IntArray, column: IntArray) -> IntArray:
    """Place in `svec` of entries with row <= column."""
    return np.asarray(column * (column + 1) // 2 + row)


def _trace(n: int) -> scipy.sparse.csc_array:
    each = np.arange(n)
    return scipy.sparse.csc_array(
        (np.ones(n), (_place(each, each), np.zeros(n, dtype=int))), shape=(n * (n + 1) // 2, 1)
    )


def _row_sums(n: int) -> scipy.sparse.csc_array:
    """`svec` of e_i 1' + 1 e_i', one a column."""
    point, other = (a.reshape(-1) for a in np.indices((n, n)))
    place = _place(np.minimum(point, other), np.maximum(point, other))
    entry = np.where(point == other, 2.0, np.sqrt(2.0))
    return scipy.sparse.csc_array((entry, (place, point)), shape=(n * (n + 1) // 2, n))


def _trace_of_constraints(form: SdpnalForm) -> float:
    """Return the trace that the constraints ask for; refuse those that are not K-means'."""
    n, each = form.n, np.arange(form.n)
    diagonal = scipy.sparse.csc_array(form.operator[_place(each, each)])
    diagonal.eliminate_zeros()
    # On the diagonal a row sum has the entry (i, i) alone, the trace has them all.
    filled = np.diff(diagonal.indptr)
    _refuse_columns(~np.isin(filled, (1, n)), STRANGER)
    trace, first = filled == n, diagonal.indptr[:-1]
    which = np.where(trace, 0, diagonal.indices[first] + 1)
    scale = diagonal.data[first] / np.where(trace, 1.0, 2.0)
    wanted = scipy.sparse.csc_array(scipy.sparse.hstack([_trace(n), _row_sums(n)]))
    apart = abs(form.operator - wanted[:, which] @ scipy.sparse.diags_array(scale)).max(axis=0)
    _refuse_columns(np.ravel(_dense(apart)) > ROUNDING * np.abs(scale), STRANGER)
    side = form.right / scale
    _refuse_columns(
        ~trace & (np.abs(side - 2.0) > ROUNDING), "makes a row sum to another number than 1"
    )
    times = np.bincount(which, minlength=n + 1)
    if (times != 1).any():
        raise ValueError(
            f"operator has {times[0]} traces and {int((times[1:] > 0).sum())} row sums of {n}: "
            "give each once"
        )
    asked = float(side[trace][0])
    return float(round(asked)) if abs(asked - round(asked)) <= ROUNDING * abs(asked) else asked


STRANGER = "is neither the trace nor a row sum"


def _refuse_columns(wrong: NDArray[np.bool_], what: str) -> None:
    if wrong.any():
        raise ValueError(
            f"operator: column {int(np.argmax(wrong))} {what}: give K-means' constraints"
        )


def _checked_operator(operator: Any, n: int) -> Any:
    sparse = scipy.sparse.issparse(operator)
    given: Any = operator if sparse else finite_array("operator", operator, ndim=2)
    rows = n * (n + 1) // 2
    if given.ndim != 2 or given.shape[0] != rows:
        give = f"{rows} rows, the svec of matrices of order {n}"
        raise ValueError(f"operator has shape {given.shape}: give {give}")
    if not np.isfinite(scipy.sparse.csc_array(given).data).all():
        raise ValueError("operator has NaN or infinite values: remove or replace them")
    return given


def _dense(given: Any) -> Any:
    return given.toarray() if hasattr(given, "toarray") else given
