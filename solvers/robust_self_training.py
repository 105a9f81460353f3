"""Robust self-supervised training of a unit linear rule (Saberi et al., ICLR 2024).

The rule ``sign(<w, x>)``, |w| = 1, minimises the labelled ramp loss plus a weighted unlabelled one,

    mean min(1, max(0, 1 - gamma y <w, x>)) + weight mean max(0, 1 - gamma_u |<w, x'>|).

The objective is not convex. Projected subgradient steps on the sphere start at the mean estimator;
annealing multiplies both slopes by growing factors, without which the method sticks to its start.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers._compiling import compiled
from refutable.solvers.argument_checks import (
    Floats,
    both_classes,
    finite_array,
    nonnegative,
    positive,
    positive_array,
    refuse,
    signs,
    whole_number,
)
from refutable.solvers.gaussian_mixture.statistics import mean_estimator

Single = NDArray[np.float32]


@dataclass(frozen=True)
class SelfTraining:
    """Settings of robust self-supervised training.

    Attributes
    ----------
    gamma, gamma_unlabelled
        Slopes of the two ramps (> 0).
    weight
        Weight of the unlabelled term (>= 0).
    annealing
        Factors (> 0) that multiply both slopes, one phase each.
    steps
        Steps in all (>= number of phases), split evenly over the phases.
    step_size
        Step i of a phase has length ``step_size / sqrt(1 + i)``.
    """

    gamma: float = 1.0
    gamma_unlabelled: float = 0.3
    weight: float = 1.0
    annealing: tuple[float, ...] = (0.25, 0.5, 1.0)
    steps: int = 200
    step_size: float = 0.15

    def __post_init__(self) -> None:
        for name in ("gamma", "gamma_unlabelled", "step_size"):
            positive(name, getattr(self, name))
        nonnegative("weight", self.weight)
        phases = positive_array("annealing", self.annealing, ndim=1)
        object.__setattr__(self, "steps", whole_number("steps", self.steps, len(phases)))


def robust_self_training(
    labelled: ArrayLike,
    labels: ArrayLike,
    unlabelled: ArrayLike,
    settings: SelfTraining | None = None,
) -> Floats:
    """Train one rule per replicate.

    Parameters
    ----------
    labelled, labels
        Shapes (size, m, d) and (size, m), labels in {-1, +1}.
    unlabelled
        Shape (size, n, d).
    settings
        Slopes, annealing and steps; the defaults of `SelfTraining` if None.

    Returns
    -------
    Floats
        Unit vectors, shape (size, d).

    Raises
    ------
    ValueError
        If shapes disagree, an array is empty or not finite, a replicate has labels of one class
        only, or the mean estimator vanishes.
    """
    chosen = settings or SelfTraining()
    points, answers, others = _data(labelled, labels, unlabelled)
    both_classes("labels", answers)
    start = mean_estimator(points, answers)
    norm = np.linalg.norm(start, axis=1, keepdims=True)
    if (norm == 0).any():
        raise ValueError("labelled has a vanishing mean of y x, which has no direction: draw more")
    w = (start / norm).astype(np.float32)
    signed = (answers[..., None] * points).astype(np.float32)
    single = np.ascontiguousarray(others, dtype=np.float32)
    per_phase = chosen.steps // len(chosen.annealing)
    for factor in chosen.annealing:
        slopes = (chosen.gamma * factor, chosen.gamma_unlabelled * factor)
        _phase(signed, single, w, slopes[0], slopes[1], chosen.weight, per_phase, chosen.step_size)
    return np.asarray(w, dtype=np.float64)


def objective(
    w: ArrayLike,
    labelled: ArrayLike,
    labels: ArrayLike,
    unlabelled: ArrayLike,
    settings: SelfTraining | None = None,
) -> Floats:
    """Evaluate the objective at `w`, shape (size, d), without annealing.

    Returns
    -------
    Floats
        Shape (size,).
    """
    chosen = settings or SelfTraining()
    points, answers, others = _data(labelled, labels, unlabelled)
    rule = finite_array("w", w, shape=(points.shape[0], points.shape[2]))
    margin = answers * np.einsum("snd,sd->sn", points, rule)
    distance = np.abs(np.einsum("snd,sd->sn", others, rule))
    ramp = np.clip(1 - chosen.gamma * margin, 0, 1).mean(axis=1)
    hinge = np.clip(1 - chosen.gamma_unlabelled * distance, 0, None).mean(axis=1)
    return np.asarray(ramp + chosen.weight * hinge)


def _data(
    labelled: ArrayLike, labels: ArrayLike, unlabelled: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    points = finite_array("labelled", labelled, ndim=3)
    others = finite_array("unlabelled", unlabelled, ndim=3)
    answers = signs("labels", labels, points.shape[:2])
    if points.shape[0] != others.shape[0] or points.shape[2] != others.shape[2]:
        refuse("unlabelled", others, f"the replicates and dimension of labelled, {points.shape}")
    return points, answers, others


# Row by row, product and update in one pass: large samples are bound by memory traffic.
@compiled(fastmath=True)
def _phase(
    signed: Single,
    unlabelled: Single,
    w: Single,
    gamma: float,
    gamma_unlabelled: float,
    weight: float,
    steps: int,
    step_size: float,
) -> None:  # pragma: no cover - compiled
    size, dim = w.shape
    push = np.empty(dim, dtype=np.float32)
    for s in range(size):
        for i in range(steps):
            push[:] = 0
            _add_labelled(signed[s], w[s], 1 / gamma, gamma / signed.shape[1], push)
            scale = weight * gamma_unlabelled / unlabelled.shape[1]
            _add_unlabelled(unlabelled[s], w[s], 1 / gamma_unlabelled, scale, push)
            _step(w[s], push, step_size / np.sqrt(1.0 + i))


@compiled(fastmath=True)
def _add_labelled(
    rows: Single, w: Single, reach: float, scale: float, push: Single
) -> None:  # pragma: no cover - compiled
    for j in range(rows.shape[0]):
        product = np.float32(0)
        for k in range(w.size):
            product += rows[j, k] * w[k]
        if 0 < product < reach:
            for k in range(w.size):
                push[k] += np.float32(scale) * rows[j, k]


@compiled(fastmath=True)
def _add_unlabelled(
    rows: Single, w: Single, reach: float, scale: float, push: Single
) -> None:  # pragma: no cover - compiled
    for j in range(rows.shape[0]):
        product = np.float32(0)
        for k in range(w.size):
            product += rows[j, k] * w[k]
        if abs(product) < reach:
            signed = np.float32(scale) if product > 0 else np.float32(-scale)
            for k in range(w.size):
                push[k] += signed * rows[j, k]


@compiled(fastmath=True)
def _step(w: Single, push: Single, length: float) -> None:  # pragma: no cover - compiled
    along = np.float32(0)
    for k in range(w.size):
        along += push[k] * w[k]
    norm = 0.0
    for k in range(w.size):
        push[k] -= along * w[k]
        norm += push[k] ** 2
    if norm == 0:
        return
    rate = np.float32(length / np.sqrt(norm))
    total = 0.0
    for k in range(w.size):
        w[k] += rate * push[k]
        total += w[k] ** 2
    for k in range(w.size):
        w[k] /= np.float32(np.sqrt(total))
