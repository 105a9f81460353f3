"""Expectation maximisation, batched over fits, with one Newton step of the gate per iteration.

Experts have their closed-form M-step. The gate takes one Newton step (Fisher scoring where the
logits are not linear) instead of a whole inner loop; the step is halved until the observed
log-likelihood itself does not fall, so that every recorded iteration is monotone.
"""

from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from refutable.solvers.argument_checks import nonnegative, one_of, whole_number
from refutable.solvers.gaussian_moe._sums import em_sums
from refutable.solvers.gaussian_moe.data import Problem

__all__ = ["EmPath", "EmRule", "expectation_maximisation", "expert_step"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]
_Measure = Literal["absolute", "relative"]


@dataclass(frozen=True)
class EmRule:
    """When EM stops.

    Parameters
    ----------
    tolerance : float
        Finite, at least 0.
    iterations : int
        Most iterations, at least 1.
    measure : {"absolute", "relative"}
        Whether the gain of the total log-likelihood is compared with `tolerance` as it is or
        divided by the log-likelihood. The relative rule stops ever earlier as n grows: it is here
        because published code uses it.

    Raises
    ------
    ValueError
        If one of them is none of these.
    """

    tolerance: float = 1e-8
    iterations: int = 2000
    measure: _Measure = "absolute"

    def __post_init__(self) -> None:
        nonnegative("tolerance", self.tolerance)
        object.__setattr__(self, "iterations", whole_number("iterations", self.iterations))
        one_of("measure", self.measure, get_args(_Measure))

    def met(self, gain: Array, value: Array) -> NDArray[np.bool_]:
        """Return which fits may stop."""
        unit = np.abs(value) if self.measure == "relative" else 1.0
        return np.asarray(gain <= self.tolerance * unit)


@dataclass(frozen=True)
class EmPath:
    """Where EM ended.

    Attributes
    ----------
    theta : ndarray, shape (fits, P)
    value : ndarray, shape (fits,)
        Log-likelihood.
    iterations : ndarray of int, shape (fits,)
    done : ndarray of bool, shape (fits,)
    mass : ndarray, shape (fits, k)
        Observations that each expert answers for.
    trace : list of ndarray, shape (fits,)
        Log-likelihood after each iteration (a stopped fit repeats its last).

    Log-likelihoods are those of the problem's own units.
    """

    theta: Array
    value: Array
    iterations: NDArray[np.int64]
    done: NDArray[np.bool_]
    mass: Array
    trace: list[Array] = field(default_factory=list)


def expert_step(problem: Problem, theta: Array, sums: tuple[Array, ...], floor: Array) -> Array:
    """Return theta with the experts moved to their weighted least squares fit."""
    _, square, cross, rss, _, _ = sums
    layout, new = problem.layout, theta.copy()
    width, block = layout.d + 1, layout.gate_block
    # Rounding, so that an expert with one observation can be solved for; results are the same to
    # 1e-13 of a log-likelihood from 1e-16 to 1e-10.
    ridge = 1e-13 * np.einsum("fkpp->fkp", square) + 1e-300
    step = np.linalg.solve(square + np.eye(width) * ridge[..., None, :], cross[..., None])[..., 0]
    mass = square[..., 0, 0]
    alive = mass > 1e-8  # observations; an expert with fewer stays where it is
    fitted = np.einsum("fkp,fkp->fk", step, cross)
    v = np.maximum((rss - fitted) / np.where(alive, mass, 1.0), floor[:, None])
    step = np.where(alive[..., None], step, 0.0)
    new[:, block : block + layout.k * width] += step.reshape(len(theta), -1)
    new[:, -layout.k :] = np.where(alive, np.log(v), theta[:, -layout.k :])
    return new


def _gate_step(problem: Problem, sums: tuple[Array, ...]) -> Array:
    """Return the Newton step of the gate, zero for everything else."""
    gradient, curvature = sums[4], sums[5]
    step = np.zeros((len(gradient), problem.layout.size))
    if gradient.shape[1] == 0:
        return step
    diagonal = np.einsum("fpp->fp", curvature)
    # A separated gate has no curvature left; with a thousand times more or less of either, fits end
    # within 2e-11 of the same log-likelihood.
    ridge = 1e-9 * diagonal + 1e-8
    full = curvature + np.eye(gradient.shape[1]) * ridge[:, None, :]
    step[:, : gradient.shape[1]] = np.linalg.solve(full, gradient[..., None])[..., 0]
    if problem.layout.free_temperature:  # logits are exponential in log tau: no step beyond e
        hottest = np.abs(step[:, problem.layout.gates])
        step /= np.maximum(hottest, 1.0)[:, None]
    return step


def _sums(problem: Problem, theta: Array, at: Index) -> tuple[Array, ...]:
    return tuple(em_sums(*problem.arguments(theta, at)))


class _State:
    """What one EM run carries from one iteration to the next."""

    def __init__(self, problem: Problem, theta: Array, floor: Array) -> None:
        self.problem, self.theta, self.floor = problem, theta.copy(), floor
        self.sums = [np.array(s) for s in _sums(problem, theta, np.arange(len(theta)))]

    def advance(self, at: Index) -> Array:
        """Move the fits `at` by one EM iteration; return what each gained."""
        now = tuple(s[at] for s in self.sums)
        base = expert_step(self.problem, self.theta[at], now, self.floor[at])
        step, before = _gate_step(self.problem, now), now[0]
        pending, length = np.arange(len(at)), 1.0
        while pending.size:
            trial = base[pending] + length * step[pending]
            new = _sums(self.problem, trial, at[pending])
            # A log-likelihood that fell by its rounding has not fallen.
            good = new[0] >= before[pending] - 1e-13 * np.abs(before[pending])
            good |= length == 0.0
            took = at[pending[good]]
            self.theta[took] = trial[good]
            for held, fresh in zip(self.sums, new, strict=True):
                held[took] = fresh[good]
            pending, length = pending[~good], length / 2 if length > 1e-3 else 0.0  # ten halvings
        return np.asarray(self.sums[0][at] - before)


def expectation_maximisation(
    problem: Problem, theta: Array, rule: EmRule, floor: Array
) -> EmPath:  # fmt: skip
    """Run EM from each start.

    Parameters
    ----------
    problem : Problem
    theta : ndarray, shape (fits, P)
    rule : EmRule
    floor : ndarray, shape (fits,)
        Lowest variance.

    Returns
    -------
    EmPath
    """
    fits = len(theta)
    state = _State(problem, theta, floor)
    iterations, done = np.zeros(fits, dtype=np.int64), np.zeros(fits, dtype=np.bool_)
    trace = [state.sums[0].copy()]
    active = np.arange(fits)[np.isfinite(trace[0])]
    for _ in range(rule.iterations):
        if not active.size:
            break
        gain = state.advance(active)
        iterations[active] += 1
        trace.append(state.sums[0].copy())
        value = problem.likelihood(state.sums[0][active], active)
        stop = rule.met(gain, value) | ~np.isfinite(gain)
        done[active[stop & np.isfinite(gain)]] = True
        active = active[~stop]
    return EmPath(state.theta, state.sums[0], iterations, done, state.sums[1][..., 0, 0], trace)
