"""The parameters of a mixture of experts, and the truths of the checks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from refutable import FloatArray


@dataclass(frozen=True)
class Atoms:
    """Parameters of a mixture of experts with scalar x; arrays of shape (..., k).

    Parameters
    ----------
    b0, b1 : ndarray
        Gate intercept and slope.
    a, c, v : ndarray
        Expert slope, intercept and variance.
    """

    b0: FloatArray
    b1: FloatArray
    a: FloatArray
    c: FloatArray
    v: FloatArray


def atoms(b0: ArrayLike, b1: ArrayLike, a: ArrayLike, c: ArrayLike, sd: ArrayLike) -> Atoms:
    """Return atoms with the standard deviations `sd` of the experts."""
    b0_, b1_, a_, c_, s = (np.asarray(z, dtype=np.float64) for z in (b0, b1, a, c, sd))
    return Atoms(b0_, b1_, a_, c_, s**2)


PAPER_TRUTH = atoms((-8, 0), (25, 0), (-20, 20), (15, -5), (0.3, 0.4))
"""Truth of the paper's experiments; x runs over [0, 1]."""
EASY_TRUTH = atoms((-1, 0), (3, 0), (-1.5, 1), (2, -1), (0.5, 0.7))
"""Truth with overlapping experts for x in [-1, 1]."""
