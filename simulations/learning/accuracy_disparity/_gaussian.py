"""The two Gaussian classes: their mean, the attacks by name, and the closed form's predictions."""

from __future__ import annotations

import numpy as np
from refutable.solvers.gaussian_mixture import class_accuracies
from refutable.solvers.robust_logistic import LinearRules, robust_logistic
from refutable.theory.learning import accuracy_disparity as theory

from refutable import Cell, FloatArray

ASSUMPTIONS = (
    "x | y is N(y theta, I) in 20 dimensions, theta from 0.05 to 0.6, $abs(theta) = 1.634$",
    "linear rules; perturbations bounded in $l_2$ or l_inf",
)

THETA = np.linspace(0.05, 0.6, 20)
LENGTH = float(np.linalg.norm(THETA))

ATTACKS = {
    "none": ("l2", 0.0),
    "l2": ("l2", LENGTH / 2),
    "linf": ("linf", 0.3),
    "weak l2": ("l2", LENGTH / 4),
    "weak linf": ("linf", 0.15),
}
"""Norm and radius; the radii stay well below the mean, which an attack must not reach."""


def robust_rule(attack: str, imbalance: float) -> theory.GaussianRule:
    """Give the closed-form optimum against a named attack."""
    return theory.gaussian_rule(THETA, imbalance, *ATTACKS[attack])


def robust_fit(
    x: FloatArray,
    y: FloatArray,
    attack: str,
    harder: float = 1.0,
    weights: FloatArray | None = None,
) -> LinearRules:
    """Fit the rule that is trained against a named attack, its radius times `harder`."""
    norm, radius = ATTACKS[attack]
    return robust_logistic(x, y, harder * radius, norm, weights)


def exact_accuracies(rules: LinearRules, mean: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give the accuracies of fitted rules on majority and minority class, shape (size,) each."""
    return class_accuracies(rules.w, mean, 1.0, rules.b)


def majority(cell: Cell) -> float:
    """Predict the majority accuracy in a cell with attack and imbalance."""
    return robust_rule(cell.attack, cell.imbalance).majority


def minority(cell: Cell) -> float:
    """Predict the minority accuracy in a cell with attack and imbalance."""
    return robust_rule(cell.attack, cell.imbalance).minority
