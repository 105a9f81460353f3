"""Frames of a source and a target speaker, one feature each, and their conversion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from refutable.solvers import mixture_em as em
from refutable.solvers.mixture_em import Mixture
from refutable.theory.mixtures.voice_morphing import Law

from refutable import Cell, FloatArray

SPREAD = 2.0
FRAMES = 500
"""Frames of an utterance, which is one replicate."""

ONE_FEATURE = (
    "source and target features, one of each, follow a Gaussian mixture that is known",
    "frames are independent",
)


def random_laws(rng: Generator, shape: tuple[int, ...], spread: float = SPREAD) -> Law:
    """Draw mixtures (..., K): Dirichlet(5) weights, centres N(0, spread^2) on both axes.

    Standard deviations are uniform on (.5, 1), correlations on (.3, .8).
    """
    weights = rng.dirichlet(np.full(shape[-1], 5.0), shape[:-1])
    x, y = spread * rng.standard_normal((2, *shape))
    sd_x, sd_y = rng.uniform(0.5, 1, (2, *shape))
    return Law(weights, x, y, sd_x, sd_y, rng.uniform(0.3, 0.8, shape))


def law_of(cell: Cell) -> Law:
    """Return the law of a cell: for each K one draw, whose centres are scaled by `spread`."""
    return random_laws(np.random.default_rng([1208, 1418, cell.k]), (cell.k,), cell.spread)


def joint(law: Law) -> Mixture:
    """Return the law of (x, y) as a mixture in the plane."""
    cross = law.corr * law.sd_x * law.sd_y
    rows = [[law.sd_x**2, cross], [cross, law.sd_y**2]]
    spread = np.moveaxis(np.array(rows), (0, 1), (-2, -1))
    return Mixture(law.weights, np.stack([law.mean_x, law.mean_y], axis=-1), spread)


Posterior = Callable[[FloatArray, FloatArray], FloatArray]
"""Takes the posterior (..., n, K) and the weights (..., K), and gives what is used in its place."""


def exact(posterior: FloatArray, weights: FloatArray) -> FloatArray:
    """Return p_k(x) as it is."""
    del weights
    return posterior


def likeliest(posterior: FloatArray, weights: FloatArray) -> FloatArray:
    """Return 1 for the likeliest component."""
    del weights
    return np.asarray(posterior == posterior.max(axis=-1, keepdims=True), dtype=np.float64)


def forgetful(posterior: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the posterior as if all weights were equal."""
    rest = posterior / weights[..., None, :]
    return np.asarray(rest / rest.sum(axis=-1, keepdims=True))


def target_given(mixture: Mixture, x: FloatArray, posterior: Posterior = exact) -> Mixture:
    """Return the law of y at each x (..., n), by an exact or a spoiled posterior."""
    law = em.conditional(mixture, [0], x[..., None])
    weights = posterior(law.weights, mixture.weights)
    return Mixture.trusted(weights, law.means, law.covariances, law.kind)


@dataclass(frozen=True)
class Frames:
    """Utterances, shape (size, FRAMES): target, conversion, another draw from p(y|x)."""

    y: FloatArray
    converted: FloatArray
    redrawn: FloatArray


def frames(
    law: Law, rng: Generator, size: int, posterior: Posterior = exact, redraw: bool = False
) -> Frames:
    """Draw utterances and convert them; `redrawn` is empty unless `redraw`."""
    mixture, shape = joint(law), (size, FRAMES)
    points = em.sample(rng, mixture, FRAMES, size)[0].reshape(-1, 2)
    given = target_given(mixture, points[:, 0], posterior)
    converted = em.mean_and_covariance(given)[0].reshape(shape)
    redrawn = em.sample_each(rng, given).reshape(shape) if redraw else np.empty((0, FRAMES))
    return Frames(points[:, 1].reshape(shape), converted, redrawn)
