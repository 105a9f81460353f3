"""How far off the gradient of E_q[log p] is when a denoiser at the level of q gives the score."""

from __future__ import annotations

import math

import numpy as np
from refutable.solvers import mixture_em as em
from refutable.solvers.mixture_em import Mixture
from refutable.theory.generative import score_dvi as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Exact,
    ExactSlope,
    FalseTheory,
    FloatArray,
    Origin,
    Scope,
    Values,
)

WEIGHTS, MEANS, VARIANCES = (0.5, 0.5), (-1.0, 1.0), (0.3, 0.3)
PRIOR = Mixture(np.array(WEIGHTS), np.array(MEANS)[:, None], np.array(VARIANCES), "spherical")

SAMPLED = (0.0125, 0.025, 0.05)
AT_MEAN = (0.003125, 0.00625, 0.0125)
"""Levels s; at the mean alone the next order is larger, so that they are smaller."""

NODES = 80
"""Of Gauss-Hermite quadrature over q: 1e-13 against 120."""

RATE = 0.05
ONE_PER_CENT = 0.01


def denoiser_score(x: FloatArray, level: float, made_for: float) -> FloatArray:
    """Return (D(x) - x) / level^2 of the best denoiser for another level, shape of x."""
    denoised = em.posterior_mean(PRIOR, np.array([[made_for**2]]), x[:, None])[:, 0]
    return np.asarray((denoised - x) / level**2)


def biases(m: float, level: float, off: float) -> tuple[float, float]:
    """Bias of the gradient in m, with the denoiser at samples of q and at its mean alone."""
    t, mass = np.polynomial.hermite_e.hermegauss(NODES)
    mass, x = mass / math.sqrt(2 * math.pi), m + level * t
    wanted = mass @ em.score(PRIOR, x[:, None])[:, 0]
    made_for = level * (1 + off)
    sampled = mass @ denoiser_score(x, level, made_for)
    alone = denoiser_score(np.array([m]), level, made_for)[0]
    return float(sampled - wanted), float(alone - wanted)


def derivatives(cell: Cell) -> theory.LogDerivatives:
    """Return the derivatives of the log prior at the mean of q."""
    return theory.log_derivatives([cell.m], WEIGHTS, MEANS, VARIANCES)


def bias_ladders(cell: Cell, off: float = 0.0, only_mean: bool = False) -> Values:
    """Biases over the levels, and over what theory says of them.

    Parameters
    ----------
    cell : Cell
        With ``m``, the mean of q.
    off : float
        By what share the denoiser is made for another level than that of q.
    only_mean : bool
        Denoise the mean of q where samples are meant.
    """
    place = 1 if only_mean else 0
    sampled = np.array([biases(cell.m, s, off)[place] for s in SAMPLED])
    alone = np.array([biases(cell.m, s, off)[1] for s in AT_MEAN])
    law = derivatives(cell)
    return {
        "bias_at_samples": np.abs(sampled),
        "bias_at_mean": np.abs(alone),
        "share_at_samples": float(sampled[0] / SAMPLED[0] ** 2 / law.bias_at_samples[0]),
        "share_at_mean": float(alone[-1] / AT_MEAN[-1] ** 2 / law.bias_at_mean[0]),
    }


BIAS = Claim(
    id="score_dvi.score-bias",
    title="The score prior is biased by the square of the width of the image posterior",
    source="(E_z - z) / var at samples in ScoreDVI.py; its bias is derived here",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="With the best denoiser for noise of the width s of q, at samples of q, the gradient "
    "of the expected log prior is off by $s^2$ times a constant that the derivatives of "
    "the log prior give; with the denoiser at the mean alone the constant is another.",
    formula="EE_q [(D_s (x) - x)/s^2] - partial_m EE_q [log p(x)] = "
    "s^2/2 (l''' + 2 l' l'') + O(s^4), quad "
    "(D_s (m) - m)/s^2 - partial_m EE_q [log p(x)] = s^2 l' l'' + O(s^4)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="What the bias does to images, or the blind denoisers of the code, which choose "
    "their own level.",
    assumptions=(
        "prior: two Gaussians of variance 0.3 at -1 and 1, on the line",
        "denoiser exact, made for the level s",
        "expectations by quadrature",
    ),
    notes=(
        "At $m = 0.4$ the constants are -8.823 at samples and -0.992 at the mean: here the average "
        "over samples has nine times the bias of the one evaluation at the mean.",
        "At $m = 0.4$ from $s = 0.0125$ to 0.05 the slope at the mean is only 1.91.",
    ),
    cells=ByEffort(
        smoke=Cells(m=(0.4,)), standard=Cells(m=(0.4, 0.8, 1.2)), full=Cells(m=(0.4, 0.8, 1.2, 2.0))
    ),
    compute=bias_ladders,
    expect=(
        ExactSlope("bias_at_samples", SAMPLED).near(2, RATE),
        ExactSlope("bias_at_mean", AT_MEAN).near(2, RATE),
        Exact("share_at_samples").near(1, ONE_PER_CENT),
        Exact("share_at_mean").near(1, ONE_PER_CENT),
    ),
    controls=(
        FalseTheory(
            "s^1.9",
            ExactSlope("bias_at_samples", SAMPLED, m=0.4).near(1.9, RATE + 0.02),
            ExactSlope("bias_at_mean", AT_MEAN, m=0.4).near(1.9, RATE + 0.02),
        ),
        FalseTheory(
            "a constant larger by 1.5 %",
            Exact("share_at_samples", m=0.4).near(1.015, ONE_PER_CENT),
        ),
        BrokenWorld(
            "the mean denoised where samples are meant",
            change={"only_mean": True},
            at={"m": 0.4},
            judged_by="share_at_samples",
        ),
        BrokenWorld(
            "a denoiser made for noise stronger by a thousandth",
            change={"off": 1e-3},
            at={"m": 0.4},
        ),
    ),
    figure=Axis(x="m", label="mean m of the image posterior"),
)
