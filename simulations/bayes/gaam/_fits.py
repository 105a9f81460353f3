"""Targets, and heads fitted to them by their own parameters."""

from __future__ import annotations

import numpy as np
from refutable.theory.bayes import gaam as theory

from refutable import FloatArray

GRID = np.linspace(-3.0, 3.0, 200)
"""Inputs, one for each place."""

WIDTH = 0.3
"""Deviation of either mode."""

GAUSSIANS = 5
STREAM = 2401
"""Stored seed of the starts; the fit of a head has one optimum, so that they agree."""


def two_modes(apart: float, share: float = 0.5) -> FloatArray:
    """Return a law on the grid with modes at -apart and apart, shape (200,).

    Parameters
    ----------
    apart : float
    share : float
        Mass of the left mode.
    """
    law = share * np.exp(-((GRID + apart) ** 2) / (2 * WIDTH**2))
    law = law + (1 - share) * np.exp(-((GRID - apart) ** 2) / (2 * WIDTH**2))
    return np.asarray(law / law.sum())


def cross_entropy(
    parameters: FloatArray, y: FloatArray, target: FloatArray
) -> tuple[float, FloatArray]:
    """Return the cross-entropy of target and weights, and its slope in the parameters.

    Parameters
    ----------
    parameters : ndarray, shape (2 K,)
        Offsets in deviations of the inputs, then logs of scales.
    y, target : ndarray, shape (T,)
        Standardised inputs and probabilities.
    """
    offsets, log_scales = parameters.reshape(2, -1)
    scales = np.exp(log_scales)[:, None]
    z = (y - offsets[:, None]) / scales
    constant = log_scales.sum() + 0.5 * len(offsets) * np.log(2 * np.pi)
    log_raw = -0.5 * (z**2).sum(axis=0) - constant
    most, least = log_raw.max(), np.log(theory.FLOOR)
    law = np.exp(log_raw - most)
    log_total = np.log(law.sum()) + most
    divided = log_total > least  # else by the least divisor, which does not move
    pull = law / law.sum() * divided - target
    slope = np.concatenate([(z / scales) @ pull, z**2 @ pull + (not divided)])
    return float(max(log_total, least) - target @ log_raw), slope


def fit_head(
    x: FloatArray, target: FloatArray, starts: int, gaussians: int = GAUSSIANS
) -> tuple[FloatArray, FloatArray]:
    """Return offsets and scales of the head that is nearest to a law, by L-BFGS.

    Parameters
    ----------
    x, target : ndarray, shape (T,)
        Inputs and probabilities.
    starts : int
        Random ones, of which the best end is returned.
    gaussians : int

    Returns
    -------
    offsets, scales : ndarray, shape (K,)
    """
    from scipy.optimize import minimize  # loads slowly

    rng = np.random.default_rng([STREAM, len(x)])
    spread = float(np.sqrt(x.var(ddof=1) + 1e-8))
    y = (x - x.mean()) / spread

    ends = [
        minimize(
            cross_entropy,
            np.concatenate([rng.standard_normal(gaussians), 0.5 * rng.standard_normal(gaussians)]),
            args=(y, target),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": 1000, "ftol": 1e-15, "gtol": 1e-10},
        )
        for _ in range(starts)
    ]
    best = min(ends, key=lambda end: float(end.fun)).x
    return best[:gaussians] * spread, np.exp(best[gaussians:])


def total_variation(target: FloatArray, law: FloatArray) -> float:
    """Return half the sum of absolute differences."""
    return float(0.5 * np.abs(target - law).sum())


def best_value(apart: float, share: float = 0.5) -> float:
    """Return the least divergence that theory allows one head from two modes."""
    target = two_modes(apart, share)
    return theory.divergence(target, theory.nearest_gaussian(GRID, target))
