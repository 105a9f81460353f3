"""Losses of a choice among four, and the gradient that passes straight through it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from refutable.simulations.compression.mcquic.gumbel_argmax import LOGITS
from refutable.solvers.gumbel_softmax import GradientMoments, straight_through_moments
from refutable.theory.compression import mcquic as theory

from refutable import FloatArray

VALUES = np.array([0.0, 1.0, 4.0, 9.0])
"""v; the loss of a one-hot z is a power of v . z."""
POWERS: Mapping[str, int] = MappingProxyType({"linear": 1, "square": 2, "cubic": 3})
LAST = len(LOGITS) - 1
"""The logit whose gradient is looked at."""

SETTING = ("logits 1, 0, -1, 0.5", "losses v . z, its square and cube, $v = (0, 1, 4, 9)$")


def slopes(loss: str) -> FloatArray:
    """Gradients of ``(v . z)^power`` at the hard choices, a row each, shape (4, 4)."""
    power = POWERS[loss]
    return np.asarray(power * np.outer(VALUES ** (power - 1), VALUES))


def exact(loss: str) -> float:
    """Gradient of the expected loss in the last logit."""
    return float(theory.exact_gradient(LOGITS, VALUES ** POWERS[loss])[LAST])


@lru_cache(maxsize=128)
def moments(loss: str, temperature: float) -> GradientMoments:
    """Mean and variance of the straight-through gradient in the last logit."""
    return straight_through_moments(LOGITS, slopes(loss), temperature, LAST)
