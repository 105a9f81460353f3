r"""Bradley-Terry / DPO objectives over a finite set of responses: Newton and gradient descent.

The loss is :math:`-\sum_{ij}w_{ij}\{p_{ij}\log\sigma(\theta_i-\theta_j)
+(1-p_{ij})\log\sigma(\theta_j-\theta_i)\}`, convex in theta and constant along the all-ones
direction. With :math:`\theta=\beta\log(\pi/\pi_{\mathrm{ref}})` it is the population DPO loss
(Rafailov et al., Direct Preference Optimization, NeurIPS 2023, equation 7).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    bounded_array,
    finite,
    finite_array,
    nonnegative,
    positive,
    positive_array,
    refuse,
    square,
    whole_array,
    whole_number,
)

LINE_SEARCH_STEPS = 30
"""Halvings of a Newton step: down to 1e-9 of it, which is none."""

SUFFICIENT_DECREASE = 1e-4
"""Armijo's constant as in Nocedal and Wright, Numerical Optimization, section 3.1."""


@dataclass(frozen=True)
class PairwiseProblem:
    """Weighted pairs and the probability that the first of a pair is preferred.

    Parameters
    ----------
    weights : array, shape (..., Y, Y)
        Non-negative weight of the ordered pair (i, j); the diagonal is ignored.
    preferred : array, shape (..., Y, Y)
        Probability, in [0, 1], that i is preferred to j.
    """

    weights: Floats
    preferred: Floats

    def __post_init__(self) -> None:
        weights = bounded_array("weights", square("weights", self.weights), 0)
        bounded_array("preferred", self.preferred, 0, 1, shape=weights.shape)

    @property
    def responses(self) -> int:
        """Number Y of responses."""
        return int(self.weights.shape[-1])

    def loss(self, theta: Floats) -> Floats:
        """Loss per problem: theta (..., Y) -> (...,)."""
        gap = theta[..., :, None] - theta[..., None, :]
        wins = self.preferred * scipy.special.log_expit(gap) + (
            1 - self.preferred
        ) * scipy.special.log_expit(-gap)
        off = 1 - np.eye(self.responses)
        return np.asarray(-(self.weights * off * wins).sum(axis=(-2, -1)))

    def gradient(self, theta: Floats) -> Floats:
        """Gradient of the loss: theta (..., Y) -> (..., Y)."""
        gap = theta[..., :, None] - theta[..., None, :]
        pull = self.weights * (scipy.special.expit(gap) - self.preferred)
        return np.asarray(pull.sum(axis=-1) - pull.sum(axis=-2))

    def hessian(self, theta: Floats) -> Floats:
        """Hessian, a weighted graph Laplacian: theta (..., Y) -> (..., Y, Y)."""
        gap = theta[..., :, None] - theta[..., None, :]
        edge = (
            self.weights
            * scipy.special.expit(gap)
            * scipy.special.expit(-gap)
            * (1 - np.eye(self.responses))
        )
        edge = edge + np.swapaxes(edge, -1, -2)
        return np.asarray(edge.sum(axis=-1)[..., None] * np.eye(self.responses) - edge)


@dataclass(frozen=True)
class PairwiseFit:
    """Minimiser of a pairwise loss, centred to sum to 0.

    Attributes
    ----------
    theta : array, shape (..., Y)
    gradient_norm : array, shape (...,)
        Largest absolute gradient entry; small iff a finite minimiser was reached.
    iterations : int
    """

    theta: Floats
    gradient_norm: Floats
    iterations: int


def _line_search(problem: PairwiseProblem, theta: Floats, move: Floats, slope: Floats) -> Floats:
    before = problem.loss(theta)
    step = np.ones_like(before)
    for _ in range(LINE_SEARCH_STEPS):
        after = problem.loss(theta + step[..., None] * move)
        # The slack of a few ulps lets the last Newton steps pass when the loss cannot improve.
        slack = 4 * np.finfo(float).eps * np.abs(before)
        fails = after > before + SUFFICIENT_DECREASE * step * slope + slack
        if not fails.any():
            break
        step = np.where(fails, step / 2, step)
    return np.asarray(theta + step[..., None] * move)


def _newton_step(problem: PairwiseProblem, theta: Floats) -> Floats:
    hessian = problem.hessian(theta)
    scale = np.trace(hessian, axis1=-2, axis2=-1)[..., None, None] / problem.responses**2
    # A multiple of the all-ones matrix fills the null space of the Laplacian; the gradient is
    # orthogonal to it, so the step does not change.
    grounded = hessian + np.maximum(scale, np.finfo(float).tiny)
    return np.asarray(-np.linalg.solve(grounded, problem.gradient(theta)[..., None])[..., 0])


def fit_pairwise(
    problem: PairwiseProblem, iterations: int = 60, tolerance: float = 1e-15
) -> PairwiseFit:
    """Minimise a pairwise logistic loss by damped Newton steps.

    Parameters
    ----------
    problem : PairwiseProblem
        Needs a connected comparison graph and some doubt on every cut, else there is no finite
        minimiser and the gradient norm stays above the tolerance.
    iterations : int, optional
        Most Newton steps.
    tolerance : float, optional
        Stop when every gradient entry is below it.
    """
    whole_number("iterations", iterations)
    nonnegative("tolerance", tolerance)
    theta = np.zeros(problem.weights.shape[:-1])
    done = 0
    while done < iterations:
        done += 1
        move = _newton_step(problem, theta)
        slope = (problem.gradient(theta) * move).sum(axis=-1)
        theta = _line_search(problem, theta, move, slope)
        theta -= theta.mean(axis=-1, keepdims=True)
        if np.abs(problem.gradient(theta)).max() <= tolerance:
            break
    return PairwiseFit(theta, np.abs(problem.gradient(theta)).max(axis=-1), done)


