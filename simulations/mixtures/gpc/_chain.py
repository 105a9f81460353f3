"""Evidence by the product rule: multivariate t predictives, one point after the other."""

from __future__ import annotations

import numpy as np
from refutable.solvers.normal_inverse_wishart import (
    GroupStatistics,
    NormalInverseWishart,
    log_predictive,
)

from refutable import FloatArray

KAPPA = 0.5
"""Of `weak_prior`."""


def weak_prior(d: int, kappa: float = KAPPA) -> NormalInverseWishart:
    """Return the prior in which evidence and scores are compared: m = 0, nu = d + 3, Psi = 2 I."""
    return NormalInverseWishart(np.zeros(d), np.asarray(kappa), np.asarray(d + 3.0), 2 * np.eye(d))


def predictives(prior: NormalInverseWishart, points: FloatArray) -> FloatArray:
    """Return log p(x_i | x_1, ..., x_(i-1)) of points (..., N, d), shape (..., N)."""
    law, found = prior, []
    for i in range(points.shape[-2]):
        found.append(log_predictive(law, points[..., i, :]))
        law = law.posterior(GroupStatistics.of(points[..., i : i + 1, :]))
    return np.stack(found, axis=-1)
