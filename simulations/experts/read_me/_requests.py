"""Random requests for experts that several experiments share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from refutable.theory.experts.read_me.caching import Law, request_law

from refutable import FloatArray

Ids = NDArray[np.int64]

EXPERTS = 8


def draws(law: FloatArray, rng: np.random.Generator, shape: tuple[int, ...]) -> Ids:
    """Independent requests, by inversion."""
    ids = np.searchsorted(np.cumsum(law), rng.random(shape), side="right")
    return np.minimum(ids, len(law) - 1)


def law_of(law: Law, experts: int = EXPERTS) -> FloatArray:
    """Request law of the experts: `zipf`, `uniform`, an exponent or popularities."""
    return request_law(law, experts)


def pairs(rng: np.random.Generator, size: int, length: int, experts: int) -> Ids:
    """Demands of two different experts at every step, as bit masks (size, length)."""
    ids = np.argsort(rng.random((size, length, experts)), axis=2)[..., :2]
    masks: Ids = (1 << ids).sum(axis=2)
    return masks
