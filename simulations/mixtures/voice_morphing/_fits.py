"""Fits of several sizes to the same frames, and how well each converts.

Every fit is the best of a few EM runs. "On fresh frames" is an integral over the true law: the
explained variance ``1 - E (Y - F_K(X))^2 / Var Y`` and the ratio ``Var F_K(X) / Var Y``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from refutable.simulations.mixtures.voice_morphing._frames import joint
from refutable.solvers import mixture_em as em
from refutable.solvers.mixture_em import Mixture, Rule
from refutable.theory.mixtures import voice_morphing as theory
from refutable.theory.mixtures.voice_morphing import Law

from refutable import Cell, Columns, FloatArray

STARTS = 4
RULE = Rule(1e-5, 500)
"""A hundred times finer than scikit-learn's tolerance, so that fits of different sizes compare."""
THINNING = 4
"""Of theory's grid, whose step is then 0.04: regressions of fits bend over 0.3 or more, but for
components on a few points, which so little of the law falls upon that they do not count."""

FLOOR = 1e-6

FOUR = Law(
    weights=np.full(4, 0.25),
    mean_x=np.array([-4.0, -1.3, 1.3, 4.0]),
    mean_y=np.array([1.0, -1.5, 1.5, -1.0]),
    sd_x=np.full(4, 0.6),
    sd_y=np.full(4, 0.7),
    corr=np.array([0.6, -0.5, 0.5, 0.3]),
)
"""Four components that are well apart."""

TRUE_RATIO = float(theory.global_variance(FOUR).mean)
"""The eta^2 of `FOUR`, 0.752."""

ASSUMED = (
    "four components, well apart, of one source and one target feature",
    "the best of four EM runs from k-means++ centres, full covariances, floor 1e-6",
)


KINDS, RISES = ("explained", "ratio"), ("rises", "ratio_rises")


def moved(pull: float) -> Law:
    """Return `FOUR` with its centres pulled towards the origin by a factor."""
    return Law(
        FOUR.weights, pull * FOUR.mean_x, pull * FOUR.mean_y, FOUR.sd_x, FOUR.sd_y, FOUR.corr
    )


def fitted(rng: Generator, x: FloatArray, k: int, floor: float = FLOOR) -> Mixture:
    """Return the best fit of K components to each data set (size, n, 2)."""
    start = em.mixture_at(x, em.kmeans_plus_plus(rng, x, k, STARTS), floor=floor)
    return em.fit(x, start, rule=RULE, floor=floor).best().mixture


def converter(mixture: Mixture, x: FloatArray) -> FloatArray:
    """Return F_K at x (size, n) or (n,), by the fit of each data set: shape (size, n)."""
    given = em.conditional(mixture, [0], x[..., None])
    return em.mean_and_covariance(given)[0][..., 0]


def on_fresh_frames(law: Law, mixture: Mixture) -> tuple[FloatArray, FloatArray]:
    """Return explained variance and variance ratio of each fit, integrated over the true law."""
    at, variance = theory.given_source(law), theory.target_variance(law)
    thin = slice(None, None, THINNING)
    f, p = converter(mixture, at.x[thin]), THINNING * at.mass[thin]
    explained = 1 - (at.second[thin] + (f - at.mean[thin]) ** 2) @ p / variance
    ratio = ((f - (f @ p)[:, None]) ** 2) @ p / variance
    return np.asarray(explained), np.asarray(ratio)


def fits(
    cell: Cell, rng: Generator, size: int, numbers: tuple[int, ...] = (1, 2, 4), pull: float = 1.0,
    floor: float = FLOOR,
) -> Columns:  # fmt: skip
    """Fit mixtures of several sizes to the same data sets.

    Parameters
    ----------
    numbers : tuple of int
        Components, ascending.
    pull : float
        Factor on the centres of the true law.
    floor : float
        Added to every variance of the fits.

    Returns
    -------
    dict of ndarray, shape (size,)
        For each K ``explained_K`` and ``ratio_K`` on fresh frames, and ``sample_ratio_K`` on the
        data themselves; ``rises`` and ``ratio_rises``, whether the first two ascend with K;
        ``last_gain``, by how much the last K explains more than the one before.
    """
    law = moved(pull)
    data, _ = em.sample(rng, joint(law), cell.n, size)
    columns: dict[str, NDArray[Any]] = {}
    for k in numbers:
        mixture = fitted(rng, data, k, floor)
        columns[f"explained_{k}"], columns[f"ratio_{k}"] = on_fresh_frames(law, mixture)
        own = converter(mixture, data[..., 0]).var(axis=1)
        columns[f"sample_ratio_{k}"] = own / data[..., 1].var(axis=1)
    steps = [np.diff([columns[f"{name}_{k}"] for k in numbers], axis=0) for name in KINDS]
    columns["last_gain"] = steps[0][-1]
    for name, step in zip(RISES, steps, strict=True):
        columns[name] = np.asarray((step > 0).all(axis=0))
    return columns


def four_and_eight(
    cell: Cell,
    rng: Generator,
    size: int,
    numbers: tuple[int, ...] = (4, 8),
    floor: float = FLOOR,
) -> Columns:
    """Fit the true number of components and twice as many; see `fits`."""
    return fits(cell, rng, size, numbers, floor=floor)
