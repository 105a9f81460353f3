"""The mixture on scikit-learn's digits: a nearest neighbour, and a smoothed linear classifier."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from refutable.theory.learning import adaptive_smoothing as theory
from scipy.special import ndtr
from sklearn.datasets import load_digits
from sklearn.linear_model import RidgeClassifier
from sklearn.neighbors import KNeighborsClassifier

from refutable import Cell

FloatArray = NDArray[np.float64]

TEST = 400
SIGMA = 2.0
"""Smoothing in the pixels' own units, 0 to 16."""


@lru_cache(maxsize=1)
def _odd_digits() -> tuple[FloatArray, FloatArray]:
    digits = load_digits()
    return digits.data, np.where(digits.target % 2 == 1, 1.0, -1.0)


def digits_mixture(cell: Cell, rng: Generator, size: int) -> dict[str, FloatArray]:
    """Mix the two on random splits, and attack within the certified radius and just beyond.

    g is the 1-nearest neighbour with probability 1; h is a linear classifier smoothed exactly,
    ``Phi(distance/sigma)``. The attack moves every test point against its mixture label along h's
    normal.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``flips``: test points whose label changes within 0.999 of the certified radius;
        ``ignoring_flips``: the same for the radius that leaves alpha out; ``gain``: clean accuracy
        of the mixture minus h's; ``certified``: share of right points with a radius above 0.
    """
    rows = [_split(cell.alpha, rng) for _ in range(size)]
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def _split(alpha: float, rng: Generator) -> dict[str, float]:
    x, y = _odd_digits()
    order = rng.permutation(len(x))
    test, train = order[:TEST], order[TEST:]
    g = KNeighborsClassifier(1, algorithm="brute").fit(x[train], y[train])
    h = RidgeClassifier(alpha=1.0).fit(x[train], y[train])
    weights = np.ravel(h.coef_)
    normal = weights / np.linalg.norm(weights)
    offset = float(np.ravel(h.intercept_)[0] / np.linalg.norm(weights))

    def positive(points: FloatArray) -> FloatArray:
        """Mixture probability of the odd digits minus 1/2."""
        smoothed = ndtr((points @ normal + offset) / SIGMA)
        return np.asarray((1 - alpha) * (g.predict(points) > 0) + alpha * smoothed - 0.5)

    clean = np.where(positive(x[test]) >= 0, 1.0, -1.0)
    linear = x[test] @ normal + offset
    top = ndtr(np.abs(linear) / SIGMA)
    # The certificate is for h's own answer; where h decides, the mixture gives the same.
    radius = theory.direct_radius(top, 1 - top, alpha, SIGMA)
    ignoring = theory.smoothing_radius(top, 1 - top, 1.0, SIGMA)

    def flips(distance: FloatArray) -> float:
        moved = x[test] - (0.999 * distance * np.sign(linear))[:, None] * normal
        changed = (positive(moved) >= 0) != (clean > 0)
        return float((changed & (distance > 0)).sum())

    return {
        "flips": flips(radius),
        "ignoring_flips": flips(ignoring),
        "gain": float((clean == y[test]).mean() - (np.sign(linear) == y[test]).mean()),
        "certified": float(((radius > 0) & (clean == y[test])).mean()),
    }
