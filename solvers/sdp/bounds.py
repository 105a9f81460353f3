"""Rigorous bounds for the K-means semidefinite program, from any iterate of any method.

Every feasible ``Z`` is ``11^T/n + Y`` with ``0 <= Y <= P``, ``tr Y = K - 1``, ``P = I - 11^T/n``
(a Fantope), because a symmetric doubly stochastic matrix has no eigenvalue above one. So for any
multiplier ``Lam >= 0``

    U(Lam) = 1^T (A + Lam) 1 / n + (sum of the K - 1 largest eigenvalues of P (A + Lam) P)

bounds the optimum from above; nothing has to be repaired first. An allowance for rounding is added.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy
from refutable.solvers.argument_checks import bounded_array, square, whole_number
from refutable.solvers.sdp.fantope import FantopeProjector, Operator
from refutable.solvers.sdp.problem import FloatArray

EPS = float(np.finfo(np.float64).eps)

ASYMMETRY = 1e-9
"""Relative difference of an entry from its mirror image that counts as rounding: multipliers come
out of scalings and products of up to some thousand terms, each off by 2e-16."""


def double_centred(matrix: FloatArray) -> FloatArray:
    """Return ``P M P`` for a symmetric ``M`` of shape (n, n)."""
    means = matrix.mean(axis=0)
    centred = matrix - means[:, None]
    centred -= means - means.mean()
    return np.asarray(centred)


def centre(matrix: FloatArray) -> None:
    """Turn a symmetric ``M`` into ``P M P``, in place."""
    means = matrix.mean(axis=0)
    matrix -= means[:, None]
    matrix -= means - means.mean()


def top_eigenvalues(matrix: FloatArray, count: int) -> FloatArray:
    """Return the `count` largest eigenvalues of a symmetric matrix, ascending."""
    n = len(matrix)
    values = scipy.linalg.eigh(
        matrix, eigvals_only=True, subset_by_index=(n - count, n - 1), driver="evr"
    )
    return np.asarray(values)


def checked_multiplier(multiplier: FloatArray, n: int) -> FloatArray:
    """Return a nonnegative multiplier, exactly symmetric.

    Rounding may leave it asymmetric by 1e-9; then it is averaged with its transpose, because an
    eigensolver reads one triangle and a sum both.

    Raises
    ------
    ValueError
        When the shape is not ``(n, n)``, an entry is negative or not finite, or it is asymmetric:
        such a matrix proves nothing.
    """
    bounded_array("multiplier", multiplier, 0, shape=(n, n))
    if not np.allclose(multiplier, multiplier.T, rtol=ASYMMETRY, atol=0.0):
        raise ValueError("multiplier is not symmetric: give the mean of it and its transpose")
    return np.asarray(0.5 * (multiplier + multiplier.T))


def rounding_allowance(shifted: FloatArray, order: int = 0) -> float:
    """Return an upper bound on what rounding can hide in an eigenvalue of `shifted`.

    Backward error of a symmetric eigensolver and of forming the matrix: a small multiple of
    ``n * eps`` times its Frobenius norm. It also covers ``1^T M 1 / n``, which the norm bounds.
    ``order`` counts instead of the matrix's own when that stems from longer sums.
    """
    return 4.0 * max(len(shifted), order) * EPS * float(np.linalg.norm(shifted))


def dual_bound(gram: FloatArray, multiplier: FloatArray, k: int) -> float:
    """Upper bound ``U(Lam)`` on the optimum.

    Parameters
    ----------
    gram : ndarray, shape (n, n)
        The symmetric objective matrix ``A``.
    multiplier : ndarray, shape (n, n)
        Any symmetric nonnegative matrix ``Lam``.
    k : int
        Number of groups, from 1 to ``n``.

    Returns
    -------
    float
        The bound, rounding included: that of mass, centring and eigenvalues, and of a Gram matrix
        of up to ``n`` coordinates.

    Raises
    ------
    ValueError
        When the multiplier is not symmetric, nonnegative, finite and of the right shape.
    """
    gram = square("gram", gram, ndim=2)
    n = len(gram)
    k = whole_number("k", k, 1, n)
    shifted = gram + checked_multiplier(multiplier, n)
    mass = float(shifted.sum()) / n + rounding_allowance(shifted)
    if k == 1:
        return mass
    centred = double_centred(shifted)
    if k == n:
        return mass + float(np.trace(centred)) + rounding_allowance(centred)
    return (
        mass + float(top_eigenvalues(centred, k - 1).sum()) + (k - 1) * rounding_allowance(centred)
    )


def scatter_bound(points: FloatArray, k: int, largest_order: int) -> float:
    """`dual_bound` without a multiplier, from centred points (n, p) and no matrix of order n.

    The sum of the ``K - 1`` largest eigenvalues of the scatter matrix; of all of them when even
    the smaller of ``n`` and ``p`` exceeds `largest_order`.
    """
    n, p = points.shape
    mass: float = float((points.sum(axis=0) ** 2).sum()) / n
    total = float((points**2).sum())
    allowance = float(4.0 * max(n, p) * EPS * total)
    if min(n, p) > largest_order:
        return mass + total + allowance
    scatter = points.T @ points if p <= n else points @ points.T
    leading = np.linalg.eigvalsh(scatter)[::-1][: k - 1]
    return mass + float(np.maximum(leading, 0.0).sum()) + k * allowance


def largest_eigenvalue_below(matrix: FloatArray, level: float) -> float | None:
    """Prove ``lambda_max(matrix) <= level`` by one Cholesky factorisation.

    Several times cheaper than eigenvalues, and blind to multiplicity.

    Returns
    -------
    float or None
        An upper bound on the largest eigenvalue, at `level` but for a rounding allowance
        (Rump, 2006: ``(n + 2) eps`` times the trace), or None when the factorisation breaks down.
    """
    return _proved_below(-matrix, level, rounding_allowance(matrix))


def _proved_below(negative: FloatArray, level: float, allowance: float) -> float | None:
    """Do the same for minus a matrix, which is overwritten, off by an allowance."""
    n = len(negative)
    negative[np.diag_indices(n)] += level
    trace = float(np.trace(negative))
    # LAPACK works in Fortran order: the transpose of a symmetric matrix saves a copy of it.
    _, failed = scipy.linalg.lapack.dpotrf(negative.T, lower=1, clean=0, overwrite_a=1)
    return None if failed else level + allowance + (n + 2) * EPS * abs(trace)


def leading_sum_below(
    matrix: FloatArray, values: FloatArray, vectors: FloatArray, rise: float
) -> float | None:
    """Prove a bound on the sum of the r largest eigenvalues by one Cholesky factorisation.

    With ``l`` the least value plus `rise`, and ``N = V diag(values - least) V^T``, what is proved
    is ``M <= l I + N``; then the sum is at most ``r l + tr N``. It holds for any values and
    vectors, and exceeds the sum by ``r rise`` when they are the r leading eigenpairs.

    Parameters
    ----------
    matrix : ndarray, shape (n, n)
        A symmetric matrix; it is overwritten.
    values, vectors : ndarray, shapes (r,) and (n, r)
        What is known of the leading eigenpairs.
    rise : float
        Room for what is not known, and for rounding.

    Returns
    -------
    float or None
        The bound, rounding included; None when the factorisation breaks down.
    """
    least = float(values.min())
    # Not only what exceeds the level: the factorisation needs room in every direction.
    roots = vectors * np.sqrt(values - least)
    taken, n, allowance = float((roots**2).sum()), len(matrix), rounding_allowance(matrix)
    np.negative(matrix, out=matrix)
    for start in range(0, n, ROWS):
        rows = slice(start, start + ROWS)
        matrix[rows] += roots[rows] @ roots.T
    top = _proved_below(matrix, least + rise, allowance)
    if top is None:
        return None
    return len(values) * top + taken * (1.0 + 4.0 * n * EPS)


def factorised_bound(
    assemble: Callable[[], FloatArray],
    operator: FloatArray | Operator,
    k: int,
    start: FloatArray,
    rise: float,
) -> float:
    """`dual_bound` of many points: a subspace guesses the eigenpairs, a factorisation proves them.

    Parameters
    ----------
    assemble : callable
        Returns ``A + Lam``, shape (n, n), symmetric, which is overwritten.
    operator : ndarray or Operator
        The same for products, which need not be accurate.
    k : int
        Number of groups, from 2 to ``n - 1``.
    start : ndarray, shape (n, w)
        Vectors that about span the leading eigenvectors, with 3 w below n.
    rise : float
        How much the bound may lie above the sum of eigenvalues.

    Returns
    -------
    float
        The bound, rounding included; infinite when no factorisation succeeded, or the subspace is
        no thin one.
    """
    projector = FantopeProjector(len(start), k - 1, start=start)
    if projector.vectors is None:
        return np.inf
    for _ in range(TRIES):
        room = rise / (k - 1)
        values, vectors = projector.leading(operator, ACCURACY * room)
        matrix = assemble()
        mass = float(matrix.sum()) / len(matrix) + rounding_allowance(matrix)
        centre(matrix)
        proved = leading_sum_below(matrix, values, vectors, room)
        if proved is not None:
            return mass + proved
        rise *= WIDER
    return np.inf


def foretold_bound(
    operator: FloatArray | Operator, k: int, start: FloatArray, rise: float
) -> float:
    """Return about what `factorised_bound` would prove; a few products, and no proof.

    Parameters and errors as there. The eigenvalues are those of a subspace, too low if at all; it
    is minus infinite where the subspace is no thin one, so that a proof is tried.
    """
    projector = FantopeProjector(len(start), k - 1, start=start)
    if projector.vectors is None:
        return -np.inf
    values, _ = projector.leading(operator, ACCURACY * rise / (k - 1))
    return float((operator @ np.ones((len(start), 1))).mean() + values.sum())


ACCURACY = 0.3
"""Residual of a leading eigenpair, of what the bound may rise for each."""

TRIES, WIDER = 5, 4.0
"""Factorisations before a bound is given up, and how much more each is allowed to rise."""

ROWS = 256
"""Rows of a large matrix that are worked on at once."""


FEASIBLE = 1e-9
"""Violation of a constraint that counts as rounding: sums of some thousand terms of 1e-16."""


def infeasibility(matrix: FloatArray, k: int) -> float:
    """Largest violation of row sums, trace, signs and symmetry by a matrix (n, n).

    Eigenvalues cost a decomposition and are left to `nearly_psd`.
    """
    rows = float(np.abs(matrix.sum(axis=1) - 1.0).max())
    signs = max(0.0, -float(matrix.min()))
    turned = float(np.abs(matrix - matrix.T).max())
    return max(rows, abs(float(np.trace(matrix)) - k) / k, signs, turned)


def nearly_psd(matrix: FloatArray) -> bool:
    """Whether no eigenvalue lies below ``-FEASIBLE`` but for rounding, by one factorisation."""
    return largest_eigenvalue_below(-matrix, FEASIBLE) is not None


def centre_share(least: float, n: int, k: int) -> float:
    """Weight that the centre needs for an iterate with a least entry below zero."""
    violation = max(0.0, -least)
    if violation == 0.0 or n == 1:
        return 0.0
    return violation / (violation + (n - k) / (n * (n - 1.0)))


def feasible_mixture(member: FloatArray, k: int) -> tuple[FloatArray, float]:
    """Mix an iterate of the Fantope with its centre until no entry is negative.

    Parameters
    ----------
    member : ndarray, shape (n, n)
        ``11^T/n + Y`` with ``Y`` in the Fantope; entries may be negative.
    k : int
        Number of groups.

    Returns
    -------
    mixture : ndarray, shape (n, n)
        A feasible point ``(1 - t) Z + t Z0``, ``Z0 = 11^T/n + (K-1)/(n-1) P``.
    t : float
        The weight given to the centre, from 0 to 1.
    """
    member = square("member", member, ndim=2)
    n = len(member)
    k = whole_number("k", k, 1, n)
    t, room = centre_share(float(member.min()), n, k), (n - k) / (n * (n - 1.0))
    if t == 0.0 or k == n:
        return member, 0.0
    mixture = (1.0 - t) * member + t * room
    mixture[np.diag_indices(n)] += t * (1.0 / n + (k - 1.0) / n - room)
    return mixture, t
