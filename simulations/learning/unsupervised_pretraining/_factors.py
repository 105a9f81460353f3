"""The factor model, drawn in the coordinates of its own covariance, without loss of generality.

The second moment of m unlabelled points is drawn as a Wishart matrix, the labelled points by their
sufficient statistics. Excess risks are exact quadratic forms.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.solvers.gaussian_mixture import sample_wishart, top_directions
from refutable.solvers.subspace_regression import population_regression, quadratic_excess
from refutable.theory.learning.unsupervised_pretraining import FactorModel

from refutable import FloatArray

MODEL = FactorModel()
UNEQUAL = FactorModel(loading=(1.0, -1.0, 0.0, 1.0, 1.5))
"""Loadings of both signs, none on one factor, and most on the weakest."""
MODELS = {"equal": MODEL, "unequal": UNEQUAL}
LADDER = (2000, 4000, 8000, 16_000, 32_000)
FACTORS = (
    "x = U diag(s) z + e with Gaussian z and e, $d = 100$, $r = 5$, $s^2 = (4, 3, 2.5, 2, 1.5)$",
    "y = sum of the factors plus noise of variance 1",
)


def pretrained_basis(
    rng: Generator,
    size: int,
    m: int,
    *,
    strength: float = 1.0,
    components: int = MODEL.rank,
) -> FloatArray:
    """Top eigenvectors of the second moment of m unlabelled points, shape (size, d, components).

    `strength` multiplies the factors' variances s^2 in these points alone; loadings have no say.
    """
    scale = np.sqrt(1 + strength * (MODEL.variances - 1))
    moment = scale[:, None] * sample_wishart(rng, size, m, MODEL.dim) * scale / m
    return top_directions(moment, components)


def labelled(
    rng: Generator, size: int, n: int, model: FactorModel = MODEL
) -> tuple[FloatArray, FloatArray]:
    """Draw the sums of x x^T and of x y over n labelled points.

    The first is a Wishart matrix; given it, the noise's part of the second is Gaussian with
    covariance proportional to it.

    Returns
    -------
    gram : ndarray, shape (size, d, d)
    cross : ndarray, shape (size, d)
    """
    scale = np.sqrt(model.variances)
    gram = scale[:, None] * sample_wishart(rng, size, n, model.dim) * scale
    z = np.sqrt(model.residual) * rng.standard_normal((size, model.dim, 1))
    return gram, gram @ model.theta + (np.linalg.cholesky(gram) @ z)[..., 0]


def excess(w: FloatArray, model: FactorModel = MODEL) -> FloatArray:
    """Excess risk of linear rules, shape (size,)."""
    return quadratic_excess(w, model.theta, model.variances)


def subspace_excess(basis: FloatArray, model: FactorModel = MODEL) -> FloatArray:
    """Excess risk on an estimated subspace in the limit of infinitely many labels, (size,)."""
    return excess(population_regression(model.theta, model.variances, basis), model)
