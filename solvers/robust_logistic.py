"""Adversarially robust logistic regression of linear rules, by L-BFGS.

The inner maximisation over perturbations of l_p length `radius` is exact for a linear rule, so the
problem is convex:

    minimise over (w, b)  mean weight log(1 + exp(-(y (<w, x> + b) - radius |w|_q))), 1/p + 1/q = 1.

For l_2 attacks the norm is smoothed at zero, by far less than any statistical tolerance. For l_inf
attacks w is split into its positive and negative parts, on which |w|_1 is linear: the problem is
then smooth with bounds, and nothing is approximated.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    both_classes,
    finite_array,
    nonnegative,
    one_of,
    positive,
    positive_array,
    refuse,
    signs,
    whole_number,
)

SMOOTHING = 1e-12
"""Added to ``|w|^2`` under the root: moves a norm of 1 by 5e-13, and keeps it smooth at zero."""

LEAST_SLOPE = 1e-7
"""Entries of the gradient of a mean loss below which L-BFGS stops: a loss of order 1 whose
curvature is of order 1 is then minimal to 1e-14."""

TAIL = 9.0
"""The normal law is cut off here; beyond lies a mass of 2e-19."""

FINEST = 2**10
"""Most nodes to half a deviation: enough for margins a thousand wide, where no overlap is left."""

FEW = 2000
"""Points whose mean is the direction to start from; any other is as good, the problem is convex."""

LEAST_LOSS = 1e-10
"""Population loss below which the rule is no longer determined: the tail that is cut off, times
margins of some tens, is then no longer negligible against it."""

Objective = Callable[[Floats], tuple[float, Floats]]


@dataclass(frozen=True)
class LinearRules:
    """Rules ``sign(<w, x> + b)``, one per replicate.

    Attributes
    ----------
    w, b
        Shapes (size, d) and (size,).
    value
        Objective reached, shape (size,).
    converged
        Whether L-BFGS met its tolerance, shape (size,).
    """

    w: Floats
    b: Floats
    value: Floats
    converged: np.ndarray


def robust_logistic(
    x: ArrayLike,
    y: ArrayLike,
    radius: float,
    attack: str = "l2",
    weights: ArrayLike | None = None,
    max_iterations: int = 300,
) -> LinearRules:
    """Fit one rule per replicate.

    Parameters
    ----------
    x, y
        Shapes (size, n, d) and (size, n), labels in {-1, +1}.
    radius
        Length of the perturbations (>= 0); 0 is plain logistic regression.
    attack
        "l2" or "linf".
    weights
        Positive weights of the points, shape (size, n); all 1 if None.
    max_iterations
        Bound on L-BFGS iterations (>= 1).

    Returns
    -------
    LinearRules
        Without a penalty, so separable data have no finite optimum at radius 0: `converged`
        then says False or `w` is very large.

    Raises
    ------
    ValueError
        If shapes disagree, a replicate has one class only, or a parameter is out of range.
    """
    points = finite_array("x", x, ndim=3)
    labels = signs("y", y, points.shape[:2])
    both_classes("y", labels)
    shares = _shares(weights, labels)
    _check(radius, attack, max_iterations)
    problems = zip(points, labels, shares, strict=True)
    return _collect([_fit(*problem, radius, attack, max_iterations) for problem in problems])


def class_weights(y: ArrayLike) -> Floats:
    """Weight both classes equally: n/(2 n_c) for a point of class c, shape (size, n)."""
    labels = signs("y", finite_array("y", y, ndim=2))
    both_classes("y", labels)
    share = (labels > 0).mean(axis=1, keepdims=True)
    return np.asarray(np.where(labels > 0, 0.5 / share, 0.5 / (1 - share)))


def population_robust_logistic(
    mean: ArrayLike,
    imbalance: float,
    radius: float,
    attack: str = "l2",
    sigma: float = 1.0,
    max_iterations: int = 2000,
) -> tuple[Floats, float]:
    """Minimise the population objective for Gaussian classes, without any sample.

    Margins of class y are ``N(<w, mean> - radius |w|_q + y b, sigma^2 |w|_2^2)``, so that the
    objective is two one-dimensional integrals: the trapezoidal rule of `_trapezoid`.

    Parameters
    ----------
    mean
        Class mean, shape (d,).
    imbalance
        R > 0: class +1 has probability R/(1+R).
    radius, attack, max_iterations
        As in `robust_logistic`.
    sigma
        Noise standard deviation (> 0).

    Returns
    -------
    w, b
        Shape (d,) and a number.

    Raises
    ------
    ValueError
        If a parameter is out of range, or `sigma` so small that the classes do not overlap.
    RuntimeError
        If L-BFGS does not meet its tolerance: what it reached is then no minimum.
    """
    centre = finite_array("mean", mean, ndim=1)
    spread = positive("sigma", sigma)
    _check(radius, attack, max_iterations)
    prior = positive("imbalance", imbalance) / (1 + imbalance)
    split = attack == "linf" and radius > 0
    objective = _population_problem(centre, spread, (prior, 1 - prior), radius, split)
    try:
        fit = _minimise(_logarithm(objective), centre, split, max_iterations, 1e-15)
    except _Vanished:
        fit = None
    if fit is None or fit.value < np.log(LEAST_LOSS):
        refuse("sigma", sigma, "a larger one: the classes hardly overlap")
    if not fit.converged:
        raise RuntimeError(f"no minimum within max_iterations={max_iterations}: allow more")
    return fit.w, fit.b


class _Vanished(Exception):
    """A step reached a loss below the least float: the minimum is smaller still."""


def _logarithm(objective: Objective) -> Objective:
    """Return the logarithm of a positive objective: its minimum is as sharp when it is small."""

    def logarithm(parameters: Floats) -> tuple[float, Floats]:
        value, slope = objective(parameters)
        if value == 0:
            raise _Vanished
        return float(np.log(value)), slope / value

    return logarithm


@lru_cache(maxsize=16)
def _trapezoid(per_deviation: int) -> tuple[Floats, Floats]:
    """Nodes of the standard normal law, `per_deviation` to half a deviation, and their weights.

    Integrands ``log(1 + exp(-(m + s z)))`` have their nearest singularities ``pi / s`` off the real
    line, so that the rule of step h errs by ``exp(-2 pi^2 / (s h))``: 7e-18 at ``h = 1/(2 s)``.
    """
    count = round(4 * TAIL * per_deviation) + 1
    nodes = np.linspace(-TAIL, TAIL, count)
    weights = np.exp(-(nodes**2) / 2)
    return nodes, weights / weights.sum()


def _population_problem(
    mean: Floats, sigma: float, shares: tuple[float, float], radius: float, split: bool
) -> Objective:
    def objective(parameters: Floats) -> tuple[float, Floats]:
        parts, b = parameters[:-1], parameters[-1]
        w = parts[: mean.size] - parts[mean.size :] if split else parts
        length = float(np.sqrt(w @ w + SMOOTHING))
        norm, norm_slope = (float(parts.sum()), 1.0) if split else (length, w / length)
        # In powers of two, so that the rule stays the same over most steps of the minimiser.
        finer = 2 ** int(np.ceil(np.log2(np.clip(sigma * length, 1.0, FINEST))))
        nodes, weights = _trapezoid(finer)
        share = np.outer(shares, weights)
        centres = w @ mean - radius * norm + np.array([[b], [-b]])
        value, pull = _loss((centres + sigma * length * nodes).ravel(), share.ravel())
        pulls = pull.reshape(2, -1)
        slope = pull.sum() * mean + (pulls @ nodes).sum() * sigma * w / length
        both = np.concatenate((slope, -slope)) if split else slope
        both = both - radius * pull.sum() * norm_slope
        return value, np.append(both, pulls[0].sum() - pulls[1].sum())

    return objective


@dataclass(frozen=True)
class _Fit:
    w: Floats
    b: float
    value: float
    converged: bool


def _fit(
    x: Floats, y: Floats, share: Floats, radius: float, attack: str, max_iterations: int
) -> _Fit:
    signed = y[:, None] * x
    split = attack == "linf" and radius > 0
    problem = _split_problem if split else _smooth_problem
    objective = problem(signed, y, share, radius)
    return _minimise(objective, signed[:FEW].mean(axis=0), split, max_iterations)


def _minimise(
    objective: Objective, start: Floats, split: bool, max_iterations: int, tolerance: float = 1e-12
) -> _Fit:
    """Run L-BFGS from direction `start` and b = 0, on the two parts of w if `split`."""
    from scipy.optimize import minimize  # loads slowly

    free = (None, None)
    best = minimize(
        objective,
        np.append(_parts(start) if split else start, 0.0),
        jac=True,
        method="L-BFGS-B",
        bounds=[(0, None) if split else free] * (start.size * (1 + split)) + [free],
        options={"maxiter": max_iterations, "ftol": tolerance, "gtol": LEAST_SLOPE},
    )
    positive, negative = np.split(best.x[:-1], 2) if split else (best.x[:-1], 0.0)
    return _Fit(positive - negative, float(best.x[-1]), float(best.fun), bool(best.success))


def _smooth_problem(signed: Floats, y: Floats, share: Floats, radius: float) -> Objective:
    def objective(parameters: Floats) -> tuple[float, Floats]:
        w, b = parameters[:-1], parameters[-1]
        length = float(np.sqrt(w @ w + SMOOTHING))
        value, pull = _loss(signed @ w + y * b - radius * length, share)
        slope = signed.T @ pull - radius * pull.sum() * w / length
        return value, np.append(slope, pull @ y)

    return objective


def _split_problem(signed: Floats, y: Floats, share: Floats, radius: float) -> Objective:
    def objective(parameters: Floats) -> tuple[float, Floats]:
        positive, negative = parameters[:-1].reshape(2, -1)
        norm = positive.sum() + negative.sum()
        margin = signed @ (positive - negative) + y * parameters[-1] - radius * norm
        value, pull = _loss(margin, share)
        slope, cost = signed.T @ pull, radius * pull.sum()
        return value, np.concatenate((slope - cost, -slope - cost, (pull @ y,)))

    return objective


def _loss(margin: Floats, share: Floats) -> tuple[float, Floats]:
    """Give the weighted logistic loss and its derivative in the margins."""
    return float(share @ np.logaddexp(0, -margin)), -share * scipy.special.expit(-margin)


def _parts(w: Floats) -> Floats:
    return np.concatenate((np.clip(w, 0, None), np.clip(-w, 0, None)))


def _check(radius: float, attack: str, max_iterations: int) -> None:
    one_of("attack", attack, ("l2", "linf"))
    nonnegative("radius", radius)
    whole_number("max_iterations", max_iterations)


def _shares(weights: ArrayLike | None, labels: Floats) -> Floats:
    if weights is None:
        return np.full(labels.shape, 1 / labels.shape[1])
    given = positive_array("weights", weights, shape=labels.shape)
    return np.asarray(given / given.sum(axis=1, keepdims=True))


def _collect(fits: list[_Fit]) -> LinearRules:
    return LinearRules(
        np.stack([fit.w for fit in fits]),
        np.array([fit.b for fit in fits]),
        np.array([fit.value for fit in fits]),
        np.array([fit.converged for fit in fits]),
    )
