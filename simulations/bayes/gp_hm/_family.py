"""A family of kernels: where its parameters start, and which frequencies it may have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from refutable.solvers.kernels.spectral_mixture import Envelope

from refutable import FloatArray


@dataclass(frozen=True)
class Kernel:
    """The family of kernels and where its parameters start.

    Attributes
    ----------
    envelope : "matern52" or "squared_exponential"
    components : int
    top : float
        Highest frequency at the start, others evenly below; 0 keeps all at 0: no cosines.
    log_length : float
        At the start.
    band : float
        No frequency goes beyond.
    """

    envelope: Envelope
    components: int
    top: float
    log_length: float = 0.0
    band: float = np.inf

    def start(self, size: int) -> FloatArray:
        """Log weights, log lengths and frequencies or angles, shape (size, 3, components)."""
        q = self.components
        f = np.linspace(0, 1, q) * min(self.top, self.band)
        if np.isfinite(self.band):
            # An angle of 0 or pi / 2 would stay, so the outermost start a little inside.
            f = np.arcsin(np.sqrt(np.clip(f / self.band, 1e-3, 1 - 1e-3)))
        rows = np.stack([np.full(q, -np.log(q)), np.full(q, self.log_length), f])
        return np.broadcast_to(rows, (size, 3, q))

    def frequencies(self, free: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return frequencies and their slopes in the free numbers: angles where there is a band."""
        if self.top == 0:
            return np.zeros_like(free), np.zeros_like(free)
        if np.isfinite(self.band):
            return self.band * np.sin(free) ** 2, self.band * np.sin(2 * free)
        return free, np.ones_like(free)
