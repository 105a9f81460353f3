"""Search for solutions of the polynomial system behind the over-specified exponents."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from refutable.theory.experts import softmax_gmoe as theory
from scipy.optimize import least_squares

FloatArray = NDArray[np.float64]
LEAST_WEIGHT = 0.15  # keeps every weight away from 0, where the system has trivial solutions


def _weights(logits: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return weights in [0.15, 1] that sum to 1, and their Jacobian."""
    soft = np.exp(logits - logits.max())
    soft /= soft.sum()
    room = 1 - LEAST_WEIGHT * len(soft)
    return LEAST_WEIGHT + room * soft, room * (np.diag(soft) - np.outer(soft, soft))


def _residual(z: FloatArray, m: int, r: int, scale: FloatArray) -> FloatArray:
    p = z[: 4 * m].reshape(4, m) * scale
    weight, _ = _weights(z[4 * m :])
    return np.append(theory.polynomial_system(p, weight, r), (p[2] ** 2).mean() - 1)


def _jacobian(z: FloatArray, m: int, r: int, scale: FloatArray) -> FloatArray:
    p = z[: 4 * m].reshape(4, m) * scale
    weight, by_logit = _weights(z[4 * m :])
    in_p, in_weight = theory.polynomial_jacobian(p, weight, r)
    rows = np.hstack([(in_p * scale).reshape(len(in_p), -1), in_weight @ by_logit])
    last = np.zeros((1, 5 * m))
    last[0, 2 * m : 3 * m] = 2 * p[2] / m
    return np.vstack([rows, last])


def least_cost(m: int, r: int, starts: int, known_variance: bool = False) -> float:
    """Return half the least sum of squares found for m atoms and degree r.

    A cost of rounding size proves a solution; a positive one only says that none was found.

    Parameters
    ----------
    m, r : int
    starts : int
        Standard normal ones.
    known_variance : bool
        Leave out the variance unknown p4.
    """
    rng = np.random.default_rng(1000 * m + r)
    scale = np.ones((4, 1))
    scale[3] = 0.0 if known_variance else 1.0
    best = np.inf
    for start in rng.standard_normal((starts, 5 * m)):
        found = least_squares(
            _residual, start, jac=_jacobian, args=(m, r, scale), method="trf",
            xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=3000,
        )  # fmt: skip
        best = min(best, float(found.cost))
    return best
