"""Whether the divergences that the code subtracts for the noise posterior are the true ones."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.random import Generator
from refutable.theory.generative import score_dvi as theory

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    FloatArray,
    Origin,
    Scope,
)

CLOSE = 1e-9
"""Relative to 1 + the divergence; the trapezoidal rule leaves 4e-12."""

GRID = np.linspace(-60, 60, 3001)
"""Of the trapezoidal rule in the logarithm, or the log odds, of a variable: with shapes from 1/2 to
50 the densities fall to 1e-13 at its ends and are three steps wide at least."""

LEAST, MOST = 0.5, 50.0


def by_quadrature(log_density: FloatArray, log_prior: FloatArray) -> FloatArray:
    """Sum q log(q / p) over the last axis, where both densities are normalised first."""
    q, p = (
        v - scipy.special.logsumexp(v, axis=-1, keepdims=True) for v in (log_density, log_prior)
    )
    return np.asarray((np.exp(q) * (q - p)).sum(axis=-1))


def gammas(a: FloatArray, b: FloatArray, a0: float, b0: float) -> FloatArray:
    """Divergence of Gamma laws (shape, rate), over the logarithm of the precision."""
    tau = np.exp(GRID)
    return by_quadrature(a[..., None] * GRID - b[..., None] * tau, a0 * GRID - b0 * tau)


def dirichlets(d: FloatArray, d0: float) -> FloatArray:
    """Divergence of Dirichlet laws: the sum of those of the sticks that are broken off."""
    behind = np.cumsum(d[..., ::-1], axis=-1)[..., ::-1][..., 1:]
    number = d.shape[-1] - 1 - np.arange(d.shape[-1] - 1)
    both = -np.logaddexp(0, GRID)
    own, rest = d[..., :-1, None], behind[..., None]
    stick = own * GRID + (own + rest) * both
    prior = d0 * GRID + d0 * (1 + number[:, None]) * both
    return np.asarray(by_quadrature(stick, prior).sum(axis=-1))


def log_uniform(rng: Generator, low: float, high: float, shape: tuple[int, ...]) -> FloatArray:
    """Draw numbers whose logarithms are uniform."""
    return np.exp(rng.uniform(np.log(low), np.log(high), shape))


def divergence_gaps(
    cell: Cell, rng: Generator, size: int, plug_in: bool = False, prior_off: float = 0.0
) -> Columns:
    """Compare the code's two divergences with integrals.

    Parameters
    ----------
    cell : Cell
        With ``beta_0``, the prior's rate.
    plug_in : bool
        Put the logarithm of the mean where the mean of the logarithm belongs.
    prior_off : float
        By what share the formulas have another prior.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``precision_gap``, ``weight_gap``: differences over 1 + the divergence.
    """
    a, b = log_uniform(rng, LEAST, MOST, (size,)), log_uniform(rng, 0.01, 10, (size,))
    d = log_uniform(rng, LEAST, MOST, (size, 3))
    off = 1 + prior_off
    precision = theory.precision_divergence(a, b, 1.0, cell.beta_0 * off)
    weight = theory.weight_divergence(d, np.full(3, off))
    if plug_in:
        digamma, total = scipy.special.digamma, d.sum(axis=-1, keepdims=True)
        precision += (a - 1) * (np.log(a) - digamma(a))
        short = np.log(d / total) - digamma(d) + digamma(total)
        weight += ((d - 1) * short).sum(axis=-1)
    true_precision, true_weight = gammas(a, b, 1.0, cell.beta_0), dirichlets(d, 1.0)
    return {
        "precision_gap": np.abs(precision - true_precision) / (1 + true_precision),
        "weight_gap": np.abs(weight - true_weight) / (1 + true_weight),
    }


DIVERGENCES = Claim(
    id="score_dvi.noise-divergences",
    title="The divergences of the noise posterior that the code computes are the true ones",
    source="Equations 14 and 16 as ScoreDVI.py has them",
    origin=Origin.IMPLIED,
    basis=Basis.CODE,
    statement="The terms that the code subtracts for the precisions and for the weights of the "
    "noise are the Kullback-Leibler divergences of Gamma and Dirichlet laws, as integrals say.",
    formula='"KL"("Gamma"(alpha, beta) | "Gamma"(alpha_0, beta_0)) = '
    "(alpha - alpha_0) psi(alpha) - log (Gamma(alpha)\\/Gamma(alpha_0)) "
    "+ alpha_0 log (beta\\/beta_0) + beta_0 alpha\\/beta - alpha",
    scope=Scope.AS_STATED,
    does_not_show="The other terms of the objective; the code replaces sums over pixels by means, "
    "and gives the image's divergence a weight that is 1 for middling noise alone.",
    assumptions=(
        "shapes and concentrations from 0.5 to 50, rates from 0.01 to 10",
        "priors as in the code: shape 1, rates 0.005, 0.01 and 0.02, concentration 1",
        "a Dirichlet law is integrated stick by stick",
    ),
    cells=ByEffort(
        smoke=Cells(beta_0=(0.02,)),
        standard=Cells(beta_0=(0.005, 0.01, 0.02)),
        full=Cells(beta_0=(0.005, 0.01, 0.02)),
    ),
    simulate=divergence_gaps,
    expect=(Exact("precision_gap").at_most(CLOSE), Exact("weight_gap").at_most(CLOSE)),
    controls=(
        BrokenWorld(
            "a prior off by a ten-millionth", change={"prior_off": 1e-7}, at={"beta_0": 0.02}
        ),
        BrokenWorld(
            "logarithms of means in place of means of logarithms",
            change={"plug_in": True},
            at={"beta_0": 0.02},
        ),
    ),
    block=20,
    cap=ByEffort(smoke=100, standard=400, full=2000),
)
