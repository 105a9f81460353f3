"""Gaussian classes: standard and adversarially trained rules, population and samples."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.random import Generator
from refutable.solvers.gaussian_mixture import class_accuracies, sample_mixture
from refutable.solvers.robust_logistic import (
    LinearRules,
    class_weights,
    population_robust_logistic,
    robust_logistic,
)
from refutable.theory.learning import accuracy_disparity as theory

THETA = np.linspace(0.05, 0.6, 20)
FLAT = np.full(20, np.linalg.norm(THETA) / np.sqrt(20))
LENGTH = float(np.linalg.norm(THETA))
RADII = {"none": ("l2", 0.0), "l2": ("l2", LENGTH / 2), "linf": ("linf", 0.3)}
RADII["weak l2"], RADII["weak linf"] = ("l2", LENGTH / 4), ("linf", 0.15)


def robust_rule(attack: str, imbalance: float, theta: np.ndarray = THETA) -> theory.GaussianRule:
    """Give the closed-form optimum against a named attack."""
    return theory.gaussian_rule(theta, imbalance, *RADII[attack])


def _accuracies(rules: LinearRules, mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return class_accuracies(rules.w, mean, 1.0, rules.b)


def population_rule(cell: Any) -> Mapping[str, Any]:
    """Minimise the adversarial logistic loss of the population; give exact accuracies."""
    attack, radius = RADII[cell.attack]
    w, b = population_robust_logistic(THETA, cell.imbalance, radius, attack)
    majority, minority = class_accuracies(w, THETA, 1.0, b)
    return {"majority": float(majority), "minority": float(minority)}


def fitted_rule(cell: Any, rng: Generator, size: int) -> Mapping[str, Any]:
    """Train on n points; give exact accuracies of the fitted rule."""
    attack, radius = RADII[cell.attack]
    x, y = sample_mixture(rng, size, cell.n, THETA, prior=cell.imbalance / (1 + cell.imbalance))
    majority, minority = _accuracies(robust_logistic(x, y, radius, attack), THETA)
    return {"majority": majority, "minority": minority}


def disparity_increase(
    cell: Any, rng: Generator, size: int, *, imbalance: float | None = None, reweight: bool = False
) -> Mapping[str, Any]:
    """Disparity after adversarial training less that after standard training, same sample."""
    ratio = cell.imbalance if imbalance is None else imbalance
    x, y = sample_mixture(rng, size, cell.n, THETA, prior=ratio / (1 + ratio))
    weights = class_weights(y) if reweight else None
    attack, radius = RADII[cell.attack]
    disparities = [
        np.subtract(*_accuracies(robust_logistic(x, y, r, attack, weights), THETA))
        for r in (radius, 0.0)
    ]
    return {"increase": disparities[0] - disparities[1]}


def balanced_increase(cell: Any, rng: Generator, size: int) -> Mapping[str, Any]:
    """Repeat `disparity_increase` with equally frequent classes."""
    return disparity_increase(cell, rng, size, imbalance=1)


def reweighted_increase(cell: Any, rng: Generator, size: int) -> Mapping[str, Any]:
    """Repeat `disparity_increase` with the classes weighted equally in the loss."""
    return disparity_increase(cell, rng, size, reweight=True)


IMBALANCES = (1.5, 2, 3, 5, 10, 20)


def smallest_steps(cell: Any) -> Mapping[str, Any]:
    """Smallest growth of the closed-form disparity along R and along the radius."""
    radii = np.linspace(0, 0.55, 12) * (LENGTH if cell.attack == "l2" else 0.6)
    disparity = [
        [theory.gaussian_rule(THETA, r, cell.attack, eps).disparity for eps in radii]
        for r in IMBALANCES
    ]
    return _steps(np.array(disparity))


def stable_steps(cell: Any) -> Mapping[str, Any]:
    """Repeat `smallest_steps` on the line under Cauchy noise, centre 3."""
    del cell
    radii = np.linspace(0, 1.5, 12)
    disparity = [[theory.cauchy_disparity(r, 3.0, eps) for eps in radii] for r in (1.5, 2, 3, 5)]
    return _steps(np.array(disparity))


def _steps(disparity: np.ndarray) -> Mapping[str, Any]:
    along = [float(np.diff(disparity, axis=axis).min()) for axis in (0, 1)]
    return {"step_in_imbalance": along[0], "step_in_radius": along[1]}


def accuracy_drop(
    cell: Any, rng: Generator, size: int, theta: np.ndarray = THETA
) -> Mapping[str, Any]:
    """Mean class accuracy after standard less that after adversarial training, R = 1."""
    x, y = sample_mixture(rng, size, cell.n, theta)
    attack, radius = RADII[cell.attack]
    plain, robust = (
        np.mean(_accuracies(robust_logistic(x, y, r, attack), theta), axis=0) for r in (0.0, radius)
    )
    return {"drop": plain - robust}


def flat_drop(cell: Any, rng: Generator, size: int) -> Mapping[str, Any]:
    """Repeat `accuracy_drop` with a mean whose components are all equal."""
    return accuracy_drop(cell, rng, size, FLAT)
