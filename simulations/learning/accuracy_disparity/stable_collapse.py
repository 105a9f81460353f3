"""Thresholds on the line under stable noise: where the robust optimum collapses."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.random import Generator
from refutable.theory.learning import accuracy_disparity as theory
from scipy.stats import levy_stable

CENTRE = 3.0
GRID = np.linspace(-5, 45, 100_001)


def _grid_risk(noise: theory.Noise, imbalance: float, margin: float) -> tuple[float, float]:
    """Smallest robust risk over the grid of thresholds, and where it lies."""
    risks = noise.robust_risk(GRID, imbalance, margin)
    best = int(np.argmin(risks))
    return float(risks[best]), float(GRID[best])


def _collapsed(noise: theory.Noise, imbalance: float, margin: float) -> bool:
    return _grid_risk(noise, imbalance, margin)[0] > 1 / (1 + imbalance) - 1e-6


def collapse(cell: Any) -> Mapping[str, Any]:
    """Compare closed-form thresholds with the grid, and bracket the collapse on it."""
    noise, margin = theory.stable_noise(1.0), CENTRE - cell.radius
    limit = theory.cauchy_collapse(margin)
    below = [r for r in (1.5, 2, 3, 4, 5, 6, 8, 10) if r < 0.99 * limit]
    errors = [
        abs(theory.cauchy_threshold(r, margin) - _grid_risk(noise, r, margin)[1]) for r in below
    ]
    plain = theory.cauchy_disparity(2, CENTRE, 0)
    return {
        "threshold_error": max(errors),
        "collapsed_below": _collapsed(noise, 0.99 * limit, margin),
        "collapsed_above": _collapsed(noise, 1.01 * limit, margin),
        "supremum": noise.collapse(margin)[0],
        "disparity_change": theory.cauchy_disparity(2, CENTRE, cell.radius) - plain,
    }


def gaussian_collapse(cell: Any) -> Mapping[str, Any]:
    """Ask the same of Gaussian noise, at an imbalance of 40."""
    noise, margin = theory.gaussian_noise(), CENTRE - cell.radius
    plain = theory.gaussian_disparity(2, CENTRE, 0)
    return {
        "collapsed_above": _collapsed(noise, 40, margin),
        "disparity_change": theory.gaussian_disparity(2, CENTRE, cell.radius) - plain,
    }


def stable_advantage(
    cell: Any, rng: Generator, size: int, *, gaussian: bool = False
) -> Mapping[str, Any]:
    """Advantage of a threshold over the constant rule, on 6000 draws of the noise.

    With the same draws z for both classes it is ``1[z > b - rho] - R 1[z > b + rho]``, (1 + R)
    times the difference of the robust risks.
    """
    margin = CENTRE - cell.radius
    limit, b = _collapse_point(cell.alpha, margin)
    shape = (size, 6000)
    z = (
        rng.standard_normal(shape)
        if gaussian
        else levy_stable.rvs(cell.alpha, 0.0, size=shape, random_state=rng)
    )
    threshold = b * cell.threshold
    hits = (z > threshold - margin).mean(axis=1), (z > threshold + margin).mean(axis=1)
    return {"advantage": hits[0] - cell.relative * limit * hits[1]}


@cache
def _collapse_point(alpha: float, margin: float) -> tuple[float, float]:
    return theory.stable_noise(alpha).collapse(margin)


def gaussian_advantage(cell: Any, rng: Generator, size: int) -> Mapping[str, Any]:
    """Repeat `stable_advantage` with standard normal noise."""
    return stable_advantage(cell, rng, size, gaussian=True)
