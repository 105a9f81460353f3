"""How the entropy of what is generated grows with the label noise (Theorem 1)."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.generative.slight_corruption._data import CLASS, by_law
from refutable.simulations.generative.slight_corruption._training import entropy_gain
from refutable.theory.generative.slight_corruption.entropy import gain_at_mean

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Claim,
    Columns,
    FalseTheory,
    FloatArray,
    Origin,
    Scope,
    Slope,
)

DIM, SAMPLES, NORM = 16, 2000, 1.0
GAMMAS = tuple(round(float(gamma), 4) for gamma in np.geomspace(0.01, 0.2, 6))


def gains(cell: Cell, rng: Generator, size: int, times: float = 1.0, power: float = 1.0) -> Columns:
    """Raise gamma on one data set in each replicate.

    Parameters
    ----------
    times, power : float
        The label noise has deviation ``times * gamma ** power``.

    Returns
    -------
    dict of ndarray, shape (size, 6)
    """
    del cell
    mean, covariance = by_law(rng, size, DIM, SAMPLES, NORM)
    ladder = [times * gamma**power for gamma in GAMMAS]
    return {"gain": np.stack([entropy_gain(mean, covariance, g, "label") for g in ladder], axis=1)}


def _predicted(cell: Cell, sizes: FloatArray) -> FloatArray:
    del cell
    return np.array([gain_at_mean(DIM, SAMPLES, NORM, float(gamma)) for gamma in sizes])


GAMMA = Claim(
    id="slight_corruption.entropy-gain-gamma",
    title="The entropy of what is generated grows with the square of the label noise",
    source="Theorem 1 (3 in the appendix); that gamma is small and every eigenvalue of the "
    "covariance far above it stands in its proof",
    origin=Origin.PRINTED,
    basis=Basis.FULL_TEXT,
    statement="In one class the entropy of what the trained denoiser generates exceeds that "
    "without corruption by a multiple of gamma squared. Tried is the median slope over data sets.",
    formula="H(z^c) - H(z) = Theta(gamma^2)",
    scope=Scope.AS_STATED,
    does_not_show="The other factor of the theorem, the dimension, for which see "
    "entropy-gain-dimension. Entropy says nothing of quality.",
    assumptions=(*CLASS, "gamma is small and far below every eigenvalue of the covariance"),
    simulate=gains,
    expect=(
        Slope("gain", GAMMAS).near(2, 0.05),
        Slope("gain", GAMMAS, _predicted).near(0, 0.01),
    ),
    controls=(
        FalseTheory("an exponent of 1.92", Slope("gain", GAMMAS).near(1.92, 0.05)),
        BrokenWorld("label noise with the root of gamma", change={"power": 0.5}),
        BrokenWorld("five times the label noise: gamma up to 1", change={"times": 5.0}),
    ),
    block=16,
    cap=ByEffort(smoke=320, standard=640, full=1280),
    figure=Axis(x="gamma", label="label noise γ", log=True),
    notes=(
        "The gain is the integral of the divergence of the trained ODE; no form of the law is "
        "assumed.",
    ),
)
