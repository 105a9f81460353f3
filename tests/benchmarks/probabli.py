"""ProBABLI as a reference: probabilistic bisection with interpolation, for events on [low, high].

Written from the description and the defaults of SimDesign's `SimSolve` (Chalmers 2024, "Solving
variables with Monte Carlo simulation experiments: a stochastic root-solving approach",
Psychological Methods): a posterior over the root that is multiplied by p = 0.6 on the side where an
evaluation at its median points; 15 evaluations of 50 replicates, then ten more at each, at most
500; once 3,000 replicates were drawn, a logistic regression on a quadratic interpolates; it ends
when the interpolated root has moved by less than its tolerance three times and 9,000 replicates
were drawn, or after 100 evaluations. Its interval for the root holds where the fitted curve is
between the ends of the 95 % interval of its value at the root.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy

BURN_IN, FIRST, MORE, MOST = 15, 50, 10, 500
EVALUATIONS, LEAST, INTERPOLATE = 100, 9_000, 3_000
TOLERANCE, RELATIVE, SUCCESSES = 0.00025, 0.0001, 3
RESOLUTION, P = 10_000, 0.6


@dataclass(frozen=True)
class Solved:
    """The root, its interval, and what it took."""

    root: float
    lower: float
    upper: float
    replicates: int


def solve(
    rate: Callable[[float], float], target: float, rng: np.random.Generator, level: float = 0.95
) -> Solved:
    """Solve ``rate(x) = target`` on [0, 1], where the rate rises."""
    places = np.linspace(0.0, 1.0, RESOLUTION)
    belief = np.zeros(RESOLUTION)
    seen: list[tuple[float, int, int]] = []
    last, streak, drawn = np.nan, 0, 2 * FIRST
    root, fit = np.nan, None
    for k in range(EVALUATIONS):
        mass = np.exp(belief - belief.max())
        at = float(places[np.searchsorted(np.cumsum(mass), mass.sum() / 2)])
        many = FIRST if k < BURN_IN else min(FIRST + MORE * (k - BURN_IN), MOST)
        count = int(rng.binomial(many, rate(at)))
        drawn += many
        right = count / many < target  # the root lies to the right
        belief += np.where((places >= at) == right, np.log(P), np.log(1 - P))
        if k >= BURN_IN:
            seen.append((at, many, count))
        if drawn < INTERPOLATE or len(seen) < 5:
            continue
        fit = _fitted(np.array(seen))
        root = _root(fit, target)
        move = abs(root - last)
        near = move <= TOLERANCE or move <= RELATIVE * abs(root)
        streak = streak + 1 if near else max(streak - 1, 0)
        last = root
        if drawn < LEAST:
            streak = 0
        if streak == SUCCESSES:
            break
    if fit is None or np.isnan(root):
        return Solved(at, np.nan, np.nan, drawn)
    lower, upper = _interval(fit, root, level)
    return Solved(root, lower, upper, drawn)


Fit = tuple[np.ndarray, np.ndarray]


def _fitted(seen: np.ndarray) -> Fit:
    """Return coefficients of 1, x, x^2 on the logit and their covariance, by Newton's steps."""
    x, many, count = seen.T
    design = np.stack([np.ones_like(x), x - 0.5, (x - 0.5) ** 2], axis=1)
    beta = np.zeros(3)
    ridge = 1e-8 * np.eye(3)
    for _ in range(25):
        p = scipy.special.expit(design @ beta)
        information = (design * (many * p * (1 - p))[:, None]).T @ design + ridge
        step = np.linalg.solve(information, design.T @ (count - many * p))
        beta = beta + step
        if np.abs(step).max() < 1e-9:
            break
    return beta, np.linalg.inv(information)


def _value(fit: Fit, x: np.ndarray) -> np.ndarray:
    return np.stack([np.ones_like(x), x - 0.5, (x - 0.5) ** 2], axis=-1) @ fit[0]


def _root(fit: Fit, target: float) -> float:
    """Return the first place where the fitted curve crosses the target upwards, or NaN."""
    x = np.linspace(0.0, 1.0, 2001)
    above = _value(fit, x) >= scipy.special.logit(target)
    crossings = np.flatnonzero(~above[:-1] & above[1:])
    if not crossings.size:
        return float("nan")
    a, b = x[crossings[0]], x[crossings[0] + 1]
    low, high = _value(fit, np.array([a, b])) - scipy.special.logit(target)
    return float(a - low * (b - a) / (high - low))


def _interval(fit: Fit, root: float, level: float) -> tuple[float, float]:
    row = np.array([1.0, root - 0.5, (root - 0.5) ** 2])
    error = scipy.special.ndtri((1 + level) / 2) * np.sqrt(row @ fit[1] @ row)
    middle = float(row @ fit[0])
    ends = scipy.special.expit([middle - error, middle + error])
    return _root(fit, float(ends[0])), _root(fit, float(ends[1]))
