"""How far two arrays are apart where an identity says that they are equal."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from refutable import FloatArray

IDENTITY = 1e-10
"""Largest relative difference that double precision explains; rounding gives about 1e-14."""


def relative_gap(a: NDArray[Any], b: NDArray[Any]) -> FloatArray:
    """Largest absolute difference over the largest |b|, per replicate: (size, ...) -> (size,)."""
    axes = tuple(range(1, a.ndim))
    return np.asarray(np.abs(a - b).max(axis=axes) / np.abs(b).max(axis=axes))
