"""Labelled samples with Massart noise and their exact excess error, for the tester-learner."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from claimcheck import Cell
from solvers.halfspace import (
    TesterLearner,
    flipped,
    halfspace_labels,
    massart_rates,
    sample_marginal,
)

FloatArray = NDArray[np.float64]

SECOND_AXIS = ("gap", "thin_gap")
"""Marginals whose gap lies across the learner's start e1, with w* = e2."""


@dataclass(frozen=True)
class Sample:
    """One labelled sample.

    Attributes
    ----------
    x : ndarray, shape (n, d)
    y : ndarray, shape (n,)
    rates : ndarray, shape (n,)
        Flip probability of every point.
    w_star : ndarray, shape (d,)
    """

    x: FloatArray
    y: FloatArray
    rates: FloatArray
    w_star: FloatArray

    def excess(self, w: FloatArray) -> tuple[float, float]:
        """Excess error of w over w* given the points, and its standard error over points.

        The labels are integrated out: a point on which the two disagree costs ``1 - 2 eta(x)``.
        """
        differ = halfspace_labels(self.x, w) != halfspace_labels(self.x, self.w_star)
        cost = (1 - 2 * self.rates) * differ
        return float(cost.mean()), float(cost.std() / np.sqrt(len(cost)))


def unit_vector(rng: np.random.Generator, d: int) -> FloatArray:
    """Uniform direction in R^d."""
    w = rng.standard_normal(d)
    return np.asarray(w / np.linalg.norm(w))


def orthogonal_unit_vector(rng: np.random.Generator, w: FloatArray) -> FloatArray:
    """Uniform direction orthogonal to w."""
    u = unit_vector(rng, len(w))
    u -= (u @ w) * w
    return np.asarray(u / np.linalg.norm(u))


def massart_sample(cell: Cell, rng: np.random.Generator) -> Sample:
    """Draw the sample of a cell with parameters marginal, noise, d, n, eta."""
    second = cell.marginal in SECOND_AXIS
    w_star = np.eye(cell.d)[1] if second else unit_vector(rng, cell.d)
    x = sample_marginal(cell.marginal, rng, cell.n, w_star)
    v = (
        orthogonal_unit_vector(rng, w_star)
        if cell.noise == "quadrant"
        else unit_vector(rng, cell.d)
    )
    rates = massart_rates(cell.noise, x, w_star, v, cell.eta)
    return Sample(x, flipped(halfspace_labels(x, w_star), rates, rng), rates, w_star)


def fitted(cell: Cell, sample: Sample, rng: np.random.Generator) -> TesterLearner:
    """Fit the tester-learner with a cell's parameters sigma, eta, eps, batch, steps, polish."""
    # Wider bandwidths would carry the learner over a thin gap, so they are left out there.
    widest = cell.sigma if cell.marginal == "thin_gap" else 2.0
    model = TesterLearner(
        cell.eps,
        cell.eta,
        cell.sigma,
        widest=widest,
        steps=cell.steps,
        batch=cell.batch,
        polish=cell.polish,
        random_state=int(rng.integers(2**31)),
    )
    return model.fit(sample.x, sample.y.astype(np.int8))
