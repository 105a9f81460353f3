"""How curved the two objectives are: the likelihood whatever the noise, NCE less and less."""

from __future__ import annotations

import math

import numpy as np
from refutable.simulations.generative.meco._line import (
    GAUSSIANS,
    LOG_ROOT,
    Normal,
    contrastive_laws,
)
from refutable.solvers.information_quadrature import line_rule
from refutable.solvers.unnormalized_gradients import (
    WeightedSample,
    compositional_gradient,
    contrastive_curvature,
)
from refutable.theory.generative import meco as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Exact,
    FalseTheory,
    FloatArray,
    Origin,
    Scope,
    Values,
)

DISTANCE = 4.0
THETAS = np.linspace(-2.0, 6.0, 17)
NUDGE = 1e-4
"""Step of the difference quotient of the gradient, which is linear: rounding leaves 1e-11."""


def _log_noise(name: str, x: FloatArray) -> FloatArray:
    if name == "Laplace":
        return np.asarray(-np.abs(x) - math.log(2.0))
    laws = {"far": Normal(), "near": Normal(DISTANCE), "wide": Normal(0.0, DISTANCE)}
    return laws[name].log_density(x)


def composed_landscape(cell: Cell, variance: float = 1.0, reach: float = math.inf) -> Values:
    """Gradient of the composed objective at 17 parameters, by quadrature over data and noise.

    Parameters
    ----------
    cell : Cell
        With ``noise``.
    variance : float
        Of the model, whose unnormalised density is exp(-x^2 / (2 variance) + theta x).
    reach : float
        Noise farther from 0 than this is never drawn.

    Returns
    -------
    dict
        ``gradient_error``: largest difference from theta - R; ``constant_error``: of the
        logarithm of the inner mean from that of the model's constant; ``curvature``: all of them.
    """
    x, dx = line_rule(-60.0, 60.0, 12_001)
    log_q = _log_noise(cell.noise, x)
    statistics = np.broadcast_to(x[:, None], (len(THETAS), len(x), 1))
    offsets = np.broadcast_to(-(x**2) / (2.0 * variance) - log_q, statistics.shape[:-1])
    data = WeightedSample(statistics, offsets, dx * np.exp(Normal(DISTANCE).log_density(x)))
    mass = dx * np.exp(log_q)
    drawn = mass * (np.abs(x) <= reach)
    noise = WeightedSample(statistics, offsets, drawn * (mass.sum() / drawn.sum()))

    def gradient(shift: float) -> tuple[FloatArray, FloatArray]:
        slope, inner = compositional_gradient(THETAS[:, None] + shift, data, noise)
        return slope[:, 0], inner

    here, inner = gradient(0.0)
    return {
        "gradient_error": float(np.abs(here - (THETAS - DISTANCE)).max()),
        "constant_error": float(np.abs(inner - (THETAS**2 / 2 + LOG_ROOT)).max()),
        "curvature": (gradient(NUDGE)[0] - gradient(-NUDGE)[0]) / (2.0 * NUDGE),
    }


LIKELIHOOD = Claim(
    id="meco.likelihood-whatever-noise",
    title="The composed objective is the likelihood, for any noise that reaches the model",
    source="abstract: the log partition function as a composition with a noise distribution",
    origin=Origin.IMPLIED,
    basis=Basis.ABSTRACT,
    statement="For the mean of a Gaussian the expected gradient is theta - R and the curvature 1, "
    "at every theta and for noise N(0, 1), N(4, 1), N(0, 16) and Laplace noise alike, and the "
    "inner mean is the constant of the model.",
    formula="nabla cal(L)(theta) = theta - R, quad cal(L)''(theta) = 1, "
    "quad EE_q [p_theta / q] = integral p_theta",
    scope=Scope.AS_STATED,
    does_not_show="What a batch of noise makes of these means: see inner-variance and far-noise.",
    assumptions=("data are N(4, 1)", "the model is $exp(-x^2 / 2 + theta x)$, theta from -2 to 6"),
    cells=Cells(noise=("far", "near", "wide", "Laplace")),
    compute=composed_landscape,
    expect=(
        Exact("gradient_error").at_most(1e-8),
        Exact("constant_error").at_most(1e-8),
        Exact("curvature").equals(1.0, 1e-6),
    ),
    controls=(
        BrokenWorld(
            "a model with a variance of 1.001",
            change={"variance": 1.001},
            judged_by=("gradient_error", "constant_error", "curvature"),
        ),
        BrokenWorld(
            "noise that is never drawn ten or more from 0",
            change={"reach": 10.0},
            judged_by=("gradient_error", "constant_error"),
        ),
    ),
)


