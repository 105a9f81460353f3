"""Labelled samples with Massart noise, their settings, and excess errors on fresh points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.random import Generator
from refutable.solvers.halfspace import (
    flipped,
    halfspace_labels,
    massart_rates,
    sample_marginal,
)

from refutable import Cell, Cells, Columns, FloatArray

if TYPE_CHECKING:
    from refutable.solvers.halfspace import TesterLearner

TINY = {
    "d": 2, "n": 40_000, "sigma": 0.15, "eta": 0.05, "eps": 0.35,
    "batch": 1000, "steps": 30, "polish": 10,
}  # fmt: skip
SMALL = {
    "d": 3, "n": 200_000, "sigma": 0.1, "eta": 0.1, "eps": 0.3,
    "batch": 5000, "steps": 40, "polish": 30,
}  # fmt: skip
LARGE = SMALL | {"d": 5, "n": 400_000, "batch": 20_000, "steps": 80}

FRESH = 20_000
"""Points on which the excess error is measured; no learner or tester sees them."""

SECOND_AXIS = ("gap", "thin_gap")
"""Marginals whose gap lies across the learner's start e1, with w* = e2."""


def grid(marginals: tuple[str, ...], setting: Mapping[str, float], noise: str = "half") -> Cells:
    """Give one cell per marginal, with the settings of sample and learner, and one noise."""
    return Cells.of(*({"marginal": m, "noise": noise, **setting} for m in marginals))


@dataclass(frozen=True)
class Sample:
    """One labelled sample, and fresh points of the same marginal.

    Attributes
    ----------
    x : ndarray, shape (n, d)
    y : ndarray, shape (n,)
    fresh : ndarray, shape (20000, d)
        Points that are shown to no learner and no tester.
    rates : ndarray, shape (20000,)
        Flip probability of every fresh point.
    w_star : ndarray, shape (d,)
    """

    x: FloatArray
    y: FloatArray
    fresh: FloatArray
    rates: FloatArray
    w_star: FloatArray

    def excess(self, w: FloatArray) -> tuple[float, float]:
        """Excess error of w over w* on the fresh points, and its standard error over points.

        The labels are integrated out: a point on which the two disagree costs ``1 - 2 eta(x)``.
        """
        differ = halfspace_labels(self.fresh, w) != halfspace_labels(self.fresh, self.w_star)
        cost = (1 - 2 * self.rates) * differ
        return float(cost.mean()), float(cost.std() / np.sqrt(len(cost)))


def error_rate(x: FloatArray, y: FloatArray, w: FloatArray) -> float:
    """Share of the points that w labels wrongly."""
    return float((halfspace_labels(x, w) != y).mean())


def unit_vector(rng: Generator, d: int) -> FloatArray:
    """Uniform direction in R^d."""
    w = rng.standard_normal(d)
    return np.asarray(w / np.linalg.norm(w))


def orthogonal_unit_vector(rng: Generator, w: FloatArray) -> FloatArray:
    """Uniform direction orthogonal to w."""
    u = unit_vector(rng, len(w))
    u -= (u @ w) * w
    return np.asarray(u / np.linalg.norm(u))


def massart_sample(cell: Cell, rng: Generator) -> Sample:
    """Draw the sample of a cell with parameters marginal, noise, d, n, eta."""
    second = cell.marginal in SECOND_AXIS
    w_star = np.eye(cell.d)[1] if second else unit_vector(rng, cell.d)
    # Drawn at once, since a marginal may draw parameters of its own (the far wedge's direction).
    points = sample_marginal(cell.marginal, rng, cell.n + FRESH, w_star)
    v = (
        orthogonal_unit_vector(rng, w_star)
        if cell.noise == "quadrant"
        else unit_vector(rng, cell.d)
    )
    rates = massart_rates(cell.noise, points, w_star, v, cell.eta)
    x, fresh = np.split(points, [cell.n])
    y = flipped(halfspace_labels(x, w_star), rates[: cell.n], rng)
    return Sample(x, y, fresh, rates[cell.n :], w_star)


def fitted(cell: Cell, sample: Sample, rng: Generator) -> TesterLearner:
    """Fit the tester-learner with a cell's parameters sigma, eta, eps, batch, steps, polish."""
    from refutable.solvers.halfspace import TesterLearner  # scikit-learn comes with it

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


def stacked(rows: list[dict[str, float]]) -> Columns:
    """Turn one dict per replicate into one column per outcome."""
    return {name: np.array([row[name] for row in rows], dtype=float) for name in rows[0]}
