"""Rigorous bounds for the likelihood-adjusted program.

For any prices ``a`` in R^n and multipliers ``Lam_k >= 0``

    U = sum_i a_i + sum_k lambda_max(A_k + Lam_k - (1 a^T + a 1^T) / 2)

bounds the optimum from above, because ``tr Z_k = 1`` and ``sum_k Z_k 1 = 1``. A feasible point is
made from any stack with the right row sums by mixing with an interior one.
"""

from __future__ import annotations

import numpy as np
from refutable.solvers.argument_checks import bounded_array, finite_array, square
from refutable.solvers.sdp.bounds import ASYMMETRY, EPS, rounding_allowance, top_eigenvalues
from refutable.solvers.sdp.problem import FloatArray


def adjusted_dual_bound(
    similarities: FloatArray, multipliers: FloatArray, prices: FloatArray
) -> float:
    """Upper bound on the optimum.

    Parameters
    ----------
    similarities : ndarray, shape (K, n, n)
        The matrices ``A_k``.
    multipliers : ndarray, shape (K, n, n)
        Any symmetric nonnegative ``Lam_k``.
    prices : ndarray, shape (n,)
        Any numbers.

    Raises
    ------
    ValueError
        When shapes differ or a multiplier is negative, not finite or asymmetric.
    """
    similarities = square("similarities", similarities, ndim=3)
    multipliers = bounded_array("multipliers", multipliers, 0, shape=similarities.shape)
    prices = finite_array("prices", prices, shape=similarities.shape[1:2])
    if not np.allclose(multipliers, np.swapaxes(multipliers, 1, 2), rtol=ASYMMETRY, atol=0.0):
        raise ValueError("multipliers is not symmetric: give the mean of each and its transpose")
    multipliers = 0.5 * (multipliers + np.swapaxes(multipliers, 1, 2))
    spread = 0.5 * (prices[:, None] + prices)
    shifted = similarities + multipliers - spread
    tops = [float(top_eigenvalues(one, 1)[0]) + rounding_allowance(one) for one in shifted]
    return float(prices.sum()) + len(prices) * EPS * float(np.abs(prices).sum()) + sum(tops)


def project_rows(stack: FloatArray, shares: FloatArray | None = None) -> FloatArray:
    """Project a symmetric stack (K, n, n) on ``sum_k W_k 1 = 1``.

    Parameters
    ----------
    stack : ndarray, shape (K, n, n)
        Symmetric matrices.
    shares : ndarray, shape (K,), optional
        How much of what is lacking each takes, sum one: the projection is then in the norm that
        weighs each group inversely. Equal by default.
    """
    k, n = stack.shape[:2]
    shares = np.full(k, 1.0 / k) if shares is None else shares
    lacking = 1.0 - stack.sum(axis=(0, 2))
    shift = (lacking - lacking.sum() / (2.0 * n)) / n
    return np.asarray(stack + shares[:, None, None] * (shift[:, None] + shift))


def interior_member(n: int, k: int) -> tuple[float, float]:
    """Entries of the interior point, the same for each group: on the diagonal and off it.

    Off the diagonal it is ``(n - k) / (k n (n - 1))``; the least eigenvalue is the difference.
    """
    off = (n - k) / (k * n * (n - 1.0))
    return 1.0 / n, off


def feasible_members(stack: FloatArray) -> FloatArray:
    """Make a feasible point of a symmetric stack, shape (K, n, n); needs ``K < n``.

    The row sums are set by projection, the traces by multiples of ``I - 11^T/n``, signs and
    eigenvalues by mixing with the interior point.
    """
    k, n = stack.shape[:2]
    right = project_rows(stack)
    lacking = (1.0 - np.trace(right, axis1=1, axis2=2)) / (n - 1.0)
    right = right + lacking[:, None, None] * (np.eye(n) - 1.0 / n)
    diagonal, off = interior_member(n, k)
    least = float(np.linalg.eigvalsh(right)[:, 0].min())
    t_sign, t_eigen = (_share(-float(right.min()), off), _share(-least, diagonal - off))
    t = max(t_sign, t_eigen)
    mixed = (1.0 - t) * right + t * off
    mixed[:, np.arange(n), np.arange(n)] += t * (diagonal - off)
    return np.asarray(mixed)


def members_infeasibility(members: FloatArray) -> float:
    """Largest violation of row sums, traces, signs and eigenvalues by a stack (K, n, n)."""
    rows = float(np.abs(members.sum(axis=(0, 2)) - 1.0).max())
    traces = float(np.abs(np.trace(members, axis1=1, axis2=2) - 1.0).max())
    return max(rows, traces, -float(members.min()), -float(np.linalg.eigvalsh(members).min()))


def _share(violation: float, room: float) -> float:
    """Weight of the interior point that lifts ``-violation`` to zero or above."""
    return violation / (violation + room) if violation > 0 else 0.0