def contrastive_landscape(cell: Cell, farther: float = 0.0, likelihood: bool = False) -> Values:
    """Spectrum of the Hessian of NCE at the optimum, and its ratios to what it nears.

    Parameters
    ----------
    cell : Cell
        With ``distance``.
    farther : float
        Share of the distance by which the noise is farther than it is said to be.
    likelihood : bool
        Give the curvature of the likelihood, 1, for that of NCE.
    """
    distance = cell.distance
    noise = Normal(-farther * distance)
    data, other = contrastive_laws(distance, noise)
    found = contrastive_curvature([distance, distance**2 / 2], data, other)
    least = 1.0 if likelihood else float(found.least)
    log_excess = math.log(least / theory.flattest_limit(distance))
    return {
        "log_least": math.log(least),
        "exponent": 0.125 - log_excess / distance**2,
        "steepest": float(found.greatest) / theory.steepest_limit(distance),
    }


def _lower(cell: Cell) -> float | None:
    low = theory.flattest_bounds(cell.distance)[0]
    return math.log(low) if low > 0 else None


def _upper(cell: Cell) -> float:
    return math.log(theory.flattest_bounds(cell.distance)[1])


FAR_APART = (8, 10, 12, 14)

FLAT = Claim(
    id="meco.nce-flat-mle-not",
    title="Noise-contrastive estimation is exponentially flat where data and noise are apart",
    source="abstract: the flat loss landscape of NCE, in one-dimensional Gaussian mean estimation",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement="The least eigenvalue of the Hessian of NCE at the optimum is $24.74 R^(-5) "
    "exp(-R^2/8)$ up to a factor that is bounded and nears 1, and the largest is near "
    "$0.157 R exp(-R^2/8)$; the curvature of the likelihood is 1 for every R.",
    formula="lambda_min ~ (2 pi^3)/sqrt(2 pi) R^(-5) e^(-R^2 slash 8), quad "
    "lambda_max ~ sqrt(2 pi)/16 R e^(-R^2 slash 8)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="The paper's own theorem, whose text was not readable. Noise near the data, for "
    "which NCE is not flat.",
    assumptions=GAUSSIANS,
    notes=(
        "The least eigenvalue is 0.54, 0.68, 0.77, 0.83 and 0.87 of its limit at $R = 6$, 8, 10, "
        "12 and 14; the largest 1.01 to 0.997 of its own.",
    ),
    cells=Cells(distance=(2, 4, 6, 8, 10, 12, 14)),
    compute=contrastive_landscape,
    expect=(
        Exact("log_least").within(_lower, _upper),
        Exact("exponent", distance=FAR_APART).near(0.125, 0.01),
        Exact("steepest", distance=(6, *FAR_APART)).near(1.0, 0.02),
    ),
    controls=(
        BrokenWorld(
            "noise one part in 200 farther",
            change={"farther": 0.005},
            at={"distance": 14},
            judged_by=("log_least", "steepest"),
        ),
        BrokenWorld(
            "the likelihood in place of NCE",
            change={"likelihood": True},
            at={"distance": 8},
            judged_by="log_least",
        ),
        FalseTheory("exp(-R^2 / 7)", Exact("exponent", distance=FAR_APART).near(1 / 7, 0.01)),
        FalseTheory("exp(-R^2 / 9)", Exact("exponent", distance=FAR_APART).near(1 / 9, 0.01)),
    ),
    figure=Axis(x="distance", label="distance R of data and noise"),
)