def dpo_update(log_reference: ArrayLike, theta: ArrayLike, beta: float) -> Floats:
    r"""Log-policy with :math:`\beta\log(\pi/\pi_{\mathrm{ref}})=\theta` up to a constant.

    Parameters
    ----------
    log_reference, theta : array, shape (..., Y)
        Log-probabilities of the reference, and the fitted implicit rewards.
    beta : float
        The DPO temperature, > 0.
    """
    positive("beta", beta)
    reference = finite_array("log_reference", log_reference, least=1)
    rewards = finite_array("theta", theta, shape=reference.shape)
    return np.asarray(scipy.special.log_softmax(reference + rewards / beta, axis=-1))


def squared_margin_fit(problem: PairwiseProblem, target: float = 1.0) -> Floats:
    """Minimiser of ``sum w_ij (p_ij (gap - target)^2 + (1 - p_ij) (gap + target)^2)``.

    The identity-preference (IPO) loss of Azar et al. (AISTATS 2024) over the same pairs; a linear
    solve. Returns theta, shape (..., Y), centred.
    """
    finite("target", target)
    off = problem.weights * (1 - np.eye(problem.responses))
    edge = off + np.swapaxes(off, -1, -2)
    pull = target * off * (2 * problem.preferred - 1)
    laplacian = edge.sum(axis=-1)[..., None] * np.eye(problem.responses) - edge
    right = pull.sum(axis=-1) - pull.sum(axis=-2)
    theta = np.linalg.solve(laplacian + 1.0 / problem.responses, right[..., None])[..., 0]
    return np.asarray(theta - theta.mean(axis=-1, keepdims=True))


def largest_curvature(problem: PairwiseProblem) -> Floats:
    """Largest eigenvalue (...,) of the Hessian over all theta; descent converges below 2 over it.

    It is that at theta = 0, because a logistic edge is most curved where its gap is 0.
    """
    flat = problem.hessian(np.zeros(problem.weights.shape[:-1]))
    return np.asarray(np.linalg.eigvalsh(flat)[..., -1])


def _step_counts(checkpoints: tuple[int, ...]) -> tuple[int, ...]:
    counts = whole_array("checkpoints", checkpoints, 1, ndim=1)
    if (np.diff(counts) <= 0).any():
        refuse("checkpoints", counts, "increasing step counts")
    return tuple(int(count) for count in counts)


def _check_broadcast(name: str, shape: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    """Raise ValueError unless an array of this shape goes with theta without widening it."""
    try:
        fits = np.broadcast_shapes(shape, wanted) == wanted
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"{name} has shape {shape}: give one that goes with {wanted}")


def descent_margins(
    problem: PairwiseProblem,
    checkpoints: tuple[int, ...],
    step: ArrayLike = 1.0,
    log_reference: ArrayLike | None = None,
    likelihood: ArrayLike | None = None,
    settled: float = 0.0,
) -> Floats:
    r"""Spread of theta along gradient descent from 0, at the given step counts.

    Parameters
    ----------
    problem : PairwiseProblem
        The pairs, batched.
    checkpoints : tuple of int
        Increasing step counts at which ``max(theta) - min(theta)`` is recorded.
    step : float or array, shape (...,), optional
        Step size, > 0, of all problems or of each.
    log_reference : array, shape (..., Y), optional
        Reference log-policy, needed with `likelihood`.
    likelihood : array, shape (..., Y), optional
        Weights of an added next-token (NTP) term
        :math:`-\sum_y q_y\log\mathrm{softmax}(\log\pi_{\mathrm{ref}}+\theta)_y`; zeros switch it
        off in single problems of a batch.
    settled : float, optional
        Stop, and take the margin for that of all later checkpoints, once no entry of any problem
        moves by more than this in a step. Where steps shrink by a factor 1 - r or faster, what is
        missed is of the order of ``settled / r``. Off by default.

    Returns
    -------
    margins : array, shape (..., len(checkpoints))
    """
    steps = positive_array("step", step)[..., None]
    nonnegative("settled", settled)
    checkpoints = _step_counts(checkpoints)
    theta = np.zeros(problem.weights.shape[:-1])
    pull = None if likelihood is None else bounded_array("likelihood", likelihood, 0)
    reference = 0.0 if log_reference is None else finite_array("log_reference", log_reference)
    given = {"step": steps, "likelihood": pull, "log_reference": reference}
    for name, values in given.items():
        _check_broadcast(name, () if values is None else np.shape(values), theta.shape)
    margins = np.empty((*theta.shape[:-1], len(checkpoints)))
    for done in range(1, checkpoints[-1] + 1):
        move = problem.gradient(theta)
        if pull is not None:
            policy = np.exp(scipy.special.log_softmax(reference + theta, axis=-1))
            move = move + pull.sum(axis=-1, keepdims=True) * policy - pull
        move = steps * move
        theta = theta - move
        if done in checkpoints:
            margins[..., checkpoints.index(done)] = np.ptp(theta, axis=-1)
        if settled and np.abs(move).max() <= settled:
            later = np.array(checkpoints) > done
            margins[..., later] = np.ptp(theta, axis=-1)[..., None]
            break
    return margins
