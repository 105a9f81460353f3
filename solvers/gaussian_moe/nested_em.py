"""Expectation maximisation whose gate step is a whole inner loop of Newton's method.

The textbook M-step: responsibilities are held while the gate, a weighted logistic regression, is
brought to its maximum. As in the R package meteorits (Chamroukhi and others), the log-likelihood
that decides when to stop is that of the E-step, one M-step behind the parameters.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.argument_checks import nonnegative, whole_number
from refutable.solvers.gaussian_moe._gate_sums import gate_sums, responsibilities
from refutable.solvers.gaussian_moe._sums import em_sums
from refutable.solvers.gaussian_moe.data import Problem
from refutable.solvers.gaussian_moe.em import EmPath, EmRule, expert_step
from refutable.solvers.gaussian_moe.fit import Fit, finished, prepare
from refutable.solvers.gaussian_moe.gate import Gate
from refutable.solvers.gaussian_moe.parameters import Parameters

__all__ = ["InnerRule", "fit_nested_em"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]
_HALVINGS = 60  # by then a step is below rounding


@dataclass(frozen=True)
class InnerRule:
    """When the gate's inner loop stops: at the first of the three.

    Parameters
    ----------
    relative, absolute : float
        Gain of the gate's part of the expected log-likelihood, at least 0.
    iterations : int
        Most Newton steps, at least 1.

    Raises
    ------
    ValueError
        If one of them is none of these.
    """

    relative: float = 1e-7
    absolute: float = 1e-6
    iterations: int = 300

    def __post_init__(self) -> None:
        nonnegative("relative", self.relative)
        nonnegative("absolute", self.absolute)
        object.__setattr__(self, "iterations", whole_number("iterations", self.iterations))

    def met(self, gain: Array, before: Array) -> NDArray[np.bool_]:
        """Return which gates may stop."""
        gain = np.abs(gain)
        return np.asarray((gain <= self.absolute) | (gain <= self.relative * np.abs(before)))


def fit_nested_em(
    x: ArrayLike, y: ArrayLike, start: Parameters, *, rule: EmRule | None = None,
    inner: InnerRule | None = None, variance_floor: float = 1e-6,
) -> Fit:  # fmt: skip
    """Return where EM with an inner loop for a dense softmax gate stops.

    Parameters
    ----------
    x : array_like, shape (R, n) or (R, n, d)
    y : array_like, shape (R, n)
    start : Parameters
        Leading shape (), (R,) or (R, starts); the last expert's gate at 0.
    rule : EmRule, optional
        Compares the log-likelihoods of two E-steps, so that nothing stops before the second.
    inner : InnerRule, optional
    variance_floor : float
        Lowest variance of an expert, as a fraction of the variance of y.

    Returns
    -------
    Fit
        ``iterations`` counts M-steps; ``log_likelihood`` is that of the parameters.

    Raises
    ------
    ValueError
        As :func:`fit`.
    """
    problem, theta, shape, floor = prepare(x, y, start, Gate(), variance_floor)
    rule, inner = rule or EmRule(), inner or InnerRule()
    fits = len(theta)
    value, done = np.full(fits, -np.inf), np.zeros(fits, dtype=np.bool_)
    iterations, active = np.zeros(fits, dtype=np.int64), np.arange(fits)
    for _ in range(rule.iterations):
        sums = em_sums(*problem.arguments(theta[active], active))
        gain, value[active] = sums[0] - value[active], sums[0]
        theta[active] = _m_step(problem, theta[active], active, sums, floor[active], inner)
        iterations[active] += 1
        done[active] = rule.met(np.abs(gain), problem.likelihood(sums[0], active))
        active = active[~done[active] & np.isfinite(sums[0])]
        if not active.size:
            break
    value, square = em_sums(*problem.arguments(theta, np.arange(fits)))[:2]
    ended = EmPath(theta, value, iterations, done, square[..., 0, 0])
    return finished(problem, ended, floor, shape)


def _m_step(
    problem: Problem, theta: Array, at: Index, sums: tuple[Array, ...], floor: Array,
    rule: InnerRule,
) -> Array:  # fmt: skip
    """Move the experts to their weighted least squares and the gate to its maximum."""
    new = expert_step(problem, theta, sums, floor)
    gates = problem.layout.gate_block
    if gates:
        new[:, :gates] = _gate_maximum(problem, theta, at, sums, rule)[:, :gates]
    return new


def _gate_maximum(
    problem: Problem, theta: Array, at: Index, sums: tuple[Array, ...], rule: InnerRule
) -> Array:  # fmt: skip
    """Return theta with its gate at the maximum of sum t log g, by Newton with halved steps."""
    held, value = responsibilities(*problem.arguments(theta, at))
    theta, gates = theta.copy(), problem.layout.gate_block
    gradient, curvature = sums[4].copy(), sums[5].copy()  # as of the E-step

    def evaluate(trial: Array, which: Index) -> tuple[Array, Array, Array]:
        x, y = problem.data.x, problem.data.y
        return tuple(gate_sums(x, y, problem.row[at[which]], trial, held, which))

    active = np.arange(len(theta))
    for _ in range(rule.iterations):
        step = np.linalg.solve(curvature, gradient[..., None])[..., 0]
        before, start, length = value.copy(), theta[active], np.ones(len(active))
        worse = np.arange(len(active))
        for _ in range(_HALVINGS):
            trial = start[worse]
            trial[:, :gates] += length[worse, None] * step[worse]
            theta[active[worse]] = trial
            fresh = evaluate(trial, active[worse])
            value[worse], gradient[worse], curvature[worse] = fresh
            worse = worse[value[worse] < before[worse]]
            length[worse] /= 2
            if not worse.size:
                break
        on = ~rule.met(value - before, before) & np.isfinite(value)
        active, value, gradient, curvature = active[on], value[on], gradient[on], curvature[on]
        if not active.size:
            break
    return theta
