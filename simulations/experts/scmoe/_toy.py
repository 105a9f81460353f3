"""Logits of the toy model: signal on the right token, an error both routings share, own errors."""

from __future__ import annotations

import math

import numpy as np
from refutable.theory.experts.scmoe import Toy

from refutable import FloatArray

VOCABULARY = 50
RIGHT = 0
"""The right token; which one it is does not matter."""


def draw(
    toy: Toy, rng: np.random.Generator, size: int, common: float = 1.0, repeated: float = 0.0
) -> tuple[FloatArray, FloatArray]:
    """Draw strong and weak logits of `size` tokens, both (size, VOCABULARY).

    Parameters
    ----------
    common : float in [0, 1]
        Correlation of the weak routing's shared error with the strong one's; 1 is the model.
    repeated : float in [0, 1]
        Correlation of the two own errors; 0 is the model.
    """
    shared, own, other = rng.standard_normal((3, size, VOCABULARY))
    weak_shared = _correlated(rng, shared, common)
    weak_own = repeated * own + math.sqrt(1 - repeated**2) * other
    strong = toy.shared * shared + toy.strong * own
    weak = toy.shared * weak_shared + toy.weak * weak_own
    strong[:, RIGHT] += toy.signal
    weak[:, RIGHT] += toy.rho * toy.signal
    return strong, weak


def _correlated(rng: np.random.Generator, noise: FloatArray, correlation: float) -> FloatArray:
    if correlation == 1:
        return noise
    fresh = rng.standard_normal(noise.shape)
    return np.asarray(correlation * noise + math.sqrt(1 - correlation**2) * fresh)


def right(logits: FloatArray) -> FloatArray:
    """Say of every token whether the right one has the largest logit, as 0 or 1."""
    return np.asarray((logits.argmax(axis=-1) == RIGHT).astype(float))
