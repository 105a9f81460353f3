"""The norm of pure noise in the weighted second-moment matrix, against the semicircle's edge."""

from __future__ import annotations

import math

import numpy as np
from numpy.random import Generator
from refutable.theory.generative.ambient_diffusion import DIMENSION_POWER, edge, effective_size

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    FalseTheory,
    FloatArray,
    Origin,
    Quantile,
    Scope,
)

DIMENSION, SAMPLES = 60, 20_000
MARGIN = 0.06
"""Share of the edge at 60 dimensions; the largest eigenvalue is off by the order d^(-2/3)."""


def wishart(rng: Generator, size: int, d: int, degrees: int) -> FloatArray:
    """Draw ``sum_i X_i X_i'`` of `degrees` standard normal vectors, shape (size, d, d).

    By Bartlett's decomposition: the law is exact, and the cost does not depend on `degrees`.
    """
    root = np.tril(rng.standard_normal((size, d, d)), -1)
    at = np.arange(d)
    root[:, at, at] = np.sqrt(rng.chisquare(degrees - at, (size, d)))
    return np.asarray(root @ np.swapaxes(root, -1, -2))


def groups(cell: Cell) -> tuple[tuple[int, int], tuple[float, float]]:
    """Return how many samples are clean and noisy, n growing as d^2, and their noises."""
    n = SAMPLES * (cell.d // DIMENSION) ** 2
    noisy = round(cell.share * n)
    return (n - noisy, noisy), (1.0, float(cell.noise))


def spectral_noise(
    cell: Cell, rng: Generator, size: int, power: float = DIMENSION_POWER
) -> Columns:
    """Norm of the weighted second-moment matrix of pure noise less its mean.

    Parameters
    ----------
    power : float
        Weights are s^-power.

    Returns
    -------
    dict of ndarray, shape (size,)
    """
    counts, noises = groups(cell)
    weights = [s**-power for s in noises]
    total = np.zeros((size, cell.d, cell.d))
    mean = 0.0
    for count, s, weight in zip(counts, noises, weights, strict=True):
        total += weight * s**2 * wishart(rng, size, cell.d, count)
        mean += weight * s**2 * count
    apart = total - mean * np.eye(cell.d)
    norm = np.abs(np.linalg.eigvalsh(apart)).max(axis=1)
    return {"norm": norm / np.dot(weights, counts)}


def _edge(cell: Cell) -> float:
    return edge(cell.d, *groups(cell), DIMENSION_POWER)


def _margin(cell: Cell) -> float:
    return MARGIN * math.pow(DIMENSION / cell.d, 2 / 3) * _edge(cell)


def _steeper(cell: Cell) -> float:
    """Return the edge were a noisy sample worth s^-5."""
    counts, noises = groups(cell)
    return 2.0 * math.sqrt(float(cell.d) / effective_size(counts, noises, 5.0))


DISCOUNT = Claim(
    id="ambient_diffusion.pca-noise-discount",
    title="For the span of the atoms a sample is discounted by the fourth power of its noise",
    source="The discount $s^(-4)$ of reviews of the paper; the constant is derived",
    origin=Origin.DERIVED,
    basis=Basis.THIRD_PARTY,
    statement=(
        "With weights $s^(-4)$ the noise in the second-moment matrix of d-dimensional samples has "
        "a median norm of 2 sqrt(d / sum_i s_i^-4), up to 6 percent at $d = 60$ and less above."
    ),
    formula='"med" norm(sum_i s_i^(-4) (X_i X_i^top - s_i^2 I)) / (sum_i s_i^(-4)) approx '
    "2 sqrt(d / (sum_i s_i^(-4)))",
    scope=Scope.MECHANISM_ONLY,
    does_not_show=(
        "The power 1/4 of the reconstructed bound, which takes atoms close to each other. That "
        "the span cannot be found otherwise."
    ),
    assumptions=("pure noise, all atoms at the origin", "20,000 (d / 60)^2 samples"),
    notes=(
        "Equal weights have 2 sqrt(d sum_i s_i^4) / n, half as much again where nine tenths are at "
        "$s = 2$.",
    ),
    cells=ByEffort(
        smoke=Cells.of(
            {"share": 0.9, "noise": 2.0, "d": 60}, {"share": 0.5, "noise": 1.5, "d": 60}
        ),
        standard=Cells.of(
            *(
                {"share": share, "noise": noise, "d": d}
                for share, noise in ((0.9, 2.0), (0.5, 1.5))
                for d in (60, 120)
            )
        ),
        full=Cells.of(
            *(
                {"share": share, "noise": noise, "d": d}
                for share, noise in ((0.9, 2.0), (0.9, 3.0), (0.5, 1.5))
                for d in (60, 120, 240)
            )
        ),
    ),
    simulate=spectral_noise,
    expect=(Quantile("norm", 0.5).near(_edge, _margin),),
    controls=(
        FalseTheory(
            "a discount of s^-5",
            Quantile("norm", 0.5, noise=2.0, d=60).near(_steeper, _margin),
        ),
        BrokenWorld(
            "weights s^-2, as for a mean", change={"power": 2.0}, at={"noise": 2.0, "d": 60}
        ),
        BrokenWorld("equal weights", change={"power": 0.0}, at={"d": 60}),
    ),
    figure=Axis("share", "share of noisy samples"),
    block=32,
    cap=ByEffort(smoke=1024, standard=1024, full=2048),
)
